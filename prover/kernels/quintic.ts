/**
 * Products in E = F[X]/(X^5 + X^2 - 1) on four lanes.
 *
 * Factors are centred to [-p/2, p/2], so a sum of eight products of coordinates is a signed 64-bit
 * integer below 2^32 p and takes one reduction. The 25 products become 15 (Karatsuba): with
 * P_i = a_i b_i and D_ij = (a_i - a_j)(b_i - b_j), a_i b_j + a_j b_i = P_i + P_j - D_ij. After
 * X^5 = 1 - X^2 the coordinates are
 *
 *   c0 = P0 + P1 + P2 + P3 - D14 - D23
 *   c1 = P0 + P1 + P2 + P3 + P4 - D01 - D24
 *   c2 = (P0 - P3 - D02 + D14 + D23) + (P3 + P4 - D34)
 *   c3 = P0 + P1 + D24 - D03 - D12
 *   c4 = P0 + P1 + P2 + D34 - D04 - D13
 *
 * As sums of products a_i b_j they have 6, 5, 8 + 2, 8 and 7 terms. So the first bracket of c2 is
 * brought to [-p/2, p/2] 2^32 before the second is added. Additions modulo 2^64 on the way are
 * harmless.
 */
import { POOL_P_HIGH, POOL_P_MIDDLE } from '../kernel-layout';
import { centre, poolHalf, poolInverse, poolP, reduce, scratch, storeLanes } from './field';

/** In scratch: a prepared factor of 15 vectors, and one for constants. */
export const FACTOR: usize = 0x800;
export const CONSTANT: usize = 0x900;
/** In scratch: the low halves of five sums. */
const SUMS: usize = 0xa00;

/** Stores the centred coordinates b_i and the differences b_i - b_j that the product takes. */
// @ts-ignore: decorator
@inline
export function prepare(at: usize, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): void {
  const p = poolP();
  const half = poolHalf();
  b0 = centre(b0, p, half);
  b1 = centre(b1, p, half);
  b2 = centre(b2, p, half);
  b3 = centre(b3, p, half);
  b4 = centre(b4, p, half);
  v128.store(at, b0);
  v128.store(at, b1, 16);
  v128.store(at, b2, 32);
  v128.store(at, b3, 48);
  v128.store(at, b4, 64);
  v128.store(at, i32x4.sub(b0, b1), 80);
  v128.store(at, i32x4.sub(b0, b2), 96);
  v128.store(at, i32x4.sub(b0, b3), 112);
  v128.store(at, i32x4.sub(b0, b4), 128);
  v128.store(at, i32x4.sub(b1, b2), 144);
  v128.store(at, i32x4.sub(b1, b3), 160);
  v128.store(at, i32x4.sub(b1, b4), 176);
  v128.store(at, i32x4.sub(b2, b3), 192);
  v128.store(at, i32x4.sub(b2, b4), 208);
  v128.store(at, i32x4.sub(b3, b4), 224);
}

/** Prepares a constant of five elements in Montgomery form at `from`, the same in all lanes. */
export function prepareConstant(at: usize, from: usize): void {
  prepare(
    at,
    v128.load32_splat(from),
    v128.load32_splat(from, 4),
    v128.load32_splat(from, 8),
    v128.load32_splat(from, 12),
    v128.load32_splat(from, 16),
  );
}

// @ts-ignore: decorator
@inline
function times(upper: bool, a: v128, b: v128): v128 {
  return upper ? i64x2.extmul_high_i32x4_s(a, b) : i64x2.extmul_low_i32x4_s(a, b);
}

/** The five sums of two lanes, stored 32 bytes apart. */
// @ts-ignore: decorator
@inline
function sums(
  upper: bool,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  a4: v128,
  b: usize,
  at: usize,
): void {
  const p0 = times(upper, a0, v128.load(b));
  const s01 = i64x2.add(p0, times(upper, a1, v128.load(b, 16)));
  const s012 = i64x2.add(s01, times(upper, a2, v128.load(b, 32)));
  const p3 = times(upper, a3, v128.load(b, 48));
  const p4 = times(upper, a4, v128.load(b, 64));
  const s0123 = i64x2.add(s012, p3);
  const s01234 = i64x2.add(s0123, p4);
  const d14d23 = i64x2.add(
    times(upper, i32x4.sub(a1, a4), v128.load(b, 176)),
    times(upper, i32x4.sub(a2, a3), v128.load(b, 192)),
  );
  v128.store(at, i64x2.sub(s0123, d14d23));
  const d24 = times(upper, i32x4.sub(a2, a4), v128.load(b, 208));
  const d01 = times(upper, i32x4.sub(a0, a1), v128.load(b, 80));
  v128.store(at, i64x2.sub(i64x2.sub(s01234, d01), d24), 32);
  const d03 = times(upper, i32x4.sub(a0, a3), v128.load(b, 112));
  const d12 = times(upper, i32x4.sub(a1, a2), v128.load(b, 144));
  v128.store(at, i64x2.sub(i64x2.sub(i64x2.add(s01, d24), d03), d12), 96);
  const d34 = times(upper, i32x4.sub(a3, a4), v128.load(b, 224));
  const d04 = times(upper, i32x4.sub(a0, a4), v128.load(b, 128));
  const d13 = times(upper, i32x4.sub(a1, a3), v128.load(b, 160));
  v128.store(at, i64x2.sub(i64x2.sub(i64x2.add(s012, d34), d04), d13), 128);
  const d02 = times(upper, i32x4.sub(a0, a2), v128.load(b, 96));
  const first = i64x2.sub(i64x2.add(i64x2.sub(p0, p3), d14d23), d02);
  const excess = v128.andnot(v128.load(POOL_P_HIGH), i32x4.shr_s(first, 31));
  const centred = i64x2.add(i32x4.sub(first, excess), v128.load(POOL_P_MIDDLE));
  v128.store(at, i64x2.add(centred, i64x2.sub(i64x2.add(p3, p4), d34)), 64);
}

/**
 * The product of coordinates a_i, centred here, and a prepared factor; `coordinate` gives the
 * result. Everything goes through scratch memory: the stores give V8 an order to keep to.
 */
// @ts-ignore: decorator
@inline
export function product(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b: usize): void {
  const p = poolP();
  const half = poolHalf();
  a0 = centre(a0, p, half);
  a1 = centre(a1, p, half);
  a2 = centre(a2, p, half);
  a3 = centre(a3, p, half);
  a4 = centre(a4, p, half);
  sums(false, a0, a1, a2, a3, a4, b, scratch + SUMS);
  sums(true, a0, a1, a2, a3, a4, b, scratch + SUMS + 16);
}

/** Coordinate j of the last product, canonical. */
// @ts-ignore: decorator
@inline
export function coordinate(j: usize, p: v128, inverse: v128): v128 {
  const at = scratch + SUMS + 32 * j;
  return reduce(v128.load(at), v128.load(at, 16), p, inverse);
}

/** Stores the first `lanes` elements of the last product. */
// @ts-ignore: decorator
@inline
export function storeProduct(at: usize, stride: usize, lanes: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  storeLanes(at, coordinate(0, p, inverse), lanes);
  storeLanes(at + stride, coordinate(1, p, inverse), lanes);
  storeLanes(at + 2 * stride, coordinate(2, p, inverse), lanes);
  storeLanes(at + 3 * stride, coordinate(3, p, inverse), lanes);
  storeLanes(at + 4 * stride, coordinate(4, p, inverse), lanes);
}
