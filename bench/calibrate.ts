/** Fits the model of a proof's time to measured proofs: the constants of api/proving/model.ts. */
import {
  FITTED_THREADS,
  PROOF_STAGES,
  type ProbeTimes,
  type ProofStage,
  probe,
  STAGE_COSTS,
  type StageCost,
} from '../api/index.ts';
import type { EstimateRow } from './estimate.ts';
import { leastSquares } from './least-squares.ts';
import { sample } from './sample.ts';

/** One proof's measure of a stage's work, and its milliseconds. */
export interface Point {
  readonly work: number;
  readonly milliseconds: number;
}

/** The constants as text, for proofs of one segment on FITTED_THREADS threads. */
export async function calibration(rows: readonly EstimateRow[]): Promise<string> {
  const single = rows.filter(({ estimate }) => estimate.segments === 1);
  const { serial, shared } = await medianProbe();
  const lines = PROOF_STAGES.map((stage) => {
    const { of, isShared } = STAGE_COSTS[stage];
    const { fixed, each } = fitLine(single.map((row) => pointOf(row, stage)));
    return `  ${stage}: { fixed: ${fixed}, each: ${each}, of: '${of}', isShared: ${isShared} },`;
  });
  return [`serial: ${serial.toFixed(1)},`, `shared: ${shared.toFixed(1)},`, ...lines, ''].join(
    '\n',
  );
}

/** The stage's least time: what other programs took does not count. */
function pointOf({ estimate, proofs }: EstimateRow, stage: ProofStage): Point {
  const { of }: StageCost = STAGE_COSTS[stage];
  const times = proofs.map(({ stages }) => stages[stage] ?? 0);
  return { work: estimate.work[of], milliseconds: Math.max(1, Math.min(...times)) };
}

/**
 * Milliseconds of no work and nanoseconds for each unit, neither negative, with which the sum of the
 * squares of the relative errors is least.
 */
export function fitLine(points: readonly Point[]): { fixed: number; each: number } {
  // Divided by the measured time, the line's equation is fixed a + each b = 1.
  const a = points.map(({ milliseconds }) => 1 / milliseconds);
  const b = points.map(({ work, milliseconds }) => work / milliseconds);
  const ones = points.map(() => 1);
  const solve = (...terms: number[][]): number[] =>
    leastSquares(
      ones.map((_, i) => terms.map((term) => term[i] as number)),
      ones,
    );
  let [fixed = 0, each = 0] = solve(a, b);
  if (!(each >= 0)) [fixed, each] = [solve(a)[0] as number, 0];
  else if (fixed < 0) [fixed, each] = [0, solve(b)[0] as number];
  return { fixed: round(fixed), each: round(1e6 * each) };
}

/** To three digits. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}

async function medianProbe(): Promise<ProbeTimes> {
  const found: ProbeTimes[] = [];
  for (let run = 0; run < 5; run++) found.push(await probe(FITTED_THREADS));
  return {
    serial: sample(found.map(({ serial }) => serial)).median,
    shared: sample(found.map(({ shared }) => shared)).median,
  };
}
