/** Public entry points of the prover, and its building blocks: kernels, their memory, their threads. */
export { contextKey, DERIVE_KEY_MATERIAL } from './blake3.ts';
export { ProverError, type ProverErrorCode } from './errors.ts';
export type { Job, KernelName, Kernels } from './kernel.ts';
export { BLOCK, LAYER_BLOCK_BYTES } from './kernel-layout.ts';
export { Arena, columnStride, createMemory, type Region } from './memory.ts';
export { committedBytes, programBytes, segmentBytes } from './memory-estimate.ts';
export { buildMerkleTree, type MerkleTree, readDigest, treeSize } from './merkle-tree.ts';
export { fromMontgomery, toMontgomery } from './montgomery.ts';
export { type Pool, split, startPool } from './pool.ts';
export { findNonce } from './proof-of-work.ts';
export {
  type CommitmentStatement,
  claimOf,
  commitProgram,
  commitToSegment,
  drawChallenges,
  makeReceipt,
  type OpenSegment,
  openSegment,
  type ProveHooks,
  proveRun,
  proveSegmentAgain,
  type RunClaim,
  type SharedChallenges,
  type Statement,
} from './prove.ts';
export type { FilledRun, FilledSegment } from './scalar/prove.ts';
export type { ProvingStage } from './stages.ts';
export type { Table } from './table.ts';
export type { StageProgress } from './watched-pool.ts';
