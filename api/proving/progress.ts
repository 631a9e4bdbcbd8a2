/** How far a proof is, in a model of what its stages cost. */
import type { ProofSize } from './cost.ts';
import { modelSlowness, stageMilliseconds } from './model.ts';

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
  /** The segment that is worked on, from 1; 0 where it is the run as a whole. */
  readonly segment: number;
  /** Segments of the run; 0 as long as that is unknown. */
  readonly segments: number;
  /** Never falls; from 0 to `total`. */
  readonly done: number;
  readonly total: 1;
}

/** Time of a stage, in all segments together. */
export interface StageTime {
  readonly stage: ProofStage;
  readonly milliseconds: number;
}

/** Reports progress. A stage's share of the work is its share of the time that the model expects. */
export class ProgressMeter {
  readonly #listener: (progress: ProofProgress) => void;
  readonly #times = new Map<ProofStage, number>();
  #shares: Readonly<Record<ProofStage, number>> | undefined;
  #segments = 0;
  #segment = 0;
  #stage: ProofStage | undefined;
  #stageStart = 0;
  /** Of the stages that have ended. */
  #ended = 0;
  #done = 0;

  constructor(listener: (progress: ProofProgress) => void = () => {}) {
    this.#listener = listener;
  }

  /** Times of the finished stages. */
  get times(): readonly StageTime[] {
    return [...this.#times].map(([stage, milliseconds]) => ({ stage, milliseconds }));
  }

  /**
   * Tells the sizes, once they are known; until then nothing counts as done.
   *
   * @param size of one segment; the others are taken to be like it
   * @param left how many are still to be committed to, and to be proved
   */
  expect(
    size: ProofSize,
    threads: number,
    committed: boolean,
    segments: number,
    left: SegmentsLeft,
  ): void {
    const shares = stageShares(size, threads, committed, left);
    this.#shares = shares;
    this.#segments = segments;
    for (const stage of this.#times.keys()) this.#ended += shares[stage];
  }

  /** The segment that the next stages belong to, from 1; 0 for the run as a whole. */
  enter(segment: number): void {
    this.#segment = segment;
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
      const done = this.#ended + share * shares[stage];
      this.#done = Math.min(1, Math.max(this.#done, done));
    }
    this.#report(stage);
  }

  finish(): void {
    this.#end();
    this.#done = 1;
    if (this.#stage !== undefined) this.#report(this.#stage);
  }

  #report(stage: ProofStage): void {
    const [segment, segments] = [this.#segment, this.#segments];
    this.#listener({ stage, segment, segments, done: this.#done, total: 1 });
  }

  #end(): void {
    const stage = this.#stage;
    if (stage === undefined) return;
    const milliseconds = performance.now() - this.#stageStart;
    this.#times.set(stage, (this.#times.get(stage) ?? 0) + milliseconds);
    this.#ended += this.#shares?.[stage] ?? 0;
  }
}

/** Segments that are still to be committed to, and to be proved. */
export interface SegmentsLeft {
  readonly commit: number;
  readonly prove: number;
}

/**
 * How often each stage happens: the last segment is proved as soon as it is committed to.
 *
 * @param committed whether the program is
 */
export function stageCounts(
  { commit, prove }: SegmentsLeft,
  committed: boolean,
): Record<ProofStage, number> {
  const passes = commit + Math.max(0, commit > 0 ? prove - 1 : prove);
  return {
    execute: passes,
    fill: passes,
    program: committed ? 1 : 0,
    load: passes,
    commit: passes,
    logup: prove,
    zerocheck: prove,
    reduction: prove,
    opening: prove,
    verify: prove,
  };
}

/** The share in the whole work of each stage of one segment, of `verify` for all of them. */
function stageShares(
  size: ProofSize,
  threads: number,
  committed: boolean,
  left: SegmentsLeft,
): Record<ProofStage, number> {
  const slowness = modelSlowness(threads);
  const counts = stageCounts(left, committed);
  const stages = PROOF_STAGES.map((stage) => {
    const each = stageMilliseconds(stage, size, slowness);
    const all = counts[stage] * each;
    return { stage, share: stage === 'verify' ? all : each, all };
  });
  const total = stages.reduce((sum, { all }) => sum + all, 0);
  const shares = stages.map(({ stage, share }) => [stage, share / total] as const);
  return Object.fromEntries(shares) as Record<ProofStage, number>;
}
