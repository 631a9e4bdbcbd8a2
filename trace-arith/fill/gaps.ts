/**
 * Gaps in time that are too long for the range table. A taller table bridges longer gaps, rows of
 * MEMBUMP bridge any: the height is chosen so that both together cost least.
 */
import { GREATEST_RANGE_LOG, LEAST_RANGE_LOG } from '../constants.ts';

/** No table is too short for a gap up to this. */
export const SHORT_GAP: number = 2 ** LEAST_RANGE_LOG;

/** Cost of a row in cells, an interaction counted as five (the prover takes about as long). */
const RANGE_ROW_COST = 6;
const BUMP_ROW_COST = 32;

/** An access to a word long after the one before. */
export interface LongGap {
  /** Where the time of the access before goes, and its index there. */
  readonly previous: Uint32Array;
  readonly index: number;
  readonly key: number;
  readonly value: number;
  readonly last: number;
  readonly time: number;
}

/** A row of MEMBUMP. */
export interface Bump {
  readonly key: number;
  readonly value: number;
  readonly previous: number;
  readonly time: number;
}

export interface Bumps {
  readonly rows: readonly Bump[];
  /** Height of the range table, as a logarithm. */
  readonly rangeLog: number;
}

export class LongGaps {
  readonly #gaps: LongGap[] = [];

  add(gap: LongGap): void {
    this.#gaps.push(gap);
  }

  /** Makes the rows and writes the times that the accesses then follow. */
  bridge(): Bumps {
    const rangeLog = this.#cheapestHeight();
    const reach = 2 ** rangeLog;
    const rows: Bump[] = [];
    for (const { previous, index, key, value, last, time } of this.#gaps) {
      let before = last;
      while (time - before > reach) {
        rows.push({ key, value, previous: before, time: before + reach });
        before += reach;
      }
      previous[index] = before;
    }
    return { rows, rangeLog };
  }

  #cheapestHeight(): number {
    let cheapest = LEAST_RANGE_LOG;
    for (let log = LEAST_RANGE_LOG + 1; log <= GREATEST_RANGE_LOG; log++) {
      if (this.#cost(log) < this.#cost(cheapest)) cheapest = log;
    }
    return cheapest;
  }

  #cost(log: number): number {
    const bumps = this.#gaps.reduce(
      (total, { last, time }) => total + Math.ceil((time - last) / 2 ** log) - 1,
      0,
    );
    return RANGE_ROW_COST * 2 ** log + BUMP_ROW_COST * bumps;
  }
}
