import assert from 'node:assert/strict';
import {
  compress,
  KoalaBear as F,
  FULL_ROUND_CONSTANTS,
  PARTIAL_ROUND_CONSTANTS,
  permute,
  WIDTH,
} from '@vouch/verifier';
import fc from 'fast-check';
import { Grain } from './grain.ts';
import { check, digest, element, modulo, readVectors } from './support.ts';

/** The permutation with BigInt and whole matrices, from the paper's definition. */
function reference(input: readonly number[]): number[] {
  const inverse = (n: number): bigint => BigInt(F.inverse(modulo(BigInt(n))));
  const diagonal = [
    -2n, 1n, 2n, inverse(2), 3n, 4n, inverse(-2), -3n, -4n, inverse(2 ** 8), inverse(8),
    inverse(2 ** 24), inverse(-(2 ** 8)), inverse(-8), inverse(-16), inverse(-(2 ** 24)),
  ]; // biome-ignore format: a table
  const circulant = [2n, 3n, 1n, 1n];
  const external = (i: number, j: number): bigint =>
    (circulant[(j - i + 16) % 4] as bigint) * (i >> 2 === j >> 2 ? 2n : 1n);
  const internal = (i: number, j: number): bigint => 1n + (i === j ? (diagonal[i] as bigint) : 0n);
  const times = (matrix: typeof external, state: number[]): number[] =>
    state.map((_, i) => modulo(state.reduce((sum, x, j) => sum + matrix(i, j) * BigInt(x), 0n)));
  const sbox = (x: number, constant: number): number => modulo(BigInt(x + constant) ** 3n);
  const full = (state: number[], round: number): number[] =>
    times(
      external,
      state.map((x, i) => sbox(x, FULL_ROUND_CONSTANTS[16 * round + i] as number)),
    );
  let state = times(external, [...input]);
  for (let round = 0; round < 4; round++) state = full(state, round);
  for (const constant of PARTIAL_ROUND_CONSTANTS) {
    state = times(internal, [sbox(state[0] as number, constant), ...state.slice(1)]);
  }
  for (let round = 4; round < 8; round++) state = full(state, round);
  return state;
}

function permuted(input: readonly number[]): number[] {
  const state = [...input];
  permute(state);
  return state;
}

describe('Poseidon2', () => {
  it('matches the vector of Plonky3 for KoalaBear, width 16', () => {
    const { input, output } = readVectors<{ input: number[]; output: number[] }>(
      'poseidon2-koala-bear-16.json',
    );
    assert.deepEqual(permuted(input), output);
    assert.deepEqual(reference(input), output);
  });

  it('has the round constants of the Grain LFSR', () => {
    const grain = new Grain({ bits: 31, width: 16, fullRounds: 8, partialRounds: 20 });
    const draw = (count: number): number[] =>
      Array.from({ length: count }, () => grain.element(31, F.MODULUS));
    const [first, partial, last] = [draw(64), draw(20), draw(64)];
    assert.deepEqual(FULL_ROUND_CONSTANTS, [...first, ...last]);
    assert.deepEqual(PARTIAL_ROUND_CONSTANTS, partial);
  });

  it('agrees with whole matrices in BigInt, on canonical edges too', () => {
    const state = fc.array(element, { minLength: WIDTH, maxLength: WIDTH });
    check(
      fc.property(state, (input) => {
        const output = permuted(input);
        assert.deepEqual(output, reference(input));
        assert.ok(output.every(F.isCanonical));
      }),
      300,
    );
    for (const value of [0, 1, F.MODULUS - 1]) {
      const input = new Array<number>(WIDTH).fill(value);
      assert.deepEqual(permuted(input), reference(input));
    }
  });

  it('compresses to the first half of the permutation plus its input', () => {
    check(
      fc.property(digest, digest, (left, right) => {
        const output = permuted([...left, ...right]);
        const expected = left.map((x, i) => F.add(x, output[i] as number));
        assert.deepEqual(compress(left, right), expected);
      }),
    );
  });

  it('changes with every element of either input', () => {
    const zero = new Array<number>(8).fill(0);
    const seen = new Set([compress(zero, zero).join()]);
    for (let i = 0; i < 8; i++) {
      const one = zero.with(i, 1);
      seen.add(compress(one, zero).join());
      seen.add(compress(zero, one).join());
    }
    assert.equal(seen.size, 17);
  });
});
