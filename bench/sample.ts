/** Repeated measurements of one thing. */
export interface Sample {
  readonly runs: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median and spread; of an even number of values, the mean of the middle two. */
export function sample(values: readonly number[]): Sample {
  if (values.length === 0) throw new RangeError('a sample needs a value');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length >>> 1;
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { runs: sorted.length, median, min: at(0), max: at(sorted.length - 1) };
}

/** `123.4 (120.1-130.9)` */
export function formatSample({ median, min, max }: Sample): string {
  return `${median.toFixed(1)} (${min.toFixed(1)}-${max.toFixed(1)})`;
}
