/**
 * Hands jobs to the queue in fair order, few at a time, so that those behind can still be overtaken; sees
 * to deadlines; and gives the queue again what it has lost. Runs in servers and in workers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { failLost, failOverdue } from './endings.ts';
import { nextTask } from './flow.ts';
import type { Flow, Task } from './queue/queue.ts';
import type { Runtime } from './runtime.ts';

/** Between two looks, unless something happens in this process. */
const LOOK_MILLISECONDS = 500;
/** After which the queue should still have what it got. */
const CHECK_MILLISECONDS = 5000;
/** Jobs with the queue for each worker: one to work on, one to go on with. */
const JOBS_PER_WORKER = 2;
/** How often a task is begun, when those who work on it die. */
const MOST_BEGINS = 20;

export class Dispatcher {
  readonly #runtime: Runtime;
  readonly #onError: (error: unknown) => void;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #wake = (): void => {};

  constructor(runtime: Runtime, onError: (error: unknown) => void) {
    this.#runtime = runtime;
    this.#onError = onError;
    runtime.changes.on('job', this.kick);
    this.#loop = this.#run();
  }

  /** Looks at once. */
  readonly kick = (): void => this.#wake();

  async close(): Promise<void> {
    this.#runtime.changes.off('job', this.kick);
    this.#stop.abort();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let checked = 0;
    while (!this.#stop.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        await failOverdue(this.#runtime);
        await this.#dispatch();
        if (Date.now() - checked > CHECK_MILLISECONDS) {
          await this.#check();
          checked = Date.now();
        }
      } catch (error) {
        this.#onError(error);
      }
      const late = new AbortController();
      const pause = sleep(LOOK_MILLISECONDS, undefined, { signal: late.signal, ref: false });
      await Promise.race([woken, pause.catch(() => {})]);
      late.abort();
    }
  }

  async #dispatch(): Promise<void> {
    const { jobs, workers } = this.#runtime;
    const window = JOBS_PER_WORKER * Math.max(1, await workers.count());
    for (const id of await jobs.takeTurns(window, Date.now())) {
      await advance(this.#runtime, id);
    }
  }

  async #check(): Promise<void> {
    const { jobs } = this.#runtime;
    for (const id of await jobs.dispatchedBefore(Date.now() - CHECK_MILLISECONDS)) {
      await advance(this.#runtime, id);
    }
  }
}

/** Sees to it that the queue has what a job needs next. */
export async function advance(runtime: Runtime, id: string): Promise<void> {
  const { jobs, parts, queue } = runtime;
  const stored = await jobs.find(id);
  if (stored === undefined || stored.job.endedAt !== undefined) return;
  const next = nextTask(stored, await parts.of(id));
  const tasks: readonly Task[] = 'children' in next ? [next, ...next.children] : [next];
  const states = await Promise.all(tasks.map((task) => queue.state(task.id)));
  const isTooOften = Object.values(stored.underWay).some(({ begun }) => begun > MOST_BEGINS);
  if (isTooOften || states.includes('failed')) {
    // A handler that fails ends its job itself: this task has lost its worker too often.
    await failLost(runtime, id);
  } else if (states.includes('unknown')) await add(runtime, next);
}

async function add({ queue }: Runtime, next: Task | Flow): Promise<void> {
  if ('children' in next && next.children.length > 0) await queue.addFlow(next);
  else await queue.add(next);
}
