/** The proof of one segment, from the commitment to its columns to the sum over its messages. */
import type { ConstraintProgram } from './constraint-program.ts';
import { type LogupProof, verifyLogup } from './logup.ts';
import { type ChunkCommitment, type OpeningProof, verifyOpening } from './opening.ts';
import type { ParameterSet } from './parameters.ts';
import type { Digest } from './poseidon2.ts';
import type { Quintic } from './quintic.ts';
import { type ReductionProof, verifyReduction } from './reduction.ts';
import type { SegmentShape } from './shape.ts';
import type { Transcript } from './transcript.ts';
import { type LookupChallenges, verifyZerocheck, type ZerocheckProof } from './zerocheck.ts';

/** Contexts of the leaves of the two trees of round 0. */
export const MAIN_CONTEXT = 'Vouch main columns v1';
export const PREPROCESSED_CONTEXT = 'Vouch preprocessed columns v1';

export interface SegmentProof {
  readonly logup: LogupProof;
  readonly zerocheck: ZerocheckProof;
  readonly reduction: ReductionProof;
  readonly opening: OpeningProof;
}

export interface SegmentStatement {
  readonly machine: ConstraintProgram;
  readonly shape: SegmentShape;
  /** 1-based. */
  readonly segment: number;
  readonly challenges: LookupChallenges;
  readonly mainRoot: Digest;
  /** Absent if the verifier evaluates the preprocessed columns itself. */
  readonly preprocessedRoot?: Digest;
  readonly parameters: ParameterSet;
}

/** The sum over the segment's messages; the denominator is not zero. */
export interface MessageSum {
  readonly numerator: Quintic;
  readonly denominator: Quintic;
}

/**
 * Checks a segment's proof. Its sum and, without a preprocessed root, the values of the preprocessed
 * columns at the returned point remain to be checked by the caller.
 */
export function verifySegment(
  transcript: Transcript,
  statement: SegmentStatement,
  proof: SegmentProof,
): { sum: MessageSum; point: readonly Quintic[] } {
  const { machine, shape, segment, challenges, parameters } = statement;
  const leaves = verifyLogup(transcript, shape.logLeaves, proof.logup);
  const point = verifyZerocheck(
    transcript,
    machine,
    shape,
    segment,
    challenges,
    leaves,
    proof.zerocheck,
  );
  const { mainValues, preprocessedValues } = proof.zerocheck;
  const claimed =
    statement.preprocessedRoot === undefined ? mainValues : [...mainValues, ...preprocessedValues];
  const stack = verifyReduction(transcript, shape, point, claimed, proof.reduction);
  const schedule = parameters.schedule(shape.logChunks, shape.logRows);
  verifyOpening(transcript, chunkCommitments(statement), schedule, stack, proof.opening);
  const { numerator, denominator } = proof.logup;
  return { sum: { numerator, denominator }, point };
}

function chunkCommitments(statement: SegmentStatement): ChunkCommitment[] {
  const { shape, mainRoot, preprocessedRoot } = statement;
  const main = { root: mainRoot, chunks: shape.mainChunks, context: MAIN_CONTEXT };
  if (preprocessedRoot === undefined) return [main];
  const preprocessed = {
    root: preprocessedRoot,
    chunks: shape.preprocessedChunks,
    context: PREPROCESSED_CONTEXT,
  };
  return [main, preprocessed];
}
