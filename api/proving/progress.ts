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

/** Reports progress. A stage's share of the work is its share of the time that the model expects. */
export class ProgressMeter {
  readonly #listener: (progress: ProofProgress) => void;
  readonly #times: StageTime[] = [];
  #shares: Readonly<Record<ProofStage, number>> | undefined;
  #stage: ProofStage | undefined;
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
    this.#shares = stageShares(size, threads, committed);
  }

  /** A stage is done by so much, from 0 to 1; the first time, the stage before has ended. */
  reach(stage: ProofStage, share = 0): void {
    if (stage !== this.#stage) {
      this.#end();
      this.#stage = stage;
      this.#stageStart = performance.now();
    }
    const shares = this.#shares;
    if (shares !== undefined) {
      const before = PROOF_STAGES.slice(0, PROOF_STAGES.indexOf(stage));
      const done = before.reduce((sum, one) => sum + shares[one], share * shares[stage]);
      this.#done = Math.min(1, Math.max(this.#done, done));
    }
    this.#listener({ stage, done: this.#done, total: 1 });
  }

  finish(): void {
    this.#end();
    this.#done = 1;
    if (this.#stage !== undefined) this.#listener({ stage: this.#stage, done: 1, total: 1 });
  }

  #end(): void {
    if (this.#stage === undefined) return;
    const milliseconds = performance.now() - this.#stageStart;
    this.#times.push({ stage: this.#stage, milliseconds });
  }
}

function stageShares(
  size: ProofSize,
  threads: number,
  committed: boolean,
): Record<ProofStage, number> {
  const weights = stageWeights(size, threads, committed);
  const total = PROOF_STAGES.reduce((sum, stage) => sum + weights[stage], 0);
  const shares = PROOF_STAGES.map((stage) => [stage, weights[stage] / total] as const);
  return Object.fromEntries(shares) as Record<ProofStage, number>;
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
