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
  /** Segments and cycles of the run; 0 as long as they are unknown. */
  readonly segments: number;
  readonly cycles: number;
  /** Never falls; from 0 to `total`. */
  readonly done: number;
  readonly total: 1;
}

/** Time of a stage, in all segments together. */
export interface StageTime {
  readonly stage: ProofStage;
  readonly milliseconds: number;
}

/** Where one after the other happens; several of them go on at the same time. */
export interface ProgressLane {
  /** The segment that the next stages belong to, from 1; 0 for the run as a whole. */
  enter(segment: number): void;
  /** A stage is done by so much, from 0 to 1; the first time, the lane's stage before has ended. */
  reach(stage: ProofStage, share?: number): void;
  /** The lane's stage has ended. */
  end(): void;
}

/** Reports progress. A stage's share of the work is its share of the time that the model expects. */
export class ProgressMeter implements ProgressLane {
  readonly #listener: (progress: ProofProgress) => void;
  readonly #times = new Map<ProofStage, number>();
  readonly #lanes: MeterLane[] = [];
  readonly #main: MeterLane;
  #shares: Readonly<Record<ProofStage, number>> | undefined;
  #segments = 0;
  /** Of the run, once it is known. */
  cycles = 0;
  /** Of the stages that have ended. */
  #ended = 0;
  #done = 0;

  constructor(listener: (progress: ProofProgress) => void = () => {}) {
    this.#listener = listener;
    this.#main = this.#add();
  }

  /** Times of the finished stages, of all lanes together. */
  get times(): readonly StageTime[] {
    return [...this.#times].map(([stage, milliseconds]) => ({ stage, milliseconds }));
  }

  /** One more lane, beside that of the meter itself. */
  lane(): ProgressLane {
    return this.#add();
  }

  /**
   * Tells the sizes, once they are known; until then nothing counts as done.
   *
   * @param size of one segment; the others are taken to be like it
   * @param threads of each lane
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

  enter(segment: number): void {
    this.#main.enter(segment);
  }

  reach(stage: ProofStage, share = 0): void {
    this.#main.reach(stage, share);
  }

  end(): void {
    this.#main.end();
  }

  finish(): void {
    const { stage } = this.#main;
    this.end();
    this.#done = 1;
    if (stage !== undefined) this.#report(stage, 0);
  }

  #add(): MeterLane {
    const lane = new MeterLane({
      report: (stage, segment) => this.#report(stage, segment),
      ended: (stage, milliseconds) => this.#stageEnded(stage, milliseconds),
    });
    this.#lanes.push(lane);
    return lane;
  }

  #report(stage: ProofStage, segment: number): void {
    const shares = this.#shares;
    if (shares !== undefined) {
      const current = this.#lanes.reduce(
        (sum, lane) => sum + (lane.stage === undefined ? 0 : lane.share * shares[lane.stage]),
        this.#ended,
      );
      this.#done = Math.min(1, Math.max(this.#done, current));
    }
    const [segments, cycles, done] = [this.#segments, this.cycles, this.#done];
    this.#listener({ stage, segment, segments, cycles, done, total: 1 });
  }

  #stageEnded(stage: ProofStage, milliseconds: number): void {
    this.#times.set(stage, (this.#times.get(stage) ?? 0) + milliseconds);
    this.#ended += this.#shares?.[stage] ?? 0;
  }
}

interface LaneListener {
  report(stage: ProofStage, segment: number): void;
  ended(stage: ProofStage, milliseconds: number): void;
}

class MeterLane implements ProgressLane {
  readonly #listener: LaneListener;
  #segment = 0;
  #stage: ProofStage | undefined;
  #share = 0;
  #start = 0;

  constructor(listener: LaneListener) {
    this.#listener = listener;
  }

  get stage(): ProofStage | undefined {
    return this.#stage;
  }

  /** What is done of the stage. */
  get share(): number {
    return this.#share;
  }

  enter(segment: number): void {
    this.#segment = segment;
  }

  reach(stage: ProofStage, share = 0): void {
    if (stage !== this.#stage) {
      this.end();
      this.#stage = stage;
      this.#start = performance.now();
    }
    this.#share = share;
    this.#listener.report(stage, this.#segment);
  }

  end(): void {
    if (this.#stage === undefined) return;
    this.#listener.ended(this.#stage, performance.now() - this.#start);
    this.#stage = undefined;
    this.#share = 0;
  }
}

/** Segments that are still to be committed to, and to be proved. */
export interface SegmentsLeft {
  readonly commit: number;
  readonly prove: number;
  /** Most segments that are proved without a second commitment. Default 1. */
  readonly open?: number;
}

/**
 * How often each stage happens.
 *
 * @param committed whether the program is
 */
export function stageCounts(
  { commit, prove, open = 1 }: SegmentsLeft,
  committed: boolean,
): Record<ProofStage, number> {
  const passes = commit + prove - Math.min(commit, prove, open);
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
