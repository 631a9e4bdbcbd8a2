/** How many instances a chip's rows take, and how tall they are. */
import type { ChipShape } from './builder.ts';
import { FillError } from './errors.ts';

/** A further instance costs proof size, so it must save at least this many rows. */
const LEAST_SAVING: number = 2 ** 14;

/**
 * Logarithms of the heights of the instances for `rows` rows, tallest first; none for no rows. An
 * instance of a power of two is followed by a smaller one where that saves enough padding.
 *
 * @throws FillError if the chip cannot have so many rows
 */
export function instanceHeights(rows: number, shape: ChipShape): number[] {
  if (rows === 0) return [];
  const heights: number[] = [];
  let rest = rows;
  while (rest > 0) {
    const isLast = heights.length + 1 === shape.maxInstances;
    const logHeight = Math.min(nextHeight(rest, isLast, shape), shape.maxLogHeight);
    heights.push(logHeight);
    rest -= 2 ** logHeight;
    if (isLast && rest > 0) {
      throw new FillError('trace/too-many-rows', `${rows} rows do not fit a segment's tables`);
    }
  }
  return heights;
}

function nextHeight(rows: number, isLast: boolean, shape: ChipShape): number {
  const above = Math.max(ceilLog2(rows), shape.minLogHeight);
  if (isLast || above === shape.minLogHeight) return above;
  const rest = rows - 2 ** (above - 1);
  const saving = 2 ** (above - 1) - 2 ** Math.max(ceilLog2(rest), shape.minLogHeight);
  return saving >= LEAST_SAVING ? above - 1 : above;
}

/** The least k with 2^k >= n, n > 0. */
export function ceilLog2(n: number): number {
  return n <= 1 ? 0 : 32 - Math.clz32(n - 1);
}
