import { setImmediate } from 'node:timers/promises';
import type { Job, Pool } from '../../prover/index.ts';

/** Milliseconds that the calling thread may work before others get their turn. */
const TURN = 20;

/**
 * A pool whose runs stop when the signal is aborted, and tell when they are done. Where the jobs run
 * in the calling thread, timers and signals get their turn between them.
 */
export function watchedPool(pool: Pool, signal: AbortSignal | undefined, onRun: () => void): Pool {
  let turnStart = performance.now();
  const runAll = async (jobs: readonly Job[]): Promise<void> => {
    await pool.run(jobs);
    if (performance.now() - turnStart > TURN) {
      await setImmediate();
      turnStart = performance.now();
    }
    signal?.throwIfAborted();
  };
  return {
    arena: pool.arena,
    threads: pool.threads,
    run: async (jobs) => {
      signal?.throwIfAborted();
      if (pool.threads > 1) await runAll(jobs);
      else for (const job of jobs) await runAll([job]);
      onRun();
    },
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
