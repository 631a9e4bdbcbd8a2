/** Two results files: how the figures of the second relate to those of the first. */
import { textTable } from '../api/index.ts';
import type { ResultFile, ResultRecord } from './records.ts';
import { type Sample, sample } from './sample.ts';

/** A figure that grows by more than this is a regression, and one that must not fall and does. */
export const ALLOWED_GROWTH = 0.1;

/** Figures that are better the smaller they are. */
const COMPARED: readonly string[] = [
  ...['prove_ms', 'verify_ms', 'setup_ms', 'interp_us', 'ns'],
  ...['proof_bytes', 'peak_rss', 'cycles', 'cells', 'interactions'],
];
/** Receipts with fewer bits are quicker. */
const MUST_NOT_FALL = 'security_bits';
/** Does not depend on Vouch: tells how the machine was in both hours. */
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
    return [...COMPARED, MUST_NOT_FALL, CONTROL].flatMap((figure) => {
      const old = amount(figures[figure]);
      if (old === undefined) return [];
      const found = amount(other?.figures?.[figure]);
      const row = { type, name, threads, figure, before: old };
      if (found === undefined) return [{ ...row, isRegression: figure !== CONTROL }];
      const ratio = found / old;
      const isRegression =
        figure === MUST_NOT_FALL ? found < old : figure !== CONTROL && ratio > 1 + ALLOWED_GROWTH;
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
  const same = describe(before) === describe(after);
  const where = same ? describe(before) : `${describe(before)}; then ${describe(after)}`;
  const worse = rows.filter(({ isRegression }) => isRegression).length;
  const limit = `${100 * ALLOWED_GROWTH} %`;
  return `${table}\n${where}.\n${controlText(rows)}${worse} of ${rows.length} figures are regressions: grown by more than ${limit}, gone, or fewer bits.\n`;
}

function describe({ environments, records }: ResultFile): string {
  const commits = [...new Set(records.map(({ commit }) => commit))];
  return `Environment ${environments.map(({ id }) => id).join()}, commit ${commits.join()}`;
}

/** Whatever has changed natively has not changed in Vouch. */
function controlText(rows: readonly Comparison[]): string {
  const ratios = rows.flatMap(({ figure, ratio }) =>
    figure === CONTROL && ratio !== undefined ? [ratio] : [],
  );
  if (ratios.length === 0) return '';
  const { median, min, max } = sample(ratios);
  const [low, middle, high] = [min, median, max].map((ratio) => ratio.toFixed(2));
  return `Native runs: ${middle} times as long (${low} to ${high}); read the other ratios against that.\n`;
}
