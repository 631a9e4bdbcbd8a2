/**
 * Kernels of the leaves of the LogUp tree. They are pairs of fractions too, with numerators over F that
 * are not mixed with lambda: a block has the planes p0, p1, then five of q0 and five of q1.
 */
import { BLOCK, BLOCK_BYTES, LEAF_BLOCK_BYTES } from '../kernel-layout';
import { add, mul, poolInverse, poolP, scratch } from './field';
import {
  atZero,
  blockBehind,
  difference,
  LEFT_DENOMINATOR as TARGET_LEFT_DENOMINATOR,
  LEFT_NUMERATOR as TARGET_LEFT_NUMERATOR,
  pairAt,
  PLANE,
  productAtZero,
  productOfDifference,
  RIGHT_DENOMINATOR as TARGET_RIGHT_DENOMINATOR,
  RIGHT_NUMERATOR as TARGET_RIGHT_NUMERATOR,
  storePairs,
} from './logup-pairs';
import { CONSTANT, coordinate, FACTOR, prepare, prepareConstant } from './quintic';
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

/** First planes of the four vectors, in bytes from the start of a block. */
const LEFT_NUMERATOR: usize = 0;
const RIGHT_NUMERATOR: usize = BLOCK_BYTES;
const LEFT_DENOMINATOR: usize = 2 * BLOCK_BYTES;
const RIGHT_DENOMINATOR: usize = 7 * BLOCK_BYTES;
/** In scratch: lambda, prepared, where the challenge is the constant. */
const LAMBDA: usize = BLOCK_SUMS;

/** Plane 0 of pair i. */
// @ts-ignore: decorator
@inline
function leafAt(leaves: usize, i: u32): usize {
  return leaves + <usize>LEAF_BLOCK_BYTES * <usize>(i / BLOCK) + 4 * <usize>(i % BLOCK);
}

/**
 * Adds the two fractions of each pair in [from, to), multiples of 8, and stores the sums as pairs of
 * the layer above.
 */
export function addLeaves(leaves: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  const numerators = scratch + VALUE;
  const denominators = scratch + BLOCK_SUMS;
  const last = (to - 1) / BLOCK;
  for (let i = from; i < to; i += 8) {
    const ahead = <usize>LEAF_BLOCK_BYTES * <usize>min(i / BLOCK + 1, last);
    touch(leaves + ahead + 48 * (i % BLOCK), 6);
    touch(blockBehind(target, i / 2, to / 2) + 80 * ((i / 2) % BLOCK), 5);
    for (let group: usize = 0; group < 2; group++) {
      const at = leafAt(leaves, i) + 16 * group;
      const q0 = at + LEFT_DENOMINATOR;
      const q1 = at + RIGHT_DENOMINATOR;
      prepareAt(scratch + FACTOR, q1, PLANE);
      productAt(q0, PLANE, scratch + FACTOR);
      keepProduct(denominators + 80 * group, 16, false, p, inverse);
      const p0 = v128.load(at + LEFT_NUMERATOR);
      const p1 = v128.load(at + RIGHT_NUMERATOR);
      for (let j: usize = 0; j < 5; j++) {
        const left = mul(v128.load(q1 + j * PLANE), p0, p, inverse);
        const right = mul(v128.load(q0 + j * PLANE), p1, p, inverse);
        v128.store(numerators + 80 * group + 16 * j, add(left, right, p));
      }
    }
    const above = pairAt(target, i / 2);
    storePairs(numerators, above + TARGET_LEFT_NUMERATOR);
    storePairs(denominators, above + TARGET_LEFT_DENOMINATOR);
  }
}

/** p0 q1 + q0 (p1 + lambda q1) of four pairs at even places, to `value`. */
// @ts-ignore: decorator
@inline
function crossAtZero(at: usize, value: usize, p: v128, inverse: v128): void {
  const q1 = at + RIGHT_DENOMINATOR;
  productAtZero(q1, scratch + CONSTANT);
  prepare(
    scratch + FACTOR,
    add(coordinate(0, p, inverse), atZero(at + RIGHT_NUMERATOR, 0), p),
    coordinate(1, p, inverse),
    coordinate(2, p, inverse),
    coordinate(3, p, inverse),
    coordinate(4, p, inverse),
  );
  productAtZero(at + LEFT_DENOMINATOR, scratch + FACTOR);
  const p0 = atZero(at + LEFT_NUMERATOR, 0);
  for (let j: usize = 0; j < 5; j++) {
    const left = mul(atZero(q1, j), p0, p, inverse);
    v128.store(value + 16 * j, add(coordinate(j, p, inverse), left, p));
  }
}

/** The same of the differences of neighbours. */
// @ts-ignore: decorator
@inline
function crossOfDifference(at: usize, value: usize, p: v128, inverse: v128): void {
  const q1 = at + RIGHT_DENOMINATOR;
  productOfDifference(q1, scratch + CONSTANT, p);
  prepare(
    scratch + FACTOR,
    add(coordinate(0, p, inverse), difference(at + RIGHT_NUMERATOR, 0, p), p),
    coordinate(1, p, inverse),
    coordinate(2, p, inverse),
    coordinate(3, p, inverse),
    coordinate(4, p, inverse),
  );
  productOfDifference(at + LEFT_DENOMINATOR, scratch + FACTOR, p);
  const p0 = difference(at + LEFT_NUMERATOR, 0, p);
  for (let j: usize = 0; j < 5; j++) {
    const left = mul(difference(q1, j, p), p0, p, inverse);
    v128.store(value + 16 * j, add(coordinate(j, p, inverse), left, p));
  }
}

/** The first round of the sumcheck, as `logupRound` on leaves that are mixed with lambda. */
export function leafRound(
  leaves: usize,
  lambda: usize,
  eqLow: usize,
  eqHigh: usize,
  eqHighStride: usize,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const value = scratch + VALUE;
  const constants = scratch + BLOCK_SUMS;
  const leading = constants + 80;
  prepareConstant(scratch + CONSTANT, lambda);
  for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
    prepareAt(scratch + EQ_FACTORS + PREPARED_BYTES * i, eqLow + 16 * i, BLOCK_BYTES);
  }
  memory.fill(scratch + JOB_SUMS, 0, 160);
  for (let block = from; block < to; block++) {
    memory.fill(constants, 0, 160);
    const ahead = leaves + <usize>LEAF_BLOCK_BYTES * 2 * min(block + 1, to - 1);
    for (let i: u32 = 0; i < <u32>BLOCK / 4; i++) {
      touch(ahead + 384 * i, 6);
      const at = leafAt(leaves, 2 * BLOCK * block + 8 * i);
      const eqFactor = scratch + EQ_FACTORS + PREPARED_BYTES * i;
      crossAtZero(at, value, p, inverse);
      productAt(value, 16, eqFactor);
      keepProduct(constants, 16, true, p, inverse);
      crossOfDifference(at, value, p, inverse);
      productAt(value, 16, eqFactor);
      keepProduct(leading, 16, true, p, inverse);
    }
    const factor = scratch + FACTOR;
    prepareElement(factor, eqHigh + 4 * <usize>block, eqHighStride);
    productAt(constants, 16, factor);
    keepProduct(scratch + JOB_SUMS, 16, true, p, inverse);
    productAt(leading, 16, factor);
    keepProduct(scratch + JOB_SUMS + 80, 16, true, p, inverse);
  }
  addLanes(scratch + JOB_SUMS, target);
  addLanes(scratch + JOB_SUMS + 80, target + 20);
}

/**
 * Binds the last variable of all four vectors and mixes with lambda: blocks [from, to) of the layer at
 * `target`.
 */
export function foldLeaves(
  leaves: usize,
  lambda: usize,
  target: usize,
  challenge: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  prepareConstant(scratch + CONSTANT, challenge);
  prepareConstant(scratch + LAMBDA, lambda);
  for (let block = from; block < to; block++) {
    const ahead = <usize>min(block + 1, to - 1);
    const sourceAhead = leaves + 2 * <usize>LEAF_BLOCK_BYTES * ahead;
    const targetAhead = pairAt(target, <u32>ahead * BLOCK);
    for (let i: u32 = 0; i < <u32>BLOCK / 4; i++) {
      touch(sourceAhead + 384 * i, 6);
      touch(targetAhead + 320 * i, 5);
      const source = leafAt(leaves, 2 * BLOCK * block + 8 * i);
      const result = pairAt(target, BLOCK * block + 4 * i);
      foldVector(source + LEFT_DENOMINATOR, result + TARGET_LEFT_DENOMINATOR, p, inverse);
      foldVector(source + RIGHT_DENOMINATOR, result + TARGET_RIGHT_DENOMINATOR, p, inverse);
      productAt(result + TARGET_RIGHT_DENOMINATOR, PLANE, scratch + LAMBDA);
      const p0 = difference(source + LEFT_NUMERATOR, 0, p);
      const p1 = difference(source + RIGHT_NUMERATOR, 0, p);
      for (let j: usize = 0; j < 5; j++) {
        const r = v128.load32_splat(challenge + 4 * j);
        let left = mul(r, p0, p, inverse);
        let right = add(mul(r, p1, p, inverse), coordinate(j, p, inverse), p);
        if (j == 0) {
          left = add(left, atZero(source + LEFT_NUMERATOR, 0), p);
          right = add(right, atZero(source + RIGHT_NUMERATOR, 0), p);
        }
        v128.store(result + TARGET_LEFT_NUMERATOR + j * PLANE, left);
        v128.store(result + TARGET_RIGHT_NUMERATOR + j * PLANE, right);
      }
    }
  }
}

/** Four elements of the folded vector. */
// @ts-ignore: decorator
@inline
function foldVector(source: usize, result: usize, p: v128, inverse: v128): void {
  productOfDifference(source, scratch + CONSTANT, p);
  for (let j: usize = 0; j < 5; j++) {
    v128.store(result + j * PLANE, add(atZero(source, j), coordinate(j, p, inverse), p));
  }
}
