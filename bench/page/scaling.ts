/** The page's part on how proofs grow. */
import type { ResultRecord } from '../records.ts';
import type { ProofRecordFigures } from '../table.ts';
import { digits, markdownTable, securityText, spread } from './markdown.ts';
import { type Plot, plotSvg, type Series } from './plot.ts';

/** Text, and the plots that it shows by their file names. */
export interface Section {
  readonly text: string;
  readonly plots: ReadonlyMap<string, string>;
}

interface Row {
  readonly threads: number;
  readonly figures: ProofRecordFigures;
}

/** @param folder of the plots, relative to the page */
export function scalingSection(records: readonly ResultRecord[], folder: string): Section {
  const rows = records
    .flatMap(({ threads, figures }) =>
      figures === undefined ? [] : [{ threads, figures: figures as unknown as ProofRecordFigures }],
    )
    .sort((a, b) => a.threads - b.threads || a.figures.cycles - b.figures.cycles);
  const failures = records.flatMap(({ title, threads, failure }) =>
    failure === undefined ? [] : [`- ${title} with ${threads} threads: ${failure}`],
  );
  const plots = rows.length === 0 ? new Map<string, string>() : scalingPlots(rows);
  const text = [
    '## How proofs grow\n',
    'The program `guests/fibonacci` with more and more iterations; medians, with the smallest and the largest',
    'of several runs in parentheses. Memory is the most that the process had.\n',
    ...[...plots.keys()].map((name) => `![${name.replace('.svg', '')}](${folder}/${name})\n`),
    `${scalingTable(rows)}\n`,
    ...(failures.length === 0 ? [] : ['Rows that failed:\n', `${failures.join('\n')}\n`]),
  ].join('\n');
  return { text, plots };
}

function scalingTable(rows: readonly Row[]): string {
  return markdownTable(
    [
      ...['cycles', 'threads', 'prove ms', 'kHz', 'peak MiB', 'peak B / cycle', 'receipt KiB'],
      ...['receipt B / cycle', 'verify ms', 'segments', 'security', 'runs'],
    ],
    rows.map(({ threads, figures }) => [
      figures.cycles.toLocaleString('en-US'),
      String(threads),
      spread(figures.prove_ms),
      digits(figures.prover_hz / 1000),
      digits(figures.peak_rss / 2 ** 20),
      digits(figures.peak_rss / figures.cycles),
      digits(figures.proof_bytes / 1024),
      digits(figures.proof_bytes / figures.cycles),
      spread(figures.verify_ms),
      String(figures.segments),
      securityText(figures),
      String(figures.prove_ms.runs),
    ]),
  );
}

function scalingPlots(rows: readonly Row[]): ReadonlyMap<string, string> {
  const threads = [...new Set(rows.map((row) => row.threads))];
  const series = (of: (figures: ProofRecordFigures) => number): Series[] =>
    threads.map((count) => ({
      name: count === 1 ? '1 thread' : `${count} threads`,
      points: rows
        .filter((row) => row.threads === count)
        .map(({ figures }) => ({ x: figures.cycles, y: of(figures) })),
    }));
  const axes = { xLabel: 'cycles', formatX: power, baseX: 4 } as const;
  const plots: Readonly<Record<string, Plot>> = {
    'time.svg': {
      ...axes,
      title: 'Time of a proof',
      yLabel: 'seconds',
      series: series(({ prove_ms: prove }) => prove.median / 1000),
    },
    'memory.svg': {
      ...axes,
      title: 'Most memory of the process',
      yLabel: 'MiB',
      baseY: 2,
      series: series(({ peak_rss: bytes }) => bytes / 2 ** 20),
    },
    'receipt.svg': {
      ...axes,
      title: 'Bytes of the receipt for a cycle, with any number of threads',
      yLabel: 'bytes / cycle',
      formatY: (y) => String(Number(y.toPrecision(3))),
      series: series((figures) => figures.proof_bytes / figures.cycles).slice(0, 1),
    },
  };
  return new Map(Object.entries(plots).map(([name, plot]) => [name, plotSvg(plot)]));
}

/** The next power of two: runs are a little shorter. */
function power(cycles: number): string {
  return `2^${Math.round(Math.log2(cycles))}`;
}
