/**
 * Fixed places in the memory that the kernels share, known to the kernels (`asc`) and to the code
 * that drives them (`tsc`). Below FIRST_FREE is the pool: constants that `writePool` writes once.
 * A constant that a loop needs is loaded from here into a local before the loop: newer versions of
 * V8 build a literal vector anew at each use, but not one that came from memory.
 */

/** Counter that hands out the jobs of a run to the workers. */
export const JOB_COUNTER = 0x40;

/** Four times p. */
export const POOL_P = 0x100;
/** Four times p^-1 mod 2^32. */
export const POOL_P_INVERSE = 0x110;
/** Four times (p - 1) / 2. */
export const POOL_HALF_P = 0x120;
/** Twice the 64-bit integer 2^32 p. */
export const POOL_P_HIGH = 0x130;
/** Twice the 64-bit integer 2^31 p. */
export const POOL_P_MIDDLE = 0x140;
/** Four times 2^64 mod p: the Montgomery product with it is the Montgomery form. */
export const POOL_R_SQUARED = 0x150;
/** Generator of the subgroup of order 2^k for k = 0..24, canonical, 4 bytes each. */
export const POOL_ROOTS = 0x180;
/** Four times 2^k - 1 for k = 1, 3, 4, 8, 24: what a product by 2^-k takes from the low end. */
export const POOL_LOW_BITS = 0x200;
/** Initial values of Blake3, each four times. */
export const POOL_BLAKE3 = 0x280;
/** Full-round constants of Poseidon2 in Montgomery form, less p: 8 rows of 16, 4 bytes each. */
export const POOL_FULL_ROUNDS = 0x400;
/** Partial-round constants of Poseidon2, likewise: 20. */
export const POOL_PARTIAL_ROUNDS = 0x600;
/** First byte behind the pool. */
export const FIRST_FREE = 0x1000;

/** Private memory of one instance of the kernels: `setScratch` says where. */
export const SCRATCH_BYTES = 0x1_0000;

/** Kernels read whole vectors: up to this many bytes behind the last element that they use. */
export const OVERRUN_BYTES = 64;

/** Rows that the kernels of the protocol take at a time. */
export const BLOCK = 64;
/** Bytes of one plane of a block. */
export const BLOCK_BYTES = 256;
/** A block of pairs of a LogUp layer: four vectors over E, twenty planes. */
export const LAYER_BLOCK_BYTES = 5120;
/** A block of pairs of leaves: two vectors over F, two over E, twelve planes. */
export const LEAF_BLOCK_BYTES = 3072;

/** A plan in memory: what to evaluate for a chip (see plan.ts). Words at these byte offsets. */
export const PLAN_COLUMN_COUNT = 0;
/** Address of the list of the columns' addresses. */
export const PLAN_COLUMNS = 4;
export const PLAN_INSTRUCTION_COUNT = 8;
export const PLAN_INSTRUCTIONS = 12;
export const PLAN_OUTPUT_COUNT = 16;
export const PLAN_OUTPUTS = 20;
export const PLAN_BYTES = 24;

/** Operations of a plan's instructions. */
export const PLAN_ADD = 0;
export const PLAN_SUBTRACT = 1;
export const PLAN_MULTIPLY = 2;
/** The second operand is a constant: the same base-field value in all rows. */
export const PLAN_SCALE = 3;
