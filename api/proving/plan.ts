/** Where a run is cut into segments. */
import { type Instance, outlineOf, riscvMachine } from '@vouch/verifier';
import { TableFiller } from '../../trace-arith/index.ts';
import { record } from '../../vm/index.ts';
import { memoryExcess, type ProofSize, proofSize, segmentBudget } from './cost.ts';
import type { CheckedOptions } from './options.ts';
import type { ProvableProgram } from './program.ts';
import { executionLimits, MAX_SEGMENT_CYCLES, segmentLength, tablesOf } from './run.ts';

/** The lookup tables alone are most of a shorter segment's proof: cutting on saves little memory. */
const LEAST_SEGMENT_CYCLES: number = 2 ** 16;
/** Threads for which memory is planned: the same run is cut alike for any number of threads. */
const PLANNED_THREADS = 8;

/** A segment that has not been proved yet. */
export interface PlannedSegment {
  readonly cycles: number;
  /** The tables that it will have. */
  readonly instances: readonly Instance[];
}

/** A run's segments. */
export interface RunPlan {
  /** Of every segment but the last. */
  readonly segmentCycles: number;
  readonly segments: readonly PlannedSegment[];
}

/** A plan that need not know the segments: those that are proved one by one. */
export interface Cut extends Pick<RunPlan, 'segmentCycles'> {
  readonly segments: RunPlan['segments'] | undefined;
}

/**
 * How a run is cut: as the caller wants, else as `planRun` says. Throws as `planRun`.
 *
 * @param cycles of the run
 */
export async function chooseCut(
  program: ProvableProgram,
  cycles: number,
  options: CheckedOptions,
): Promise<Cut> {
  const { mostCycles, parallelSegments } = options;
  if (mostCycles === undefined) return await planRun(program, cycles, options);
  const segmentCycles = segmentLength(cycles, mostCycles);
  const alone = parallelSegments === 1 || segmentCycles >= cycles;
  if (alone) return { segmentCycles, segments: undefined };
  return await forecastRun(program, segmentCycles, options);
}

/**
 * Cuts a run into as few segments of even length as fit into `segmentBudget`: each segment costs
 * lookup tables, the words that it takes over from others, and a second filling and commitment.
 * Where even the shortest segments do not fit, the plan has those. It depends on the run, the
 * parameters and the budget only.
 *
 * @param cycles of the run
 * @throws ProveError `prove/tables`; the signal's reason when it is aborted
 */
export async function planRun(
  program: ProvableProgram,
  cycles: number,
  options: CheckedOptions,
): Promise<RunPlan> {
  const budget = segmentBudget(options.limits?.proverBytes, options.parallelSegments);
  const most = Math.ceil(cycles / LEAST_SEGMENT_CYCLES);
  let count = Math.ceil(cycles / MAX_SEGMENT_CYCLES);
  for (;;) {
    const plan = await forecastRun(program, Math.ceil(cycles / count), options);
    const sizes = plan.segments.map((segment) =>
      plannedSize(program, segment, options, PLANNED_THREADS),
    );
    const excess = Math.max(...sizes.map((size) => memoryExcess(size, sizes.length, budget)));
    if (excess <= 1 || count >= most) return plan;
    count = Math.min(most, Math.max(count + 1, Math.ceil(count * excess)));
  }
}

/** The segments of a run that is cut so, from one pass over its record. Throws as `planRun`. */
export async function forecastRun(
  { program, table }: ProvableProgram,
  segmentCycles: number,
  { inputs, limits, signal }: CheckedOptions,
): Promise<RunPlan> {
  const filler = new TableFiller(table, inputs);
  const segments: PlannedSegment[] = [];
  for await (const segment of record(program, {
    ...{ ...inputs, segmentCycles, limits: executionLimits(limits), transient: true },
    ...(signal && { signal }),
  })) {
    const instances = tablesOf(() => filler.forecast(segment));
    segments.push({ cycles: segment.cycles, instances });
  }
  return { segmentCycles, segments };
}

/** The size of a segment's proof on so many threads. */
export function plannedSize(
  program: ProvableProgram,
  segment: PlannedSegment,
  { parameters, programMode }: CheckedOptions,
  threads: number,
): ProofSize {
  const machine = riscvMachine();
  const outline = outlineOf(machine, program.statement);
  return proofSize(machine, parameters, outline, programMode, segment, threads);
}
