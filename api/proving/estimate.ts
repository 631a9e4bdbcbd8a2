/** What a proof will take, before it is begun. */
import { outlineOf, riscvMachine } from '@vouch/verifier';
import type { Program } from '../../vm/index.ts';
import { openSegments, type ProofSize, runBytes } from './cost.ts';
import { type Slowness, START, stageMilliseconds, type WorkMeasure, workOf } from './model.ts';
import {
  type CheckedOptions,
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

/** Stages that each lane has a thread for. */
const LANE_STAGES: readonly ProofStage[] = ['fill', 'load'];

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
  const crew = expectedCrew(sizes, checked);
  const stages = stageTimes(sizes, programMode === 'id', speed, crew);
  const machine = riscvMachine();
  const { memoryBytes } = crew;
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

/** Those who will prove the segments. */
interface ExpectedCrew {
  /** Segments at a time. */
  readonly lanes: number;
  /** Segments that are proved without a second commitment. */
  readonly open: number;
  readonly memoryBytes: number;
}

function expectedCrew(sizes: readonly ProofSize[], options: CheckedOptions): ExpectedCrew {
  const segments = sizes.length;
  const lanes = Math.min(options.parallelSegments, segments);
  const largest = sizes.reduce((a, b) => (b.totalBytes > a.totalBytes ? b : a));
  if (lanes > 1) return { lanes, open: lanes, memoryBytes: lanes * largest.totalBytes };
  const open = openSegments(largest, segments, options.limits?.proverBytes);
  const memoryBytes = runBytes(largest, segments) + (open - 1) * largest.heldBytes;
  return { lanes, open, memoryBytes };
}

/** Times of the stages of all segments. What lanes do on one thread each, they do at the same time. */
function stageTimes(
  sizes: readonly ProofSize[],
  committed: boolean,
  slowness: Slowness,
  { lanes, open }: ExpectedCrew,
): StageTime[] {
  const segments = sizes.length;
  const counts = stageCounts({ commit: segments, prove: segments, open }, committed);
  const mean = (stage: ProofStage): number =>
    sizes.reduce((sum, size) => sum + stageMilliseconds(stage, size, slowness), 0) / segments;
  const atATime = (stage: ProofStage): number => (LANE_STAGES.includes(stage) ? lanes : 1);
  return PROOF_STAGES.filter((stage) => counts[stage] > 0).map((stage) => ({
    stage,
    milliseconds: (counts[stage] * mean(stage)) / atATime(stage),
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
