/** What a receipt says and what its bytes are spent on, as data for a person to read. */
import { Writer } from './encode.ts';
import type { Machine } from './machine.ts';
import type { OpeningRoundProof } from './opening.ts';
import type { OpeningSchedule } from './parameters.ts';
import { writeLogup, writeOpeningRound, writeReduction, writeZerocheck } from './proof-codec.ts';
import { type Claim, type DecodedReceipt, decodeReceipt, type SegmentHeader } from './receipt.ts';
import { receiptSecurity } from './receipt-security.ts';
import { riscvMachine } from './riscv-machine.ts';
import type { Regime, SecurityReport } from './security.ts';
import type { SegmentProof } from './segment.ts';
import type { SegmentShape } from './shape.ts';
import { identify } from './statement.ts';

/** Some of the receipt's bytes. */
export interface InspectedPart {
  readonly name: string;
  readonly bytes: number;
}

export interface InspectedRound {
  readonly regime: Regime;
  readonly logInverseRate: number;
  readonly foldedVariables: number;
  readonly queries: number;
  readonly queryWork: number;
  readonly foldWork: number;
  /** Leaves that were opened in each tree. */
  readonly openedLeaves: readonly number[];
}

export interface InspectedTable {
  readonly chip: string;
  readonly logHeight: number;
  readonly mainColumns: number;
  readonly interactions: number;
}

export interface InspectedSegment {
  /** Half-word addresses. */
  readonly pcStart: number;
  readonly pcEnd: number;
  readonly cycles: number;
  readonly root: readonly number[];
  readonly tables: readonly InspectedTable[];
  /** Cells of the main columns. */
  readonly cells: number;
  /** Committed columns of chunks, main and preprocessed, of 2^logRows elements. */
  readonly chunks: number;
  readonly logRows: number;
  /** Levels of the LogUp tree. */
  readonly logLeaves: number;
  readonly rounds: readonly InspectedRound[];
  readonly parts: readonly InspectedPart[];
}

export interface InspectedReceipt {
  readonly bytes: number;
  readonly claim: Claim;
  /** The program id of mode `id`, the program's digest of mode `program`. */
  readonly programId: Uint8Array;
  readonly parameters: string;
  readonly lookupWork: number;
  readonly segments: readonly InspectedSegment[];
  /** Bytes that belong to no segment's proof: the claim, the journal, the segments' headers. */
  readonly headerBytes: number;
  readonly security: SecurityReport;
}

/**
 * Decodes a receipt without verifying it. Fails as `verify` does for wrong formats and shapes:
 * `decode/...`, `shape/...`, `statement/...`.
 */
export function inspectReceipt(
  bytes: Uint8Array,
  machine: Machine = riscvMachine(),
): InspectedReceipt {
  const decoded = decodeReceipt(bytes, machine);
  const { receipt, parameters, shapes } = decoded;
  const segments = receipt.segments.map((_, i) => inspectSegment(decoded, machine, i));
  const proofBytes = segments.flatMap(({ parts }) => parts).reduce((sum, p) => sum + p.bytes, 0);
  return {
    bytes: bytes.length,
    claim: receipt.claim,
    programId: identify(machine, receipt.claim.program),
    parameters: parameters.name,
    lookupWork: parameters.lookupWork,
    segments,
    headerBytes: bytes.length - proofBytes,
    security: receiptSecurity(machine, { ...receipt, parameters }, shapes),
  };
}

function inspectSegment(
  { receipt, parameters, shapes }: DecodedReceipt,
  machine: Machine,
  index: number,
): InspectedSegment {
  const shape = shapes[index] as SegmentShape;
  const proof = receipt.proofs[index] as SegmentProof;
  const { root, pcStart, pcEnd, cycleEnd } = receipt.segments[index] as SegmentHeader;
  const schedule = parameters.schedule(shape.logChunks, shape.logRows);
  return {
    pcStart,
    pcEnd,
    cycles: cycleEnd - 1,
    root,
    tables: inspectTables(machine, shape),
    cells: shape.mainColumns.reduce((sum, { logHeight }) => sum + 2 ** logHeight, 0),
    chunks: shape.mainChunks.count + shape.preprocessedChunks.count,
    logRows: shape.logRows,
    logLeaves: shape.logLeaves,
    rounds: inspectRounds(schedule, proof),
    parts: partsOf(proof),
  };
}

function inspectTables({ constraints }: Machine, { instances }: SegmentShape): InspectedTable[] {
  return instances.map(({ chip, logHeight }) => {
    const { name, mainColumns, interactions } = constraints.chips[
      chip
    ] as (typeof constraints.chips)[number];
    return {
      chip: name,
      logHeight,
      mainColumns: mainColumns.length,
      interactions: interactions.length,
    };
  });
}

function inspectRounds(schedule: OpeningSchedule, { opening }: SegmentProof): InspectedRound[] {
  return schedule.rounds.map((round, i) => ({
    regime: round.regime,
    logInverseRate: round.logInverseRate,
    foldedVariables: round.foldedVariables,
    queries: round.queries,
    queryWork: round.queryWork,
    foldWork: round.foldWork,
    openedLeaves: (opening.rounds[i]?.opened ?? []).map(({ leaves }) => leaves.length),
  }));
}

function partsOf({ logup, zerocheck, reduction, opening }: SegmentProof): InspectedPart[] {
  const part = (name: string, write: (writer: Writer) => void): InspectedPart => {
    const writer = new Writer();
    write(writer);
    return { name, bytes: writer.length };
  };
  return [
    part('logup', (writer) => writeLogup(writer, logup)),
    part('zerocheck', (writer) => writeZerocheck(writer, zerocheck)),
    part('reduction', (writer) => writeReduction(writer, reduction)),
    ...opening.rounds.flatMap((round, i) => roundParts(part, round, i)),
    part('final coefficients', (writer) => writer.extensions(opening.finalCoefficients)),
  ];
}

/** Leaves, siblings and the rest of an opening round. */
function roundParts(
  part: (name: string, write: (writer: Writer) => void) => InspectedPart,
  round: OpeningRoundProof,
  index: number,
): InspectedPart[] {
  const whole = part('', (writer) => writeOpeningRound(writer, round)).bytes;
  const leaves = part(`opening ${index} leaves`, (writer) => {
    for (const { leaves } of round.opened) for (const leaf of leaves) writer.elements(leaf);
  });
  const siblings = part(`opening ${index} siblings`, (writer) => {
    for (const { siblings } of round.opened) writer.digests(siblings);
  });
  const rest = { name: `opening ${index} sumcheck`, bytes: whole - leaves.bytes - siblings.bytes };
  return [rest, leaves, siblings];
}
