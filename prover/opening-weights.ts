/** What the claims of an opening round add to the weights of the folded vector. */
import { QuinticField as E, type Quintic, reverseBits } from '@vouch/verifier';
import type { Twiddles } from './commit.ts';
import type { Job } from './kernel.ts';
import { toMontgomery } from './montgomery.ts';
import { sumParts } from './partial-sums.ts';
import { type Pool, split } from './pool.ts';
import { allocateElements, scaleVector } from './quintic-jobs.ts';
import {
  allocateVector,
  type OwnedVector,
  type QuinticVector,
  writeVector,
} from './quintic-vector.ts';
import { TRANSFORM_WORK } from './work.ts';

const { DEGREE, mul, ONE } = E;

const GRAIN = 64;

/** 1, x, x^2, ..., by doubling. */
export async function tabulatePowers(pool: Pool, x: Quintic, length: number): Promise<OwnedVector> {
  const vector = allocateVector(pool.arena, 'powers', length);
  writeVector(pool.arena, vector, [ONE]);
  let power = x;
  for (let known = 1; known < length; known *= 2) {
    const words = allocateElements(pool, 'power', [power]);
    const target = vector.offset + 4 * known;
    await pool.run(
      split(known, 2 * pool.threads, GRAIN).map(
        ([from, to]): Job => [
          'scaleQuintics',
          vector.offset,
          vector.stride,
          words.offset,
          target,
          vector.stride,
          from,
          to,
        ],
      ),
    );
    pool.arena.free(words);
    power = mul(power, power);
  }
  return vector;
}

/** Sum of the products of the first `length` elements. */
export async function dot(
  pool: Pool,
  a: QuinticVector,
  b: QuinticVector,
  length: number,
): Promise<Quintic> {
  const ranges = split(length, 2 * pool.threads, GRAIN);
  const [sum] = await sumParts(pool, ranges, 1, (from, to, target) => [
    'dotQuintics',
    a.offset,
    a.stride,
    b.offset,
    b.stride,
    from,
    to,
    target,
  ]);
  return sum as Quintic;
}

/** weights += factor powers; the powers are overwritten. */
export async function addScaled(
  pool: Pool,
  powers: QuinticVector,
  factor: Quintic,
  weights: QuinticVector,
  length: number,
): Promise<void> {
  await scaleVector(pool, { ...powers, length }, factor);
  await pool.run(
    split(length, 2 * pool.threads, GRAIN).map(
      ([from, to]): Job => [
        'addQuintics',
        weights.offset,
        weights.stride,
        powers.offset,
        powers.stride,
        weights.offset,
        weights.stride,
        from,
        to,
      ],
    ),
  );
}

/** The queries of a round: rows of a code of 2^logLength rows. */
export interface Queries {
  readonly indices: readonly number[];
  readonly logLength: number;
}

/**
 * weights_z += sum over k of gamma^k first x_k^z for z < length, where x_k is the point of row
 * indices_k. As x_k = w^e_k, this is the transform of the vector with gamma^k first at e_k.
 */
export async function addQueryWeights(
  pool: Pool,
  twiddles: Twiddles,
  { indices, logLength }: Queries,
  first: Quintic,
  gamma: Quintic,
  weights: QuinticVector,
  length: number,
): Promise<void> {
  const { arena, threads } = pool;
  const sparse = allocateVector(arena, 'query weights', 2 ** logLength);
  const planes = Array.from({ length: DEGREE }, (_, j) =>
    arena.words(sparse.offset + j * sparse.stride, sparse.length).fill(0),
  );
  let power = first;
  for (const index of indices) {
    const exponent = reverseBits(index, logLength);
    for (const [j, plane] of planes.entries()) plane[exponent] = toMontgomery(power[j] as number);
    power = mul(power, gamma);
  }
  const dense = allocateVector(arena, 'transformed query weights', 2 ** logLength);
  await pool.run(
    planes.map(
      (_, j): Job => [
        'extendColumns',
        sparse.offset + j * sparse.stride,
        sparse.stride,
        dense.offset + j * dense.stride,
        dense.stride,
        logLength,
        0,
        twiddles.region.offset,
        twiddles.logSize,
        0,
        1,
      ],
    ),
    TRANSFORM_WORK * 2 ** logLength,
  );
  arena.free(sparse.region);
  await pool.run(
    split(length, 4 * threads, 1024).map(
      ([from, to]): Job => [
        'addReversed',
        dense.offset,
        dense.stride,
        logLength,
        weights.offset,
        weights.stride,
        from,
        to,
      ],
    ),
  );
  arena.free(dense.region);
}
