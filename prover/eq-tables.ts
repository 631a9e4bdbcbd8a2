/** eq tables for block kernels: eq(point, x) = high[block] low[place in the block]. */
import { eqTable, type Point } from '@vouch/verifier';
import { BLOCK, BLOCK_BYTES } from './kernel-layout.ts';
import type { Region } from './memory.ts';
import type { Pool } from './pool.ts';
import { allocateElements } from './quintic-jobs.ts';
import { allocateVector, type OwnedVector, writeVector } from './quintic-vector.ts';

/** Variables within a block. */
export const LOG_BLOCK: number = Math.log2(BLOCK);
/** Above this many variables a table is built by the kernels. */
const SMALL = 8;

/** The table of a point in two parts: places within a block, and blocks. */
export interface SplitEq {
  readonly low: Region;
  readonly high: OwnedVector;
}

/** The table of a point of at least LOG_BLOCK variables, in two parts. */
export async function splitEq(pool: Pool, point: Point): Promise<SplitEq> {
  const cut = point.length - LOG_BLOCK;
  const low = pool.arena.allocate('eq table, low part', 5 * BLOCK_BYTES);
  const lowVector = { offset: low.offset, stride: BLOCK_BYTES, length: BLOCK };
  writeVector(pool.arena, lowVector, eqTable(point.slice(cut)));
  const high = await tabulateEq(pool, point.slice(0, cut));
  return { low, high };
}

export function freeEq(pool: Pool, { low, high }: SplitEq): void {
  pool.arena.free(low);
  pool.arena.free(high.region);
}

/** The whole table of a point as a vector. */
export async function tabulateEq(pool: Pool, point: Point): Promise<OwnedVector> {
  const { arena } = pool;
  const vector = allocateVector(arena, 'eq table', 2 ** point.length);
  if (point.length <= SMALL) {
    writeVector(arena, vector, eqTable(point));
    return vector;
  }
  const words = allocateElements(pool, 'eq point', point);
  const logParts = Math.min(6, point.length - 4);
  const parts = 2 ** logParts;
  const step = Math.ceil(parts / (2 * pool.threads));
  const jobs = Array.from({ length: Math.ceil(parts / step) }, (_, i) => i * step);
  await pool.run(
    jobs.map((from) => [
      'eqTable',
      words.offset,
      point.length,
      vector.offset,
      vector.stride,
      logParts,
      from,
      Math.min(parts, from + step),
    ]),
  );
  arena.free(words);
  return vector;
}
