import { readFileSync } from 'node:fs';
import { type Digest, KoalaBear, type Quintic } from '@vouch/verifier';
import fc from 'fast-check';
import { repositoryPath } from '../tools/paths.ts';

const { MODULUS } = KoalaBear;

/** The contents of a file of test vectors. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(repositoryPath('test', 'vectors', name), 'utf8')) as T;
}

/** Runs a property on a fixed sequence of cases. */
export function check<T>(property: fc.IProperty<T>, runs = 200): void {
  fc.assert(property, { seed: 0x5eed, numRuns: runs });
}

const edges = [
  0,
  1,
  2,
  0xffff,
  0x10000,
  2 ** 24,
  2 ** 30,
  (MODULUS - 1) / 2,
  MODULUS - 2,
  MODULUS - 1,
];

/** Elements of F, the edges of arithmetic among them. */
export const element: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...edges),
  fc.integer({ min: 0, max: MODULUS - 1 }),
);

/** Elements of E. */
export const quintic: fc.Arbitrary<Quintic> = fc.tuple(element, element, element, element, element);

/** Digests. */
export const digest: fc.Arbitrary<Digest> = fc.array(element, { minLength: 8, maxLength: 8 });

/** a mod p in [0, p). */
export function modulo(a: bigint): number {
  const p = BigInt(MODULUS);
  return Number(((a % p) + p) % p);
}
