/** Parts of a Markdown page. */
import type { Sample } from '../sample.ts';

/** A table whose columns are as wide as they must be. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [heading, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = heading.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)));
  const lines = cells.map((row) => lineOf(widths.map((width, i) => (row[i] ?? '').padEnd(width))));
  const rule = lineOf(widths.map((width) => '-'.repeat(width)));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Three digits, or all that stand before the point. */
export function digits(value: number): string {
  if (value === 0) return '0';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(value))));
}

/** `123 (120–131)`: the median, and the spread of several runs. */
export function spread(
  { runs, median, min, max }: Sample,
  format: (value: number) => string = digits,
): string {
  return runs === 1 ? format(median) : `${format(median)} (${format(min)}–${format(max)})`;
}

/** `2.1 × 10^5` for large ratios. */
export function times(value: number): string {
  if (value < 1e4) return digits(value);
  const exponent = Math.floor(Math.log10(value));
  return `${(value / 10 ** exponent).toFixed(1)}·10^${exponent}`;
}

/** `120.0 bits, provable` */
export function securityText(figures: {
  readonly security_bits: number;
  readonly security: string;
}): string {
  return `${figures.security_bits.toFixed(1)} bits, ${figures.security}`;
}
