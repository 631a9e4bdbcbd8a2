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
  scratch.set(state);
  allRounds(scratch);
  for (let i = 0; i < WIDTH; i++) state[i] = reduceInteger(scratch[i] as number);
}

/**
 * The 2-to-1 compression of the Merkle trees: the first eight elements of x + permute(x) for
 * x = left || right (the compression mode of the Poseidon2 paper, section 3.1).
 */
export function compress(left: Digest, right: Digest): Digest {
  scratch.set(left);
  scratch.set(right, DIGEST_ELEMENTS);
  allRounds(scratch);
  return left.map((element, i) => reduceInteger(element + (scratch[i] as number)));
}

function allRounds(s: Float64Array): void {
  externalLayer(s);
  for (let round = 0; round < HALF_FULL_ROUNDS; round++) fullRound(s, round);
  partialRounds(s);
  for (let round = HALF_FULL_ROUNDS; round < 2 * HALF_FULL_ROUNDS; round++) fullRound(s, round);
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
    const a = s[j] as number;
    const b = s[j + 4] as number;
    const c = s[j + 8] as number;
    const d = s[j + 12] as number;
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
  for (let round = 0; round < PARTIAL_ROUNDS; round++) {
    const first = cube(reduce((s[0] as number) + (partialRoundConstants[round] as number)));
    let rest = 0;
    for (let i = 1; i < WIDTH; i++) {
      const x = reduce(s[i] as number);
      s[i] = x;
      rest += x;
    }
    const sum = first + rest;
    s[0] = rest - first;
    s[1] = sum + (s[1] as number);
    s[2] = sum + 2 * (s[2] as number);
    s[3] = sum + shiftRight(s[3] as number, 1);
    s[4] = sum + 3 * (s[4] as number);
    s[5] = sum + 4 * (s[5] as number);
    s[6] = sum - shiftRight(s[6] as number, 1);
    s[7] = sum - 3 * (s[7] as number);
    s[8] = sum - 4 * (s[8] as number);
    s[9] = sum + shiftRight(s[9] as number, 8);
    s[10] = sum + shiftRight(s[10] as number, 3);
    s[11] = sum + shiftRight(s[11] as number, 24);
    s[12] = sum - shiftRight(s[12] as number, 8);
    s[13] = sum - shiftRight(s[13] as number, 3);
    s[14] = sum - shiftRight(s[14] as number, 4);
    s[15] = sum - shiftRight(s[15] as number, 24);
  }
}
