/** A pool for one proof: it can be stopped, tells how far the proof is, and owns the proof's memory. */
import type { Job } from './kernel.ts';
import type { Arena } from './memory.ts';
import type { Pool } from './pool.ts';

/** How far a stage is. */
export interface StageProgress<Stage> {
  readonly stage: Stage;
  /** Work that is done: never falls within a stage, from 0 to `total`. */
  readonly done: number;
  readonly total: number;
}

export interface WatchHooks<Stage> {
  /** Stops the proof: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a stage begins, when some of its work is done, and when it ends. */
  readonly onProgress?: ((progress: StageProgress<Stage>) => void) | undefined;
}

/** Passes runs on to a pool, with an arena of its own: a part of the pool's. */
export class WatchedPool<Stage> implements Pool {
  readonly arena: Arena;
  readonly #pool: Pool;
  readonly #hooks: WatchHooks<Stage>;
  #current: { stage: Stage; total: number; done: number } | undefined;

  constructor(pool: Pool, hooks: WatchHooks<Stage>) {
    this.arena = pool.arena.part();
    this.#pool = pool;
    this.#hooks = hooks;
  }

  get threads(): number {
    return this.#pool.threads;
  }

  /** Ends the stage before and begins one whose runs count for `total` in all. */
  begin(stage: Stage, total: number): void {
    this.#hooks.signal?.throwIfAborted();
    this.end();
    this.#current = { stage, total, done: 0 };
    this.#report(0);
  }

  /** Ends the current stage. */
  end(): void {
    if (this.#current !== undefined) this.#report(this.#current.total);
    this.#current = undefined;
  }

  async run(jobs: readonly Job[], work = 0): Promise<void> {
    const { signal } = this.#hooks;
    const before = this.#current?.done ?? 0;
    const onJobs = (begun: number): void => this.#report(before + (work * begun) / jobs.length);
    await this.#pool.run(jobs, work, { signal, onJobs });
    this.#report(before + work);
  }

  /** Gives back the proof's memory. The pool itself stays open. */
  async close(): Promise<void> {
    this.arena.freeAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #report(done: number): void {
    const current = this.#current;
    if (current === undefined) return;
    current.done = Math.max(current.done, Math.min(done, current.total));
    const { stage, total } = current;
    this.#hooks.onProgress?.({ stage, done: current.done, total });
  }
}
