/** Plots with two logarithmic axes as SVG, for light and dark pages. */

export interface Series {
  /** Not shown if there is only one. */
  readonly name: string;
  /** Positive numbers. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Default: the number as it is. */
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
  /** Ratio of neighbouring lines of the grid; default 10. */
  readonly baseX?: number;
  readonly baseY?: number;
}

const WIDTH = 640;
const HEIGHT = 360;
const LEGEND_WIDTH = 80;
const MARGIN = { left: 84, right: 24, top: 44, bottom: 56 };
/** Of the series, in order: distinct in grey too, and on light and dark ground. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const INK = '#808080';

/** Maps a range of values to a range of pixels, logarithmically. */
interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Throws RangeError if there is no point, or one that is not positive. */
export function plotSvg({ formatX = String, formatY = String, ...plot }: Plot): string {
  const points = plot.series.flatMap((series) => series.points);
  const { left, right, top, bottom } = MARGIN;
  const xs = axis(
    points.map(({ x }) => x),
    plot.baseX ?? 10,
    [left, WIDTH - right],
  );
  const ys = axis(
    points.map(({ y }) => y),
    plot.baseY ?? 10,
    [HEIGHT - bottom, top],
  );
  const grid = [
    ...xs.ticks.map((x) => line(xs.at(x), top, xs.at(x), HEIGHT - bottom)),
    ...ys.ticks.map((y) => line(left, ys.at(y), WIDTH - right, ys.at(y))),
  ];
  const labels = [
    ...xs.ticks.map((x) => text(xs.at(x), HEIGHT - bottom + 18, formatX(x), 'middle')),
    ...ys.ticks.map((y) => text(left - 8, ys.at(y) + 4, formatY(y), 'end')),
    text(left, 20, plot.title, 'start', 'font-weight="bold"'),
    text((left + WIDTH - right) / 2, HEIGHT - 14, plot.xLabel, 'middle'),
    text(left, top - 8, plot.yLabel, 'start'),
  ];
  const series = plot.series.map((one, index) => seriesSvg(one, index, xs, ys));
  const names = plot.series.length === 1 ? [] : plot.series.map(legendSvg);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
      `font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escapeXml(plot.title)}</title>`,
    ...grid,
    ...labels,
    ...series,
    ...names,
    '</svg>',
    '',
  ].join('\n');
}

function axis(values: readonly number[], base: number, pixels: readonly [number, number]): Axis {
  if (values.length === 0) throw new RangeError('a plot needs a point');
  const wrong = values.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw new RangeError(`${wrong} has no place on a logarithmic axis`);
  const log = (value: number): number => Math.log(value) / Math.log(base);
  // A value that is a power of the base up to rounding is on its line, not below it.
  const first = Math.floor(log(Math.min(...values)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(log(Math.max(...values)) - 1e-9));
  const [from, to] = pixels;
  const at = (value: number): number =>
    from + ((log(value) - first) / (last - first)) * (to - from);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => base ** (first + i));
  return { at, ticks };
}

function seriesSvg({ points }: Series, index: number, xs: Axis, ys: Axis): string {
  const colour = COLOURS[index % COLOURS.length] as string;
  const places = points.map(({ x, y }) => [round(xs.at(x)), round(ys.at(y))] as const);
  const path = places.map(([x, y]) => `${x},${y}`).join(' ');
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots,
  ].join('\n');
}

/** Right of the title, where no line can be. */
function legendSvg({ name }: Series, index: number, all: readonly Series[]): string {
  const x = WIDTH - MARGIN.right - LEGEND_WIDTH * (all.length - index);
  const colour = COLOURS[index % COLOURS.length] as string;
  return `<circle cx="${x}" cy="16" r="4" fill="${colour}"/>\n${text(x + 10, 20, name, 'start')}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="${INK}" stroke-opacity="0.3"/>`;
}

function text(x: number, y: number, words: string, anchor: string, more = ''): string {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${INK}"`;
  return `<text ${place}${more === '' ? '' : ` ${more}`}>${escapeXml(words)}</text>`;
}

function round(pixels: number): number {
  return Math.round(10 * pixels) / 10;
}

function escapeXml(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
