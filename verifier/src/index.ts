/** The field, the hashes, the transcript and the security calculator of Vouch's proofs. */
export {
  asciiBytes,
  type ContextHash,
  contextHash,
  digestOfHash,
  leafHash,
  MAX_LEAF_ELEMENTS,
} from './blake3.ts';
export { closedFormAt, closedFormLogHeight } from './closed-forms.ts';
export * from './constraint-program.ts';
export { Reader } from './decode.ts';
export { type Check, type Details, VerificationError } from './errors.ts';
export { type ColumnValues, evaluateNodes } from './evaluate.ts';
export * as KoalaBear from './koala-bear.ts';
export {
  type ChildClaims,
  childList,
  combineChildren,
  interpolateLine,
  type LeafClaim,
  LOGUP_DEGREE,
  type LogupLayer,
  type LogupProof,
  verifyLogup,
} from './logup.ts';
export {
  digestsEqual,
  type Multiproof,
  merkleRoot,
  sortedDistinct,
  verifyMultiproof,
} from './merkle.ts';
export {
  bindWeight,
  type ChunkCommitment,
  domainPoint,
  eqWeight,
  foldedContext,
  type OpenedRows,
  type OpeningProof,
  type OpeningRoundProof,
  powerWeight,
  verifyOpening,
  type Weight,
} from './opening.ts';
export { type OpeningSchedule, type ParameterSet, S100, S120 } from './parameters.ts';
export {
  eq,
  eqTable,
  evaluateBaseMultilinear,
  evaluateMultilinear,
  evaluateUnivariate,
  interpolate,
  type Point,
  sumcheckRound,
} from './polynomials.ts';
export { compress, DIGEST_ELEMENTS, type Digest, permute, WIDTH } from './poseidon2.ts';
export { FULL_ROUND_CONSTANTS, PARTIAL_ROUND_CONSTANTS } from './poseidon2-constants.ts';
export { hasWork, MAX_WORK_BITS, workHash } from './proof-of-work.ts';
export type { Quintic } from './quintic.ts';
export * as QuinticField from './quintic.ts';
export {
  claimedColumns,
  REDUCTION_DEGREE,
  type ReductionProof,
  type StackClaim,
  verifyReduction,
} from './reduction.ts';
export {
  bitsPerQuery,
  extensionBits,
  FIELD_DIGEST_BITS,
  foldBits,
  lineErrorLog,
  listBits,
  logUpBits,
  outOfDomainBits,
  type ProofShape,
  powersBatchingBits,
  provableSecurity,
  type Regime,
  type SecurityParameters,
  type SecurityReport,
  type SecurityTerm,
  shiftBits,
  type WhirRound,
} from './security.ts';
export {
  MAIN_CONTEXT,
  type MessageSum,
  PREPROCESSED_CONTEXT,
  type SegmentProof,
  type SegmentStatement,
  verifySegment,
} from './segment.ts';
export {
  type Block,
  type ChunkRange,
  ceilLog2,
  type Instance,
  type PlacedColumn,
  prefixBits,
  type SegmentShape,
  segmentShape,
} from './shape.ts';
export { RATE, Sponge } from './sponge.ts';
export { MAX_MESSAGE_LENGTH, Transcript, type TranscriptEntry } from './transcript.ts';
export {
  betaPowers,
  blockSelector,
  fingerprint,
  type InstancePowers,
  type InstanceSums,
  instanceParameters,
  type LookupChallenges,
  lambdaPowers,
  verifyZerocheck,
  ZEROCHECK_DEGREE,
  type ZerocheckProof,
} from './zerocheck.ts';
