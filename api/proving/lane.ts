/** Threads that work on one segment at a time. */
import type { ReceiptHead } from '@vouch/verifier';
import {
  type FilledSegment,
  type OpenSegment,
  openSegment,
  type Pool,
  proveSegmentAgain,
  type StageProgress,
} from '../../prover/index.ts';
import { writeHeader, writeProof } from '../messages/segment.ts';
import { readDrawn } from './challenge.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressLane, ProofStage } from './progress.ts';

/** Makes the messages of segments. @typeParam Source what a segment's tables are made from */
export interface Lane<Source> {
  /** The segment that is committed to and still in memory: its proof needs no source. */
  readonly open: number | undefined;
  /** Most bytes in the kernels' memory at a time. */
  readonly peakBytes: number;
  /** The header of a segment, which stays in memory until the next call. */
  commit(number: number, source: Source): Promise<Uint8Array>;
  /** The proof of a segment. */
  prove(number: number, source: Source | undefined, challenge: Uint8Array): Promise<Uint8Array>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

export interface LaneHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress<ProofStage>) => void) | undefined;
}

/** Tells a meter how far the segments of a lane are. */
export function laneHooks(progress: ProgressLane, signal: AbortSignal | undefined): LaneHooks {
  return {
    signal,
    onProgress: ({ stage, done, total }) => progress.reach(stage, total === 0 ? 1 : done / total),
  };
}

/** The lane of a pool. Throws as `openSegment` and `proveSegmentAgain`, and StepError. */
export class PoolLane implements Lane<FilledSegment> {
  readonly #pool: Pool;
  readonly #run: PlannedRun;
  readonly #hooks: LaneHooks;
  #open: { readonly number: number; readonly segment: OpenSegment } | undefined;

  constructor(pool: Pool, run: PlannedRun, hooks: LaneHooks) {
    this.#pool = pool;
    this.#run = run;
    this.#hooks = hooks;
  }

  get open(): number | undefined {
    return this.#open?.number;
  }

  get peakBytes(): number {
    return this.#pool.arena.peakBytes;
  }

  async commit(number: number, filled: FilledSegment): Promise<Uint8Array> {
    await this.close();
    const { statement, label } = this.#run;
    const segment = await openSegment(this.#pool, statement, filled, this.#hooks);
    this.#open = { number, segment };
    return writeHeader(label, number, segment.header);
  }

  async prove(
    number: number,
    filled: FilledSegment | undefined,
    challenge: Uint8Array,
  ): Promise<Uint8Array> {
    const run = this.#run;
    const { head, challenges } = readDrawn(run, challenge);
    if (this.#open?.number === number) {
      const proof = await this.#open.segment.prove(challenges, number);
      await this.close();
      return writeProof(run.label, number, challenges.statement, proof);
    }
    await this.close();
    if (filled === undefined) throw new Error(`segment ${number} is not open`);
    const header = head.segments[number - 1] as ReceiptHead['segments'][number];
    const proof = await proveSegmentAgain(
      this.#pool,
      run.statement,
      filled,
      header,
      challenges,
      number,
      this.#hooks,
    );
    return writeProof(run.label, number, challenges.statement, proof);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.segment.close();
  }
}
