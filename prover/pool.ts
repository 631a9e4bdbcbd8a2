/** Persistent worker threads over one shared memory. */
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ProverError } from './errors.ts';
import { instantiate, type Job, type Kernels, kernelModule, runJob } from './kernel.ts';
import { JOB_COUNTER, SCRATCH_BYTES } from './kernel-layout.ts';
import type { Arena, Region } from './memory.ts';
import type { WorkerReply, WorkerStart } from './worker.ts';

/** Who watches a run. */
export interface RunWatch {
  /** Stops the run: no job is begun any more, and the run rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how many jobs of the run have been begun. */
  onJobs?(begun: number): void;
}

/** Milliseconds between the times at which a watched run looks up. */
const TURN = 20;

/** Runs kernels. Jobs of one run must be independent of each other. */
export interface Pool {
  readonly arena: Arena;
  readonly threads: number;
  /**
   * Runs the jobs in any order and resolves when all are done. Runs that are asked for at the same
   * time follow each other. Rejects with a ProverError: `pool/job`, `pool/worker` or `pool/closed`.
   * Whether it resolves or rejects, no thread works on its jobs any more (unless one was lost).
   *
   * @param work what the jobs count for in the progress of a pool that `watchPool` made
   */
  run(jobs: readonly Job[], work?: number, watch?: RunWatch): Promise<void>;
  /** Waits for the runs asked for, then stops the threads and frees their memory. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a pool. With one thread the jobs run in the calling thread, else in as many workers. Idle
 * workers do not keep the process alive. Throws a ProverError `pool/worker` if one does not start.
 */
export async function startPool(arena: Arena, threads: number): Promise<Pool> {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 256)) {
    throw new RangeError(`threads is ${threads}, expected an integer from 1 to 256`);
  }
  if (threads === 1) return new LocalPool(arena);
  const pool = new WorkerPool(arena, threads);
  await pool.started();
  return pool;
}

/** Splits [0, total) into at most `parts` ranges; all but the last are multiples of `grain`. */
export function split(total: number, parts: number, grain = 4): [from: number, to: number][] {
  const size = Math.max(grain, grain * Math.ceil(total / parts / grain));
  const ranges: [number, number][] = [];
  for (let from = 0; from < total; from += size) ranges.push([from, Math.min(total, from + size)]);
  return ranges;
}

class LocalPool implements Pool {
  readonly arena: Arena;
  readonly threads = 1;
  readonly #scratch: Region;
  readonly #kernels: Kernels;
  #turnStart = performance.now();
  #closed = false;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#scratch = arena.allocate('scratch of the kernels', SCRATCH_BYTES);
    this.#kernels = instantiate(arena.memory, this.#scratch.offset);
  }

  async run(jobs: readonly Job[], _work = 0, watch?: RunWatch): Promise<void> {
    if (this.#closed) throw closedError();
    watch?.signal?.throwIfAborted();
    for (const [i, job] of jobs.entries()) {
      try {
        runJob(this.#kernels, job);
      } catch (cause) {
        throw jobError(job, String(cause), cause);
      }
      if (watch !== undefined) await this.#pause(watch, i + 1);
    }
  }

  /** Lets timers and signals of the calling thread have their turn. */
  async #pause(watch: RunWatch, begun: number): Promise<void> {
    if (performance.now() - this.#turnStart < TURN) return;
    await setImmediate();
    this.#turnStart = performance.now();
    watch.signal?.throwIfAborted();
    watch.onJobs?.(begun);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.arena.free(this.#scratch);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What a worker owes: the end of a run, or that it is ready. */
interface Debt {
  resolve(reply: WorkerReply): void;
  reject(error: ProverError): void;
}

class WorkerPool implements Pool {
  readonly arena: Arena;
  readonly threads: number;
  readonly #scratch: Region;
  readonly #workers: Worker[] = [];
  readonly #debts = new Map<Worker, Debt>();
  readonly #ready: Promise<unknown>;
  #tail: Promise<unknown> = Promise.resolve();
  #failure: ProverError | undefined;
  #closing: Promise<void> | undefined;

  constructor(arena: Arena, threads: number) {
    this.arena = arena;
    this.threads = threads;
    this.#scratch = arena.allocate('scratch of the kernels', threads * SCRATCH_BYTES);
    this.#ready = Promise.all(Array.from({ length: threads }, (_, k) => this.#startWorker(k)));
  }

  async started(): Promise<void> {
    try {
      await this.#ready;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  run(jobs: readonly Job[], _work = 0, watch?: RunWatch): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    const result = this.#tail.then(() => this.#runNow(jobs, watch));
    this.#tail = result.catch(() => {});
    return result;
  }

  close(): Promise<void> {
    this.#closing ??= this.#tail.then(async () => {
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
      this.arena.free(this.#scratch);
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startWorker(k: number): Promise<void> {
    const workerData: WorkerStart = {
      memory: this.arena.memory,
      module: kernelModule(),
      scratch: this.#scratch.offset + k * SCRATCH_BYTES,
    };
    // Options of the process such as --input-type are not for the worker's file.
    const options = { workerData, execArgv: [] };
    const worker = new Worker(new URL('./worker.js', import.meta.url), options);
    this.#workers.push(worker);
    worker.on('message', (reply: WorkerReply) => {
      this.#debts.get(worker)?.resolve(reply);
      this.#debts.delete(worker);
    });
    worker.on('error', (cause) => this.#lost(String(cause), cause));
    worker.on('exit', (code) => this.#lost(`it stopped with code ${code}`));
    await this.#reply(worker);
  }

  /** The next message of a worker; the process stays alive until it comes. */
  async #reply(worker: Worker): Promise<WorkerReply> {
    if (this.#failure !== undefined) throw this.#failure;
    worker.ref();
    try {
      return await new Promise<WorkerReply>((resolve, reject) => {
        this.#debts.set(worker, { resolve, reject });
      });
    } finally {
      worker.unref();
    }
  }

  async #runNow(jobs: readonly Job[], watch?: RunWatch): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    watch?.signal?.throwIfAborted();
    if (jobs.length === 0) return;
    const counter = new Int32Array(this.arena.memory.buffer, JOB_COUNTER, 1);
    Atomics.store(counter, 0, 0);
    const used = this.#workers.slice(0, jobs.length);
    const replying = Promise.all(
      used.map((worker) => {
        const reply = this.#reply(worker);
        worker.postMessage(jobs);
        return reply;
      }),
    );
    const replies = await (watch === undefined
      ? replying
      : watched(replying, watch, counter, jobs.length));
    for (const { failed } of replies) {
      if (failed !== undefined) throw jobError(jobs[failed.job] as Job, failed.message);
    }
    watch?.signal?.throwIfAborted();
  }

  /** A worker is gone: every debt fails, and so does every later run. */
  #lost(reason: string, cause?: unknown): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    this.#failure = new ProverError(
      'pool/worker',
      `a worker thread was lost: ${reason}`,
      'start again; if it happens again, use fewer threads or give the process more memory',
      cause,
    );
    for (const debt of this.#debts.values()) debt.reject(this.#failure);
    this.#debts.clear();
  }
}

/** Waits for the workers; when the signal is aborted they find no further job. */
async function watched<Replies>(
  replying: Promise<Replies>,
  watch: RunWatch,
  counter: Int32Array,
  jobs: number,
): Promise<Replies> {
  const stop = (): unknown => Atomics.store(counter, 0, jobs);
  const tell = (): void => watch.onJobs?.(Math.min(jobs, Atomics.load(counter, 0)));
  watch.signal?.addEventListener('abort', stop, { once: true });
  const timer = setInterval(tell, TURN);
  try {
    return await replying;
  } finally {
    clearInterval(timer);
    watch.signal?.removeEventListener('abort', stop);
  }
}

function jobError(job: Job, reason: string, cause?: unknown): ProverError {
  return new ProverError(
    'pool/job',
    `the kernel call ${job[0]}(${job.slice(1).join(', ')}) failed: ${reason}`,
    'this is a fault of the prover: report it with the message',
    cause,
  );
}

function closedError(): ProverError {
  return new ProverError('pool/closed', 'the pool was closed', 'start another pool');
}
