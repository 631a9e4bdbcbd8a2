import { FRAME_BYTES, PAGE_BYTES } from './kernel-layout.ts';
import { INPUT_HEADER_BYTES, PRIVATE_INPUT_START, PUBLIC_INPUT_START } from './memory-map.ts';
import type { RunOptions } from './options.ts';
import type { ImageRange, Program } from './program.ts';

/** The proof's table of private words has at least 2^5 rows. */
const LEAST_PRIVATE_WORDS = 32;

/** Where the initial memory goes. */
export interface FrameStore {
  /** Address of a page's frame, allocated if need be; 0 if the memory limit is reached. */
  page(page: number, partial: boolean): number;
  /** The memory that frames lie in; asked for anew after each allocation. */
  bytes(): Uint8Array;
}

/** Words [address, end) exist from the start; the first of them hold `bytes`, the rest are zero. */
interface InitialRange {
  readonly address: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * Puts the program's image and the inputs into memory, and marks which words of their pages exist:
 * an access is legal exactly where the proof has a source for the word. Words of the stack and the
 * data region need no mark, they all exist.
 *
 * @returns false if the memory limit is reached
 */
export function placeInitialMemory(
  program: Program,
  options: RunOptions,
  store: FrameStore,
): boolean {
  const publicWords = 1 + Math.ceil(options.publicInput.length / 4);
  const privateWords = privateWordCount(options.privateInput.length);
  const bounded = [
    ...program.readOnly.map(wholeRange),
    inputRange(PUBLIC_INPUT_START, publicWords, options.publicInput),
    inputRange(PRIVATE_INPUT_START, privateWords, options.privateInput),
  ];
  const everywhere = program.writable === undefined ? [] : [wholeRange(program.writable)];
  return (
    bounded.every((range) => placeRange(range, true, store)) &&
    everywhere.every((range) => placeRange(range, false, store))
  );
}

/** Words of the private input region that exist: a power of two, the height of the proof's table. */
export function privateWordCount(bytes: number): number {
  const used = 1 + Math.ceil(bytes / 4);
  let words = LEAST_PRIVATE_WORDS;
  while (words < used) words *= 2;
  return words;
}

function wholeRange(range: ImageRange): InitialRange {
  return { address: range.address, end: range.address + range.bytes.length, bytes: range.bytes };
}

function inputRange(address: number, words: number, input: Uint8Array): InitialRange {
  const bytes = new Uint8Array(INPUT_HEADER_BYTES + input.length);
  new DataView(bytes.buffer).setUint32(0, input.length, true);
  bytes.set(input, INPUT_HEADER_BYTES);
  return { address, end: address + 4 * words, bytes };
}

function placeRange(range: InitialRange, bounded: boolean, store: FrameStore): boolean {
  const lastPage = Math.floor((range.end - 1) / PAGE_BYTES);
  for (let page = Math.floor(range.address / PAGE_BYTES); page <= lastPage; page++) {
    const pageStart = page * PAGE_BYTES;
    const from = Math.max(range.address, pageStart);
    const to = Math.min(range.end, pageStart + PAGE_BYTES);
    const partial = bounded && to - from < PAGE_BYTES;
    const frame = store.page(page, partial);
    if (frame === 0) return false;
    const memory = store.bytes();
    memory.set(
      range.bytes.subarray(from - range.address, to - range.address),
      frame + from - pageStart,
    );
    if (partial)
      markWords(memory, frame + FRAME_BYTES, (from - pageStart) / 4, (to - pageStart) / 4);
  }
  return true;
}

function markWords(memory: Uint8Array, bitmap: number, first: number, end: number): void {
  for (let word = first; word < end; word++) {
    memory[bitmap + (word >>> 3)] = (memory[bitmap + (word >>> 3)] ?? 0) | (1 << (word & 7));
  }
}
