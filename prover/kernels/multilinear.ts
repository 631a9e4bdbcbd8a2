/**
 * Multilinear polynomials by their values on the cube: the entry i of 2^n values belongs to the bits
 * x_1 .. x_n of i, most significant first. Vectors over E are in planes, as in quintic-vectors.ts;
 * a challenge is five consecutive elements in Montgomery form.
 */
import {
  add,
  addScalar,
  centre,
  even,
  mulConstant,
  mulScalar,
  odd,
  ONE,
  poolHalf,
  poolInverse,
  poolP,
  reduce,
  scratch,
  shoupQuotient,
  storeLanes,
  sub,
  toIntegerScalar,
} from './field';
import { CONSTANT, coordinate, prepareConstant, product, storeProduct } from './quintic';

/** In scratch: coordinates of a challenge and their Shoup quotients, five vectors of each. */
const CHALLENGE: usize = 0xc00;
const CHALLENGE_QUOTIENTS: usize = 0xc50;
/** In scratch: centred weights of a block of rows, five planes. */
const BLOCK_WEIGHTS: usize = 0x1000;
/** Rows of a block of weights; the planes lie 16 bytes further apart. */
const BLOCK: u32 = 1024;
const BLOCK_STRIDE: usize = 4 * 1024 + 16;
/** Products that fit one 64-bit sum: 8 ((p-1)/2)^2 < 2^32 p. */
const TERMS: u32 = 8;

/** Binds x_1 of a column of 2 half values to r: target_i = a_i + r (a_(i+half) - a_i). */
export function bindColumnHigh(
  a: usize,
  half: u32,
  r: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  loadChallenge(r);
  for (let i = from; i < to; i += 4) {
    const at = a + <usize>i * 4;
    const zero = v128.load(at);
    bindLanes(zero, v128.load(at + 4 * <usize>half), target + 4 * <usize>i, stride, to - i);
  }
}

/** Binds x_n of a column to r: target_i = a_2i + r (a_(2i+1) - a_2i). */
export function bindColumnLow(
  a: usize,
  r: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  loadChallenge(r);
  for (let i = from; i < to; i += 4) {
    const first = v128.load(a + 8 * <usize>i);
    const second = v128.load(a + 8 * <usize>i, 16);
    bindLanes(even(first, second), odd(first, second), target + 4 * <usize>i, stride, to - i);
  }
}

function loadChallenge(r: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const factor = toIntegerScalar(load<u32>(r + 4 * j));
    v128.store(scratch + CHALLENGE + 16 * j, i32x4.splat(factor));
    v128.store(scratch + CHALLENGE_QUOTIENTS + 16 * j, i32x4.splat(shoupQuotient(factor)));
  }
}

// @ts-ignore: decorator
@inline
function bindLanes(zero: v128, one: v128, target: usize, stride: usize, lanes: u32): void {
  const p = poolP();
  const w = scratch + CHALLENGE;
  const difference = i32x4.add(i32x4.sub(one, zero), p);
  const first = mulConstant(difference, v128.load(w), v128.load(w, 80), p);
  storeLanes(target, add(zero, first, p), lanes);
  storeLanes(
    target + stride,
    mulConstant(difference, v128.load(w, 16), v128.load(w, 96), p),
    lanes,
  );
  storeLanes(
    target + 2 * stride,
    mulConstant(difference, v128.load(w, 32), v128.load(w, 112), p),
    lanes,
  );
  storeLanes(
    target + 3 * stride,
    mulConstant(difference, v128.load(w, 48), v128.load(w, 128), p),
    lanes,
  );
  storeLanes(
    target + 4 * stride,
    mulConstant(difference, v128.load(w, 64), v128.load(w, 144), p),
    lanes,
  );
}

/** As `bindColumnHigh` for a vector over E; the target may be the vector itself. */
export function bindQuinticsHigh(
  a: usize,
  aStride: usize,
  half: u32,
  r: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  prepareConstant(scratch + CONSTANT, r);
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const zero = a + <usize>i * 4;
    const one = zero + 4 * <usize>half;
    product(
      sub(v128.load(one), v128.load(zero), p),
      sub(v128.load(one + aStride), v128.load(zero + aStride), p),
      sub(v128.load(one + 2 * aStride), v128.load(zero + 2 * aStride), p),
      sub(v128.load(one + 3 * aStride), v128.load(zero + 3 * aStride), p),
      sub(v128.load(one + 4 * aStride), v128.load(zero + 4 * aStride), p),
      scratch + CONSTANT,
    );
    const t = target + <usize>i * 4;
    for (let j: usize = 0; j < 5; j++) {
      const value = add(v128.load(zero + j * aStride), coordinate(j, p, inverse), p);
      storeLanes(t + j * stride, value, to - i);
    }
  }
}

/**
 * As `bindColumnLow` for a vector over E. The target may be the vector itself if the range is the
 * whole of it: an element is written after the two that it comes from are read.
 */
export function bindQuinticsLow(
  a: usize,
  aStride: usize,
  r: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  prepareConstant(scratch + CONSTANT, r);
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const at = a + 8 * <usize>i;
    product(
      pairDifference(at, p),
      pairDifference(at + aStride, p),
      pairDifference(at + 2 * aStride, p),
      pairDifference(at + 3 * aStride, p),
      pairDifference(at + 4 * aStride, p),
      scratch + CONSTANT,
    );
    const t = target + <usize>i * 4;
    for (let j: usize = 0; j < 5; j++) {
      const pair = at + j * aStride;
      const zero = even(v128.load(pair), v128.load(pair, 16));
      storeLanes(t + j * stride, add(zero, coordinate(j, p, inverse), p), to - i);
    }
  }
}

// @ts-ignore: decorator
@inline
function pairDifference(at: usize, p: v128): v128 {
  const first = v128.load(at);
  const second = v128.load(at, 16);
  return sub(odd(first, second), even(first, second), p);
}

/**
 * eq(point, x) for all 2^variables points x of the cube. The point is `variables` challenges, the
 * first for x_1. The table is cut in 2^logParts parts by the leading variables; those in [from, to)
 * are written.
 */
export function eqTable(
  point: usize,
  variables: u32,
  target: usize,
  stride: usize,
  logParts: u32,
  from: u32,
  to: u32,
): void {
  const log = variables - logParts;
  for (let part = from; part < to; part++) {
    const at = target + ((4 * <usize>part) << log);
    startPart(point, logParts, part, at, stride);
    for (let k: u32 = 0; k < log; k++) {
      prepareConstant(scratch + CONSTANT, point + 20 * <usize>(variables - 1 - k));
      double(at, stride, 1 << k);
    }
  }
}

/** The first element of a part: eq of the leading variables and the bits of its number. */
function startPart(point: usize, logParts: u32, part: u32, at: usize, stride: usize): void {
  store<u32>(at, ONE);
  for (let j: usize = 1; j < 5; j++) store<u32>(at + j * stride, 0);
  for (let k: u32 = 0; k < logParts; k++) {
    prepareConstant(scratch + CONSTANT, point + 20 * <usize>k);
    timesConstant(at, stride);
    if ((part >> (logParts - 1 - k)) & 1) storeProduct(at, stride, 1);
    else subtractProduct(at, stride, 1);
  }
}

/** From a table of `size` values v to (1 - r) v, then r v. */
function double(at: usize, stride: usize, size: u32): void {
  for (let i: u32 = 0; i < size; i += 4) {
    const zero = at + <usize>i * 4;
    timesConstant(zero, stride);
    subtractProduct(zero, stride, size - i);
    storeProduct(zero + 4 * <usize>size, stride, size - i);
  }
}

// @ts-ignore: decorator
@inline
function timesConstant(at: usize, stride: usize): void {
  product(
    v128.load(at),
    v128.load(at + stride),
    v128.load(at + 2 * stride),
    v128.load(at + 3 * stride),
    v128.load(at + 4 * stride),
    scratch + CONSTANT,
  );
}

// @ts-ignore: decorator
@inline
function subtractProduct(at: usize, stride: usize, lanes: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  for (let j: usize = 0; j < 5; j++) {
    const plane = at + j * stride;
    storeLanes(plane, sub(v128.load(plane), coordinate(j, p, inverse), p), lanes);
  }
}

/**
 * Sums over i in [from, to) of weight_i column_c,i, for each column c < count at
 * columns + c columnStride and one vector of weights over E: five consecutive elements at
 * results + 20 c. With the eq table of a point as weights and the whole range, these are the values
 * of the columns' polynomials at the point; the sums of several ranges are to be added.
 */
export function dotColumns(
  columns: usize,
  columnStride: usize,
  count: u32,
  weights: usize,
  weightStride: usize,
  results: usize,
  from: u32,
  to: u32,
): void {
  memory.fill(results, 0, 20 * <usize>count);
  for (let start = from; start < to; start += BLOCK) {
    const rows = min(BLOCK, to - start);
    const whole = rows & ~3;
    loadBlock(weights + 4 * <usize>start, weightStride, whole);
    for (let c: usize = 0; c < count; c++) {
      const column = columns + c * columnStride + 4 * <usize>start;
      const result = results + 20 * c;
      for (let i: u32 = 0; i < whole; i += 4 * TERMS) {
        dotGroup(column, i, min(i + 4 * TERMS, whole), result);
      }
      for (let i = whole; i < rows; i++) {
        const w = weights + 4 * <usize>(start + i);
        const x = load<u32>(column + 4 * <usize>i);
        for (let j: usize = 0; j < 5; j++) {
          const term = mulScalar(x, load<u32>(w + j * weightStride));
          store<u32>(result + 4 * j, addScalar(load<u32>(result + 4 * j), term));
        }
      }
    }
  }
}

function loadBlock(weights: usize, stride: usize, rows: u32): void {
  const p = poolP();
  const half = poolHalf();
  for (let j: usize = 0; j < 5; j++) {
    const to = scratch + BLOCK_WEIGHTS + j * BLOCK_STRIDE;
    for (let o: usize = 0; o < <usize>rows * 4; o += 16) {
      v128.store(to + o, centre(v128.load(weights + j * stride + o), p, half));
    }
  }
}

/** Adds the products of rows [from, to) of a block, at most 4 TERMS, to a result. */
// @ts-ignore: decorator
@inline
function dotGroup(column: usize, from: u32, to: u32, result: usize): void {
  const p = poolP();
  const half = poolHalf();
  const inverse = poolInverse();
  let low0 = i64x2.splat(0);
  let low1 = low0;
  let low2 = low0;
  let low3 = low0;
  let low4 = low0;
  let up0 = low0;
  let up1 = low0;
  let up2 = low0;
  let up3 = low0;
  let up4 = low0;
  for (let o = <usize>from * 4; o < <usize>to * 4; o += 16) {
    const x = centre(v128.load(column + o), p, half);
    const w = scratch + BLOCK_WEIGHTS + o;
    const w0 = v128.load(w);
    low0 = i64x2.add(low0, i64x2.extmul_low_i32x4_s(x, w0));
    up0 = i64x2.add(up0, i64x2.extmul_high_i32x4_s(x, w0));
    const w1 = v128.load(w, BLOCK_STRIDE);
    low1 = i64x2.add(low1, i64x2.extmul_low_i32x4_s(x, w1));
    up1 = i64x2.add(up1, i64x2.extmul_high_i32x4_s(x, w1));
    const w2 = v128.load(w, 2 * BLOCK_STRIDE);
    low2 = i64x2.add(low2, i64x2.extmul_low_i32x4_s(x, w2));
    up2 = i64x2.add(up2, i64x2.extmul_high_i32x4_s(x, w2));
    const w3 = v128.load(w, 3 * BLOCK_STRIDE);
    low3 = i64x2.add(low3, i64x2.extmul_low_i32x4_s(x, w3));
    up3 = i64x2.add(up3, i64x2.extmul_high_i32x4_s(x, w3));
    const w4 = v128.load(w, 4 * BLOCK_STRIDE);
    low4 = i64x2.add(low4, i64x2.extmul_low_i32x4_s(x, w4));
    up4 = i64x2.add(up4, i64x2.extmul_high_i32x4_s(x, w4));
  }
  addSum(result, reduce(low0, up0, p, inverse));
  addSum(result + 4, reduce(low1, up1, p, inverse));
  addSum(result + 8, reduce(low2, up2, p, inverse));
  addSum(result + 12, reduce(low3, up3, p, inverse));
  addSum(result + 16, reduce(low4, up4, p, inverse));
}

/** Adds the four lanes to the element at `at`. */
// @ts-ignore: decorator
@inline
function addSum(at: usize, lanes: v128): void {
  const first = addScalar(i32x4.extract_lane(lanes, 0), i32x4.extract_lane(lanes, 1));
  const second = addScalar(i32x4.extract_lane(lanes, 2), i32x4.extract_lane(lanes, 3));
  store<u32>(at, addScalar(load<u32>(at), addScalar(first, second)));
}
