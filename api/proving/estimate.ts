/** What a proof will take, before it is begun. */
import { outlineOf, riscvMachine } from '@vouch/verifier';
import type { Program } from '../../vm/index.ts';
import { type ProofSize, runBytes } from './cost.ts';
import { type Slowness, START, stageMilliseconds, type WorkMeasure, workOf } from './model.ts';
import {
  checkedOptions,
  checkedThreads,
  executeOptions,
  type ProofOptions,
  type ProverOptions,
} from './options.ts';
import { forecastRun, plannedSize, planRun } from './plan.ts';
import { provableProgram } from './program.ts';
import { PROOF_STAGES, type ProofStage, type StageTime, stageCounts } from './progress.ts';
import { receiptBytes } from './receipt-size.ts';
import { finishRun, segmentLength } from './run.ts';
import { measureSpeed } from './speed.ts';

/** What the proof of a run will take. */
export interface ProofEstimate {
  readonly cycles: number;
  readonly threads: number;
  readonly segments: number;
  /** Of every segment but the last. */
  readonly segmentCycles: number;
  /** From the call of `prove` to the verified receipt, in a new process. */
  readonly milliseconds: number;
  /** By how much that is more than in a process that has made such a proof before. */
  readonly startMilliseconds: number;
  /** In such a process. */
  readonly stages: readonly StageTime[];
  /** Most memory of the process at a time, Node.js included. */
  readonly memoryBytes: number;
  readonly receiptBytes: number;
  /** Cycles, committed cells, messages and elements of the commitments, of all segments. */
  readonly work: Readonly<Record<WorkMeasure, number>>;
}

/**
 * Runs a program, counts what there is to prove, and measures for half a second how fast this
 * machine is.
 *
 * @param program a loaded program or an ELF file
 * @throws as `Prover.prove`
 */
export async function estimate(
  program: Program | Uint8Array,
  options: ProofOptions & ProverOptions = {},
): Promise<ProofEstimate> {
  const { threads: _, ...proofOptions } = options;
  const threads = checkedThreads(options);
  const checked = checkedOptions(proofOptions);
  const provable = provableProgram(program);
  const { execution } = await finishRun(provable.program, executeOptions(proofOptions));
  const { cycles, journal } = execution;
  const { mostCycles, parameters, programMode } = checked;
  const plan =
    mostCycles === undefined
      ? await planRun(provable, cycles, checked)
      : await forecastRun(provable, segmentLength(cycles, mostCycles), checked);
  const sizes = plan.segments.map((segment) => plannedSize(provable, segment, checked, threads));
  const speed = await measureSpeed(threads);
  const stages = stageTimes(sizes, programMode === 'id', speed);
  const machine = riscvMachine();
  const memoryBytes = Math.max(...sizes.map((size) => runBytes(size, sizes.length)));
  const startMilliseconds =
    START.fixed * speed.serial + 1e-6 * START.firstUse * speed.firstUse * memoryBytes;
  return {
    ...{ cycles, threads, stages, startMilliseconds },
    segments: sizes.length,
    segmentCycles: plan.segmentCycles,
    milliseconds: stages.reduce((sum, { milliseconds }) => sum + milliseconds, startMilliseconds),
    memoryBytes,
    receiptBytes: receiptBytes({
      ...{ machine, parameters, programMode, journalBytes: journal.length },
      outline: outlineOf(machine, provable.statement),
      shapes: sizes.map(({ shape }) => shape),
    }),
    work: totalWork(sizes),
  };
}

/** Times of the stages of all segments. */
function stageTimes(
  sizes: readonly ProofSize[],
  committed: boolean,
  slowness: Slowness,
): StageTime[] {
  const segments = sizes.length;
  const counts = stageCounts({ commit: segments, prove: segments }, committed);
  const mean = (stage: ProofStage): number =>
    sizes.reduce((sum, size) => sum + stageMilliseconds(stage, size, slowness), 0) / segments;
  return PROOF_STAGES.filter((stage) => counts[stage] > 0).map((stage) => ({
    stage,
    milliseconds: counts[stage] * mean(stage),
  }));
}

function totalWork(sizes: readonly ProofSize[]): ProofEstimate['work'] {
  const total = { cycles: 0, cells: 0, interactions: 0, elements: 0 };
  for (const size of sizes) {
    const work = workOf(size);
    for (const measure of Object.keys(total) as WorkMeasure[]) total[measure] += work[measure];
  }
  return total;
}
