/**
 * What the design's cost model says a proof takes, beside what it took. The model counts work of one
 * core (KoalaBear, challenges of degree 5, rate 1/2): for each committed cell 20 butterflies of the
 * transform, two words of Blake3 and its share of the opening; for each interaction the fractions of
 * its leaf in the tree of LogUp and its fingerprint in the zerocheck. It has no terms for the
 * executor, the filling of the tables, the program's commitment and the proofs of work.
 */
import { textTable } from '../api/index.ts';
import type { ProofRow } from './prove.ts';

/** Nanoseconds of one core for each committed cell: transform and leaves. */
const COMMIT_CELL = 13.1;
/** For each committed cell: zerocheck of its constraints, claim reduction, opening. */
const OPEN_CELL = 7;
/** For each interaction. */
const INTERACTION = 95;

/** Nanoseconds of all cores for each cell and interaction, with the model's in the headings. */
export function costTable(rows: readonly ProofRow[]): string {
  return textTable(
    [
      'cells M',
      'interactions M',
      `commit/cell (${COMMIT_CELL})`,
      `open/cell (${OPEN_CELL})`,
      `logup+zerocheck/interaction (${INTERACTION})`,
      'model s',
      'seconds',
      'ratio',
      'guest',
    ],
    rows.map((row) => {
      const { cells, interactions, threads, stages, name } = row;
      const spent = (...of: (keyof ProofRow['stages'])[]): number =>
        of.reduce((sum, stage) => sum + (stages[stage]?.median ?? 0), 0) * 1e6 * threads;
      const model =
        (cells * (COMMIT_CELL + OPEN_CELL) + interactions * INTERACTION) / threads / 1e9;
      const seconds = row.milliseconds.median / 1000;
      return [
        (cells / 1e6).toFixed(1),
        (interactions / 1e6).toFixed(1),
        (spent('commit') / cells).toFixed(1),
        (spent('reduction', 'opening') / cells).toFixed(1),
        (spent('logup', 'zerocheck') / interactions).toFixed(1),
        model.toFixed(2),
        seconds.toFixed(2),
        (seconds / model).toFixed(2),
        name,
      ];
    }),
    8,
  );
}
