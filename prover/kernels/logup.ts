/**
 * Kernels of the LogUp tree (verifier/src/logup.ts) above its leaves, which are in logup-leaves.ts.
 *
 * A layer of N pairs of fractions is four vectors over E of N elements: left numerators, right
 * numerators, left denominators, right denominators. Vector v has the planes 5 v .. 5 v + 4. A block
 * of BLOCK pairs is LAYER_BLOCK_BYTES: its twenty planes one after the other, so that a kernel reads
 * and writes few places at a time. Only some of the pairs are stored, a multiple of two blocks; the
 * others are (0, 0, 1, 1). The sumcheck binds the last variable first: neighbours are folded.
 */
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from '../kernel-layout';
import { add, poolInverse, poolP, scratch } from './field';
import {
  atZero,
  blockBehind,
  LEFT_DENOMINATOR,
  LEFT_NUMERATOR,
  pairAt,
  PLANE,
  prepareAtZero,
  prepareDifference,
  productAtZero,
  productOfDifference,
  RIGHT_DENOMINATOR,
  RIGHT_NUMERATOR,
  storePairs,
} from './logup-pairs';
import { CONSTANT, coordinate, FACTOR, prepareConstant } from './quintic';
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

/**
 * Adds the two fractions of each pair in [from, to), multiples of 8, and stores the sums as pairs of
 * the layer above.
 */
export function addFractions(layer: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  const numerators = scratch + VALUE;
  const denominators = scratch + BLOCK_SUMS;
  for (let i = from; i < to; i += 8) {
    touch(blockBehind(layer, i, to) + 80 * (i % BLOCK), 10);
    touch(blockBehind(target, i / 2, to / 2) + 80 * ((i / 2) % BLOCK), 5);
    for (let group: usize = 0; group < 2; group++) {
      const at = pairAt(layer, i) + 16 * group;
      const q0 = at + LEFT_DENOMINATOR;
      const q1 = at + RIGHT_DENOMINATOR;
      prepareAt(scratch + FACTOR, q1, PLANE);
      productAt(q0, PLANE, scratch + FACTOR);
      keepProduct(denominators + 80 * group, 16, false, p, inverse);
      productAt(at + LEFT_NUMERATOR, PLANE, scratch + FACTOR);
      keepProduct(numerators + 80 * group, 16, false, p, inverse);
      prepareAt(scratch + FACTOR, q0, PLANE);
      productAt(at + RIGHT_NUMERATOR, PLANE, scratch + FACTOR);
      keepProduct(numerators + 80 * group, 16, true, p, inverse);
    }
    const above = pairAt(target, i / 2);
    storePairs(numerators, above + LEFT_NUMERATOR);
    storePairs(denominators, above + LEFT_DENOMINATOR);
  }
}

/**
 * right numerators += lambda right denominators, for pairs [from, to), multiples of 4: then
 * p0 q1 + q0 p1 is the layer's polynomial.
 */
export function mixNumerators(layer: usize, lambda: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  prepareConstant(scratch + CONSTANT, lambda);
  for (let i = from; i < to; i += 4) {
    touch(blockBehind(layer, i, to) + 80 * (i % BLOCK), 5);
    const at = pairAt(layer, i);
    productAt(at + RIGHT_DENOMINATOR, PLANE, scratch + CONSTANT);
    for (let j: usize = 0; j < 5; j++) {
      const right = at + RIGHT_NUMERATOR + j * PLANE;
      v128.store(right, add(v128.load(right), coordinate(j, p, inverse), p));
    }
  }
}

/**
 * One round of a layer's sumcheck: adds, over the blocks [from, to) of the folded layer, the sums of
 * eq(x) g(x) to the ten words at `target`, first for g with the last variable 0, then for the leading
 * coefficient of g in that variable. eq(x) = eqHigh[block] eqLow[place in the block].
 */
export function logupRound(
  layer: usize,
  eqLow: usize,
  eqHigh: usize,
  eqHighStride: usize,
  from: u32,
  to: u32,
  target: usize,
): void {
  const p = poolP();
  const inverse = poolInverse();
  const factor = scratch + FACTOR;
  const value = scratch + VALUE;
  const constants = scratch + BLOCK_SUMS;
  const leading = constants + 80;
  for (let i: usize = 0; i < <usize>BLOCK / 4; i++) {
    prepareAt(scratch + EQ_FACTORS + PREPARED_BYTES * i, eqLow + 16 * i, BLOCK_BYTES);
  }
  memory.fill(scratch + JOB_SUMS, 0, 160);
  for (let block = from; block < to; block++) {
    memory.fill(constants, 0, 160);
    const ahead = layer + <usize>LAYER_BLOCK_BYTES * 2 * min(block + 1, to - 1);
    for (let i: u32 = 0; i < <u32>BLOCK / 4; i++) {
      touch(ahead + 640 * i, 10);
      const at = pairAt(layer, 2 * BLOCK * block + 8 * i);
      const eqFactor = scratch + EQ_FACTORS + PREPARED_BYTES * i;
      prepareAtZero(factor, at + RIGHT_DENOMINATOR);
      productAtZero(at + LEFT_NUMERATOR, factor);
      keepProduct(value, 16, false, p, inverse);
      prepareAtZero(factor, at + RIGHT_NUMERATOR);
      productAtZero(at + LEFT_DENOMINATOR, factor);
      keepProduct(value, 16, true, p, inverse);
      productAt(value, 16, eqFactor);
      keepProduct(constants, 16, true, p, inverse);
      prepareDifference(factor, at + RIGHT_DENOMINATOR, p);
      productOfDifference(at + LEFT_NUMERATOR, factor, p);
      keepProduct(value, 16, false, p, inverse);
      prepareDifference(factor, at + RIGHT_NUMERATOR, p);
      productOfDifference(at + LEFT_DENOMINATOR, factor, p);
      keepProduct(value, 16, true, p, inverse);
      productAt(value, 16, eqFactor);
      keepProduct(leading, 16, true, p, inverse);
    }
    prepareElement(factor, eqHigh + 4 * <usize>block, eqHighStride);
    productAt(constants, 16, factor);
    keepProduct(scratch + JOB_SUMS, 16, true, p, inverse);
    productAt(leading, 16, factor);
    keepProduct(scratch + JOB_SUMS + 80, 16, true, p, inverse);
  }
  addLanes(scratch + JOB_SUMS, target);
  addLanes(scratch + JOB_SUMS + 80, target + 20);
}

/** Binds the last variable of all four vectors: blocks [from, to) of the layer at `target`. */
export function foldLayer(
  layer: usize,
  target: usize,
  challenge: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  prepareConstant(scratch + CONSTANT, challenge);
  for (let block = from; block < to; block++) {
    const ahead = <usize>LAYER_BLOCK_BYTES * min(block + 1, to - 1);
    const sourceAhead = layer + 2 * ahead;
    const targetAhead = target + ahead;
    for (let vector: usize = 0; vector < 20; vector += 5) {
      touch(sourceAhead + 2 * PLANE * vector, 40);
      touch(targetAhead + PLANE * vector, 20);
      for (let i: u32 = 0; i < <u32>BLOCK / 4; i++) {
        const source = pairAt(layer, 2 * BLOCK * block + 8 * i) + vector * PLANE;
        const result = pairAt(target, BLOCK * block + 4 * i) + vector * PLANE;
        productOfDifference(source, scratch + CONSTANT, p);
        for (let j: usize = 0; j < 5; j++) {
          v128.store(result + j * PLANE, add(atZero(source, j), coordinate(j, p, inverse), p));
        }
      }
    }
  }
}
