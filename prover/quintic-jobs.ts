/** Whole-vector operations over E, split among the threads. */
import type { Quintic } from '@vouch/verifier';
import type { Job } from './kernel.ts';
import type { Region } from './memory.ts';
import { type Pool, split } from './pool.ts';
import { ELEMENT_BYTES, type QuinticVector, writeElements } from './quintic-vector.ts';

/** Elements that a job takes at least. */
const GRAIN = 64;

/** Elements one after the other in a region of their own; never empty. */
export function allocateElements(pool: Pool, name: string, values: readonly Quintic[]): Region {
  const region = pool.arena.allocate(name, ELEMENT_BYTES * values.length);
  writeElements(pool.arena, region.offset, values);
  return region;
}

/** Multiplies the elements [0, length) by a factor, in place. */
export async function scaleVector(
  pool: Pool,
  vector: QuinticVector,
  factor: Quintic,
): Promise<void> {
  const { offset, stride, length } = vector;
  const words = allocateElements(pool, 'factor', [factor]);
  await pool.run(
    split(length, 2 * pool.threads, GRAIN).map(
      ([from, to]): Job => [
        'scaleQuintics',
        offset,
        stride,
        words.offset,
        offset,
        stride,
        from,
        to,
      ],
    ),
  );
  pool.arena.free(words);
}

/** Binds the leading variable of vectors of `2 * half` elements, in place. */
export async function bindVectors(
  pool: Pool,
  vectors: readonly QuinticVector[],
  half: number,
  challenge: Quintic,
  work = 0,
): Promise<void> {
  const words = allocateElements(pool, 'challenge', [challenge]);
  const ranges = split(half, 2 * pool.threads, GRAIN);
  const jobs = vectors.flatMap((vector) => bindJobs(vector, half, words.offset, ranges));
  await pool.run(jobs, work);
  pool.arena.free(words);
}

/** Jobs that bind the leading variable of a vector of `2 * half` elements, in place. */
export function bindJobs(
  { offset, stride }: Pick<QuinticVector, 'offset' | 'stride'>,
  half: number,
  challengeAt: number,
  ranges: readonly (readonly [from: number, to: number])[],
): Job[] {
  return ranges.map(([from, to]) => [
    'bindQuinticsHigh',
    offset,
    stride,
    half,
    challengeAt,
    offset,
    stride,
    from,
    to,
  ]);
}
