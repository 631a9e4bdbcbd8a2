/** Proof of work with Blake3: makes a prover pay for each attempt at a challenge. */
import { type ContextHash, contextHash, wordAt } from './blake3.ts';
import { toBytes } from './koala-bear.ts';
import type { Digest } from './poseidon2.ts';

/** Most bits of work that can be asked for. */
export const MAX_WORK_BITS = 32;

/** Context of the work of one protocol. */
export function workContext(tag: string): string {
  return `${tag}: proof of work`;
}

/** The hash of the work of one protocol: different tags have different contexts. */
export function workHash(tag: string): ContextHash {
  return contextHash(workContext(tag));
}

/**
 * Whether the hash of seed || nonce (32 bytes as little-endian words, then a little-endian 64-bit
 * integer) starts with a little-endian 32-bit word whose `bits` low bits are zero.
 */
export function hasWork(hash: ContextHash, seed: Digest, nonce: bigint, bits: number): boolean {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= MAX_WORK_BITS)) {
    throw new RangeError(`work has 0..${MAX_WORK_BITS} bits, not ${bits}`);
  }
  const message = new Uint8Array(40);
  message.set(toBytes(seed));
  new DataView(message.buffer).setBigUint64(32, nonce, true);
  return wordAt(hash(message), 0) % 2 ** bits === 0;
}
