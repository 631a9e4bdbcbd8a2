/**
 * Kernels of the LogUp tree (verifier/src/logup.ts).
 *
 * A layer of N pairs of fractions is four vectors over E of N elements: left numerators, right
 * numerators, left denominators, right denominators. Vector v has the planes 5 v .. 5 v + 4, plane k
 * at `layer + k stride`. Only the first `used` pairs are stored, a multiple of BLOCK; the others are
 * (0, 0, 1, 1), for which a block at `neutral` stands, of the same layout with the stride BLOCK_BYTES.
 */
import { BLOCK, BLOCK_BYTES } from '../kernel-layout';
import {
  add,
  centre,
  even,
  odd,
  poolHalf,
  poolInverse,
  poolP,
  mul,
  scratch,
  sub,
} from './field';
import { CONSTANT, coordinate, FACTOR, prepare, prepareConstant, product } from './quintic';
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
  VALUE,
} from './quintic-memory';

/** First planes of the four vectors. */
const LEFT_NUMERATOR: usize = 0;
const RIGHT_NUMERATOR: usize = 5;
const LEFT_DENOMINATOR: usize = 10;
const RIGHT_DENOMINATOR: usize = 15;

/** Product of (high - low) and a prepared factor. */
// @ts-ignore: decorator
@inline
function productOfDifference(
  low: usize,
  stride: usize,
  high: usize,
  highStride: usize,
  factor: usize,
  p: v128,
  half: v128,
): void {
  product(
    centre(sub(v128.load(high), v128.load(low), p), p, half),
    centre(sub(v128.load(high + highStride), v128.load(low + stride), p), p, half),
    centre(sub(v128.load(high + 2 * highStride), v128.load(low + 2 * stride), p), p, half),
    centre(sub(v128.load(high + 3 * highStride), v128.load(low + 3 * stride), p), p, half),
    centre(sub(v128.load(high + 4 * highStride), v128.load(low + 4 * stride), p), p, half),
    factor,
  );
}

// @ts-ignore: decorator
@inline
function prepareDifference(
  at: usize,
  low: usize,
  stride: usize,
  high: usize,
  highStride: usize,
  p: v128,
): void {
  prepare(
    at,
    sub(v128.load(high), v128.load(low), p),
    sub(v128.load(high + highStride), v128.load(low + stride), p),
    sub(v128.load(high + 2 * highStride), v128.load(low + 2 * stride), p),
    sub(v128.load(high + 3 * highStride), v128.load(low + 3 * stride), p),
    sub(v128.load(high + 4 * highStride), v128.load(low + 4 * stride), p),
  );
}

/**
 * Adds the two fractions of each pair in [from, to), multiples of 8, and stores the sums as pairs of
 * the layer above. With `baseNumerators`, numerators have only their first plane.
 */
export function addFractions(
  layer: usize,
  stride: usize,
  baseNumerators: bool,
  target: usize,
  targetStride: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const half = poolHalf();
  const numerators = scratch + VALUE;
  const denominators = scratch + BLOCK_SUMS;
  for (let i = from; i < to; i += 8) {
    for (let group: usize = 0; group < 2; group++) {
      const at = layer + 4 * (<usize>i + 4 * group);
      const q0 = at + LEFT_DENOMINATOR * stride;
      const q1 = at + RIGHT_DENOMINATOR * stride;
      prepareAt(scratch + FACTOR, q1, stride);
      productAt(q0, stride, scratch + FACTOR, p, half);
      keepProduct(denominators + 80 * group, 16, false, p, inverse);
      if (baseNumerators) {
        const p0 = v128.load(at + LEFT_NUMERATOR * stride);
        const p1 = v128.load(at + RIGHT_NUMERATOR * stride);
        for (let j: usize = 0; j < 5; j++) {
          const left = mul(v128.load(q1 + j * stride), p0, p, inverse);
          const right = mul(v128.load(q0 + j * stride), p1, p, inverse);
          v128.store(numerators + 80 * group + 16 * j, add(left, right, p));
        }
      } else {
        productAt(at + LEFT_NUMERATOR * stride, stride, scratch + FACTOR, p, half);
        keepProduct(numerators + 80 * group, 16, false, p, inverse);
        prepareAt(scratch + FACTOR, q0, stride);
        productAt(at + RIGHT_NUMERATOR * stride, stride, scratch + FACTOR, p, half);
        keepProduct(numerators + 80 * group, 16, true, p, inverse);
      }
    }
    storePairs(numerators, target, targetStride, i);
    storePairs(denominators, target + LEFT_DENOMINATOR * targetStride, targetStride, i);
  }
}

/** Eight elements at `values` become four pairs: left vector, then right vector five planes on. */
// @ts-ignore: decorator
@inline
function storePairs(values: usize, target: usize, stride: usize, i: u32): void {
  const at = target + 2 * <usize>i;
  for (let j: usize = 0; j < 5; j++) {
    const first = v128.load(values + 16 * j);
    const second = v128.load(values + 80 + 16 * j);
    v128.store(at + j * stride, even(first, second));
    v128.store(at + (5 + j) * stride, odd(first, second));
  }
}

/**
 * right numerators += lambda right denominators, for pairs [from, to), multiples of 4: then
 * p0 q1 + q0 p1 is the layer's polynomial. With `baseNumerators`, gives numerators all five planes.
 */
export function mixNumerators(
  layer: usize,
  stride: usize,
  baseNumerators: bool,
  lambda: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const half = poolHalf();
  prepareConstant(scratch + CONSTANT, lambda);
  const zero = i32x4.splat(0);
  for (let i = from; i < to; i += 4) {
    const at = layer + 4 * <usize>i;
    productAt(at + RIGHT_DENOMINATOR * stride, stride, scratch + CONSTANT, p, half);
    for (let j: usize = 0; j < 5; j++) {
      const right = at + (RIGHT_NUMERATOR + j) * stride;
      const numerator = baseNumerators && j != 0 ? zero : v128.load(right);
      v128.store(right, add(numerator, coordinate(j, p, inverse), p));
      if (baseNumerators && j != 0) v128.store(at + (LEFT_NUMERATOR + j) * stride, zero);
    }
  }
}

/**
 * One round of a layer's sumcheck: adds, over the blocks [from, to) of the lower half, the sums of
 * eq(x) g(x) to the ten words at `target`, first for g with the leading variable 0, then for the
 * leading coefficient of g in that variable. eq(x) = eqHigh[block] eqLow[place in the block].
 */
export function logupRound(
  layer: usize,
  stride: usize,
  halfPairs: u32,
  used: u32,
  neutral: usize,
  eqLow: usize,
  eqHigh: usize,
  eqHighStride: usize,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const half = poolHalf();
  const factor = scratch + FACTOR;
  const value = scratch + VALUE;
  const atZero = scratch + BLOCK_SUMS;
  const leading = atZero + 80;
  for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
    prepareAt(scratch + EQ_FACTORS + PREPARED_BYTES * i, eqLow + 16 * i, BLOCK_BYTES);
  }
  memory.fill(scratch + JOB_SUMS, 0, 80);
  memory.fill(scratch + JOB_SUMS + 80, 0, 80);
  for (let block = from; block < to; block++) {
    const first = block * BLOCK;
    const low = layer + 4 * <usize>first;
    const present = halfPairs + first < used;
    const high = present ? low + 4 * <usize>halfPairs : neutral;
    const highStride: usize = present ? stride : BLOCK_BYTES;
    memory.fill(atZero, 0, 80);
    memory.fill(leading, 0, 80);
    for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
      const l = low + 16 * i;
      const h = high + 16 * i;
      const eqFactor = scratch + EQ_FACTORS + PREPARED_BYTES * i;
      prepareAt(factor, l + RIGHT_DENOMINATOR * stride, stride);
      productAt(l + LEFT_NUMERATOR * stride, stride, factor, p, half);
      keepProduct(value, 16, false, p, inverse);
      prepareAt(factor, l + RIGHT_NUMERATOR * stride, stride);
      productAt(l + LEFT_DENOMINATOR * stride, stride, factor, p, half);
      keepProduct(value, 16, true, p, inverse);
      productAt(value, 16, eqFactor, p, half);
      keepProduct(atZero, 16, true, p, inverse);
      prepareDifference(
        factor,
        l + RIGHT_DENOMINATOR * stride,
        stride,
        h + RIGHT_DENOMINATOR * highStride,
        highStride,
        p,
      );
      productOfDifference(
        l + LEFT_NUMERATOR * stride,
        stride,
        h + LEFT_NUMERATOR * highStride,
        highStride,
        factor,
        p,
        half,
      );
      keepProduct(value, 16, false, p, inverse);
      prepareDifference(
        factor,
        l + RIGHT_NUMERATOR * stride,
        stride,
        h + RIGHT_NUMERATOR * highStride,
        highStride,
        p,
      );
      productOfDifference(
        l + LEFT_DENOMINATOR * stride,
        stride,
        h + LEFT_DENOMINATOR * highStride,
        highStride,
        factor,
        p,
        half,
      );
      keepProduct(value, 16, true, p, inverse);
      productAt(value, 16, eqFactor, p, half);
      keepProduct(leading, 16, true, p, inverse);
    }
    prepareElement(factor, eqHigh + 4 * <usize>block, eqHighStride);
    productAt(atZero, 16, factor, p, half);
    keepProduct(scratch + JOB_SUMS, 16, true, p, inverse);
    productAt(leading, 16, factor, p, half);
    keepProduct(scratch + JOB_SUMS + 80, 16, true, p, inverse);
  }
  addLanes(scratch + JOB_SUMS, target);
  addLanes(scratch + JOB_SUMS + 80, target + 20);
}

/** Binds the leading variable of all four vectors, for the blocks [from, to) of the lower half. */
export function foldLayer(
  layer: usize,
  stride: usize,
  halfPairs: u32,
  used: u32,
  neutral: usize,
  challenge: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const half = poolHalf();
  prepareConstant(scratch + CONSTANT, challenge);
  for (let block = from; block < to; block++) {
    const first = block * BLOCK;
    const low = layer + 4 * <usize>first;
    const present = halfPairs + first < used;
    const high = present ? low + 4 * <usize>halfPairs : neutral;
    const highStride: usize = present ? stride : BLOCK_BYTES;
    for (let vector: usize = 0; vector < 20; vector += 5) {
      for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
        const l = low + 16 * i + vector * stride;
        const h = high + 16 * i + vector * highStride;
        productOfDifference(l, stride, h, highStride, scratch + CONSTANT, p, half);
        for (let j: usize = 0; j < 5; j++) {
          const at = l + j * stride;
          v128.store(at, add(v128.load(at), coordinate(j, p, inverse), p));
        }
      }
    }
  }
}
