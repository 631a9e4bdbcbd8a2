/**
 * Kernels of the LogUp tree (verifier/src/logup.ts).
 *
 * A layer of N pairs of fractions is four vectors over E of N elements: left numerators, right
 * numerators, left denominators, right denominators. Vector v has the planes 5 v .. 5 v + 4. A block
 * of BLOCK pairs is LAYER_BLOCK_BYTES: its twenty planes one after the other, so that a kernel reads
 * and writes few places at a time. Only the first `used` pairs are stored, a multiple of BLOCK; the
 * others are (0, 0, 1, 1), for which the block at `neutral` stands.
 */
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from '../kernel-layout';
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

/** First planes of the four vectors, in bytes from the start of a block. */
const LEFT_NUMERATOR: usize = 0;
const RIGHT_NUMERATOR: usize = 5 * BLOCK_BYTES;
const LEFT_DENOMINATOR: usize = 10 * BLOCK_BYTES;
const RIGHT_DENOMINATOR: usize = 15 * BLOCK_BYTES;
const PLANE: usize = BLOCK_BYTES;

/** Plane 0 of pair i. */
// @ts-ignore: decorator
@inline
function pairAt(layer: usize, i: u32): usize {
  return layer + LAYER_BLOCK_BYTES * <usize>(i / BLOCK) + 4 * <usize>(i % BLOCK);
}

/** high - low in plane j. */
// @ts-ignore: decorator
@inline
function difference(low: usize, high: usize, j: usize, p: v128): v128 {
  return sub(v128.load(high + j * PLANE), v128.load(low + j * PLANE), p);
}

/** Product of (high - low) and a prepared factor. */
// @ts-ignore: decorator
@inline
function productOfDifference(low: usize, high: usize, factor: usize, p: v128, half: v128): void {
  product(
    centre(difference(low, high, 0, p), p, half),
    centre(difference(low, high, 1, p), p, half),
    centre(difference(low, high, 2, p), p, half),
    centre(difference(low, high, 3, p), p, half),
    centre(difference(low, high, 4, p), p, half),
    factor,
  );
}

// @ts-ignore: decorator
@inline
function prepareDifference(at: usize, low: usize, high: usize, p: v128): void {
  prepare(
    at,
    difference(low, high, 0, p),
    difference(low, high, 1, p),
    difference(low, high, 2, p),
    difference(low, high, 3, p),
    difference(low, high, 4, p),
  );
}

/**
 * Adds the two fractions of each pair in [from, to), multiples of 8, and stores the sums as pairs of
 * the layer above. With `baseNumerators`, numerators have only their first plane.
 */
export function addFractions(
  layer: usize,
  baseNumerators: bool,
  target: usize,
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
      const at = pairAt(layer, i) + 16 * group;
      const q0 = at + LEFT_DENOMINATOR;
      const q1 = at + RIGHT_DENOMINATOR;
      prepareAt(scratch + FACTOR, q1, PLANE);
      productAt(q0, PLANE, scratch + FACTOR, p, half);
      keepProduct(denominators + 80 * group, 16, false, p, inverse);
      if (baseNumerators) {
        const p0 = v128.load(at + LEFT_NUMERATOR);
        const p1 = v128.load(at + RIGHT_NUMERATOR);
        for (let j: usize = 0; j < 5; j++) {
          const left = mul(v128.load(q1 + j * PLANE), p0, p, inverse);
          const right = mul(v128.load(q0 + j * PLANE), p1, p, inverse);
          v128.store(numerators + 80 * group + 16 * j, add(left, right, p));
        }
      } else {
        productAt(at + LEFT_NUMERATOR, PLANE, scratch + FACTOR, p, half);
        keepProduct(numerators + 80 * group, 16, false, p, inverse);
        prepareAt(scratch + FACTOR, q0, PLANE);
        productAt(at + RIGHT_NUMERATOR, PLANE, scratch + FACTOR, p, half);
        keepProduct(numerators + 80 * group, 16, true, p, inverse);
      }
    }
    const above = pairAt(target, i / 2);
    storePairs(numerators, above + LEFT_NUMERATOR);
    storePairs(denominators, above + LEFT_DENOMINATOR);
  }
}

/** Eight elements at `values` become four pairs: left vector, then right vector five planes on. */
// @ts-ignore: decorator
@inline
function storePairs(values: usize, at: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const first = v128.load(values + 16 * j);
    const second = v128.load(values + 80 + 16 * j);
    v128.store(at + j * PLANE, even(first, second));
    v128.store(at + (5 + j) * PLANE, odd(first, second));
  }
}

/**
 * right numerators += lambda right denominators, for pairs [from, to), multiples of 4: then
 * p0 q1 + q0 p1 is the layer's polynomial. With `baseNumerators`, gives numerators all five planes.
 */
export function mixNumerators(
  layer: usize,
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
    const at = pairAt(layer, i);
    productAt(at + RIGHT_DENOMINATOR, PLANE, scratch + CONSTANT, p, half);
    for (let j: usize = 0; j < 5; j++) {
      const right = at + RIGHT_NUMERATOR + j * PLANE;
      const numerator = baseNumerators && j != 0 ? zero : v128.load(right);
      v128.store(right, add(numerator, coordinate(j, p, inverse), p));
      if (baseNumerators && j != 0) v128.store(at + LEFT_NUMERATOR + j * PLANE, zero);
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
    const low = pairAt(layer, first);
    const high = halfPairs + first < used ? pairAt(layer, halfPairs + first) : neutral;
    memory.fill(atZero, 0, 80);
    memory.fill(leading, 0, 80);
    for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
      const l = low + 16 * i;
      const h = high + 16 * i;
      const eqFactor = scratch + EQ_FACTORS + PREPARED_BYTES * i;
      prepareAt(factor, l + RIGHT_DENOMINATOR, PLANE);
      productAt(l + LEFT_NUMERATOR, PLANE, factor, p, half);
      keepProduct(value, 16, false, p, inverse);
      prepareAt(factor, l + RIGHT_NUMERATOR, PLANE);
      productAt(l + LEFT_DENOMINATOR, PLANE, factor, p, half);
      keepProduct(value, 16, true, p, inverse);
      productAt(value, 16, eqFactor, p, half);
      keepProduct(atZero, 16, true, p, inverse);
      prepareDifference(factor, l + RIGHT_DENOMINATOR, h + RIGHT_DENOMINATOR, p);
      productOfDifference(l + LEFT_NUMERATOR, h + LEFT_NUMERATOR, factor, p, half);
      keepProduct(value, 16, false, p, inverse);
      prepareDifference(factor, l + RIGHT_NUMERATOR, h + RIGHT_NUMERATOR, p);
      productOfDifference(l + LEFT_DENOMINATOR, h + LEFT_DENOMINATOR, factor, p, half);
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
    const low = pairAt(layer, first);
    const high = halfPairs + first < used ? pairAt(layer, halfPairs + first) : neutral;
    for (let vector: usize = 0; vector < 20; vector += 5) {
      for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
        const l = low + 16 * i + vector * PLANE;
        productOfDifference(l, high + 16 * i + vector * PLANE, scratch + CONSTANT, p, half);
        for (let j: usize = 0; j < 5; j++) {
          const at = l + j * PLANE;
          v128.store(at, add(v128.load(at), coordinate(j, p, inverse), p));
        }
      }
    }
  }
}
