/** Pairs of small numbers on a line modulo p. */
import { KoalaBear } from '@vouch/verifier';
import type { Random } from '../tools/random.ts';

const { add, inverse, mul, MODULUS, sub } = KoalaBear;

/** Most times that a line may go around p and still be cut into intervals. */
const MOST_TURNS = 64;

/** Values that a variable may take; `size` may be an estimate. */
export interface Section {
  readonly size: number;
  /** All of them; with a source of randomness only some, where there are many. */
  values(random?: Random): number[];
}

/** Most values that are looked at where only some are wanted. */
const SOME = 2 ** 16;

/** Values below a limit. */
export function below(limit: number): Section {
  return { size: limit, values: (random) => counted(limit, random) };
}

/** Values of some sections, each once. */
export function union(sections: readonly Section[]): Section {
  const size = sections.reduce((sum, one) => sum + one.size, 0);
  return { size, values: (random) => [...new Set(sections.flatMap((one) => one.values(random)))] };
}

/**
 * All x below a limit such that y = slope x + offset is below another.
 *
 * @param xLimit x is in [0, xLimit)
 * @param yLimit y is in [0, yLimit)
 * @param slope not zero
 */
export function lineSection(
  xLimit: number,
  yLimit: number,
  slope: number,
  offset: number,
): Section {
  const byX = intervals(xLimit, yLimit, slope, offset);
  if (byX !== undefined) return { size: sizeOf(byX), values: () => listed(byX) };
  const back = inverseOf(slope);
  const backOffset = mul(back, sub(0, offset));
  const xOf = (y: number): number => add(mul(back, y), backOffset);
  const byY = intervals(yLimit, xLimit, back, backOffset);
  if (byY !== undefined) return { size: sizeOf(byY), values: () => listed(byY).map(xOf) };
  if (xLimit <= yLimit) {
    const isOn = (x: number): boolean => add(mul(slope, x), offset) < yLimit;
    return { size: xLimit / 16, values: (random) => counted(xLimit, random).filter(isOn) };
  }
  const isInside = (x: number): boolean => x < xLimit;
  return {
    size: yLimit / 16,
    values: (random) => counted(yLimit, random).map(xOf).filter(isInside),
  };
}

type Interval = readonly [first: number, last: number];

/** The section as intervals of x; undefined if the line goes around p too often. */
function intervals(
  xLimit: number,
  yLimit: number,
  slope: number,
  offset: number,
): Interval[] | undefined {
  if (slope > MODULUS / 2) {
    // The same from the other end: x' = xLimit - 1 - x.
    const end = add(offset, mul(slope, xLimit - 1));
    const flipped = intervals(xLimit, yLimit, MODULUS - slope, end);
    return flipped?.map(([first, last]) => [xLimit - 1 - last, xLimit - 1 - first]);
  }
  const top = offset + slope * (xLimit - 1);
  if (top > MOST_TURNS * MODULUS) return undefined;
  const found: Interval[] = [];
  for (let turn = 0; turn <= top; turn += MODULUS) {
    const first = Math.max(0, Math.ceil((turn - offset) / slope));
    const last = Math.min(xLimit - 1, Math.floor((turn + yLimit - 1 - offset) / slope));
    if (first <= last) found.push([first, last]);
  }
  return found;
}

const sizeOf = (all: readonly Interval[]): number =>
  all.reduce((size, [first, last]) => size + last - first + 1, 0);

function counted(count: number, random?: Random): number[] {
  if (random === undefined || count <= SOME) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: SOME }, () => random.below(count));
}

const listed = (all: readonly Interval[]): number[] =>
  all.flatMap(([first, last]) => counted(last - first + 1).map((i) => first + i));

const inverses = new Map<number, number>();

/** Few numbers are slopes, so their inverses are kept. */
export function inverseOf(value: number): number {
  const known = inverses.get(value) ?? inverse(value);
  inverses.set(value, known);
  return known;
}
