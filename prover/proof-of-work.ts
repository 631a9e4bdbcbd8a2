/** The prover's side of a proof of work: verifier/src/proof-of-work.ts checks it. */
import { type Digest, MAX_WORK_BITS } from '@vouch/verifier';
import { contextKey, DERIVE_KEY_MATERIAL } from './blake3.ts';
import type { Job } from './kernel.ts';
import type { Pool } from './pool.ts';

/** What `grind` stores when it finds nothing. */
const NONE = 0xffff_ffff;
/** The low words of nonces stay below this; then the next high word is taken. */
const LOW_NONCES = 2 ** 31;
const LOG_LEAST_JOB = 10;
const LOG_LARGEST_JOB = 18;

/**
 * The first nonce that `hasWork` accepts for the seed, in the order 0, 1, ..., 2^31 - 1, 2^32, ...:
 * the same for any number of threads. About 2^bits hashes of 40 ns each, less with more threads.
 */
export async function findNonce(
  pool: Pool,
  tag: string,
  seed: Digest,
  bits: number,
): Promise<bigint> {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= MAX_WORK_BITS)) {
    throw new RangeError(`work has 0..${MAX_WORK_BITS} bits, not ${bits}`);
  }
  const { arena } = pool;
  const region = arena.allocate('proof of work', 64 + 4 * pool.threads);
  try {
    const words = arena.words(region);
    // The context is the one of the verifier's `workHash`.
    words.set(contextKey(`${tag}: proof of work`), 0);
    words.set(seed, 8);
    return await search(pool, region.offset, bits);
  } finally {
    arena.free(region);
  }
}

/** Searches with the key at `at`, the seed behind it and the results behind that. */
async function search(pool: Pool, at: number, bits: number): Promise<bigint> {
  const size = 2 ** Math.min(LOG_LARGEST_JOB, Math.max(LOG_LEAST_JOB, bits - 2));
  const mask = bits === 32 ? -1 : 2 ** bits - 1;
  for (let high = 0; ; high++) {
    for (let low = 0; low < LOW_NONCES; low += size * pool.threads) {
      const jobs = Array.from({ length: pool.threads }, (_, k): Job => {
        const from = Math.min(LOW_NONCES, low + k * size);
        const to = Math.min(LOW_NONCES, from + size);
        const found = at + 64 + 4 * k;
        return ['grind', at, DERIVE_KEY_MATERIAL, at + 32, high, mask, found, from, to];
      });
      await pool.run(jobs);
      const nonce = pool.arena.words(at + 64, pool.threads).find((n) => n !== NONE);
      if (nonce !== undefined) return (BigInt(high) << 32n) + BigInt(nonce);
    }
  }
}
