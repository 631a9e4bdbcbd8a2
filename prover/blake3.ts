/** Blake3 of one chunk in plain code, for what happens once per tree and for the kernels' twins. */
import { asciiBytes } from '@vouch/verifier';

/** Flags: Blake3 paper, section 2.2, table 3. */
const CHUNK_START = 1;
const CHUNK_END = 2;
const ROOT = 8;
const DERIVE_KEY_CONTEXT = 32;
/** Flag of every block hashed under a context key. */
export const DERIVE_KEY_MATERIAL = 64;

/** The initial chaining value: the first 32 bits of the fractional parts of square roots. */
export const INITIAL_WORDS: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const BLOCK_BYTES = 64;
const CHUNK_BYTES = 1024;
const ROUNDS = 7;

/**
 * The context key of derive-key mode: eight words that replace the initial chaining value. The
 * context is ASCII and at most one chunk long (1,024 bytes), else a RangeError.
 */
export function contextKey(context: string): Uint32Array {
  const bytes = asciiBytes(context);
  if (bytes.length > CHUNK_BYTES) throw new RangeError('a context has at most 1024 characters');
  const padded = new DataView(new ArrayBuffer(CHUNK_BYTES));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  const words = Array.from({ length: CHUNK_BYTES / 4 }, (_, i) => padded.getUint32(4 * i, true));
  return hashChunk(INITIAL_WORDS, words, bytes.length, DERIVE_KEY_CONTEXT);
}

/**
 * The hash of one chunk, at most 1,024 bytes: eight words. The message is its little-endian words;
 * what lies behind `length` bytes is zero or absent. `flags` says which mode the key belongs to.
 */
export function hashChunk(
  key: ArrayLike<number>,
  message: readonly number[],
  length: number,
  flags: number,
): Uint32Array {
  let chaining: Uint32Array = Uint32Array.from(key);
  const blocks = Math.max(1, Math.ceil(length / BLOCK_BYTES));
  for (let b = 0; b < blocks; b++) {
    const block = message.slice(16 * b, 16 * b + 16);
    while (block.length < 16) block.push(0);
    const first = b === 0 ? CHUNK_START : 0;
    const last = b === blocks - 1 ? CHUNK_END | ROOT : 0;
    const bytes = Math.min(BLOCK_BYTES, length - BLOCK_BYTES * b);
    chaining = compressBlock(chaining, block, bytes, flags | first | last);
  }
  return chaining;
}

/** The next chaining value: eight words. The block counter is 0. */
function compressBlock(
  chaining: ArrayLike<number>,
  message: ArrayLike<number>,
  length: number,
  flags: number,
): Uint32Array {
  const state = new Uint32Array(16);
  state.set(chaining);
  state.set(INITIAL_WORDS.slice(0, 4), 8);
  state.set([0, 0, length, flags], 12);
  let m = Array.from(message);
  for (let round = 0; round < ROUNDS; round++) {
    mixRound(state, m);
    m = PERMUTATION.map((i) => m[i] as number);
  }
  return state.slice(0, 8).map((word, i) => word ^ (state[8 + i] as number));
}

function mixRound(s: Uint32Array, m: readonly number[]): void {
  for (let i = 0; i < 4; i++) mix(s, i, 4 + i, 8 + i, 12 + i, m[2 * i], m[2 * i + 1]);
  for (let i = 0; i < 4; i++) {
    const [b, c, d] = [4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3)];
    mix(s, i, b, c, d, m[8 + 2 * i], m[9 + 2 * i]);
  }
}

function mix(s: Uint32Array, a: number, b: number, c: number, d: number, x = 0, y = 0): void {
  s[a] = word(s, a) + word(s, b) + x;
  s[d] = rotateRight(word(s, d) ^ word(s, a), 16);
  s[c] = word(s, c) + word(s, d);
  s[b] = rotateRight(word(s, b) ^ word(s, c), 12);
  s[a] = word(s, a) + word(s, b) + y;
  s[d] = rotateRight(word(s, d) ^ word(s, a), 8);
  s[c] = word(s, c) + word(s, d);
  s[b] = rotateRight(word(s, b) ^ word(s, c), 7);
}

function word(s: Uint32Array, i: number): number {
  return s[i] as number;
}

function rotateRight(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}
