/** Passes over the chunks of S in the first round of the opening. */
import { QuinticField as E, type Quintic, type SegmentShape } from '@vouch/verifier';
import type { Job } from './kernel.ts';
import { sumParts } from './partial-sums.ts';
import { type Pool, split } from './pool.ts';
import { allocateElements } from './quintic-jobs.ts';
import { allocateVector, type OwnedVector } from './quintic-vector.ts';
import { stackChunks } from './stages.ts';
import { CHUNK_WORK } from './work.ts';

/** Rows of a chunk that a job takes at least. */
const GRAIN = 64;

/**
 * Values of all 2^logChunks chunks at a point of logRows coordinates.
 *
 * @param stack byte offset of S, in Montgomery form
 * @param weights the eq table of the point
 */
export async function evaluateChunks(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  weights: OwnedVector,
): Promise<Quintic[]> {
  const rows = 2 ** shape.logRows;
  const count = stackChunks(shape);
  const values = await sumParts(
    pool,
    split(rows, 4 * pool.threads, GRAIN),
    count,
    (from, to, target) => [
      'dotColumns',
      stack,
      4 * rows,
      count,
      weights.offset,
      weights.stride,
      target,
      from,
      to,
    ],
    CHUNK_WORK * count * rows,
  );
  return [...values, ...new Array<Quintic>(2 ** shape.logChunks - count).fill(E.ZERO)];
}

/** Sum of the chunks under their weights. */
export async function combineChunks(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  weights: readonly Quintic[],
): Promise<OwnedVector> {
  const rows = 2 ** shape.logRows;
  const count = stackChunks(shape);
  const vector = allocateVector(pool.arena, 'folded chunks', rows);
  const words = allocateElements(pool, 'chunk weights', weights);
  await pool.run(
    split(rows, 4 * pool.threads, GRAIN).map(
      ([from, to]): Job => [
        'addWeightedColumns',
        stack,
        4 * rows,
        count,
        words.offset,
        1,
        vector.offset,
        vector.stride,
        from,
        to,
      ],
    ),
    CHUNK_WORK * count * rows,
  );
  pool.arena.free(words);
  return vector;
}
