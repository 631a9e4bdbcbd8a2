/**
 * KoalaBear arithmetic on four lanes. Elements are in Montgomery form (x 2^32 mod p) and canonical
 * (below p) unless a function says otherwise. The arguments `p` and `inverse` are the pool's
 * vectors, loaded before the loop. `min_u(t, t - p)` and `min_u(t, t + p)` reduce: the wrong one of
 * the two wraps around 2^32 and is the greater.
 */
import {
  POOL_HALF_P,
  POOL_LOW_BITS,
  POOL_P,
  POOL_P_INVERSE,
  POOL_R_SQUARED,
  POOL_ROOTS,
} from '../kernel-layout';

export const P: u32 = 0x7f000001;
/** p^-1 mod 2^32. */
export const P_INVERSE: u32 = 0x81000001;
/** 1 in Montgomery form: 2^32 mod p. */
export const ONE: u32 = 0x01fffffe;

// @ts-ignore: decorator
@inline
export function poolP(): v128 {
  return v128.load(POOL_P);
}

// @ts-ignore: decorator
@inline
export function poolInverse(): v128 {
  return v128.load(POOL_P_INVERSE);
}

// @ts-ignore: decorator
@inline
export function poolHalf(): v128 {
  return v128.load(POOL_HALF_P);
}

// @ts-ignore: decorator
@inline
export function poolRSquared(): v128 {
  return v128.load(POOL_R_SQUARED);
}

/** The words at odd places: the upper halves of two vectors of 64-bit integers. */
// @ts-ignore: decorator
@inline
export function odd(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** The words at even places. */
// @ts-ignore: decorator
@inline
export function even(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

/** Upper 32 bits of the products of unsigned words. */
// @ts-ignore: decorator
@inline
export function mulHigh(a: v128, b: v128): v128 {
  return odd(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b));
}

// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128, p: v128): v128 {
  const t = i32x4.add(a, b);
  return i32x4.min_u(t, i32x4.sub(t, p));
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128, p: v128): v128 {
  const t = i32x4.sub(a, b);
  return i32x4.min_u(t, i32x4.add(t, p));
}

/** Montgomery product a b 2^-32; one factor may be any 32-bit value, the other is below p. */
// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128, p: v128, inverse: v128): v128 {
  const q = i32x4.mul(i32x4.mul(a, b), inverse);
  const t = i32x4.sub(mulHigh(a, b), mulHigh(q, p));
  return i32x4.min_u(t, i32x4.add(t, p));
}

/**
 * Shoup's product of any 32-bit values `a` by a constant: w canonical and not in Montgomery form,
 * quotient = floor(2^32 w / p). The form of the result is that of `a`.
 */
// @ts-ignore: decorator
@inline
export function mulConstant(a: v128, w: v128, quotient: v128, p: v128): v128 {
  const r = i32x4.sub(i32x4.mul(a, w), i32x4.mul(mulHigh(a, quotient), p));
  return i32x4.min_u(r, i32x4.sub(r, p));
}

/** The canonical integer of an element in Montgomery form. */
// @ts-ignore: decorator
@inline
export function toInteger(a: v128, p: v128, inverse: v128): v128 {
  const t = i32x4.neg(mulHigh(i32x4.mul(a, inverse), p));
  return i32x4.min_u(t, i32x4.add(t, p));
}

/** The representative between -(p-1)/2 and (p-1)/2, a signed word. */
// @ts-ignore: decorator
@inline
export function centre(a: v128, p: v128, half: v128): v128 {
  return i32x4.sub(a, v128.and(i32x4.gt_s(a, half), p));
}

/**
 * Signed Montgomery reduction of four sums s (two vectors of 64-bit integers) to s 2^-32 mod p,
 * canonical. |s| < 2^32 p: the upper word is then between -p and p.
 */
// @ts-ignore: decorator
@inline
export function reduce(low: v128, up: v128, p: v128, inverse: v128): v128 {
  const q = i32x4.mul(even(low, up), inverse);
  const h = odd(low, up);
  const t = i32x4.sub(i32x4.min_u(h, i32x4.add(h, p)), mulHigh(q, p));
  return i32x4.min_u(t, i32x4.add(t, p));
}

/** a 2^-k for k <= 24, from p = 127 2^24 + 1: 2^-k = -127 2^(24-k). */
// @ts-ignore: decorator
@inline
export function shiftRight(a: v128, k: i32, p: v128): v128 {
  const lowBits = v128.and(a, lowBitsOf(k));
  const part = i32x4.shl(i32x4.sub(i32x4.shl(lowBits, 7), lowBits), 24 - k);
  const t = i32x4.sub(i32x4.shr_u(a, k), part);
  return i32x4.min_u(t, i32x4.add(t, p));
}

// @ts-ignore: decorator
@inline
function lowBitsOf(k: i32): v128 {
  const place = k == 1 ? 0 : k == 3 ? 1 : k == 4 ? 2 : k == 8 ? 3 : 4;
  return v128.load(POOL_LOW_BITS + 16 * place);
}

/** Stores the first `lanes` lanes, 1..4. */
// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, value: v128, lanes: u32): void {
  if (lanes >= 4) v128.store(at, value);
  else if (lanes == 1) v128.store32_lane(at, value, 0);
  else {
    v128.store64_lane(at, value, 0);
    if (lanes == 3) v128.store32_lane(at, value, 2, 8);
  }
}

// @ts-ignore: decorator
@inline
export function mulScalar(a: u32, b: u32): u32 {
  const t = <u64>a * b;
  const q = <u32>t * P_INVERSE;
  const r = <u32>(t >> 32) - <u32>((<u64>q * P) >> 32);
  return min(r, r + P);
}

// @ts-ignore: decorator
@inline
export function addScalar(a: u32, b: u32): u32 {
  const t = a + b;
  return min(t, t - P);
}

// @ts-ignore: decorator
@inline
export function subScalar(a: u32, b: u32): u32 {
  const t = a - b;
  return min(t, t + P);
}

/** The canonical integer of an element in Montgomery form. */
export function toIntegerScalar(a: u32): u32 {
  return mulScalar(a, 1);
}

/** floor(2^32 w / p), the companion of a constant factor. */
// @ts-ignore: decorator
@inline
export function shoupQuotient(w: u32): u32 {
  return <u32>((<u64>w << 32) / P);
}

/** a^-1 in Montgomery form by Fermat's theorem; 0 for 0. p - 2 = 2^31 - 2^24 - 1. */
export function inverseScalar(a: u32): u32 {
  let result = a;
  for (let bit = 29; bit >= 0; bit--) {
    result = mulScalar(result, result);
    if (((P - 2) >> bit) & 1) result = mulScalar(result, a);
  }
  return result;
}

/** Generator of the subgroup of order 2^k, a canonical integer. */
// @ts-ignore: decorator
@inline
export function root(k: u32): u32 {
  return load<u32>(POOL_ROOTS + 4 * k);
}

/** Start of this instance's private memory. */
export let scratch: usize = 0;

/** Gives this instance SCRATCH_BYTES of private memory; `at` is a multiple of 64. */
export function setScratch(at: usize): void {
  scratch = at;
}
