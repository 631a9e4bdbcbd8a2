/** Wakes whoever follows jobs. What other processes write is found by one look for all of them. */
import type { Runtime } from './runtime.ts';

const LOOK_MILLISECONDS = 250;

export class JobChanges {
  readonly #runtime: Runtime;
  readonly #followers = new Map<string, Set<Follower>>();
  /** Number of a job's last event, at the last look. */
  readonly #seen = new Map<string, number>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** @param signal wakes the follower too */
  follow(id: string, signal: AbortSignal): Follower {
    if (this.#followers.size === 0) this.#begin();
    const of = this.#followers.get(id) ?? new Set();
    const follower = new Follower(signal, () => {
      of.delete(follower);
      if (of.size === 0) this.#forget(id);
    });
    this.#followers.set(id, of.add(follower));
    return follower;
  }

  #begin(): void {
    const { changes, config } = this.#runtime;
    changes.on('job', this.#wake);
    // Nobody else writes to the embedded database.
    if (config.databaseUrl === undefined) return;
    this.#timer = setInterval(() => void this.#look(), LOOK_MILLISECONDS).unref();
  }

  readonly #wake = (id: string): void => {
    for (const follower of this.#followers.get(id) ?? []) follower.wake();
  };

  #forget(id: string): void {
    this.#followers.delete(id);
    this.#seen.delete(id);
    if (this.#followers.size > 0) return;
    clearInterval(this.#timer);
    this.#runtime.changes.off('job', this.#wake);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const ids = [...this.#followers.keys()];
    try {
      const jobs = this.#runtime.database.selectFrom('jobs').select(['id', 'events']);
      const rows = await jobs.where('id', 'in', ids).execute();
      const found = new Map(rows.map(({ id, events }) => [id, events]));
      for (const id of ids) {
        const number = found.get(id);
        if (number !== undefined && number === this.#seen.get(id)) continue;
        if (number !== undefined && this.#followers.has(id)) this.#seen.set(id, number);
        this.#wake(id);
      }
    } catch {
      // Followers ask themselves, and say what is wrong.
      for (const id of ids) this.#wake(id);
    } finally {
      this.#isLooking = false;
    }
  }
}

export class Follower {
  readonly #signal: AbortSignal;
  readonly #onStop: () => void;
  #isWoken = false;
  #resolve = (): void => {};

  constructor(signal: AbortSignal, onStop: () => void) {
    this.#signal = signal;
    this.#onStop = onStop;
    signal.addEventListener('abort', this.wake);
  }

  readonly wake = (): void => {
    this.#isWoken = true;
    this.#resolve();
  };

  /** Resolves when the job has changed since the last call, at once if it has already. */
  async next(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#isWoken = false;
  }

  stop(): void {
    this.#signal.removeEventListener('abort', this.wake);
    this.#onStop();
  }
}
