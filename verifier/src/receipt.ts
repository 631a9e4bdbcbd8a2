/**
 * The receipt and its one encoding. Integers are little-endian, elements 32-bit words below p,
 * lengths follow from the shape wherever they can.
 */
import { asciiBytes } from './blake3.ts';
import { MAX_INPUT_BYTES, MAX_JOURNAL_BYTES, MAX_SEGMENTS } from './constants.ts';
import { Reader } from './decode.ts';
import { Writer } from './encode.ts';
import { VerificationError } from './errors.ts';
import { checkedShape, checkOutline, checkSegments } from './instances.ts';
import type { Machine } from './machine.ts';
import type { ParameterSet } from './parameters.ts';
import type { Digest } from './poseidon2.ts';
import type { ProgramCommitment, ProgramOutline } from './program.ts';
import { readSegmentProof, writeSegmentProof } from './proof-codec.ts';
import type { SegmentProof } from './segment.ts';
import type { Instance, SegmentShape } from './shape.ts';
import { boundaryMessages } from './statement.ts';

/** How a receipt names its program. */
export type ProgramStatement =
  | { readonly mode: 'id'; readonly commitment: ProgramCommitment }
  | {
      readonly mode: 'program';
      readonly outline: ProgramOutline;
      /** SHA-256 of the canonical loaded program. */
      readonly digest: Uint8Array;
    };

/** What a receipt claims. */
export interface Claim {
  /** Digest of the machine. */
  readonly machine: Uint8Array;
  /** Id of the parameter set. */
  readonly parameters: number;
  readonly program: ProgramStatement;
  readonly publicInput: { readonly length: number; readonly digest: Uint8Array };
  /** 32 bits. */
  readonly exitCode: number;
  readonly journal: Uint8Array;
}

/** A segment's commitment and its place in the run. */
export interface SegmentHeader {
  readonly root: Digest;
  readonly instances: readonly Instance[];
  /** Half-word addresses. */
  readonly pcStart: number;
  readonly pcEnd: number;
  /** The cycle counter behind the last instruction; the first one's is 1. */
  readonly cycleEnd: number;
}

/** A receipt without the proofs: all that the challenges are drawn from. */
export interface ReceiptHead {
  readonly claim: Claim;
  /** Work in front of the challenges of LogUp. */
  readonly lookupNonce: bigint;
  readonly segments: readonly SegmentHeader[];
}

export interface Receipt extends ReceiptHead {
  /** One for each segment. */
  readonly proofs: readonly SegmentProof[];
}

/** A head with tables and parameters that the machine has. */
export interface CheckedHead extends ReceiptHead {
  readonly parameters: ParameterSet;
}

/** A receipt of which every length, height and count is right. */
export interface DecodedReceipt {
  readonly receipt: Receipt;
  readonly parameters: ParameterSet;
  readonly shapes: readonly SegmentShape[];
}

/** Version of the encoding: that of the only receipts that are read and written. */
export const RECEIPT_VERSION = 2;
/** First bytes of every receipt, then its version and a line feed. */
const MAGIC = 'vouch/receipt/';
const MODES = ['id', 'program'] as const;
const HASH_BYTES = 32;
/** Least bytes of a segment's header: root, instance count, two addresses, cycle counter. */
const MIN_HEADER_BYTES = 46;

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new Writer();
  writer.bytes(asciiBytes(`${MAGIC}${RECEIPT_VERSION}\n`));
  writeReceiptHead(writer, receipt);
  for (const proof of receipt.proofs) writeSegmentProof(writer, proof);
  return writer.finish();
}

export function writeReceiptHead(
  writer: Writer,
  { claim, lookupNonce, segments }: ReceiptHead,
): void {
  writeClaim(writer, claim);
  writer.u64(lookupNonce);
  writer.u32(segments.length);
  for (const header of segments) writeSegmentHeader(writer, header);
}

/**
 * Decodes a receipt and checks its shape. Fails `decode/...`, `statement/machine`,
 * `statement/parameters`, `statement/segments` or `shape/...`. Nothing is believed yet.
 */
export function decodeReceipt(bytes: Uint8Array, machine: Machine): DecodedReceipt {
  const reader = new Reader(bytes);
  readMagic(reader);
  const head = readReceiptHead(reader, machine);
  const { parameters, ...rest } = head;
  const shapes: SegmentShape[] = [];
  const proofs: SegmentProof[] = [];
  for (const i of head.segments.keys()) {
    const shape = shapeOfSegment(machine, head, i);
    shapes.push(shape);
    proofs.push(readSegmentProof(reader, machine, shape, parameters));
  }
  reader.end();
  return { receipt: { ...rest, proofs }, parameters, shapes };
}

/** What stands between the magic and the proofs. Fails as `decodeReceipt`. */
export function readReceiptHead(reader: Reader, machine: Machine): CheckedHead {
  const claim = readClaim(reader, machine);
  const parameters = machine.parameterSets.find(({ id }) => id === claim.parameters);
  if (parameters === undefined) {
    const details = { found: claim.parameters };
    throw new VerificationError('statement/parameters', 'unknown parameter set', details);
  }
  const lookupNonce = reader.u64();
  const count = reader.count(MAX_SEGMENTS, MIN_HEADER_BYTES);
  if (count === 0) throw new VerificationError('statement/segments', 'there is no segment');
  const segments = Array.from({ length: count }, () => readSegmentHeader(reader, machine));
  checkTables(machine, claim, segments);
  return { claim, lookupNonce, segments, parameters };
}

/** The tables of all segments together are possible ones. Fails `shape/...`. */
export function checkTables(
  machine: Machine,
  claim: Claim,
  segments: readonly SegmentHeader[],
): void {
  const outline = outlineOfStatement(claim.program);
  const tables = segments.map(({ instances }) => instances);
  checkSegments(machine, outline, tables, boundaryMessages(machine, claim));
}

/**
 * The shape of a segment's proof. Fails `shape/cells`.
 *
 * @param index from 0
 */
export function shapeOfSegment(
  machine: Machine,
  { claim, segments, parameters }: CheckedHead,
  index: number,
): SegmentShape {
  const { instances } = segments[index] as SegmentHeader;
  const outline = outlineOfStatement(claim.program);
  return checkedShape(machine, parameters, outline, instances, claim.program.mode === 'id');
}

export function outlineOfStatement(program: ProgramStatement): ProgramOutline {
  return program.mode === 'id' ? program.commitment : program.outline;
}

/** Fails `decode/format`. */
export function readMagic(reader: Reader): void {
  const expected = `${MAGIC}${RECEIPT_VERSION}\n`;
  const found = String.fromCharCode(...reader.bytes(expected.length));
  if (found === expected) return;
  const version = /^[0-9]+/.exec(found.slice(MAGIC.length))?.[0];
  if (!found.startsWith(MAGIC) || version === undefined) {
    throw new VerificationError('decode/format', 'this is not a receipt');
  }
  const details = { found: Number(version), supported: RECEIPT_VERSION };
  throw new VerificationError('decode/format', 'a receipt of another version', details);
}

function writeClaim(writer: Writer, claim: Claim): void {
  writer.bytes(claim.machine);
  writer.u8(claim.parameters);
  writeProgram(writer, claim.program);
  writer.u32(claim.publicInput.length);
  writer.bytes(claim.publicInput.digest);
  writer.u32(claim.exitCode);
  writer.u32(claim.journal.length);
  writer.bytes(claim.journal);
}

function readClaim(reader: Reader, machine: Machine): Claim {
  const digest = reader.bytes(HASH_BYTES);
  if (!bytesEqual(digest, machine.digest)) {
    throw new VerificationError('statement/machine', 'the receipt is of another machine');
  }
  const parameters = reader.u8();
  const program = readProgram(reader, machine);
  const length = reader.u32();
  if (length > MAX_INPUT_BYTES) {
    const details = { limit: MAX_INPUT_BYTES, found: length };
    throw new VerificationError('decode/limit', 'the public input is too long', details);
  }
  const publicInput = { length, digest: reader.bytes(HASH_BYTES) };
  const exitCode = reader.u32();
  const journal = reader.bytes(reader.count(MAX_JOURNAL_BYTES, 1));
  return { machine: digest, parameters, program, publicInput, exitCode, journal };
}

function writeProgram(writer: Writer, program: ProgramStatement): void {
  writer.u8(MODES.indexOf(program.mode));
  const { entry, imageEnd, logHeights } = outlineOfStatement(program);
  writer.u32(entry);
  writer.u32(imageEnd);
  for (const logHeight of logHeights) writer.u8(logHeight);
  if (program.mode === 'id') writer.digests(program.commitment.roots);
  else writer.bytes(program.digest);
}

function readProgram(reader: Reader, machine: Machine): ProgramStatement {
  const mode = MODES[reader.u8()];
  if (mode === undefined) throw new VerificationError('decode/format', 'unknown mode');
  const entry = reader.u32();
  const imageEnd = reader.u32();
  const logHeights = machine.programChips.map(() => reader.u8());
  const outline = { entry, imageEnd, logHeights };
  checkOutline(machine, outline);
  if (mode === 'program') return { mode, outline, digest: reader.bytes(HASH_BYTES) };
  return { mode, commitment: { ...outline, roots: reader.digests(machine.rowLogs.length) } };
}

export function writeSegmentHeader(writer: Writer, header: SegmentHeader): void {
  writer.elements(header.root);
  writer.u16(header.instances.length);
  for (const { chip, logHeight } of header.instances) {
    writer.u8(chip);
    writer.u8(logHeight);
  }
  writer.u32(header.pcStart);
  writer.u32(header.pcEnd);
  writer.u32(header.cycleEnd);
}

export function readSegmentHeader(reader: Reader, { constraints }: Machine): SegmentHeader {
  const root = reader.digest();
  const count = reader.u16();
  const limit = constraints.chips.reduce((sum, { maxInstances }) => sum + maxInstances, 0);
  if (count > limit) {
    throw new VerificationError('decode/limit', 'too many tables', { limit, found: count });
  }
  const instances = Array.from({ length: count }, () => {
    const chip = reader.u8();
    return { chip, logHeight: reader.u8() };
  });
  const pcStart = reader.u32();
  const pcEnd = reader.u32();
  return { root, instances, pcStart, pcEnd, cycleEnd: reader.u32() };
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
