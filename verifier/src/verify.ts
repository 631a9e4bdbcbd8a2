/** The verifier: from the bytes of a receipt to the journal of a run, or the check that failed. */
import { VerificationError } from './errors.ts';
import {
  type CheckedExpectations,
  checkClaim,
  checkedExpectations,
  type Expectations,
} from './expectations.ts';
import type { Machine } from './machine.ts';
import { type CheckedHead, decodeReceipt, outlineOfStatement } from './receipt.ts';
import { segmentSecurity, totalMessages } from './receipt-security.ts';
import type { MessageSum, SegmentProof } from './segment.ts';
import { type SharedTask, segmentTask, verifyTask } from './segment-task.ts';
import type { SegmentShape } from './shape.ts';
import {
  boundarySum,
  checkBalance,
  checkPath,
  lookupChallenges,
  statementDigest,
} from './statement.ts';
import type { TranscriptEntry } from './transcript.ts';

export interface VerifyOptions extends Expectations {
  /** Receives every message of the transcripts, to compare implementations. */
  readonly transcriptLog?: TranscriptEntry[];
}

/** What is proved when `verify` returns. */
export interface VerifiedRun {
  /** What the program wrote. */
  readonly journal: Uint8Array;
  readonly exitCode: number;
  /** Instructions executed. */
  readonly cycles: number;
  readonly segments: number;
  /** Provable security of this receipt, from its parameters and its shape. */
  readonly securityBits: number;
  /** Name of the parameter set. */
  readonly parameters: string;
}

/**
 * Verifies that the program, run on the public input and some private input, ended with the exit
 * code and wrote the journal that it returns. Needs nothing but its arguments.
 *
 * @throws VerificationError naming the failed check; nothing that a receipt holds brings about
 *   another exception
 * @throws RangeError if the options are impossible: an id that is not 32 bytes or 64 digits, tables of
 *   the wrong size, a number of bits that is none
 */
export function verify(receiptBytes: Uint8Array, options: VerifyOptions): VerifiedRun {
  const expected = checkedExpectations(options);
  const { machine, program } = expected;
  const { transcriptLog: log } = options;

  // Format and shape.
  const { receipt, parameters, shapes } = decodeReceipt(receiptBytes, machine);
  const head = { ...receipt, parameters };

  // What the caller expects, and what every run has in common.
  checkHead(expected, head);
  const messages = totalMessages(machine, head);
  const bits = shapes.map((shape) => checkSecurity(expected, head, messages, shape));

  // Challenges of LogUp, behind the whole statement and all commitments.
  const shared = sharedChallenges(machine, head, log);

  // Each segment's proof.
  const sums = receipt.proofs.map((proof: SegmentProof, i) => {
    const task = segmentTask(head, program, shared, i);
    return verifyTask(machine, parameters, task, shapes[i] as SegmentShape, proof, log);
  });

  // Messages of the segments and those of the verifier cancel.
  checkSums(expected, head, shared, sums);
  return verifiedRun(head, bits);
}

/** Fails `statement/...`: the caller expects another run, or no run is like that. */
export function checkHead(expected: CheckedExpectations, { claim, segments }: CheckedHead): void {
  checkClaim(expected, claim);
  checkPath(outlineOfStatement(claim.program).entry, segments);
}

/**
 * The security of a segment's proof. Fails `security/bits`: too few for the caller, or for the name of
 * the parameter set.
 */
export function checkSecurity(
  { machine, minSecurityBits }: CheckedExpectations,
  head: CheckedHead,
  messages: number,
  shape: SegmentShape,
): number {
  const { securityBits, name } = head.parameters;
  const { bits } = segmentSecurity(machine, head, messages, shape);
  const expected = Math.max(minSecurityBits, securityBits);
  if (!(bits >= expected)) {
    const found = Math.floor(100 * bits) / 100;
    const details = { parameters: name, expected, found };
    throw new VerificationError('security/bits', 'the receipt is not secure enough', details);
  }
  return bits;
}

/** Fails `transcript/nonce` or `transcript/proof-of-work`. */
export function sharedChallenges(
  machine: Machine,
  { claim, lookupNonce, segments, parameters }: CheckedHead,
  log?: TranscriptEntry[],
): SharedTask {
  const statement = statementDigest(machine, parameters, claim, segments, log);
  const { challenges } = lookupChallenges(statement, parameters, () => lookupNonce, log);
  return { statement, challenges };
}

/** Fails `balance/...`. */
export function checkSums(
  { machine, publicInput }: CheckedExpectations,
  { claim, segments }: CheckedHead,
  { challenges }: SharedTask,
  sums: readonly MessageSum[],
): void {
  checkBalance([...sums, boundarySum(machine, challenges, claim, publicInput, segments)]);
}

/** @param bits of security of each segment */
export function verifiedRun(
  { claim, segments, parameters }: CheckedHead,
  bits: readonly number[],
): VerifiedRun {
  return {
    journal: claim.journal,
    exitCode: claim.exitCode,
    cycles: segments.reduce((sum, { cycleEnd }) => sum + cycleEnd - 1, 0),
    segments: segments.length,
    securityBits: bits.reduce((least, found) => Math.min(least, found)),
    parameters: parameters.name,
  };
}
