/** Guest memory as the tables see it: values of words by key, at the edges of segments. */

import { privateWordCount } from '../../vm/initial-memory.ts';
import { DATA_START, STACK_END, STACK_START } from '../../vm/memory-map.ts';
import type { Segment, Snapshot } from '../../vm/segment.ts';
import { PRIVATE_INPUT_KEY, PUBLIC_INPUT_KEY, REGISTER_ROWS } from '../constants.ts';
import type { ProgramTable } from '../program-table.ts';
import { PAGE_WORDS, PageTable } from './pages.ts';

/** Inputs of a run. */
export interface RunInputs {
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
}

/** An input's words: its length, then its bytes, the last word filled with zeros. */
export function inputWords(input: Uint8Array): Uint32Array {
  const bytes = new Uint8Array(4 * Math.ceil(input.length / 4));
  bytes.set(input);
  const view = new DataView(bytes.buffer);
  const words = new Uint32Array(1 + bytes.length / 4);
  words[0] = input.length;
  for (let i = 1; i < words.length; i++) words[i] = view.getUint32(4 * (i - 1), true);
  return words;
}

/** The private input's words and the zeros behind them that the table has rows for. */
export function privateWords(input: Uint8Array): Uint32Array {
  const words = new Uint32Array(privateWordCount(input.length));
  words.set(inputWords(input));
  return words;
}

/** Memory in front of the first cycle. */
export class InitialMemory {
  readonly publicWords: Uint32Array;
  readonly privateWords: Uint32Array;
  readonly #image = new PageTable();

  constructor(table: ProgramTable, inputs: RunInputs) {
    this.publicWords = inputWords(inputs.publicInput);
    this.privateWords = privateWords(inputs.privateInput);
    const [, low, high] = table.preprocessed.get('IMAGE') as readonly Uint32Array[];
    for (const [row, key] of table.imageKeys.entries()) {
      this.#image.set(key, ((low?.[row] ?? 0) | ((high?.[row] ?? 0) << 16)) >>> 0);
    }
  }

  /** The words of a page; 0 where nothing says otherwise. */
  words(page: number): Uint32Array {
    return (
      pageOf(this.publicWords, PUBLIC_INPUT_KEY, page) ??
      pageOf(this.privateWords, PRIVATE_INPUT_KEY, page) ??
      this.#image.words(page)
    );
  }
}

/** The words of a page of a region that starts at a page; undefined outside. */
function pageOf(region: Uint32Array, start: number, page: number): Uint32Array | undefined {
  const first = page * PAGE_WORDS - start;
  if (first < 0 || first >= region.length) return undefined;
  const words = region.subarray(first, first + PAGE_WORDS);
  if (words.length === PAGE_WORDS) return words;
  const padded = new Uint32Array(PAGE_WORDS);
  padded.set(words);
  return padded;
}

/** The memory of a snapshot: the words of changed pages, the initial ones elsewhere. */
export class SnapshotMemory {
  readonly #snapshot: Snapshot;
  readonly #initial: InitialMemory;
  #last = -1;
  #words: Uint32Array = new Uint32Array(0);

  constructor(snapshot: Snapshot, initial: InitialMemory) {
    this.#snapshot = snapshot;
    this.#initial = initial;
  }

  word(key: number): number {
    return this.words(Math.floor(key / PAGE_WORDS))[key % PAGE_WORDS] as number;
  }

  /** The words of a page. */
  words(page: number): Uint32Array {
    if (page !== this.#last) {
      const bytes = this.#snapshot.pages.get(page);
      this.#words = bytes === undefined ? this.#initial.words(page) : littleEndianWords(bytes);
      this.#last = page;
    }
    return this.#words;
  }
}

function littleEndianWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(4 * i, true);
  return words;
}

/** Which segment accessed each word last, in front of a segment; 0 if none did. */
export interface LastAccesses {
  /** The segment in front. */
  readonly segment: number;
  /** By register: REGISTER_ROWS of them. */
  readonly registers: Uint32Array;
  /** By word of a page, where a word of it was accessed. */
  readonly pages: ReadonlyMap<number, Uint32Array>;
}

const NO_ACCESSES: LastAccesses = {
  segment: 0,
  registers: new Uint32Array(REGISTER_ROWS),
  pages: new Map(),
};

/** Which segment accessed a word last: what one segment hands on to the next besides its state. */
export class LastSegments {
  /** By register; 0 if none did. */
  readonly registers: Uint32Array;
  readonly #words = new PageTable();
  #segment: number;

  /** In front of the first segment, or where others have got to. */
  constructor({ segment, registers, pages }: LastAccesses = NO_ACCESSES) {
    this.#segment = segment;
    this.registers = registers.slice();
    for (const [page, words] of pages) this.#words.writableWords(page).set(words);
  }

  /** A copy of what is noted of registers and of these pages; of all pages if undefined. */
  accesses(pages: Iterable<number> | undefined): LastAccesses {
    const found = new Map<number, Uint32Array>();
    for (const page of pages ?? [...this.#words].map(([number]) => number)) {
      const words = this.#words.words(page);
      if (words.some((segment) => segment !== 0)) found.set(page, words.slice());
    }
    return { segment: this.#segment, registers: this.registers.slice(), pages: found };
  }

  /** The last segment that was noted. */
  get segment(): number {
    return this.#segment;
  }

  of(key: number): number {
    return this.#words.get(key);
  }

  /** By word of a page. */
  words(page: number): Uint32Array {
    return this.#words.words(page);
  }

  /** Notes the accesses of a segment; `registerLast` are the times of registers' last accesses. */
  note({ start, touchedPages }: Segment, registerLast: Uint32Array): void {
    this.#segment = start.segment;
    for (const [register, time] of registerLast.entries()) {
      if (time !== 0) this.registers[register] = start.segment;
    }
    for (const { page, times } of touchedPages) {
      const segments = this.#words.writableWords(page);
      for (let i = 0; i < PAGE_WORDS; i++) if (times[i] !== 0) segments[i] = start.segment;
    }
  }

  /** Words that must exist from the end of the image on, so that all accessed ones do. */
  heapWords(imageEnd: number): number {
    return this.#reach(DATA_START / 4, Number.POSITIVE_INFINITY, (least, key) =>
      Math.max(least, key - imageEnd + 1),
    );
  }

  /** Words that must exist below the end of the stack. */
  stackWords(): number {
    const end = STACK_END / 4;
    return this.#reach(STACK_START / 4, end, (least, key) => Math.max(least, end - key));
  }

  #reach(start: number, end: number, grow: (least: number, key: number) => number): number {
    let least = 0;
    for (const [page, segments] of this.#words) {
      const first = page * PAGE_WORDS;
      if (first < start || first >= end) continue;
      for (let i = 0; i < PAGE_WORDS; i++) {
        if (segments[i] !== 0) least = grow(least, first + i);
      }
    }
    return least;
  }
}
