/**
 * The Blake3 compression function on eight independent inputs: two groups of four lanes,
 * interleaved, because one group alone waits for its own results. Source: the Blake3 paper,
 * section 2.2.
 *
 * The state of both groups is in locals within a round and in scratch memory between rounds: the
 * stores keep V8 from moving all loads of the function before its first operation.
 */
import { POOL_BLAKE3 } from '../kernel-layout';
import { scratch } from './field';

export const CHUNK_START: u32 = 1;
export const CHUNK_END: u32 = 2;
export const ROOT: u32 = 8;

/** In scratch: 16 message words, then 16 state words, each of two vectors. */
export const MESSAGE: usize = 0;
const STATE: usize = 512;
/** In scratch: 8 words of chaining value, each of two vectors. */
export const CHAINING: usize = 1024;

// @ts-ignore: decorator
@inline
function rotate16(a: v128): v128 {
  return v128.shuffle<i16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
}

// @ts-ignore: decorator
@inline
function rotate(a: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(a, n), i32x4.shl(a, 32 - n));
}

/** Word i of the message of group g. */
// @ts-ignore: decorator
@inline
function message(m: usize, i: i32, g: i32): v128 {
  return v128.load(m + 32 * i + 16 * g);
}

/** The quarter-round on words a, b, c, d of both groups with message words x and y. */
// @ts-ignore: decorator
@inline
function mix(s: usize, m: usize, a: i32, b: i32, c: i32, d: i32, x: i32, y: i32): void {
  let b0 = v128.load(s + 32 * b);
  let b1 = v128.load(s + 32 * b, 16);
  let a0 = i32x4.add(i32x4.add(v128.load(s + 32 * a), message(m, x, 0)), b0);
  let a1 = i32x4.add(i32x4.add(v128.load(s + 32 * a, 16), message(m, x, 1)), b1);
  let d0 = rotate16(v128.xor(v128.load(s + 32 * d), a0));
  let d1 = rotate16(v128.xor(v128.load(s + 32 * d, 16), a1));
  let c0 = i32x4.add(v128.load(s + 32 * c), d0);
  let c1 = i32x4.add(v128.load(s + 32 * c, 16), d1);
  b0 = rotate(v128.xor(b0, c0), 12);
  b1 = rotate(v128.xor(b1, c1), 12);
  a0 = i32x4.add(i32x4.add(a0, message(m, y, 0)), b0);
  a1 = i32x4.add(i32x4.add(a1, message(m, y, 1)), b1);
  d0 = rotate(v128.xor(d0, a0), 8);
  d1 = rotate(v128.xor(d1, a1), 8);
  c0 = i32x4.add(c0, d0);
  c1 = i32x4.add(c1, d1);
  v128.store(s + 32 * a, a0);
  v128.store(s + 32 * a, a1, 16);
  v128.store(s + 32 * d, d0);
  v128.store(s + 32 * d, d1, 16);
  v128.store(s + 32 * c, c0);
  v128.store(s + 32 * c, c1, 16);
  v128.store(s + 32 * b, rotate(v128.xor(b0, c0), 7));
  v128.store(s + 32 * b, rotate(v128.xor(b1, c1), 7), 16);
}

/** One round: the columns, then the diagonals, with the message words in the order given. */
// @ts-ignore: decorator
@inline
function round(
  s: usize, m: usize,
  m0: i32, m1: i32, m2: i32, m3: i32, m4: i32, m5: i32, m6: i32, m7: i32,
  m8: i32, m9: i32, m10: i32, m11: i32, m12: i32, m13: i32, m14: i32, m15: i32,
): void {
  mix(s, m, 0, 4, 8, 12, m0, m1);
  mix(s, m, 1, 5, 9, 13, m2, m3);
  mix(s, m, 2, 6, 10, 14, m4, m5);
  mix(s, m, 3, 7, 11, 15, m6, m7);
  mix(s, m, 0, 5, 10, 15, m8, m9);
  mix(s, m, 1, 6, 11, 12, m10, m11);
  mix(s, m, 2, 7, 8, 13, m12, m13);
  mix(s, m, 3, 4, 9, 14, m14, m15);
}

/**
 * Compresses the messages in scratch into the chaining values in scratch; block counter 0. The
 * orders of the rounds are the powers of the message permutation.
 */
export function compress(length: u32, flags: u32): void {
  const s = scratch + STATE;
  const m = scratch + MESSAGE;
  const chaining = scratch + CHAINING;
  memory.copy(s, chaining, 256);
  for (let i: i32 = 0; i < 4; i++) {
    const word = v128.load(POOL_BLAKE3 + 16 * i);
    v128.store(s + 256 + 32 * <usize>i, word);
    v128.store(s + 256 + 32 * <usize>i, word, 16);
  }
  const zero = i32x4.splat(0);
  const lengths = i32x4.splat(length);
  const flagWords = i32x4.splat(flags);
  for (let o: usize = 0; o < 32; o += 16) {
    v128.store(s + 384 + o, zero);
    v128.store(s + 416 + o, zero);
    v128.store(s + 448 + o, lengths);
    v128.store(s + 480 + o, flagWords);
  }
  round(s, m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  round(s, m, 2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8);
  round(s, m, 3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1);
  round(s, m, 10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6);
  round(s, m, 12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4);
  round(s, m, 9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7);
  round(s, m, 11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13);
  for (let o: usize = 0; o < 256; o += 16) {
    v128.store(chaining + o, v128.xor(v128.load(s + o), v128.load(s + o, 256)));
  }
}
