/** Threads that work on one segment at a time. */
import type { ReceiptHead, SegmentHeader, SegmentProof } from '@vouch/verifier';
import {
  type FilledSegment,
  type OpenSegment,
  openSegment,
  type Pool,
  proveSegmentAgain,
  type SharedChallenges,
  type StageProgress,
} from '../../prover/index.ts';
import { writeHeader, writeProof } from '../messages/segment.ts';
import { readDrawn } from './challenge.ts';
import type { ProofSize } from './cost.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressLane, ProofStage } from './progress.ts';

/** Makes the messages of segments. @typeParam Source what a segment's tables are made from */
export interface Lane<Source> {
  /** The segments that are committed to and still in memory: their proofs need no source. */
  readonly open: readonly number[];
  /** Most bytes in the kernels' memory at a time. */
  readonly peakBytes: number;
  /** The header of a segment, which stays in memory as long as there is room. */
  commit(number: number, source: Source): Promise<Uint8Array>;
  /** The proof of a segment, which needs no source if the segment is open. */
  prove(number: number, source: Source | undefined, challenge: Uint8Array): Promise<Uint8Array>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

export interface LaneHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress<ProofStage>) => void) | undefined;
  /** Called with the number of the segment that the next stages belong to. */
  readonly onSegment?: ((number: number) => void) | undefined;
}

/** Tells a meter how far the segments of a lane are. */
export function laneHooks(progress: ProgressLane, signal: AbortSignal | undefined): LaneHooks {
  return {
    signal,
    onProgress: ({ stage, done, total }) => progress.reach(stage, total === 0 ? 1 : done / total),
    onSegment: (number) => progress.enter(number),
  };
}

/** The lane of a pool. Throws as `openSegment` and `proveSegmentAgain`, and StepError. */
export class PoolLane implements Lane<FilledSegment> {
  readonly #pool: Pool;
  readonly #run: PlannedRun;
  readonly #hooks: LaneHooks;
  readonly #mostOpen: (size: ProofSize) => number;
  readonly #open = new Map<number, OpenSegment>();

  /** @param mostOpen how many segments of this size may be open, at least one */
  constructor(
    pool: Pool,
    run: PlannedRun,
    hooks: LaneHooks,
    mostOpen: (size: ProofSize) => number = () => 1,
  ) {
    this.#pool = pool;
    this.#run = run;
    this.#hooks = hooks;
    this.#mostOpen = mostOpen;
  }

  get open(): readonly number[] {
    return [...this.#open.keys()];
  }

  get peakBytes(): number {
    return this.#pool.arena.peakBytes;
  }

  async commit(number: number, filled: FilledSegment): Promise<Uint8Array> {
    const { statement, label } = this.#run;
    this.#hooks.onSegment?.(number);
    const size = this.#run.sizeOf(filled.tables, filled.cycleEnd - 1, this.#pool.threads);
    await this.#closeAllBut(this.#mostOpen(size) - 1);
    const segment = await openSegment(this.#pool, statement, filled, this.#hooks);
    this.#open.set(number, segment);
    return writeHeader(label, number, segment.header);
  }

  async prove(
    number: number,
    filled: FilledSegment | undefined,
    challenge: Uint8Array,
  ): Promise<Uint8Array> {
    const run = this.#run;
    this.#hooks.onSegment?.(number);
    const { head, challenges } = readDrawn(run, challenge);
    const proof =
      (await this.#proveOpen(number, challenges)) ??
      (await this.#proveAgain(number, filled, head, challenges));
    return writeProof(run.label, number, challenges.statement, proof);
  }

  close(): Promise<void> {
    return this.#closeAllBut(0);
  }

  async #proveOpen(
    number: number,
    challenges: SharedChallenges,
  ): Promise<SegmentProof | undefined> {
    const segment = this.#open.get(number);
    const proof = await segment?.prove(challenges, number);
    await segment?.close();
    this.#open.delete(number);
    return proof;
  }

  async #proveAgain(
    number: number,
    filled: FilledSegment | undefined,
    { segments }: ReceiptHead,
    challenges: SharedChallenges,
  ): Promise<SegmentProof> {
    await this.close();
    if (filled === undefined) throw new Error(`segment ${number} is not open`);
    const header = segments[number - 1] as SegmentHeader;
    const { statement } = this.#run;
    const hooks = this.#hooks;
    return proveSegmentAgain(this.#pool, statement, filled, header, challenges, number, hooks);
  }

  /** Gives the memory of the segments that were opened first back. */
  async #closeAllBut(count: number): Promise<void> {
    const surplus = [...this.#open].slice(0, Math.max(0, this.#open.size - count));
    for (const [number, segment] of surplus) {
      this.#open.delete(number);
      await segment.close();
    }
  }
}
