/** What the stages of a segment's proof take, in a model that `npm run bench -- --calibrate` fits. */
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
  serial: 100,
  shared: 50,
};
/** Threads of the proofs that STAGE_COSTS was fitted to. */
export const FITTED_THREADS = 2;

export const STAGE_COSTS: Readonly<Record<ProofStage, StageCost>> = {
  execute: { fixed: 10, each: 80, of: 'cycles', isShared: false },
  fill: { fixed: 60, each: 400, of: 'cycles', isShared: false },
  program: { fixed: 250, each: 0, of: 'cells', isShared: true },
  load: { fixed: 2, each: 1, of: 'elements', isShared: false },
  commit: { fixed: 75, each: 27, of: 'elements', isShared: true },
  logup: { fixed: 175, each: 150, of: 'interactions', isShared: true },
  zerocheck: { fixed: 200, each: 25, of: 'cells', isShared: true },
  reduction: { fixed: 25, each: 6, of: 'elements', isShared: true },
  opening: { fixed: 125, each: 6, of: 'elements', isShared: true },
  verify: { fixed: 130, each: 0, of: 'cells', isShared: false },
};

/** How many times as long as in the model work takes, on one thread and on all. */
export interface Slowness {
  readonly serial: number;
  readonly shared: number;
}

/** The machine of the model with so many threads. */
export function modelSlowness(threads: number): Slowness {
  return { serial: 1, shared: FITTED_THREADS / threads };
}

/** Milliseconds of a stage of one segment's proof. */
export function stageMilliseconds(stage: ProofStage, size: ProofSize, slowness: Slowness): number {
  const { fixed, each, of, isShared } = STAGE_COSTS[stage];
  const milliseconds = fixed + 1e-6 * each * workOf(size)[of];
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
