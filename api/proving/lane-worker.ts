/** Entry of the thread of a `WorkerLane`: makes what it is asked for, one segment at a time. */
import { workerData } from 'node:worker_threads';
import { Arena, type FilledSegment, type StageProgress, startPool } from '../../prover/index.ts';
import { checkMemory } from './cost.ts';
import { PoolLane } from './lane.ts';
import { type PackedRun, unpackRun } from './packed-run.ts';
import type { ProofStage } from './progress.ts';
import { answerQuestions } from './thread-link.ts';

/** What the thread gets when it starts. */
export interface LaneStart {
  readonly run: PackedRun;
  readonly threads: number;
}

export type LaneRequest =
  | { readonly kind: 'commit'; readonly number: number; readonly start: Uint8Array | undefined }
  | {
      readonly kind: 'prove';
      readonly number: number;
      readonly start: Uint8Array | undefined;
      readonly challenge: Uint8Array;
    };

export interface LaneNote {
  readonly stage: ProofStage;
  readonly done: number;
}

export interface LaneAnswer extends Pick<PoolLane, 'open' | 'peakBytes'> {
  readonly message: Uint8Array;
}

const { run: packed, threads } = workerData as LaneStart;
const run = unpackRun(packed);
let note: (note: LaneNote) => void = () => {};
const lane: Promise<PoolLane> = startPool(new Arena(), threads).then(
  (pool) => new PoolLane(pool, run, { onProgress: tell }),
);

function tell({ stage, done, total }: StageProgress<ProofStage>): void {
  note({ stage, done: total === 0 ? 1 : done / total });
}

async function fill(number: number, start: Uint8Array | undefined): Promise<FilledSegment> {
  note({ stage: 'fill', done: 0 });
  const filled = await run.fill(number, start, undefined);
  // What all lanes take together was checked before they were started.
  checkMemory(run.sizeOf(filled.tables, filled.cycleEnd - 1, threads), Number.POSITIVE_INFINITY);
  return filled;
}

async function make(segments: PoolLane, request: LaneRequest): Promise<Uint8Array> {
  const { number, start } = request;
  if (request.kind === 'commit') return await segments.commit(number, await fill(number, start));
  const filled = segments.open.includes(number) ? undefined : await fill(number, start);
  return await segments.prove(number, filled, request.challenge);
}

answerQuestions<LaneRequest, LaneAnswer, LaneNote>(async (request, toAsker) => {
  note = toAsker;
  const segments = await lane;
  const message = await make(segments, request);
  const { open, peakBytes } = segments;
  return { answer: { message, open, peakBytes } };
});
