/** Guest memory as the tables see it: values of words by key, at the edges of segments. */

import { privateWordCount } from '../../vm/initial-memory.ts';
import { DATA_START, STACK_END, STACK_START } from '../../vm/memory-map.ts';
import type { Segment, Snapshot } from '../../vm/segment.ts';
import { PRIVATE_INPUT_KEY, PUBLIC_INPUT_KEY, REGISTER_ROWS } from '../constants.ts';
import type { ProgramTable } from '../program-table.ts';

/** Inputs of a run. */
export interface RunInputs {
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
}

const PAGE_WORDS = 1024;

/** An input's words: its length, then its bytes, the last word filled with zeros. */
export function inputWords(input: Uint8Array): Uint32Array {
  const words = new Uint32Array(1 + Math.ceil(input.length / 4));
  words[0] = input.length;
  for (let i = 0; i < input.length; i++) {
    const at = 1 + (i >>> 2);
    words[at] = (words[at] as number) + (input[i] as number) * 2 ** (8 * (i & 3));
  }
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
  readonly #image = new Map<number, number>();

  constructor(table: ProgramTable, inputs: RunInputs) {
    this.publicWords = inputWords(inputs.publicInput);
    this.privateWords = privateWords(inputs.privateInput);
    const [, low, high] = table.preprocessed.get('IMAGE') as readonly Uint32Array[];
    for (const [row, key] of table.imageKeys.entries()) {
      this.#image.set(key, ((low?.[row] ?? 0) | ((high?.[row] ?? 0) << 16)) >>> 0);
    }
  }

  /** 0 where nothing says otherwise. */
  word(key: number): number {
    const fromImage = this.#image.get(key);
    if (fromImage !== undefined) return fromImage;
    const inPrivate = key - PRIVATE_INPUT_KEY;
    if (inPrivate >= 0 && inPrivate < this.privateWords.length) {
      return this.privateWords[inPrivate] as number;
    }
    return this.publicWords[key - PUBLIC_INPUT_KEY] ?? 0;
  }
}

/** The memory of a snapshot: the words of changed pages, the initial ones elsewhere. */
export class SnapshotMemory {
  readonly #snapshot: Snapshot;
  readonly #initial: InitialMemory;

  constructor(snapshot: Snapshot, initial: InitialMemory) {
    this.#snapshot = snapshot;
    this.#initial = initial;
  }

  word(key: number): number {
    const page = this.#snapshot.pages.get(Math.floor(key / PAGE_WORDS));
    if (page === undefined) return this.#initial.word(key);
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    return view.getUint32((key % PAGE_WORDS) * 4, true);
  }
}

/** Which segment accessed a word last: what one segment hands on to the next besides its state. */
export class LastSegments {
  /** By register; 0 if none did. */
  readonly registers: Uint32Array = new Uint32Array(REGISTER_ROWS);
  readonly #pages = new Map<number, Uint32Array>();
  #segment = 0;

  /** The last segment that was noted. */
  get segment(): number {
    return this.#segment;
  }

  of(key: number): number {
    return this.#pages.get(Math.floor(key / PAGE_WORDS))?.[key % PAGE_WORDS] ?? 0;
  }

  /** Notes the accesses of a segment; `registerLast` are the times of registers' last accesses. */
  note({ start, touchedPages }: Segment, registerLast: Uint32Array): void {
    this.#segment = start.segment;
    for (const [register, time] of registerLast.entries()) {
      if (time !== 0) this.registers[register] = start.segment;
    }
    for (const { page, times } of touchedPages) {
      const segments = this.#page(page);
      for (const [i, time] of times.entries()) if (time !== 0) segments[i] = start.segment;
    }
  }

  #page(page: number): Uint32Array {
    let segments = this.#pages.get(page);
    if (segments === undefined) {
      segments = new Uint32Array(PAGE_WORDS);
      this.#pages.set(page, segments);
    }
    return segments;
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
    for (const [page, segments] of this.#pages) {
      const first = page * PAGE_WORDS;
      if (first < start || first >= end) continue;
      for (const [i, segment] of segments.entries()) {
        if (segment !== 0) least = grow(least, first + i);
      }
    }
    return least;
  }
}
