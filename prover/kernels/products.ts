/** Sums of products for the claim reduction and the opening. */
import { add, addScalar, mul, poolInverse, poolP, scratch, sub } from './field';
import { FACTOR, prepare } from './quintic';
import { addLanes, JOB_SUMS, keepProduct, prepareAt, productAt, VALUE } from './quintic-memory';

/**
 * One round of a sumcheck over the product of two vectors over E: adds to ten words at `target`,
 * over [from, to) of the lower half, the sums of a b with the leading variable 0 and 2.
 */
export function productRound(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  halfLength: u32,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const sums = scratch + JOB_SUMS;
  const value = scratch + VALUE;
  const factor = scratch + FACTOR;
  const upper: usize = 4 * <usize>halfLength;
  memory.fill(sums, 0, 160);
  for (let i = from; i < to; i += 4) {
    const x = a + 4 * <usize>i;
    const y = b + 4 * <usize>i;
    prepareAt(factor, y, bStride);
    productAt(x, aStride, factor);
    keepProduct(sums, 16, true, p, inverse);
    prepare(
      factor,
      atTwo(y, upper, p),
      atTwo(y + bStride, upper, p),
      atTwo(y + 2 * bStride, upper, p),
      atTwo(y + 3 * bStride, upper, p),
      atTwo(y + 4 * bStride, upper, p),
    );
    for (let j: usize = 0; j < 5; j++) {
      v128.store(value + 16 * j, atTwo(x + j * aStride, upper, p));
    }
    productAt(value, 16, factor);
    keepProduct(sums + 80, 16, true, p, inverse);
  }
  addLanes(sums, target);
  addLanes(sums + 80, target + 20);
}

/** Adds the sum of a b over [from, to) to the five words at `target`. */
export function dotQuintics(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const sums = scratch + JOB_SUMS;
  memory.fill(sums, 0, 80);
  for (let i = from; i < to; i += 4) {
    prepareAt(scratch + FACTOR, b + 4 * <usize>i, bStride);
    productAt(a + 4 * <usize>i, aStride, scratch + FACTOR);
    keepProduct(sums, 16, true, p, inverse);
  }
  addLanes(sums, target);
}

/**
 * target_z += values at the bit-reversed place of z, for z in [from, to), for vectors over E. `values`
 * has 2^logLength elements.
 */
export function addReversed(
  values: usize,
  valuesStride: usize,
  logLength: u32,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  const shift = 32 - logLength;
  for (let z = from; z < to; z++) {
    const source = values + 4 * <usize>(reverseBits(z) >>> shift);
    const at = target + 4 * <usize>z;
    for (let j: usize = 0; j < 5; j++) {
      const sum = addScalar(load<u32>(at + j * stride), load<u32>(source + j * valuesStride));
      store<u32>(at + j * stride, sum);
    }
  }
}

// @ts-ignore: decorator
@inline
function reverseBits(value: u32): u32 {
  value = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  value = ((value >>> 2) & 0x33333333) | ((value & 0x33333333) << 2);
  value = ((value >>> 4) & 0x0f0f0f0f) | ((value & 0x0f0f0f0f) << 4);
  return bswap<u32>(value);
}

/** 2 f(1) - f(0). */
// @ts-ignore: decorator
@inline
function atTwo(at: usize, upper: usize, p: v128): v128 {
  const one = v128.load(at + upper);
  return sub(add(one, one, p), v128.load(at), p);
}

/**
 * Rows of `width` elements of F, a multiple of 4: target_i = sum over k of weight_k row_i,k, for rows
 * [from, to). Weights are five consecutive elements each; the target is a vector over E.
 */
export function weighRows(
  rows: usize,
  width: u32,
  weights: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const row = rows + 4 * <usize>i * <usize>width;
    for (let j: usize = 0; j < 5; j++) {
      let sum = i32x4.splat(0);
      for (let k: u32 = 0; k < width; k++) {
        // Four rows at the same place.
        const at = row + 4 * <usize>k;
        let column = v128.load32_zero(at);
        column = v128.load32_lane(at + 4 * <usize>width, column, 1);
        column = v128.load32_lane(at + 8 * <usize>width, column, 2);
        column = v128.load32_lane(at + 12 * <usize>width, column, 3);
        const weight = v128.load32_splat(weights + 20 * <usize>k + 4 * j);
        sum = add(sum, mul(weight, column, p, inverse), p);
      }
      v128.store(target + 4 * <usize>i + j * stride, sum);
    }
  }
}

/**
 * Adds, over rows [from, to), weight_i row_i,k to the element of E at target + 20 k, k < width. The
 * weights are a vector over E, `width` is a multiple of 4 and at most 32.
 */
export function sumRows(
  rows: usize,
  width: u32,
  weights: usize,
  weightStride: usize,
  target: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const sums = scratch + JOB_SUMS;
  memory.fill(sums, 0, 20 * <usize>width);
  for (let i = from; i < to; i++) {
    const row = rows + 4 * <usize>i * <usize>width;
    for (let j: usize = 0; j < 5; j++) {
      const weight = v128.load32_splat(weights + 4 * <usize>i + j * weightStride);
      const plane = sums + 4 * <usize>width * j;
      for (let k: usize = 0; k < 4 * <usize>width; k += 16) {
        const product = mul(v128.load(row + k), weight, p, inverse);
        v128.store(plane + k, add(v128.load(plane + k), product, p));
      }
    }
  }
  for (let k: usize = 0; k < <usize>width; k++) {
    for (let j: usize = 0; j < 5; j++) {
      const sum = load<u32>(sums + 4 * (<usize>width * j + k));
      const at = target + 20 * k + 4 * j;
      const total = load<u32>(at) + sum;
      store<u32>(at, min(total, total - 0x7f000001));
    }
  }
}
