/** Entry of the thread of a `WorkerLane`: makes what it is asked for, one segment at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { Arena, type FilledSegment, startPool } from '../../prover/index.ts';
import { checkMemory } from './cost.ts';
import { PoolLane } from './lane.ts';
import { type PackedRun, unpackRun } from './packed-run.ts';
import type { ProofStage } from './progress.ts';
import { type PackedError, packError } from './worker-error.ts';

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

export type LaneReply =
  | { readonly kind: 'progress'; readonly stage: ProofStage; readonly done: number }
  | {
      readonly kind: 'done';
      readonly message: Uint8Array;
      readonly open: number | undefined;
      readonly peakBytes: number;
    }
  | { readonly kind: 'failed'; readonly error: PackedError };

const { run: packed, threads } = workerData as LaneStart;
const run = unpackRun(packed);
const pool = startPool(new Arena(), threads);
const lane: Promise<PoolLane> = pool.then(
  (started) => new PoolLane(started, run, { onProgress: tell }),
);

function reply(message: LaneReply): void {
  parentPort?.postMessage(message);
}

function tell({ stage, done, total }: { stage: ProofStage; done: number; total: number }): void {
  reply({ kind: 'progress', stage, done: total === 0 ? 1 : done / total });
}

async function fill(number: number, start: Uint8Array | undefined): Promise<FilledSegment> {
  tell({ stage: 'fill', done: 0, total: 1 });
  const filled = await run.fill(number, start, undefined);
  // What all lanes take together was checked before they were started.
  checkMemory(run.sizeOf(filled.tables, filled.cycleEnd - 1, threads), Number.POSITIVE_INFINITY);
  return filled;
}

async function answer(request: LaneRequest): Promise<Uint8Array> {
  const { number, start } = request;
  const segments = await lane;
  if (request.kind === 'commit') return await segments.commit(number, await fill(number, start));
  const filled = segments.open === number ? undefined : await fill(number, start);
  return await segments.prove(number, filled, request.challenge);
}

parentPort?.on('message', async (request: LaneRequest) => {
  try {
    const message = await answer(request);
    const { open, peakBytes } = await lane;
    reply({ kind: 'done', message, open, peakBytes });
  } catch (error) {
    reply({ kind: 'failed', error: packError(error) });
  }
});
