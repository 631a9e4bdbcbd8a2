/**
 * The bytes of a receipt before it is made. Everything but the opened leaves follows from the shapes;
 * of those it is known how many are drawn, not how often one is drawn twice or two share a path: here
 * stands what is expected.
 */
import {
  encodeReceipt,
  leafLayout,
  type Machine,
  type ParameterSet,
  type ProgramOutline,
  Reader,
  readSegmentProof,
  type SegmentShape,
  Writer,
  writeSegmentHeader,
} from '@vouch/verifier';
import type { ProgramMode } from './options.ts';

const ELEMENT_BYTES = 4;
const DIGEST_ELEMENTS = 8;
const DIGEST_BYTES = 32;
/** More than a proof has without leaves: 2^26 rows in a thousand tables. */
const ZEROS: Uint8Array = new Uint8Array(2 ** 20);

export interface ReceiptSubject {
  readonly machine: Machine;
  readonly parameters: ParameterSet;
  readonly programMode: ProgramMode;
  readonly outline: ProgramOutline;
  readonly journalBytes: number;
  /** Of each segment. */
  readonly shapes: readonly SegmentShape[];
}

export function receiptBytes(subject: ReceiptSubject): number {
  const segments = subject.shapes.map((shape) => segmentBytes(subject, shape));
  return segments.reduce((sum, bytes) => sum + bytes, claimBytes(subject));
}

/** The receipt without segments. */
function claimBytes(subject: ReceiptSubject): number {
  const { machine, parameters, programMode, outline, journalBytes } = subject;
  const digest = new Uint8Array(32);
  const roots = machine.rowLogs.map(() => new Array<number>(DIGEST_ELEMENTS).fill(0));
  const receipt = encodeReceipt({
    claim: {
      machine: digest,
      parameters: parameters.id,
      program:
        programMode === 'id'
          ? { mode: 'id', commitment: { ...outline, roots } }
          : { mode: 'program', outline, digest },
      publicInput: { length: 0, digest },
      exitCode: 0,
      journal: new Uint8Array(journalBytes),
    },
    lookupNonce: 0n,
    segments: [],
    proofs: [],
  });
  return receipt.length;
}

/** Header and proof of a segment. */
function segmentBytes({ machine, parameters }: ReceiptSubject, shape: SegmentShape): number {
  const header = new Writer();
  const root = new Array<number>(DIGEST_ELEMENTS).fill(0);
  const { instances } = shape;
  writeSegmentHeader(header, { root, instances, pcStart: 0, pcEnd: 0, cycleEnd: 0 });
  // Zeros are a proof that opens no leaf.
  const reader = new Reader(ZEROS);
  readSegmentProof(reader, machine, shape, parameters);
  const proof = ZEROS.length - reader.remaining;
  return header.length + proof + Math.round(openedBytes(parameters, shape));
}

/** Leaves and siblings of all rounds. */
function openedBytes(parameters: ParameterSet, shape: SegmentShape): number {
  const { mainChunks, preprocessedChunks, logChunks, logRows } = shape;
  const { rounds } = parameters.schedule(logChunks, logRows);
  let widths = [mainChunks.count, preprocessedChunks.count].filter((count) => count > 0);
  let variables = logChunks + logRows;
  let bytes = 0;
  for (const [i, { foldedVariables, logInverseRate, queries }] of rounds.entries()) {
    variables -= foldedVariables;
    for (const width of widths) {
      const { depth, elements } = leafLayout(width, variables + logInverseRate);
      bytes += expectedLeaves(depth, queries) * elements * ELEMENT_BYTES;
      bytes += expectedSiblings(depth, queries) * DIGEST_BYTES;
    }
    const next = rounds[i + 1];
    if (next !== undefined) widths = [5 * 2 ** next.foldedVariables];
  }
  return bytes;
}

/** Distinct ones of `queries` leaves drawn from 2^depth. */
function expectedLeaves(depth: number, queries: number): number {
  return 2 ** depth * (1 - missed(1, depth, queries));
}

/** Nodes, at all levels below the root, that lie beside a path to a leaf and on none. */
function expectedSiblings(depth: number, queries: number): number {
  let siblings = 0;
  for (let level = 1; level <= depth; level++) {
    siblings += 2 ** level * (missed(1, level, queries) - missed(2, level, queries));
  }
  return siblings;
}

/** Probability that no query goes through any of `nodes` nodes of a level with 2^level. */
function missed(nodes: number, level: number, queries: number): number {
  return (1 - nodes / 2 ** level) ** queries;
}
