/** A lane in a thread of its own, with threads of its own. */
import { Worker } from 'node:worker_threads';
import { ProverError } from '../../prover/index.ts';
import type { Lane } from './lane.ts';
import type { LaneReply, LaneRequest, LaneStart } from './lane-worker.ts';
import { packRun } from './packed-run.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressLane } from './progress.ts';
import { unpackError } from './worker-error.ts';

/** Makes tables from starts. Throws as `PoolLane`, and ProverError `pool/worker` if its thread is lost. */
export class WorkerLane implements Lane<Uint8Array | undefined> {
  readonly #worker: Worker;
  readonly #progress: ProgressLane;
  readonly #signal: AbortSignal | undefined;
  #answer: ((reply: LaneReply | Error) => void) | undefined;
  #failure: Error | undefined;
  #open: number | undefined;
  #peakBytes = 0;

  constructor(
    run: PlannedRun,
    threads: number,
    progress: ProgressLane,
    signal: AbortSignal | undefined,
  ) {
    const workerData: LaneStart = { run: packRun(run), threads };
    // Options of the process such as --input-type are not for the worker's file.
    const options = { workerData, execArgv: [] };
    this.#worker = new Worker(new URL('./lane-worker.js', import.meta.url), options);
    this.#worker.unref();
    this.#progress = progress;
    this.#signal = signal;
    this.#worker.on('message', (reply: LaneReply) => this.#take(reply));
    this.#worker.on('error', (cause) => this.#lost(String(cause), cause));
    this.#worker.on('exit', (code) => this.#lost(`it stopped with code ${code}`));
  }

  get open(): number | undefined {
    return this.#open;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  commit(number: number, start: Uint8Array | undefined): Promise<Uint8Array> {
    return this.#ask({ kind: 'commit', number, start });
  }

  prove(number: number, start: Uint8Array | undefined, challenge: Uint8Array): Promise<Uint8Array> {
    return this.#ask({ kind: 'prove', number, start, challenge });
  }

  async close(): Promise<void> {
    this.#failure ??= new ProverError('pool/closed', 'the lane was closed', 'start another proof');
    await this.#worker.terminate();
  }

  /** One request at a time; the process stays alive until it is answered. */
  async #ask(request: LaneRequest): Promise<Uint8Array> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    this.#progress.enter(request.number);
    const abort = (): void => this.#answer?.(signal?.reason);
    this.#worker.ref();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const reply = await new Promise<LaneReply | Error>((resolve) => {
        this.#answer = resolve;
        this.#worker.postMessage(request);
      });
      signal?.throwIfAborted();
      if (reply instanceof Error) throw reply;
      if (reply.kind === 'failed') throw unpackError(reply.error);
      if (reply.kind !== 'done') throw new Error(`an answer was expected, not ${reply.kind}`);
      this.#open = reply.open;
      this.#peakBytes = reply.peakBytes;
      return reply.message;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#answer = undefined;
      this.#progress.end();
      this.#worker.unref();
    }
  }

  #take(reply: LaneReply): void {
    if (reply.kind === 'progress') this.#progress.reach(reply.stage, reply.done);
    else this.#answer?.(reply);
  }

  #lost(reason: string, cause?: unknown): void {
    this.#failure ??= new ProverError(
      'pool/worker',
      `the thread of a segment was lost: ${reason}`,
      'start again; if it happens again, prove fewer segments at a time or give the process more memory',
      cause,
    );
    this.#answer?.(this.#failure);
  }
}
