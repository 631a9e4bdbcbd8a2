/**
 * The statement of a receipt, and how it enters the proof (proof-spec 2): its digest G fixes every
 * challenge, and the public input, the journal, the exit code and the ends of the segments are
 * messages that the verifier sends and receives itself.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { HALT_PC, MAX_CYCLE_END, PUBLIC_INPUT_KEY } from './constants.ts';
import type { ConstraintProgram } from './constraint-program.ts';
import { VerificationError } from './errors.ts';
import { type Machine, parametersDigest } from './machine.ts';
import { merkleRoot } from './merkle.ts';
import type { ParameterSet } from './parameters.ts';
import { compress, type Digest } from './poseidon2.ts';
import { programId } from './program.ts';
import { add, fromBase, isZero, mul, neg, ONE, type Quintic, scale, sub, ZERO } from './quintic.ts';
import type { Claim, ProgramStatement, SegmentHeader } from './receipt.ts';
import type { MessageSum } from './segment.ts';
import { Transcript, type TranscriptEntry } from './transcript.ts';
import { betaPowers, type LookupChallenges } from './zerocheck.ts';

/** Tags of the four kinds of transcript; the last two also name their proofs of work. */
const HEADER_TAG = 'Vouch run header v1';
const LEAF_TAG = 'Vouch segment header v1';
export const LOOKUP_TAG = 'Vouch lookup challenges v1';
export const SEGMENT_TAG = 'Vouch segment v1';
/** Label of the work in front of alpha and beta. */
const LOOKUP_WORK = 'lookup work';

/** Version of the protocol. */
const PROTOCOL_VERSION = 2;
const LIMB = 2 ** 16;
const MODE_NUMBERS = { id: 1, program: 2 } as const;

/** G: binds the run and every segment's commitment, in front of the first challenge. */
export function statementDigest(
  machine: Machine,
  set: ParameterSet,
  claim: Claim,
  segments: readonly SegmentHeader[],
  log?: TranscriptEntry[],
): Digest {
  const header = headerDigest(machine, set, claim, segments.length, log);
  const leaves = segments.map((segment, i) => segmentDigest(segment, i + 1, log));
  return compress(header, merkleRoot(leaves));
}

function headerDigest(
  machine: Machine,
  set: ParameterSet,
  { program, publicInput, exitCode, journal }: Claim,
  segments: number,
  log?: TranscriptEntry[],
): Digest {
  const transcript = new Transcript(HEADER_TAG, log);
  transcript.absorbInteger('version', PROTOCOL_VERSION);
  transcript.absorbBytes('parameters', parametersDigest(machine, set));
  transcript.absorbBytes('machine', machine.digest);
  transcript.absorbInteger('mode', MODE_NUMBERS[program.mode]);
  transcript.absorbBytes('program', identify(machine, program));
  transcript.absorbInteger('segments', segments);
  transcript.absorbInteger('exit code', exitCode);
  transcript.absorbInteger('public input length', publicInput.length);
  transcript.absorbBytes('public input', publicInput.digest);
  transcript.absorbInteger('journal length', journal.length);
  transcript.absorbBytes('journal', sha256(journal));
  return transcript.squeezeDigest('run header');
}

/** The 32 bytes that identify the program in its mode. */
export function identify(machine: Machine, program: ProgramStatement): Uint8Array {
  return program.mode === 'id' ? programId(machine, program.commitment) : program.digest;
}

function segmentDigest(header: SegmentHeader, segment: number, log?: TranscriptEntry[]): Digest {
  const transcript = new Transcript(LEAF_TAG, log);
  transcript.absorbInteger('segment', segment);
  transcript.absorbDigest('main root', header.root);
  const tables = header.instances.flatMap(({ chip, logHeight }) => [chip, logHeight]);
  transcript.absorbElements('tables', tables);
  transcript.absorbInteger('pc at the start', header.pcStart);
  transcript.absorbInteger('pc at the end', header.pcEnd);
  transcript.absorbInteger('cycle at the end', header.cycleEnd);
  return transcript.squeezeDigest('segment header');
}

/**
 * alpha and beta, which all segments share, behind a proof of work. Fails `transcript/nonce` or
 * `transcript/proof-of-work`.
 */
export function lookupChallenges(
  statement: Digest,
  set: ParameterSet,
  nonceFor: (seed: Digest) => bigint,
  log?: TranscriptEntry[],
): { challenges: LookupChallenges; nonce: bigint } {
  const transcript = new Transcript(LOOKUP_TAG, log);
  const seed = beginLookup(transcript, statement);
  const nonce = nonceFor(seed);
  return { challenges: finishLookup(transcript, set, seed, nonce), nonce };
}

/** The first half of `lookupChallenges`, for a search that takes its time: the seed of the work. */
export function beginLookup(transcript: Transcript, statement: Digest): Digest {
  transcript.absorbDigest('statement', statement);
  return transcript.beginWork(LOOKUP_WORK);
}

/** The second half of `lookupChallenges`. Fails as it. */
export function finishLookup(
  transcript: Transcript,
  set: ParameterSet,
  seed: Digest,
  nonce: bigint,
): LookupChallenges {
  transcript.finishWork(LOOKUP_WORK, set.lookupWork, seed, nonce);
  const alpha = transcript.squeezeExtension('alpha');
  const beta = transcript.squeezeExtension('beta');
  return { alpha, beta };
}

/** The transcript of the proof of one segment, counted from 1. */
export function segmentTranscript(
  statement: Digest,
  lookupNonce: bigint,
  segment: number,
  log?: TranscriptEntry[],
): Transcript {
  const transcript = new Transcript(SEGMENT_TAG, log);
  transcript.absorbDigest('statement', statement);
  transcript.absorbInteger('lookup nonce', lookupNonce);
  transcript.absorbInteger('segment', segment);
  return transcript;
}

/**
 * The path of the program counter through the segments, and bounds of the cycle counters. Fails
 * `statement/pc` or `statement/cycles`.
 */
export function checkPath(entry: number, segments: readonly SegmentHeader[]): void {
  let expected = entry;
  for (const [i, { pcStart, pcEnd, cycleEnd }] of segments.entries()) {
    if (pcStart !== expected || pcEnd > HALT_PC) {
      const details = { segment: i + 1, expected, found: pcStart, end: pcEnd };
      throw new VerificationError('statement/pc', 'a segment begins elsewhere', details);
    }
    if (cycleEnd < 1 || cycleEnd > MAX_CYCLE_END) {
      const details = { segment: i + 1, limit: MAX_CYCLE_END, found: cycleEnd };
      throw new VerificationError('statement/cycles', 'an impossible number of cycles', details);
    }
    expected = pcEnd;
  }
  if (expected !== HALT_PC) {
    const details = { expected: HALT_PC, found: expected };
    throw new VerificationError('statement/pc', 'the run does not end in a HALT', details);
  }
}

/**
 * Messages that the verifier adds on each bus: for each segment on a local bus, in all on a global
 * one.
 */
export function boundaryMessages(machine: Machine, claim: Claim): number[] {
  const { execution, memory, journal, exit } = machine.buses;
  const counts = machine.constraints.buses.map(() => 0);
  counts[execution] = 2;
  counts[memory] = 1 + Math.ceil(claim.publicInput.length / 4);
  counts[journal] = Math.ceil(claim.journal.length / 4);
  counts[exit] = 1;
  return counts;
}

/**
 * The sum of +-1 / (alpha - fingerprint) over the verifier's messages, + for a send: initial tokens
 * of the public input's words, the journal's words, the exit, the two ends of each segment. The
 * denominator is zero if that of a message is.
 */
export function boundarySum(
  machine: Machine,
  challenges: LookupChallenges,
  claim: Pick<Claim, 'exitCode' | 'journal'>,
  publicInput: Uint8Array,
  segments: readonly SegmentHeader[],
): MessageSum {
  const { execution, memory, journal, exit } = machine.buses;
  const sum = new BoundarySum(machine, challenges);
  const length = publicInput.length;
  sum.send(memory, 0, [PUBLIC_INPUT_KEY, length % LIMB, Math.floor(length / LIMB), 0]);
  for (let i = 0; 4 * i < length; i++) {
    sum.send(memory, 0, [PUBLIC_INPUT_KEY + 1 + i, ...limbsAt(publicInput, i), 0]);
  }
  for (let i = 0; 4 * i < claim.journal.length; i++) {
    sum.receive(journal, 0, [i, ...limbsAt(claim.journal, i)]);
  }
  const size = claim.journal.length;
  const exitMessage = [claim.exitCode % LIMB, Math.floor(claim.exitCode / LIMB)];
  sum.receive(exit, 0, [...exitMessage, size % LIMB, Math.floor(size / LIMB)]);
  for (const [i, { pcStart, pcEnd, cycleEnd }] of segments.entries()) {
    sum.send(execution, i + 1, [pcStart, 1]);
    sum.receive(execution, i + 1, [pcEnd, cycleEnd]);
  }
  return sum.fraction;
}

/** Both limbs of the i-th little-endian word of bytes that are padded with zeros. */
function limbsAt(bytes: Uint8Array, i: number): [number, number] {
  const at = (j: number): number => bytes[4 * i + j] ?? 0;
  return [at(0) + 256 * at(1), at(2) + 256 * at(3)];
}

/** A running sum as one fraction: its denominator is the product of all, and no inverse is needed. */
class BoundarySum {
  readonly #machine: Machine;
  readonly #alpha: Quintic;
  readonly #betas: readonly Quintic[];
  #sum: MessageSum = { numerator: ZERO, denominator: ONE };

  constructor(machine: Machine, { alpha, beta }: LookupChallenges) {
    this.#machine = machine;
    this.#alpha = alpha;
    this.#betas = betaPowers(machine.constraints, beta);
  }

  get fraction(): MessageSum {
    return this.#sum;
  }

  /** The segment counts from 1; it is of no account on a global bus. */
  send(bus: number, segment: number, message: readonly number[]): void {
    this.#add(ONE, bus, segment, message);
  }

  receive(bus: number, segment: number, message: readonly number[]): void {
    this.#add(neg(ONE), bus, segment, message);
  }

  #add(numerator: Quintic, bus: number, segment: number, message: readonly number[]): void {
    const denominator = sub(this.#alpha, this.#fingerprint(bus, segment, message));
    this.#sum = addFractions(this.#sum, { numerator, denominator });
  }

  /** As `fingerprint`, for a message of base elements: products with scalars only. */
  #fingerprint(bus: number, segment: number, message: readonly number[]): Quintic {
    const { buses, messageWidth } = this.#machine.constraints;
    const { id, scope } = buses[bus] as ConstraintProgram['buses'][number];
    const tag = scope === 'local' ? segment + 1 : 0;
    const start = add(fromBase(id), scale(this.#betas[messageWidth + 1] as Quintic, tag));
    return message.reduce(
      (sum, element, i) => add(sum, scale(this.#betas[i + 1] as Quintic, element)),
      start,
    );
  }
}

/** The sum of two fractions. */
export function addFractions(a: MessageSum, b: MessageSum): MessageSum {
  return {
    numerator: add(mul(a.numerator, b.denominator), mul(b.numerator, a.denominator)),
    denominator: mul(a.denominator, b.denominator),
  };
}

/**
 * All messages of all segments and of the verifier cancel. Fails `balance/denominator` (a message
 * whose fingerprint is alpha) or `balance/sum`.
 */
export function checkBalance(sums: readonly MessageSum[]): void {
  const { numerator, denominator } = sums.reduce(addFractions);
  if (isZero(denominator)) {
    throw new VerificationError('balance/denominator', 'a denominator is zero');
  }
  if (!isZero(numerator)) {
    throw new VerificationError('balance/sum', 'the messages do not cancel');
  }
}
