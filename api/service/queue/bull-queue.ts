/** The queue over BullMQ. */
import {
  type Job,
  type JobsOptions,
  Queue,
  type QueueBaseOptions,
  WaitingError,
  Worker,
} from 'bullmq';
import type { Backend } from './backends.ts';
import {
  ATTEMPTS,
  BACKOFF_MILLISECONDS,
  type QueueWorker,
  type TakenTask,
  type Task,
  type TaskQueue,
  type WorkerSettings,
} from './queue.ts';

/** A worker that dies with a task is no failure of the task: the job counts its starts itself. */
const MOST_DEATHS = 1_000_000;
/** Between two looks at an empty queue, should a notification be lost. */
const POLL_SECONDS = 1;

/** Why a task's signal is aborted. */
const LOST = 'another worker has the task';
const STOPS = 'the worker stops';
/** How long an aborted task may go on. */
const STOP_MILLISECONDS = 1000;

/** As tasks pass from one to the next, so that none is missed between two looks. */
const HELD = ['delayed', 'waiting', 'active', 'delayed'] as const;

/**
 * Opens the queue of a name.
 *
 * @param backend stays the caller's
 */
export async function openQueue(name: string, backend: Backend): Promise<TaskQueue> {
  const queue = new BullQueue(name, backend);
  await queue.ready();
  return queue;
}

class BullQueue implements TaskQueue {
  readonly #name: string;
  readonly #backend: Backend;
  readonly #queue: Queue<unknown, unknown, string>;

  constructor(name: string, backend: Backend) {
    this.#name = name;
    this.#backend = backend;
    const options = { connection: backend.connection } as QueueBaseOptions;
    this.#queue = new Queue(name, options as never, backend.factory as never) as never;
    // What fails is seen by whoever asked for it.
    this.#queue.on('error', () => {});
  }

  async ready(): Promise<void> {
    await this.#queue.waitUntilReady();
  }

  async add(task: Task): Promise<void> {
    await this.#queue.add(task.kind, task.data, optionsOf(task));
  }

  async held(): Promise<string[]> {
    return await this.#queue.getRanges([...HELD], 0, -1);
  }

  work(handler: (task: TakenTask) => Promise<void>, settings: WorkerSettings): QueueWorker {
    const { name, concurrency, lockMilliseconds } = settings;
    const running = new Set<Promise<void>>();
    const worker = new Worker(
      this.#name,
      (job: Job, token?: string, signal?: AbortSignal) => {
        const task = handle(handler, job, token, signal);
        const settled = task.catch(() => {}).finally(() => running.delete(settled));
        running.add(settled);
        return task;
      },
      {
        ...{ connection: this.#backend.connection, name, concurrency },
        ...{ lockDuration: lockMilliseconds, stalledInterval: lockMilliseconds / 2 },
        ...{ maxStalledCount: MOST_DEATHS, drainDelay: POLL_SECONDS },
      } as never,
      this.#backend.factory as never,
    );
    worker.on('error', () => {});
    worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const id of ids) worker.cancelJob(id, LOST);
    });
    return { close: (milliseconds) => closeWorker(worker as never, running, milliseconds) };
  }

  async clear(): Promise<void> {
    await this.#queue.obliterate({ force: true });
  }

  async ping(): Promise<void> {
    await this.#backend.ping();
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

function optionsOf(task: Task): JobsOptions {
  return {
    jobId: task.id,
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: BACKOFF_MILLISECONDS },
    removeOnComplete: true,
    removeOnFail: true,
  };
}

async function handle(
  handler: (task: TakenTask) => Promise<void>,
  job: Job,
  token: string | undefined,
  aborted: AbortSignal | undefined,
): Promise<void> {
  const attempt = job.attemptsMade + 1;
  // BullMQ's signal is one of its own making, which `AbortSignal.any` need not take.
  const controller = new AbortController();
  aborted?.addEventListener('abort', () => controller.abort());
  const { signal } = controller;
  try {
    await handler({
      ...{ id: job.id ?? '', kind: job.name, data: job.data, attempt, last: attempt >= ATTEMPTS },
      signal,
    });
  } catch (error) {
    if (aborted?.reason === STOPS) {
      // No failure of the task: it keeps its attempts.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    throw error;
  }
}

/** `Worker.close` waits without end for a task that does not end. */
async function closeWorker(
  worker: Worker,
  running: ReadonlySet<Promise<void>>,
  milliseconds: number,
): Promise<void> {
  await worker.pause(true);
  await settledWithin(running, milliseconds);
  if (running.size > 0) {
    worker.cancelAllJobs(STOPS);
    await settledWithin(running, STOP_MILLISECONDS);
  }
  await worker.close(running.size > 0);
}

async function settledWithin(
  tasks: ReadonlySet<Promise<void>>,
  milliseconds: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([Promise.all(tasks), late]);
  clearTimeout(timer);
}
