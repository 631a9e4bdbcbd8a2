/**
 * Hands tasks to the queue, those of the keys in turn, few at a time, so that those behind can still be
 * overtaken; and sees to deadlines. What the queue has lost is a task like any other that it does not have.
 * Runs in servers and in workers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { failOverdue } from './endings.ts';
import { jobOfTask, nextTasks } from './flow.ts';
import type { Task } from './queue/queue.ts';
import type { Runtime } from './runtime.ts';

/** Between two looks, unless something happens in this process. */
const LOOK_MILLISECONDS = 500;
/** Tasks with the queue for each worker: one to work on, one to go on with. */
const TASKS_PER_WORKER = 2;

/** What a key waits for. */
interface Line {
  readonly key: string;
  /** Its tasks that the queue has. */
  readonly held: number;
  readonly tasks: AsyncIterator<Task, undefined>;
}

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
    while (!this.#stop.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        await failOverdue(this.#runtime);
        await this.#dispatch();
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
    const { queue, workers } = this.#runtime;
    const window = TASKS_PER_WORKER * Math.max(1, await workers.count());
    const held = await queue.held();
    if (held.length < window) await handOut(this.#runtime, held, window - held.length);
  }
}

/**
 * Adds tasks to the queue, each of the key that has the fewest there, among equals of the one that was
 * served the longest time ago.
 *
 * @param held by the queue, before anything of the jobs was read: what is missing there and then has not begun
 */
async function handOut(runtime: Runtime, held: readonly string[], room: number): Promise<void> {
  const { jobs, queue } = runtime;
  const lines = await linesOf(runtime, held, held.length + room);
  for (let left = room; left > 0 && lines.length > 0; ) {
    const line = lines.reduce((least, other) => (other.held < least.held ? other : least));
    lines.splice(lines.indexOf(line), 1);
    const { value: task } = await line.tasks.next();
    if (task === undefined) continue;
    await queue.add(task);
    await jobs.served(line.key);
    lines.push({ ...line, held: line.held + 1 });
    left--;
  }
}

/** The keys with unfinished jobs; the one that was served the longest time ago first. */
async function linesOf(runtime: Runtime, held: readonly string[], most: number): Promise<Line[]> {
  const active = held.map(jobOfTask);
  const turns = await runtime.jobs.turns(active, most);
  return Array.from(turns, ([key, ids]) => ({
    key,
    held: active.filter((id) => ids.includes(id)).length,
    tasks: tasksOf(runtime, ids, new Set(held)),
  }));
}

/** What can be done for jobs and is not held, in their order. */
async function* tasksOf(
  { jobs, parts }: Runtime,
  ids: readonly string[],
  held: ReadonlySet<string>,
): AsyncGenerator<Task, undefined> {
  for (const id of ids) {
    const stored = await jobs.find(id);
    if (stored === undefined || stored.job.endedAt !== undefined) continue;
    const tasks = nextTasks(stored, await parts.of(id));
    yield* tasks.filter((task) => !held.has(task.id));
  }
  return undefined;
}
