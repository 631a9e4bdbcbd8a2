/** How many instances a chip's rows take, and how tall they are. */
import type { ChipShape } from './builder.ts';
import { FillError } from './errors.ts';

/** What an instance costs besides its rows, in rows: claims in the receipt, work on both sides. */
const INSTANCE_COST: number = 2 ** 12;

/**
 * Logarithms of the heights of the instances for `rows` rows, tallest first; none for no rows. As many
 * instances as cost least, padding included.
 *
 * @throws FillError if the chip cannot have so many rows
 */
export function instanceHeights(rows: number, shape: ChipShape): number[] {
  if (rows === 0) return [];
  const { maxInstances, maxLogHeight } = shape;
  const full = Math.min(Math.floor(rows / 2 ** maxLogHeight), maxInstances);
  const rest = rows - full * 2 ** maxLogHeight;
  const heights = new Array<number>(full).fill(maxLogHeight);
  if (rest === 0) return heights;
  if (full === maxInstances) {
    throw new FillError('trace/too-many-rows', `${rows} rows do not fit a segment's tables`);
  }
  return [...heights, ...cheapest(rest, maxInstances - full, shape).heights];
}

interface Heights {
  readonly heights: readonly number[];
  /** In rows. */
  readonly cost: number;
}

/** One instance that holds all rows, or one of half its height and instances for the rest. */
function cheapest(rows: number, most: number, shape: ChipShape): Heights {
  const above = Math.max(ceilLog2(rows), shape.minLogHeight);
  const one = { heights: [above], cost: 2 ** above + INSTANCE_COST };
  if (most === 1 || above === shape.minLogHeight) return one;
  const half = 2 ** (above - 1);
  const rest = cheapest(rows - half, most - 1, shape);
  const split = {
    heights: [above - 1, ...rest.heights],
    cost: half + INSTANCE_COST + rest.cost,
  };
  return split.cost < one.cost ? split : one;
}

/** The least k with 2^k >= n, n > 0. */
export function ceilLog2(n: number): number {
  return n <= 1 ? 0 : 32 - Math.clz32(n - 1);
}
