import { setImmediate } from 'node:timers/promises';
import type { Job, Pool } from '../../prover/index.ts';

/** Milliseconds that the calling thread may work before others get their turn. */
const TURN = 20;

export interface WatchedPool extends Pool {
  /** Most bytes in the arena's regions in any run. */
  readonly peakBytes: number;
}

/**
 * A pool whose runs stop when the signal is aborted, and tell when they are done. Where the jobs run
 * in the calling thread, timers and signals get their turn between them.
 */
export function watchedPool(
  pool: Pool,
  signal: AbortSignal | undefined,
  onRun: () => void,
): WatchedPool {
  let turnStart = performance.now();
  let peakBytes = 0;
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
    get peakBytes() {
      return peakBytes;
    },
    run: async (jobs) => {
      peakBytes = Math.max(peakBytes, pool.arena.usedBytes);
      signal?.throwIfAborted();
      if (pool.threads > 1) await runAll(jobs);
      else for (const job of jobs) await runAll([job]);
      onRun();
    },
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
