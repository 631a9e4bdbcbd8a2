/**
 * Poseidon2 (eprint 2023/323) over KoalaBear: width 16, S-box x^3, 8 full and 20 partial rounds,
 * the 4x4 matrix circ(2, 3, 1, 1) in the external layers, and the internal diagonal of Plonky3.
 *
 * Between the layers a value may be any integer congruent to the element: linear layers add up to
 * about 2^37 in doubles, `reduce` brings a value to [0, p], and `cube` returns a value within 2^12
 * of [0, p]. Only the result of the permutation is canonical.
 */
import { MODULUS, MODULUS_INVERSE, reduceInteger } from './koala-bear.ts';
import { FULL_ROUND_CONSTANTS, PARTIAL_ROUND_CONSTANTS } from './poseidon2-constants.ts';

/** Elements of the state. */
export const WIDTH = 16;

/** Elements of a digest. */
export const DIGEST_ELEMENTS = 8;

/** Eight canonical field elements: 247.9 bits, 123.9 bits of collision resistance. */
export type Digest = readonly number[];

const HALF_FULL_ROUNDS = 4;
const PARTIAL_ROUNDS = 20;

/** The state of the permutation in progress. Every function leaves it to the next. */
const scratch = new Float64Array(WIDTH);
const fullRoundConstants = Float64Array.from(FULL_ROUND_CONSTANTS);
const partialRoundConstants = Float64Array.from(PARTIAL_ROUND_CONSTANTS);

/** Applies the permutation in place to 16 canonical elements; the result is canonical. */
export function permute(state: number[]): void {
  for (let i = 0; i < WIDTH; i++) scratch[i] = state[i] as number;
  externalLayer(scratch);
  for (let round = 0; round < HALF_FULL_ROUNDS; round++) fullRound(scratch, round);
  partialRounds(scratch);
  for (let round = HALF_FULL_ROUNDS; round < 2 * HALF_FULL_ROUNDS; round++) {
    fullRound(scratch, round);
  }
  for (let i = 0; i < WIDTH; i++) state[i] = reduceInteger(scratch[i] as number);
}

/**
 * The 2-to-1 compression of the Merkle trees: the first eight elements of x + permute(x) for
 * x = left || right (the compression mode of the Poseidon2 paper, section 3.1).
 */
export function compress(left: Digest, right: Digest): Digest {
  const state = [...left, ...right];
  permute(state);
  return left.map((element, i) => reduceInteger(element + (state[i] as number)));
}

/** A value in [0, p] congruent to an integer of magnitude below 2^46. */
function reduce(value: number): number {
  return value - Math.floor(value * MODULUS_INVERSE) * MODULUS;
}

/** x^3 for x in [0, p], up to 2^12 outside [0, p]. The two halves of a product: koala-bear.ts. */
function cube(x: number): number {
  const q2 = Math.floor(x * x * MODULUS_INVERSE);
  const square = (Math.imul(x, x) - Math.imul(q2, MODULUS)) | 0;
  const q3 = Math.floor(x * square * MODULUS_INVERSE);
  return (Math.imul(x, square) - Math.imul(q3, MODULUS)) | 0;
}

/** x * 2^-k for k <= 24 and x in [0, p]: 2^-k = -127 * 2^(24-k), because p = 127 * 2^24 + 1. */
function shiftRight(x: number, k: number): number {
  return (x >> k) - (x & ((1 << k) - 1)) * (127 << (24 - k));
}

function fullRound(s: Float64Array, round: number): void {
  for (let i = 0; i < WIDTH; i++) {
    s[i] = cube(reduce((s[i] as number) + (fullRoundConstants[WIDTH * round + i] as number)));
  }
  externalLayer(s);
}

/** Multiplies by circ(2M, M, M, M) with M = circ(2, 3, 1, 1). */
function externalLayer(s: Float64Array): void {
  for (let i = 0; i < WIDTH; i += 4) {
    const a = s[i] as number;
    const b = s[i + 1] as number;
    const c = s[i + 2] as number;
    const d = s[i + 3] as number;
    const sum = a + b + c + d;
    s[i] = sum + a + 2 * b;
    s[i + 1] = sum + b + 2 * c;
    s[i + 2] = sum + c + 2 * d;
    s[i + 3] = sum + d + 2 * a;
  }
  for (let j = 0; j < 4; j++) {
    const [a, b, c, d] = [s[j], s[j + 4], s[j + 8], s[j + 12]] as [number, number, number, number];
    const sum = a + b + c + d;
    s[j] = a + sum;
    s[j + 4] = b + sum;
    s[j + 8] = c + sum;
    s[j + 12] = d + sum;
  }
}

/**
 * The 20 partial rounds: cube the first element, then multiply by 1 + diag(V), that is, add
 * V_i x_i to the sum of the state, V = [-2, 1, 2, 1/2, 3, 4, -1/2, -3, -4, 1/2^8, 1/2^3, 1/2^24,
 * -1/2^8, -1/2^3, -1/2^4, -1/2^24].
 */
function partialRounds(s: Float64Array): void {
  for (let i = 0; i < WIDTH; i++) s[i] = reduce(s[i] as number);
  let [x0, x1, x2, x3, x4, x5, x6, x7] = s.subarray(0, 8) as unknown as Eight;
  let [x8, x9, x10, x11, x12, x13, x14, x15] = s.subarray(8) as unknown as Eight;
  for (let round = 0; round < PARTIAL_ROUNDS; round++) {
    x0 = cube(reduce(x0 + (partialRoundConstants[round] as number)));
    const rest = x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11 + x12 + x13 + x14 + x15;
    const sum = x0 + rest;
    x0 = reduce(rest - x0);
    x1 = reduce(sum + x1);
    x2 = reduce(sum + 2 * x2);
    x3 = reduce(sum + shiftRight(x3, 1));
    x4 = reduce(sum + 3 * x4);
    x5 = reduce(sum + 4 * x5);
    x6 = reduce(sum - shiftRight(x6, 1));
    x7 = reduce(sum - 3 * x7);
    x8 = reduce(sum - 4 * x8);
    x9 = reduce(sum + shiftRight(x9, 8));
    x10 = reduce(sum + shiftRight(x10, 3));
    x11 = reduce(sum + shiftRight(x11, 24));
    x12 = reduce(sum - shiftRight(x12, 8));
    x13 = reduce(sum - shiftRight(x13, 3));
    x14 = reduce(sum - shiftRight(x14, 4));
    x15 = reduce(sum - shiftRight(x15, 24));
  }
  s.set([x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15]);
}

type Eight = [number, number, number, number, number, number, number, number];
