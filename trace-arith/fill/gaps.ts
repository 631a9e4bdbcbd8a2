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

/** What gaps cost with each height of the range table, by their lengths alone. */
export class GapCosts {
  /** Rows of MEMBUMP by height, from the least. */
  readonly #rows: number[] = new Array<number>(GREATEST_RANGE_LOG - LEAST_RANGE_LOG + 1).fill(0);

  /** @param length time between two accesses, more than SHORT_GAP */
  add(length: number): void {
    for (let i = 0; i < this.#rows.length; i++) {
      const reach = 2 ** (LEAST_RANGE_LOG + i);
      this.#rows[i] = (this.#rows[i] as number) + Math.ceil(length / reach) - 1;
    }
  }

  /** The height of the range table, as a logarithm, with which all costs least; its rows of MEMBUMP. */
  cheapest(): { rangeLog: number; rows: number } {
    let best = 0;
    for (const i of this.#rows.keys()) if (this.#cost(i) < this.#cost(best)) best = i;
    return { rangeLog: LEAST_RANGE_LOG + best, rows: this.#rows[best] as number };
  }

  #cost(i: number): number {
    return RANGE_ROW_COST * 2 ** (LEAST_RANGE_LOG + i) + BUMP_ROW_COST * (this.#rows[i] as number);
  }
}

export class LongGaps {
  readonly #gaps: LongGap[] = [];
  readonly #costs = new GapCosts();

  add(gap: LongGap): void {
    this.#gaps.push(gap);
    this.#costs.add(gap.time - gap.last);
  }

  /** Makes the rows and writes the times that the accesses then follow. */
  bridge(): Bumps {
    const { rangeLog } = this.#costs.cheapest();
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
}
