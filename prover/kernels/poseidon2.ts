/**
 * Poseidon2 over KoalaBear (eprint 2023/323): width 16, S-box x^3, 8 full and 20 partial rounds,
 * on eight states at once: two groups of four lanes. The constants are those of
 * verifier/src/poseidon2-constants.ts, less p, so that adding one to an element gives a signed word
 * between -p and p.
 *
 * The states live in scratch and every step is a short loop that loads, computes and stores: V8's
 * register allocator spills about as much when everything is in locals, and schedules worse.
 */
import { POOL_FULL_ROUNDS, POOL_PARTIAL_ROUNDS } from '../kernel-layout';
import { add, odd, poolInverse, poolP, scratch, shiftRight, sub } from './field';

const HALF_FULL_ROUNDS: i32 = 4;
const PARTIAL_ROUNDS: i32 = 20;
const WIDTH: i32 = 16;

/** In scratch: 16 elements, each of two vectors. */
export const STATES: usize = 0;
const STATE_BYTES: usize = 512;

/** Permutes the eight states in scratch. */
export function permuteStates(): void {
  const s = scratch + STATES;
  externalLayer(s);
  for (let round = 0; round < HALF_FULL_ROUNDS; round++) fullRound(s, round);
  for (let round = 0; round < PARTIAL_ROUNDS; round++) partialRound(s, round);
  for (let round = HALF_FULL_ROUNDS; round < 2 * HALF_FULL_ROUNDS; round++) fullRound(s, round);
}

/** Permutes one state: 16 consecutive elements in Montgomery form. */
export function permute(state: usize): void {
  const s = scratch + STATES;
  for (let i: usize = 0; i < 16; i++) {
    const element = v128.load32_splat(state + 4 * i);
    v128.store(s + 32 * i, element);
    v128.store(s + 32 * i, element, 16);
  }
  permuteStates();
  for (let i: usize = 0; i < 16; i++) store<u32>(state + 4 * i, load<u32>(s + 32 * i));
}

/** Signed Montgomery product of words between -p and p; so is the result. */
// @ts-ignore: decorator
@inline
function mulSigned(a: v128, b: v128, bInverse: v128, p: v128): v128 {
  const product = odd(i64x2.extmul_low_i32x4_s(a, b), i64x2.extmul_high_i32x4_s(a, b));
  const q = i32x4.mul(a, bInverse);
  const excess = odd(i64x2.extmul_low_i32x4_s(q, p), i64x2.extmul_high_i32x4_s(q, p));
  return i32x4.sub(product, excess);
}

/** (x + c)^3 for a constant c less p. */
// @ts-ignore: decorator
@inline
function cube(x: v128, c: v128, p: v128, inverse: v128): v128 {
  const y = i32x4.add(x, c);
  const yInverse = i32x4.mul(y, inverse);
  const t = mulSigned(mulSigned(y, y, yInverse, p), y, yInverse, p);
  return i32x4.min_u(t, i32x4.add(t, p));
}

function fullRound(s: usize, round: i32): void {
  const p = poolP();
  const inverse = poolInverse();
  const constants: usize = POOL_FULL_ROUNDS + 4 * WIDTH * round;
  for (let i: usize = 0; i < 16; i++) {
    const c = v128.load32_splat(constants + 4 * i);
    const at = s + 32 * i;
    v128.store(at, cube(v128.load(at), c, p, inverse));
    v128.store(at, cube(v128.load(at, 16), c, p, inverse), 16);
  }
  externalLayer(s);
}

/** Multiplies by circ(2M, M, M, M) with M = circ(2, 3, 1, 1). */
function externalLayer(s: usize): void {
  const p = poolP();
  for (let at = s; at < s + STATE_BYTES; at += 128) {
    for (let o = at; o < at + 32; o += 16) {
      const a = v128.load(o);
      const b = v128.load(o, 32);
      const c = v128.load(o, 64);
      const d = v128.load(o, 96);
      const ab = add(a, b, p);
      const cd = add(c, d, p);
      const sum = add(ab, cd, p);
      const sumB = add(sum, b, p);
      const sumD = add(sum, d, p);
      v128.store(o, add(sumB, ab, p));
      v128.store(o, add(sumB, add(c, c, p), p), 32);
      v128.store(o, add(sumD, cd, p), 64);
      v128.store(o, add(sumD, add(a, a, p), p), 96);
    }
  }
  for (let o = s; o < s + 128; o += 16) {
    const a = v128.load(o);
    const b = v128.load(o, 128);
    const c = v128.load(o, 256);
    const d = v128.load(o, 384);
    const sum = add(add(a, b, p), add(c, d, p), p);
    v128.store(o, add(a, sum, p));
    v128.store(o, add(b, sum, p), 128);
    v128.store(o, add(c, sum, p), 256);
    v128.store(o, add(d, sum, p), 384);
  }
}

/**
 * Cubes the first element and multiplies by 1 + diag(V), V = [-2, 1, 2, 1/2, 3, 4, -1/2, -3, -4,
 * 1/2^8, 1/2^3, 1/2^24, -1/2^8, -1/2^3, -1/2^4, -1/2^24].
 */
function partialRound(s: usize, round: i32): void {
  const p = poolP();
  const inverse = poolInverse();
  const c = v128.load32_splat(POOL_PARTIAL_ROUNDS + 4 * round);
  for (let o = s; o < s + 32; o += 16) {
    const x0 = cube(v128.load(o), c, p, inverse);
    let first = v128.load(o, 32);
    let second = v128.load(o, 64);
    for (let i: usize = 96; i < STATE_BYTES - 32; i += 64) {
      first = add(first, v128.load(o + i), p);
      second = add(second, v128.load(o + i, 32), p);
    }
    first = add(first, v128.load(o, 480), p);
    const rest = add(first, second, p);
    v128.store(o, sub(rest, x0, p));
    internalLayer(o, add(rest, x0, p), p);
  }
}

/** Element i becomes sum + V_i x_i, for i >= 1. */
// @ts-ignore: decorator
@inline
function internalLayer(o: usize, sum: v128, p: v128): void {
  let x = v128.load(o, 32);
  v128.store(o, add(sum, x, p), 32);
  x = v128.load(o, 64);
  v128.store(o, add(sum, add(x, x, p), p), 64);
  v128.store(o, add(sum, shiftRight(v128.load(o, 96), 1, p), p), 96);
  x = v128.load(o, 128);
  v128.store(o, add(sum, add(add(x, x, p), x, p), p), 128);
  x = v128.load(o, 160);
  x = add(x, x, p);
  v128.store(o, add(sum, add(x, x, p), p), 160);
  v128.store(o, sub(sum, shiftRight(v128.load(o, 192), 1, p), p), 192);
  x = v128.load(o, 224);
  v128.store(o, sub(sum, add(add(x, x, p), x, p), p), 224);
  x = v128.load(o, 256);
  x = add(x, x, p);
  v128.store(o, sub(sum, add(x, x, p), p), 256);
  v128.store(o, add(sum, shiftRight(v128.load(o, 288), 8, p), p), 288);
  v128.store(o, add(sum, shiftRight(v128.load(o, 320), 3, p), p), 320);
  v128.store(o, add(sum, shiftRight(v128.load(o, 352), 24, p), p), 352);
  v128.store(o, sub(sum, shiftRight(v128.load(o, 384), 8, p), p), 384);
  v128.store(o, sub(sum, shiftRight(v128.load(o, 416), 3, p), p), 416);
  v128.store(o, sub(sum, shiftRight(v128.load(o, 448), 4, p), p), 448);
  v128.store(o, sub(sum, shiftRight(v128.load(o, 480), 24, p), p), 480);
}
