/** Blake3 as the trees, the proof of work and the tags use it: derive-key mode with a context. */
import { blake3 } from '@noble/hashes/blake3.js';
import { MODULUS, toBytes } from './koala-bear.ts';
import { DIGEST_ELEMENTS, type Digest } from './poseidon2.ts';

/** Most elements of a leaf: 1,024 bytes, one Blake3 chunk. */
export const MAX_LEAF_ELEMENTS = 256;

/** Hashes bytes to 32 bytes under one context. */
export type ContextHash = (message: Uint8Array) => Uint8Array;

/**
 * Blake3 in derive-key mode: the context separates the uses of the hash from each other. The
 * context is hashed once; it must be ASCII, distinct for each use.
 */
export function contextHash(context: string): ContextHash {
  const start = blake3.create({ context: asciiBytes(context) });
  return (message) => start.clone().update(message).digest();
}

/** The bytes of an ASCII string. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 127) throw new RangeError(`"${text}" is not ASCII`);
    return code;
  });
}

/**
 * The digest of a 32-byte hash: its little-endian 32-bit words, each reduced modulo p. Two or three
 * words give the same element, so 247.9 of the 256 bits remain: the cap of any eight elements.
 */
export function digestOfHash(hash: Uint8Array): Digest {
  return Array.from({ length: DIGEST_ELEMENTS }, (_, i) => wordAt(hash, i) % MODULUS);
}

/** The i-th little-endian 32-bit word of a hash. */
export function wordAt(hash: Uint8Array, i: number): number {
  return new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getUint32(4 * i, true);
}

/** Hashes the leaves of one kind of tree: 1..256 canonical elements to a digest. */
export function leafHash(context: string): (elements: ArrayLike<number>) => Digest {
  const hash = contextHash(context);
  return (elements) => {
    if (elements.length < 1 || elements.length > MAX_LEAF_ELEMENTS) {
      throw new RangeError(`a leaf has 1..${MAX_LEAF_ELEMENTS} elements, not ${elements.length}`);
    }
    return digestOfHash(hash(toBytes(elements)));
  };
}
