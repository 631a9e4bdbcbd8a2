/** Sums over E that jobs compute in parts: each job adds to words of its own. */
import { QuinticField as E, type Quintic } from '@vouch/verifier';
import type { Job } from './kernel.ts';
import type { Arena, Region } from './memory.ts';
import type { Pool } from './pool.ts';
import { ELEMENT_BYTES, readElements } from './quintic-vector.ts';

/** `count` sums, each in `parts` parts. */
export class PartialSums {
  readonly #arena: Arena;
  readonly #region: Region;
  readonly #count: number;
  readonly #parts: number;

  constructor(arena: Arena, count: number, parts: number) {
    this.#arena = arena;
    this.#count = count;
    this.#parts = parts;
    this.#region = arena.allocate('sums', ELEMENT_BYTES * count * parts);
    arena.words(this.#region).fill(0);
  }

  /** Byte offset of a part's `count` elements. */
  at(part: number): number {
    return this.#region.offset + ELEMENT_BYTES * this.#count * part;
  }

  /** The sums; gives the memory back. */
  take(): Quintic[] {
    const totals = new Array<Quintic>(this.#count).fill(E.ZERO);
    for (let part = 0; part < this.#parts; part++) {
      for (const [k, value] of readElements(this.#arena, this.at(part), this.#count).entries()) {
        totals[k] = E.add(totals[k] as Quintic, value);
      }
    }
    this.#arena.free(this.#region);
    return totals;
  }
}

/**
 * Runs one job for each range and adds up what they leave at `target`, `count` elements each.
 *
 * @param work see `Pool.run`
 */
export async function sumParts(
  pool: Pool,
  ranges: readonly (readonly [from: number, to: number])[],
  count: number,
  job: (from: number, to: number, target: number) => Job,
  work = 0,
): Promise<Quintic[]> {
  const sums = new PartialSums(pool.arena, count, ranges.length);
  await pool.run(
    ranges.map(([from, to], i) => job(from, to, sums.at(i))),
    work,
  );
  return sums.take();
}
