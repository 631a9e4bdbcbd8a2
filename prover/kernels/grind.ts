/** Search for a proof of work: verifier/src/proof-of-work.ts says what is hashed. */
import { CHAINING, CHUNK_END, CHUNK_START, compress, MESSAGE, ROOT } from './blake3';
import { scratch } from './field';

const TRIES: u32 = 8;
/** Bytes hashed: a digest and a nonce. */
const LENGTH: u32 = 40;
/** What `found` is set to when no nonce of the range will do. */
const NONE: u32 = 0xffffffff;

/**
 * Stores at `found` the least n in [from, to), n < 2^32 - 8, such that the hash of
 * seed || n + 2^32 nonceHigh starts with a word whose low bits under `mask` are zero; else
 * 2^32 - 1. `key` is the context key and `seed` the seed: eight words each, canonical integers.
 */
export function grind(
  key: usize,
  flags: u32,
  seed: usize,
  nonceHigh: u32,
  mask: u32,
  found: usize,
  from: u32,
  to: u32,
): void {
  const m = scratch + MESSAGE;
  memory.fill(m, 0, 512);
  for (let j: usize = 0; j < 8; j++) splatTwice(m + 32 * j, v128.load32_splat(seed + 4 * j));
  splatTwice(m + 32 * 9, i32x4.splat(nonceHigh));
  for (let n = from; n < to; n += TRIES) {
    for (let j: usize = 0; j < 8; j++) {
      splatTwice(scratch + CHAINING + 32 * j, v128.load32_splat(key + 4 * j));
    }
    for (let lane: u32 = 0; lane < TRIES; lane++) store<u32>(m + 256 + 4 * lane, n + lane);
    compress(LENGTH, flags | CHUNK_START | CHUNK_END | ROOT);
    for (let lane: u32 = 0; lane < TRIES && n + lane < to; lane++) {
      if ((load<u32>(scratch + CHAINING + 4 * lane) & mask) == 0) {
        store<u32>(found, n + lane);
        return;
      }
    }
  }
  store<u32>(found, NONE);
}

// @ts-ignore: decorator
@inline
function splatTwice(at: usize, word: v128): void {
  v128.store(at, word);
  v128.store(at, word, 16);
}
