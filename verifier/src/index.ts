/** Checks receipts; what prover and verifier share: field, hashes, transcript, shapes, security. */
export {
  asciiBytes,
  type ContextHash,
  contextHash,
  digestOfHash,
  leafHash,
  MAX_LEAF_ELEMENTS,
} from './blake3.ts';
export { closedFormAt, closedFormLogHeight } from './closed-forms.ts';
export * from './constants.ts';
export * from './constraint-program.ts';
export { Reader } from './decode.ts';
export { Writer } from './encode.ts';
export { type Check, type Details, VerificationError } from './errors.ts';
export { type ColumnValues, evaluateNodes } from './evaluate.ts';
export { DEFAULT_SECURITY_BITS, type ExpectedProgram } from './expectations.ts';
export {
  type InspectedPart,
  type InspectedReceipt,
  type InspectedRound,
  type InspectedSegment,
  type InspectedTable,
  inspectReceipt,
} from './inspect.ts';
export { checkedShape } from './instances.ts';
export * as KoalaBear from './koala-bear.ts';
export { type LeafLayout, leafLayout, leavesOfRows, rowOfLeaf } from './leaf-layout.ts';
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
  type BoundaryBuses,
  describeMachine,
  MAX_CHUNKS,
  type Machine,
  machineDigest,
} from './machine.ts';
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
  type OpenedLeaves,
  type OpeningProof,
  type OpeningRoundProof,
  powerWeight,
  reverseBits,
  verifyOpening,
  type Weight,
} from './opening.ts';
export {
  PACKED_BASE,
  PACKED_DIGITS,
  type PackedChip,
  type PackedMachine,
  unpackMachine,
} from './packed-machine.ts';
export { type OpeningSchedule, type ParameterSet, S100, S120 } from './parameters.ts';
export {
  eq,
  eqTable,
  evaluateBaseMultilinear,
  evaluateMultilinear,
  evaluateUnivariate,
  interpolate,
  type Point,
  placeSelector,
  sumcheckRound,
} from './polynomials.ts';
export { compress, DIGEST_ELEMENTS, type Digest, permute, WIDTH } from './poseidon2.ts';
export { FULL_ROUND_CONSTANTS, PARTIAL_ROUND_CONSTANTS } from './poseidon2-constants.ts';
export {
  outlineOf,
  type ProgramCommitment,
  type ProgramOutline,
  type ProgramTables,
  programId,
  programShape,
} from './program.ts';
export { readSegmentProof, writeSegmentProof } from './proof-codec.ts';
export { hasWork, MAX_WORK_BITS, workContext, workHash } from './proof-of-work.ts';
export type { Quintic } from './quintic.ts';
export * as QuinticField from './quintic.ts';
export {
  type CheckedHead,
  type Claim,
  checkTables,
  type DecodedReceipt,
  decodeReceipt,
  encodeReceipt,
  type ProgramStatement,
  type Receipt,
  type ReceiptHead,
  readReceiptHead,
  readSegmentHeader,
  type SegmentHeader,
  writeReceiptHead,
  writeSegmentHeader,
} from './receipt.ts';
export { receiptSecurity } from './receipt-security.ts';
export {
  claimedColumns,
  REDUCTION_DEGREE,
  type ReductionProof,
  type StackClaim,
  verifyReduction,
} from './reduction.ts';
export { riscvMachine } from './riscv-machine.ts';
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
export { type SegmentTask, verifySegmentProof } from './segment-task.ts';
export {
  type Block,
  type ChunkRange,
  ceilLog2,
  type Instance,
  type PlacedColumn,
  type ProgramShape,
  type SegmentShape,
  segmentShape,
  stackPreprocessed,
} from './shape.ts';
export { RATE, Sponge } from './sponge.ts';
export {
  beginLookup,
  boundarySum,
  checkPath,
  finishLookup,
  LOOKUP_TAG,
  lookupChallenges,
  SEGMENT_TAG,
  segmentTranscript,
  statementDigest,
} from './statement.ts';
export { MAX_MESSAGE_LENGTH, Transcript, type TranscriptEntry } from './transcript.ts';
export { sharedChallenges, type VerifiedRun, type VerifyOptions, verify } from './verify.ts';
export { type StreamOptions, verifyStream } from './verify-stream.ts';
export {
  betaPowers,
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
