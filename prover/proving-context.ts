import type { ConstraintProgram, LookupChallenges, SegmentShape } from '@vouch/verifier';

/** What is fixed once the challenges of LogUp are known. */
export interface ProvingContext {
  readonly machine: ConstraintProgram;
  readonly shape: SegmentShape;
  /** Number of the segment, from 1. */
  readonly segment: number;
  readonly challenges: LookupChallenges;
}
