/** Fits the model of a proof's time to measured proofs: the constants of api/proving/model.ts. */
import {
  estimate,
  FITTED_THREADS,
  measureSpeed,
  PROOF_STAGES,
  type ProbeTimes,
  type ProofEstimate,
  type ProofStage,
  type ProofStatistics,
  type Prover,
  probe,
  STAGE_COSTS,
  type StageCost,
} from '../api/index.ts';
import { reportedProofs } from './command.ts';
import { leastSquares } from './least-squares.ts';
import { sample } from './sample.ts';
import type { Subject } from './subjects.ts';

/** One proof's measure of a stage's work, and its milliseconds. */
export interface Point {
  readonly work: number;
  readonly milliseconds: number;
}

/** Proofs of a run of one segment. */
export interface CalibrationRow {
  readonly name: string;
  readonly work: ProofEstimate['work'];
  /** In a process that has made the proof before. */
  readonly proofs: readonly ProofStatistics[];
  /** What a new process takes longer, beside the milliseconds that its memory should take. */
  readonly start: Point;
}

/** Proves in this process, and in new ones. */
export async function measureCalibration(
  prover: Prover,
  { name, elf, publicInput, privateInput }: Subject,
  runs: number,
): Promise<CalibrationRow> {
  const inputs = { publicInput, privateInput };
  const { threads } = prover;
  const { work, memoryBytes } = await estimate(elf, { ...inputs, threads });
  await prover.prove(elf, inputs);
  const proofs: ProofStatistics[] = [];
  while (proofs.length < runs) proofs.push((await prover.prove(elf, inputs)).stats);
  const warm = Math.min(...proofs.map(({ milliseconds }) => milliseconds));
  const fresh = await reportedProofs({ elf, ...inputs }, threads, runs);
  const cold = Math.min(...fresh.map(({ milliseconds }) => milliseconds));
  const { firstUse } = await measureSpeed(threads);
  const start = { work: firstUse * memoryBytes, milliseconds: Math.max(1, cold - warm) };
  return { name, work, proofs, start };
}

/** The constants as text. */
export async function calibration(rows: readonly CalibrationRow[]): Promise<string> {
  const { serial, shared } = await medianProbe();
  const lines = PROOF_STAGES.map((stage) => {
    const { of, isShared } = STAGE_COSTS[stage];
    const { fixed, each } = fitLine(rows.map((row) => pointOf(row, stage)));
    return `  ${stage}: { fixed: ${fixed}, each: ${each}, of: '${of}', isShared: ${isShared} },`;
  });
  const start = fitLine(rows.map((row) => row.start));
  return [
    `serial: ${serial.toFixed(1)},`,
    `shared: ${shared.toFixed(1)},`,
    ...lines,
    `START: { fixed: ${start.fixed}, firstUse: ${start.each} }`,
    '',
  ].join('\n');
}

/** The stage's least time: what other programs took does not count. */
function pointOf({ work, proofs }: CalibrationRow, stage: ProofStage): Point {
  const { of }: StageCost = STAGE_COSTS[stage];
  const times = proofs.map(
    ({ stages }) => stages.find((time) => time.stage === stage)?.milliseconds ?? 0,
  );
  return { work: work[of], milliseconds: Math.max(1, Math.min(...times)) };
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
