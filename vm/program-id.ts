import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { CodeTable, Program } from './program.ts';

/** First bytes of the hashed encoding; another format gets another number. */
const DOMAIN = new TextEncoder().encode('vouch/program/1\n');

/**
 * Identifies what a program does: SHA-256 of the loaded program as 64 lower-case hex digits.
 * Programs with the same id run alike on all inputs; symbols, sections, file
 * offsets and the split into segments do not matter.
 *
 * The hashed bytes, all integers unsigned 32-bit little-endian:
 *
 * ```
 * 16 bytes   "vouch/program/1\n" in ASCII
 * u32        entry address
 * u32        number of read-only ranges; then for each, ascending:
 *   u32        address, a multiple of 4
 *   u32        n, a multiple of 4
 *   n bytes    contents
 * u32        address of the first legal instruction
 * u32        h, half-words from there to the start of the last legal instruction, inclusive
 * ⌈h/8⌉ bytes  bit i mod 8 (from the lowest) of byte ⌊i/8⌋: a legal instruction begins at half-word i
 * u32        n, length of the writable image, a multiple of 4
 * n bytes    its contents, from DATA_START
 * u32        address of the first byte behind the image
 * ```
 *
 * The bits matter because bytes that may be executed and bytes that may not are different programs;
 * what an instruction does follows from its address and its bytes.
 */
export function programId(program: Program): string {
  const hash = sha256.create();
  const u32 = (value: number): void => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    hash.update(bytes);
  };
  hash.update(DOMAIN);
  u32(program.entry);
  u32(program.readOnly.length);
  for (const { address, bytes } of program.readOnly) {
    u32(address);
    u32(bytes.length);
    hash.update(bytes);
  }
  const { address, halfWords, bits } = legalInstructions(program.code);
  u32(address);
  u32(halfWords);
  hash.update(bits);
  const writable = program.writable?.bytes ?? new Uint8Array(0);
  u32(writable.length);
  hash.update(writable);
  u32(program.imageEnd);
  return bytesToHex(hash.digest());
}

/** Where legal instructions begin, as a bitmap without empty ends. */
function legalInstructions({ start, length }: CodeTable): {
  address: number;
  halfWords: number;
  bits: Uint8Array;
} {
  const first = length.findIndex((bytes) => bytes !== 0);
  if (first < 0) return { address: 0, halfWords: 0, bits: new Uint8Array(0) };
  const halfWords = length.findLastIndex((bytes) => bytes !== 0) - first + 1;
  const bits = new Uint8Array(Math.ceil(halfWords / 8));
  for (let i = 0; i < halfWords; i++) {
    if (length[first + i] !== 0) bits[i >>> 3] = (bits[i >>> 3] as number) | (1 << (i & 7));
  }
  return { address: start + 2 * first, halfWords, bits };
}
