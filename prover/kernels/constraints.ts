/**
 * Kernels that evaluate a chip's expressions on blocks of BLOCK rows, and the zerocheck on top of
 * them. What they evaluate is data: prover/plan.ts writes it.
 *
 * A slot holds one value of every row of a block: one plane over F, five planes over E, planes
 * BLOCK_BYTES apart. An instruction is four words: operation, target slot, operand slots, as byte
 * offsets from the start of the slots.
 */
import {
  BLOCK,
  BLOCK_BYTES,
  LEAF_BLOCK_BYTES,
  PLAN_COLUMNS,
  PLAN_COLUMN_COUNT,
  PLAN_INSTRUCTIONS,
  PLAN_INSTRUCTION_COUNT,
  PLAN_OUTPUTS,
  PLAN_OUTPUT_COUNT,
  PLAN_ADD,
  PLAN_MULTIPLY,
  PLAN_SCALE,
  PLAN_SUBTRACT,
} from '../kernel-layout';
import { add, even, mul, odd, poolInverse, poolP, scratch, sub } from './field';
import { FACTOR } from './quintic';
import {
  addLanes,
  BLOCK_SUMS,
  EQ_FACTORS,
  JOB_SUMS,
  keepProduct,
  PREPARED_BYTES,
  prepareAt,
  prepareElement,
  productAt,
  touch,
  VALUE,
} from './quintic-memory';

/** Bytes of a slot over E. */
const SLOT_BYTES: usize = 5 * BLOCK_BYTES;

/** Runs the plan's instructions on slots over F. */
function interpretBase(plan: usize, slots: usize): void {
  const p = poolP();
  const inverse = poolInverse();
  let code = load<u32>(plan, PLAN_INSTRUCTIONS);
  const end = code + 16 * load<u32>(plan, PLAN_INSTRUCTION_COUNT);
  for (; code < end; code += 16) {
    const operation = load<u32>(code);
    const target = slots + load<u32>(code, 4);
    const a = slots + load<u32>(code, 8);
    const b = slots + load<u32>(code, 12);
    if (operation == PLAN_ADD) {
      for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
        v128.store(target + i, add(v128.load(a + i), v128.load(b + i), p));
      }
    } else if (operation == PLAN_SUBTRACT) {
      for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
        v128.store(target + i, sub(v128.load(a + i), v128.load(b + i), p));
      }
    } else {
      for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
        v128.store(target + i, mul(v128.load(a + i), v128.load(b + i), p, inverse));
      }
    }
  }
}

/** Runs the plan's instructions on slots over E. PLAN_SCALE takes b from its first plane. */
function interpretQuintic(plan: usize, slots: usize): void {
  const p = poolP();
  const inverse = poolInverse();
  let code = load<u32>(plan, PLAN_INSTRUCTIONS);
  const end = code + 16 * load<u32>(plan, PLAN_INSTRUCTION_COUNT);
  for (; code < end; code += 16) {
    const operation = load<u32>(code);
    const target = slots + load<u32>(code, 4);
    const a = slots + load<u32>(code, 8);
    const b = slots + load<u32>(code, 12);
    if (operation == PLAN_ADD) {
      for (let i: usize = 0; i < SLOT_BYTES; i += 16) {
        v128.store(target + i, add(v128.load(a + i), v128.load(b + i), p));
      }
    } else if (operation == PLAN_SUBTRACT) {
      for (let i: usize = 0; i < SLOT_BYTES; i += 16) {
        v128.store(target + i, sub(v128.load(a + i), v128.load(b + i), p));
      }
    } else if (operation == PLAN_SCALE) {
      const constant = v128.load(b);
      for (let i: usize = 0; i < SLOT_BYTES; i += 16) {
        v128.store(target + i, mul(v128.load(a + i), constant, p, inverse));
      }
    } else {
      for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
        prepareAt(scratch + FACTOR, b + i, BLOCK_BYTES);
        productAt(a + i, BLOCK_BYTES, scratch + FACTOR);
        keepProduct(target + i, BLOCK_BYTES, false, p, inverse);
      }
    }
  }
}

/**
 * Leaves of the LogUp tree for the blocks [from, to) of a table. For each interaction the plan's
 * outputs list: slot of the multiplicity, 1 if it is negated, first leaf, number of message words,
 * then their slots. `betas` holds the powers of beta, five words each, beta^1 first; `offsets` the
 * constant alpha - bus - tag of each interaction, five words each. The leaves are as in logup-leaves.ts.
 */
export function logupLeaves(
  plan: usize,
  slots: usize,
  betas: usize,
  offsets: usize,
  leaves: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const zero = i32x4.splat(0);
  const columns = load<u32>(plan, PLAN_COLUMNS);
  const columnCount = load<u32>(plan, PLAN_COLUMN_COUNT);
  const interactions = load<u32>(plan, PLAN_OUTPUT_COUNT);
  for (let block = from; block < to; block++) {
    const row = 4 * BLOCK * block;
    const next = min(block + 1, to - 1);
    for (let c: u32 = 0; c < columnCount; c++) {
      const column = load<u32>(columns + 4 * c);
      touch(column + 4 * BLOCK * next, BLOCK_BYTES / 64);
      memory.copy(slots + BLOCK_BYTES * c, column + row, BLOCK_BYTES);
    }
    interpretBase(plan, slots);
    let output = load<u32>(plan, PLAN_OUTPUTS);
    for (let k: u32 = 0; k < interactions; k++) {
      const count = slots + load<u32>(output);
      const negative = load<u32>(output, 4) != 0;
      const pair = load<u32>(output, 8) / 2 + (BLOCK / 2) * block;
      const target = leaves + LEAF_BLOCK_BYTES * (pair / BLOCK) + 4 * (pair % BLOCK);
      const words = load<u32>(output, 12);
      const message = output + 16;
      const ahead = load<u32>(output, 8) / 2 + (BLOCK / 2) * next;
      const lines = leaves + LEAF_BLOCK_BYTES * (ahead / BLOCK) + 4 * (ahead % BLOCK);
      for (let plane: usize = 0; plane < 12; plane++) touch(lines + plane * BLOCK_BYTES, 2);
      for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 32) {
        const firstCount = v128.load(count + i);
        const secondCount = v128.load(count + i, 16);
        const first = negative ? sub(zero, firstCount, p) : firstCount;
        const second = negative ? sub(zero, secondCount, p) : secondCount;
        v128.store(target + i / 2, even(first, second));
        v128.store(target + i / 2 + BLOCK_BYTES, odd(first, second));
        for (let j: usize = 0; j < 5; j++) {
          const offset = v128.load32_splat(offsets + 20 * <usize>k + 4 * j);
          let low = offset;
          let high = offset;
          for (let w: u32 = 0; w < words; w++) {
            const slot = slots + load<u32>(message + 4 * w) + i;
            const beta = v128.load32_splat(betas + 20 * <usize>w + 4 * j);
            low = sub(low, mul(beta, v128.load(slot), p, inverse), p);
            high = sub(high, mul(beta, v128.load(slot, 16), p, inverse), p);
          }
          v128.store(target + i / 2 + (2 + j) * BLOCK_BYTES, even(low, high));
          v128.store(target + i / 2 + (7 + j) * BLOCK_BYTES, odd(low, high));
        }
      }
      output = message + 4 * words;
    }
  }
}

/**
 * One round of the zerocheck for one instance. For X = 0, 2, 3, ..., `points` values of X in all, adds the
 * sum over the blocks [from, to) of the lower half of eq(x) F(X, x) to five words at `target`. F is
 * the linear column plus the weighted outputs of the plan.
 *
 * @param overBase columns are planes over F, else vectors over E with planes `columnStride` apart
 * @param linear the linear column, a vector over E of `2 * halfRows` elements; 0 if there is none
 * @param weights of the outputs: over F five words each, over E prepared factors
 */
export function zerocheckRound(
  plan: usize,
  slots: usize,
  overBase: bool,
  columnStride: usize,
  linear: usize,
  linearStride: usize,
  weights: usize,
  halfRows: u32,
  eqLow: usize,
  eqHigh: usize,
  eqHighStride: usize,
  points: u32,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const columns = load<u32>(plan, PLAN_COLUMNS);
  const columnCount = load<u32>(plan, PLAN_COLUMN_COUNT);
  const slotBytes: u32 = overBase ? BLOCK_BYTES : <u32>SLOT_BYTES;
  const planes: usize = overBase ? 1 : 5;
  for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
    prepareAt(scratch + EQ_FACTORS + PREPARED_BYTES * i, eqLow + 16 * i, BLOCK_BYTES);
  }
  const upper: usize = 4 * <usize>halfRows;
  memory.fill(scratch + JOB_SUMS, 0, 80 * points);
  for (let block = from; block < to; block++) {
    const row = <usize>4 * BLOCK * <usize>block;
    for (let point: u32 = 0; point < points; point++) {
      for (let c: u32 = 0; c < columnCount; c++) {
        const column = <usize>load<u32>(columns + 4 * c) + row;
        const slot = slots + slotBytes * c;
        for (let j: usize = 0; j < planes; j++) {
          advance(slot + j * BLOCK_BYTES, column + j * columnStride, upper, point, p);
        }
      }
      // The linear column's slot lies behind those of the plan's columns.
      const line = slots + slotBytes * columnCount;
      if (linear == 0) memory.fill(line, 0, SLOT_BYTES);
      else {
        for (let j: usize = 0; j < 5; j++) {
          advance(line + j * BLOCK_BYTES, linear + row + j * linearStride, upper, point, p);
        }
      }
      if (overBase) interpretBase(plan, slots);
      else interpretQuintic(plan, slots);
      sumOutputs(plan, slots, line, overBase, weights, p, inverse);
      prepareElement(scratch + FACTOR, eqHigh + 4 * <usize>block, eqHighStride);
      productAt(scratch + BLOCK_SUMS, 16, scratch + FACTOR);
      keepProduct(scratch + JOB_SUMS + 80 * point, 16, true, p, inverse);
    }
  }
  for (let point: u32 = 0; point < points; point++) {
    addLanes(scratch + JOB_SUMS + 80 * point, target + 20 * point);
  }
}

/** The value at X: from 0 to 2 by two differences, then by one more for each further point. */
// @ts-ignore: decorator
@inline
function advance(slot: usize, low: usize, upper: usize, point: u32, p: v128): void {
  for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
    const zero = v128.load(low + i);
    if (point == 0) {
      v128.store(slot + i, zero);
      continue;
    }
    const difference = sub(v128.load(low + upper + i), zero, p);
    let value = add(v128.load(slot + i), difference, p);
    if (point == 1) value = add(value, difference, p);
    v128.store(slot + i, value);
  }
}

/** Sum over the block's rows of eqLow F, four lanes, at BLOCK_SUMS. */
function sumOutputs(
  plan: usize,
  slots: usize,
  line: usize,
  overBase: bool,
  weights: usize,
  p: v128,
  inverse: v128,
): void {
  const outputs = load<u32>(plan, PLAN_OUTPUTS);
  const count = load<u32>(plan, PLAN_OUTPUT_COUNT);
  const value = scratch + VALUE;
  memory.fill(scratch + BLOCK_SUMS, 0, 80);
  for (let i: usize = 0; i < <usize>BLOCK_BYTES; i += 16) {
    for (let j: usize = 0; j < 5; j++) {
      let sum = v128.load(line + i + j * BLOCK_BYTES);
      if (overBase) {
        for (let k: u32 = 0; k < count; k++) {
          const output = v128.load(slots + load<u32>(outputs + 4 * k) + i);
          const weight = v128.load32_splat(weights + 20 * <usize>k + 4 * j);
          sum = add(sum, mul(weight, output, p, inverse), p);
        }
      }
      v128.store(value + 16 * j, sum);
    }
    if (!overBase) {
      for (let k: u32 = 0; k < count; k++) {
        productAt(slots + load<u32>(outputs + 4 * k) + i, BLOCK_BYTES, weights + PREPARED_BYTES * k);
        keepProduct(value, 16, true, p, inverse);
      }
    }
    productAt(value, 16, scratch + EQ_FACTORS + (PREPARED_BYTES / 16) * i);
    keepProduct(scratch + BLOCK_SUMS, 16, true, p, inverse);
  }
}

/** Prepares `count` constants of five words each. */
export function prepareWeights(words: usize, count: u32, target: usize): void {
  for (let k: u32 = 0; k < count; k++) {
    prepareElement(target + PREPARED_BYTES * k, words + 20 * <usize>k, 4);
  }
}
