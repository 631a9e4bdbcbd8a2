/** How far a proof is, in a model of what its stages cost. */
import type { ProofSize } from './cost.ts';

/** What happens in `prove`, in this order; `program` only where the receipt has a program id. */
export const PROOF_STAGES = [
  'execute',
  'fill',
  'program',
  'load',
  'commit',
  'logup',
  'zerocheck',
  'reduction',
  'opening',
  'verify',
] as const;
export type ProofStage = (typeof PROOF_STAGES)[number];

export interface ProofProgress {
  readonly stage: ProofStage;
  /** Never falls; from 0 to `total`. */
  readonly done: number;
  readonly total: 1;
}

/** Time of a finished stage. */
export interface StageTime {
  readonly stage: ProofStage;
  readonly milliseconds: number;
}

/** Share of a stage that is claimed as done before it ends. */
const MOST_OF_STAGE = 0.95;

/**
 * Reports progress. A stage's share of the work is its share of the model's time. Within a stage
 * progress is an estimate: the time spent in it against the time that the model expects at the pace of
 * the stages before, and it is only reported when a step of the work is done.
 */
export class ProgressMeter {
  readonly #listener: (progress: ProofProgress) => void;
  readonly #times: StageTime[] = [];
  #weights: Readonly<Record<ProofStage, number>> | undefined;
  #total = 1;
  /** Weight of the finished stages. */
  #finished = 0;
  #stage: ProofStage | undefined;
  readonly #start = performance.now();
  #stageStart = 0;
  #done = 0;

  constructor(listener: (progress: ProofProgress) => void = () => {}) {
    this.#listener = listener;
  }

  /** Times of the finished stages. */
  get times(): readonly StageTime[] {
    return this.#times;
  }

  /** Tells the sizes, once they are known; until then nothing counts as done. */
  expect(size: ProofSize, threads: number, committed: boolean): void {
    this.#weights = stageWeights(size, threads, committed);
    this.#total = PROOF_STAGES.reduce((sum, stage) => sum + this.#weight(stage), 0);
    const before = PROOF_STAGES.slice(0, PROOF_STAGES.indexOf(this.#stage ?? 'execute'));
    this.#finished = before.reduce((sum, stage) => sum + this.#weight(stage), 0);
  }

  /** Ends the stage before. */
  begin(stage: ProofStage): void {
    this.#end();
    this.#stage = stage;
    this.#stageStart = performance.now();
    this.#report(this.#finished);
  }

  /** A step of the stage is done. */
  step(): void {
    if (this.#stage === undefined || this.#weights === undefined) return;
    const now = performance.now();
    const before = this.#stageStart - this.#start;
    if (this.#finished === 0 || before === 0) return;
    const weight = this.#weight(this.#stage);
    const expected = (weight * before) / this.#finished;
    const share = Math.min(MOST_OF_STAGE, (now - this.#stageStart) / Math.max(1, expected));
    this.#report(this.#finished + share * weight);
  }

  finish(): void {
    const last = this.#stage;
    this.#end();
    this.#stage = last;
    this.#report(this.#total);
  }

  #end(): void {
    if (this.#stage === undefined) return;
    const milliseconds = performance.now() - this.#stageStart;
    this.#times.push({ stage: this.#stage, milliseconds });
    this.#finished += this.#weight(this.#stage);
  }

  #weight(stage: ProofStage): number {
    return this.#weights?.[stage] ?? 0;
  }

  #report(weight: number): void {
    if (this.#stage === undefined) return;
    const known = this.#weights === undefined ? 0 : weight / this.#total;
    this.#done = Math.min(1, Math.max(this.#done, known));
    this.#listener({ stage: this.#stage, done: this.#done, total: 1 });
  }
}

/** Milliseconds of the stages in the model, fitted to runs of 600 to 600,000 cycles on one machine. */
function stageWeights(
  { cycles, cells, interactions, shape }: ProofSize,
  threads: number,
  committed: boolean,
): Record<ProofStage, number> {
  const stacked = 2 ** (shape.logChunks + shape.logRows);
  const rows = 2 ** shape.logRows;
  const parallel = (milliseconds: number): number => milliseconds / threads;
  return {
    execute: 10 + 8e-5 * cycles,
    fill: 60 + 9e-4 * cycles,
    program: committed ? parallel(500) : 0,
    load: 2 + 1e-6 * stacked,
    commit: parallel(150 + 5.5e-5 * stacked),
    logup: parallel(350 + 3e-4 * interactions),
    zerocheck: parallel(400 + 5e-5 * cells),
    reduction: parallel(50 + 1.3e-5 * stacked),
    opening: parallel(250 + 9e-4 * rows),
    verify: 130,
  };
}
