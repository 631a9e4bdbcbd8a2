/**
 * Vectors of elements of E: five planes of base-field elements in Montgomery form, plane j at
 * `at + j stride` (strides in bytes). A kernel does the elements [from, to); ranges that do not
 * overlap may run at the same time. The target may be an operand.
 */
import {
  add,
  centre,
  mul,
  poolHalf,
  poolInverse,
  poolP,
  reduce,
  scratch,
  storeLanes,
  sub,
} from './field';
import { CONSTANT, FACTOR, prepare, prepareConstant, product, storeProduct } from './quintic';

/** Columns whose products fit one 64-bit sum: 8 ((p-1)/2)^2 < 2^32 p. */
const COLUMNS: u32 = 8;
/** Rows of the target that stay in the first-level cache while all columns are added. */
const BLOCK: u32 = 512;
/** In scratch: a group of weights, five vectors each. */
const WEIGHTS: usize = 0xc00;

/** target = a + b. */
export function addQuintics(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  for (let j: usize = 0; j < 5; j++) {
    for (let i = from; i < to; i += 4) {
      const o = <usize>i * 4;
      const sum = add(v128.load(a + j * aStride + o), v128.load(b + j * bStride + o), p);
      storeLanes(target + j * stride + o, sum, to - i);
    }
  }
}

/** target = a - b. */
export function subtractQuintics(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  for (let j: usize = 0; j < 5; j++) {
    for (let i = from; i < to; i += 4) {
      const o = <usize>i * 4;
      const difference = sub(v128.load(a + j * aStride + o), v128.load(b + j * bStride + o), p);
      storeLanes(target + j * stride + o, difference, to - i);
    }
  }
}

/** target = a b, element by element. */
export function multiplyQuintics(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  for (let i = from; i < to; i += 4) {
    const y = b + <usize>i * 4;
    prepare(
      scratch + FACTOR,
      v128.load(y),
      v128.load(y + bStride),
      v128.load(y + 2 * bStride),
      v128.load(y + 3 * bStride),
      v128.load(y + 4 * bStride),
    );
    timesPrepared(a + 4 * <usize>i, aStride, scratch + FACTOR);
    storeProduct(target + 4 * <usize>i, stride, to - i);
  }
}

/** target = c a for a constant c, five consecutive elements in Montgomery form. */
export function scaleQuintics(
  a: usize,
  aStride: usize,
  c: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  prepareConstant(scratch + CONSTANT, c);
  for (let i = from; i < to; i += 4) {
    timesPrepared(a + 4 * <usize>i, aStride, scratch + CONSTANT);
    storeProduct(target + 4 * <usize>i, stride, to - i);
  }
}

// @ts-ignore: decorator
@inline
function timesPrepared(a: usize, stride: usize, factor: usize): void {
  product(
    v128.load(a),
    v128.load(a + stride),
    v128.load(a + 2 * stride),
    v128.load(a + 3 * stride),
    v128.load(a + 4 * stride),
    factor,
  );
}

/** target = column a, element by element, for a column of base-field elements. */
export function multiplyQuinticsByColumn(
  a: usize,
  aStride: usize,
  column: usize,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const o = <usize>i * 4;
    const factor = v128.load(column + o);
    for (let j: usize = 0; j < 5; j++) {
      const value = mul(v128.load(a + j * aStride + o), factor, p, inverse);
      storeLanes(target + j * stride + o, value, to - i);
    }
  }
}

/**
 * target = target + the sum of w_c column_c (without the first target if `overwrite` is 1). Column c
 * is at columns + c columnStride; its weight in E is five consecutive elements at weights + 20 c.
 * The target is none of the columns.
 */
export function addWeightedColumns(
  columns: usize,
  columnStride: usize,
  count: u32,
  weights: usize,
  overwrite: u32,
  target: usize,
  stride: usize,
  from: u32,
  to: u32,
): void {
  if (overwrite) {
    for (let j: usize = 0; j < 5; j++) {
      memory.fill(target + j * stride + 4 * <usize>from, 0, 4 * <usize>(to - from));
    }
  }
  for (let start = from; start < to; start += BLOCK) {
    const end = min(to, start + BLOCK);
    for (let c: u32 = 0; c < count; c += COLUMNS) {
      const group = min(COLUMNS, count - c);
      loadWeights(weights + 20 * <usize>c, group);
      const first = columns + columnStride * c;
      for (let i = start; i < end; i += 4) {
        const o = <usize>i * 4;
        addGroup(first + o, columnStride, group, target + o, stride, end - i);
      }
    }
  }
}

/** Centred weights, the same in all lanes. */
function loadWeights(weights: usize, count: usize): void {
  const p = poolP();
  const half = poolHalf();
  for (let k: usize = 0; k < 5 * count; k++) {
    const weight = centre(v128.load32_splat(weights + 4 * k), p, half);
    v128.store(scratch + WEIGHTS + 16 * k, weight);
  }
}

/** Adds at most COLUMNS weighted columns to the first `lanes` elements at `target`. */
// @ts-ignore: decorator
@inline
function addGroup(
  column: usize,
  columnStride: usize,
  count: u32,
  target: usize,
  stride: usize,
  lanes: u32,
): void {
  const p = poolP();
  const half = poolHalf();
  const inverse = poolInverse();
  let w = scratch + WEIGHTS;
  let x = centre(v128.load(column), p, half);
  let low0 = i64x2.extmul_low_i32x4_s(x, v128.load(w));
  let up0 = i64x2.extmul_high_i32x4_s(x, v128.load(w));
  let low1 = i64x2.extmul_low_i32x4_s(x, v128.load(w, 16));
  let up1 = i64x2.extmul_high_i32x4_s(x, v128.load(w, 16));
  let low2 = i64x2.extmul_low_i32x4_s(x, v128.load(w, 32));
  let up2 = i64x2.extmul_high_i32x4_s(x, v128.load(w, 32));
  let low3 = i64x2.extmul_low_i32x4_s(x, v128.load(w, 48));
  let up3 = i64x2.extmul_high_i32x4_s(x, v128.load(w, 48));
  let low4 = i64x2.extmul_low_i32x4_s(x, v128.load(w, 64));
  let up4 = i64x2.extmul_high_i32x4_s(x, v128.load(w, 64));
  for (let c: u32 = 1; c < count; c++) {
    column += columnStride;
    w += 80;
    x = centre(v128.load(column), p, half);
    low0 = i64x2.add(low0, i64x2.extmul_low_i32x4_s(x, v128.load(w)));
    up0 = i64x2.add(up0, i64x2.extmul_high_i32x4_s(x, v128.load(w)));
    low1 = i64x2.add(low1, i64x2.extmul_low_i32x4_s(x, v128.load(w, 16)));
    up1 = i64x2.add(up1, i64x2.extmul_high_i32x4_s(x, v128.load(w, 16)));
    low2 = i64x2.add(low2, i64x2.extmul_low_i32x4_s(x, v128.load(w, 32)));
    up2 = i64x2.add(up2, i64x2.extmul_high_i32x4_s(x, v128.load(w, 32)));
    low3 = i64x2.add(low3, i64x2.extmul_low_i32x4_s(x, v128.load(w, 48)));
    up3 = i64x2.add(up3, i64x2.extmul_high_i32x4_s(x, v128.load(w, 48)));
    low4 = i64x2.add(low4, i64x2.extmul_low_i32x4_s(x, v128.load(w, 64)));
    up4 = i64x2.add(up4, i64x2.extmul_high_i32x4_s(x, v128.load(w, 64)));
  }
  addReduced(target, low0, up0, lanes, p, inverse);
  addReduced(target + stride, low1, up1, lanes, p, inverse);
  addReduced(target + 2 * stride, low2, up2, lanes, p, inverse);
  addReduced(target + 3 * stride, low3, up3, lanes, p, inverse);
  addReduced(target + 4 * stride, low4, up4, lanes, p, inverse);
}

// @ts-ignore: decorator
@inline
function addReduced(
  at: usize,
  low: v128,
  up: v128,
  lanes: u32,
  p: v128,
  inverse: v128,
): void {
  storeLanes(at, add(v128.load(at), reduce(low, up, p, inverse), p), lanes);
}
