import { type Digest, workContext } from '@vouch/verifier';
import { contextKey, DERIVE_KEY_MATERIAL } from './blake3.ts';
import type { Job } from './kernel.ts';
import type { Grinder } from './opening.ts';
import { type Pool, split } from './pool.ts';

/** Nonces that one job tries. */
const JOB_NONCES = 0x4_0000;
const NONE = 0xffff_ffff;
/** Nonces that a 32-bit counter of the kernel reaches. */
const MAX_NONCES = 0xff00_0000;

/** A grinder for the transcripts of one tag: finds the least nonce, whatever the threads. */
export function poolGrinder(pool: Pool, tag: string): Grinder {
  return async (seed: Digest, bits: number): Promise<bigint> => {
    if (bits === 0) return 0n;
    const { arena, threads } = pool;
    const key = arena.allocate('work', 128 + 4 * threads);
    arena.words(key.offset, 8).set(contextKey(workContext(tag)));
    arena.words(key.offset + 32, 8).set(seed);
    const found = key.offset + 128;
    try {
      for (let start = 0; start < MAX_NONCES; start += threads * JOB_NONCES) {
        const step = Math.min(JOB_NONCES, Math.max(64, 2 ** bits));
        const jobs = split(threads * step, threads, 8).map(
          ([from, to], i): Job => [
            'grind',
            key.offset,
            DERIVE_KEY_MATERIAL,
            key.offset + 32,
            0,
            2 ** bits - 1,
            found + 4 * i,
            start + from,
            start + to,
          ],
        );
        await pool.run(jobs);
        const results = [...arena.words(found, jobs.length)].filter((nonce) => nonce !== NONE);
        if (results.length > 0) return BigInt(Math.min(...results));
        if (step < JOB_NONCES) start += threads * (step - JOB_NONCES);
      }
      throw new Error(`no nonce below 2^32 has ${bits} bits of work`);
    } finally {
      arena.free(key);
    }
  };
}
