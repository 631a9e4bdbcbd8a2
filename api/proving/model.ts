/** What the stages of a segment's proof take, in a model that `npm run bench -- calibrate` fits. */
import type { ProofSize } from './cost.ts';
import type { ProofStage } from './progress.ts';

/** What a stage's time grows with; `elements` are those of the committed chunks. */
export type WorkMeasure = 'cycles' | 'cells' | 'interactions' | 'elements';

/** A stage's time on the machine that the model was fitted on. */
export interface StageCost {
  /** Milliseconds, whatever the size. */
  readonly fixed: number;
  /** Nanoseconds for each unit of the measure. */
  readonly each: number;
  readonly of: WorkMeasure;
  /** The prover's threads share the work. */
  readonly isShared: boolean;
}

/** Milliseconds of the probe (`measureSpeed`) on the machine of STAGE_COSTS, on 1 and on 2 threads. */
export const PROBE_MILLISECONDS: { readonly serial: number; readonly shared: number } = {
  serial: 52.6,
  shared: 37.0,
};
/** Threads of the proofs that STAGE_COSTS was fitted to. */
export const FITTED_THREADS = 2;
/**
 * By how much the first proof of a process is slower: milliseconds for code that is not compiled yet,
 * and how often the bytes of the estimate are used for the first time.
 */
export const START: { readonly fixed: number; readonly firstUse: number } = {
  fixed: 822,
  firstUse: 0.526,
};

/** Of the proofs of a process but the first. */
export const STAGE_COSTS: Readonly<Record<ProofStage, StageCost>> = {
  execute: { fixed: 2.35, each: 29.2, of: 'cycles', isShared: false },
  fill: { fixed: 3.9, each: 255, of: 'cycles', isShared: false },
  program: { fixed: 40, each: 0.324, of: 'cells', isShared: true },
  load: { fixed: 0.488, each: 0.899, of: 'elements', isShared: false },
  commit: { fixed: 22, each: 15.1, of: 'elements', isShared: true },
  logup: { fixed: 101, each: 67.9, of: 'interactions', isShared: true },
  zerocheck: { fixed: 110, each: 19.3, of: 'cells', isShared: true },
  reduction: { fixed: 6.98, each: 3.78, of: 'elements', isShared: true },
  opening: { fixed: 162, each: 7.36, of: 'elements', isShared: true },
  verify: { fixed: 68.7, each: 0.411, of: 'cells', isShared: false },
};

/** How many times as long as in the model work takes, on one thread and on all. */
export interface Slowness {
  readonly serial: number;
  readonly shared: number;
}

/** A machine beside that of the model. */
export interface MachineSpeed extends Slowness {
  /** Nanoseconds for each byte of memory that a process uses for the first time. */
  readonly firstUse: number;
}

/** The machine of the model with so many threads. */
export function modelSlowness(threads: number): Slowness {
  return { serial: 1, shared: FITTED_THREADS / threads };
}

/** Milliseconds of a stage of one segment's proof. */
export function stageMilliseconds(stage: ProofStage, size: ProofSize, slowness: Slowness): number {
  return workMilliseconds(stage, workOf(size), slowness);
}

/** Milliseconds of a stage for so much work. */
export function workMilliseconds(
  stage: ProofStage,
  work: Readonly<Record<WorkMeasure, number>>,
  slowness: Slowness,
): number {
  const { fixed, each, of, isShared } = STAGE_COSTS[stage];
  const milliseconds = fixed + 1e-6 * each * work[of];
  return milliseconds * (isShared ? slowness.shared : slowness.serial);
}

/** What there is to do for a segment. */
export function workOf({
  cycles,
  cells,
  interactions,
  shape,
}: ProofSize): Readonly<Record<WorkMeasure, number>> {
  const chunks = shape.mainChunks.count + shape.preprocessedChunks.count;
  return { cycles, cells, interactions, elements: chunks * 2 ** shape.logRows };
}
