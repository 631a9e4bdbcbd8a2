/** Two results files: how the figures of the second relate to those of the first. */
import { textTable } from '../api/index.ts';
import type { ResultFile, ResultRecord } from './records.ts';
import type { Sample } from './sample.ts';

/** A figure that grows by more than this is a regression. */
export const ALLOWED_GROWTH = 0.1;

/** Figures that are better the smaller they are. */
const COMPARED: readonly string[] = [
  ...['prove_ms', 'verify_ms', 'setup_ms', 'interp_us', 'ns'],
  ...['proof_bytes', 'peak_rss', 'cycles', 'cells', 'interactions'],
];
/** Does not depend on Vouch: tells how the machines compare. */
const CONTROL = 'native_us';

export interface Comparison {
  readonly type: ResultRecord['type'];
  readonly name: string;
  readonly threads: number;
  readonly figure: string;
  readonly before: number;
  /** Absent where the second file has a failure or no such row. */
  readonly after?: number;
  readonly ratio?: number;
  readonly isRegression: boolean;
}

/** Every figure of Vouch in the first file; a row that fails or lacks in the second has regressed. */
export function compareResults(before: ResultFile, after: ResultFile): Comparison[] {
  return before.records.flatMap((record) => {
    const { type, system, name, threads, figures = {} } = record;
    if (system !== 'vouch') return [];
    const other = after.records.find(
      (found) =>
        found.type === type &&
        found.system === system &&
        found.name === name &&
        found.threads === threads,
    );
    return [...COMPARED, CONTROL].flatMap((figure) => {
      const old = amount(figures[figure]);
      if (old === undefined) return [];
      const found = amount(other?.figures?.[figure]);
      const row = { type, name, threads, figure, before: old };
      if (found === undefined) return [{ ...row, isRegression: figure !== CONTROL }];
      const ratio = found / old;
      const isRegression = figure !== CONTROL && ratio > 1 + ALLOWED_GROWTH;
      return [{ ...row, after: found, ratio, isRegression }];
    });
  });
}

function amount(figure: number | string | Sample | undefined): number | undefined {
  if (typeof figure === 'object') return figure.median;
  return typeof figure === 'number' ? figure : undefined;
}

/** Ratios of all figures, and what must be known to read them. */
export function comparisonText(
  rows: readonly Comparison[],
  before: ResultFile,
  after: ResultFile,
): string {
  const table = textTable(
    ['before', 'after', 'ratio', '', 'figure', 'threads', 'row'],
    rows.map(({ type, name, threads, figure, ratio, isRegression, ...row }) => [
      String(Number(row.before.toPrecision(4))),
      row.after === undefined ? '-' : String(Number(row.after.toPrecision(4))),
      ratio?.toFixed(3) ?? '-',
      isRegression ? 'REGRESSION' : '',
      ...[figure, String(threads), `${type} ${name}`],
    ]),
    3,
  );
  const ids = ({ environments }: ResultFile): string => environments.map(({ id }) => id).join();
  const warning =
    ids(before) === ids(after)
      ? ''
      : '\nThe files are from different machines or versions: compare the ratios with those of native_us.\n';
  const worse = rows.filter(({ isRegression }) => isRegression).length;
  const limit = `${100 * ALLOWED_GROWTH} %`;
  return `${table}${warning}\n${worse} of ${rows.length} figures have grown by more than ${limit}.\n`;
}
