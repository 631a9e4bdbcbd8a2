/** The field, the hashes, the transcript and the security calculator of Vouch's proofs. */
export {
  asciiBytes,
  type ContextHash,
  contextHash,
  digestOfHash,
  leafHash,
  MAX_LEAF_ELEMENTS,
} from './blake3.ts';
export { Reader } from './decode.ts';
export { type Check, type Details, VerificationError } from './errors.ts';
export * as KoalaBear from './koala-bear.ts';
export {
  digestsEqual,
  type Multiproof,
  merkleRoot,
  sortedDistinct,
  verifyMultiproof,
} from './merkle.ts';
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
export { RATE, Sponge } from './sponge.ts';
export { MAX_MESSAGE_LENGTH, Transcript, type TranscriptEntry } from './transcript.ts';
