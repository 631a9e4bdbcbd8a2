/**
 * Messages between the steps of a proof. Whoever gets one knows what it is, which proof it belongs to,
 * and that it is as it was written:
 *
 * ```
 * 13 bytes  "vouch/step/1\n" in ASCII: the format and its version
 * u8        kind
 * 32 bytes  digest of the program
 * 32 bytes  SHA-256 of the run's description: see plan.ts
 * u32       number of the segment, from 1; 0 where it is the run as a whole
 *           contents
 * 32 bytes  SHA-256 of all that
 * ```
 *
 * Integers are little-endian. The same contents are always the same bytes.
 */
import { createHash } from 'node:crypto';
import { asciiBytes, Reader, VerificationError, Writer } from '@vouch/verifier';
import { StepError, type StepErrorCode } from '../proving/errors.ts';

/** What a message can be, by its number in the envelope. */
const KINDS = ['plan', 'start', 'header', 'challenge', 'proof'] as const;
export type MessageKind = (typeof KINDS)[number];

/** The proof that a message belongs to. */
export interface RunLabel {
  /** SHA-256 of the loaded program. */
  readonly program: Uint8Array;
  /** SHA-256 of the run's description. */
  readonly run: Uint8Array;
}

/** What a message is. */
export interface MessageLabel {
  readonly kind: MessageKind;
  /** Of the segment, from 1; 0 where it is the run as a whole. */
  readonly number: number;
}

const MAGIC = 'vouch/step/';
const FORMAT: Uint8Array = asciiBytes(`${MAGIC}1\n`);
const HASH_BYTES = 32;
const FRAME_BYTES: number = FORMAT.length + 1 + 2 * HASH_BYTES + 4 + HASH_BYTES;

export function sealMessage(
  { kind, number }: MessageLabel,
  { program, run }: RunLabel,
  contents: (writer: Writer) => void,
): Uint8Array {
  const writer = new Writer();
  writer.bytes(FORMAT);
  writer.u8(KINDS.indexOf(kind));
  writer.bytes(program);
  writer.bytes(run);
  writer.u32(number);
  contents(writer);
  writer.bytes(sha256(writer.finish()));
  return writer.finish();
}

/**
 * The contents of a message, if it is the expected one.
 *
 * @param expected the proof that it must belong to; undefined for the plan, which says so itself
 * @param contents reads them to their end; a VerificationError there refuses the message
 * @throws StepError
 */
export function openMessage<Contents>(
  bytes: Uint8Array,
  label: MessageLabel,
  expected: RunLabel | undefined,
  contents: (reader: Reader, run: RunLabel) => Contents,
): Contents {
  checkFrame(bytes, label);
  const reader = new Reader(bytes.subarray(FORMAT.length, bytes.length - HASH_BYTES));
  const kind = KINDS[reader.u8()];
  if (kind !== label.kind) {
    const found = kind === undefined ? 'something unknown' : `a ${kind}`;
    throw refused(label, 'step/kind', `was expected, this is ${found}`);
  }
  const run = { program: reader.bytes(HASH_BYTES), run: reader.bytes(HASH_BYTES) };
  if (expected !== undefined) checkRun(run, expected, label);
  const number = reader.u32();
  if (number !== label.number) {
    throw refused(label, 'step/number', `was expected, this is that of segment ${number}`);
  }
  try {
    const value = contents(reader, run);
    reader.end();
    return value;
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw impossible(label, cause.message, cause);
  }
}

/** The message as a person would call it. */
function nameOf({ kind, number }: MessageLabel): string {
  return number === 0 ? `the ${kind}` : `the ${kind} of segment ${number}`;
}

/** The message is as it was written, but no step wrote such contents. */
export function impossible(label: MessageLabel, problem: string, cause?: unknown): StepError {
  return refused(label, 'step/contents', `cannot be right: ${problem}`, cause);
}

/** @param problem what is said of the message */
export function refused(
  label: MessageLabel,
  code: StepErrorCode,
  problem: string,
  cause?: unknown,
): StepError {
  return new StepError(code, `${nameOf(label)} ${problem}`, { cause, kind: label.kind });
}

function checkFrame(bytes: Uint8Array, label: MessageLabel): void {
  const start = String.fromCharCode(...bytes.subarray(0, FORMAT.length));
  const version = new RegExp(`^${MAGIC}([0-9]+)`).exec(start)?.[1];
  if (version !== undefined && !equal(bytes.subarray(0, FORMAT.length), FORMAT)) {
    const problem = `has version ${version} of the format, this is vouch/step/1`;
    throw refused(label, 'step/version', problem);
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  const whole = version !== undefined && bytes.length >= FRAME_BYTES;
  if (!whole || !equal(sha256(body), bytes.subarray(body.length))) {
    throw refused(label, 'step/damaged', 'is not as it was written');
  }
}

function checkRun(found: RunLabel, expected: RunLabel, label: MessageLabel): void {
  const other = !equal(found.program, expected.program)
    ? 'another program'
    : equal(found.run, expected.run)
      ? undefined
      : 'another run, or a run cut or proved otherwise';
  if (other === undefined) return;
  throw refused(label, 'step/other-proof', `is of ${other}`);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
