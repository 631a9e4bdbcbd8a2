/** Numbers by key of a memory word, a page of words at a time. */

export const PAGE_WORDS = 1024;

const NO_WORDS: Uint32Array = new Uint32Array(PAGE_WORDS);

/** Maps keys of memory words to numbers, 0 where none was set. */
export class PageTable {
  readonly #pages = new Map<number, Uint32Array>();
  #last = -1;
  #words = NO_WORDS;

  get(key: number): number {
    return this.words(Math.floor(key / PAGE_WORDS))[key % PAGE_WORDS] as number;
  }

  set(key: number, value: number): void {
    this.writableWords(Math.floor(key / PAGE_WORDS))[key % PAGE_WORDS] = value;
  }

  /** The numbers of a page's words, to read. */
  words(page: number): Uint32Array {
    return page === this.#last ? this.#words : (this.#pages.get(page) ?? NO_WORDS);
  }

  /** The numbers of a page's words, to write. */
  writableWords(page: number): Uint32Array {
    if (page === this.#last) return this.#words;
    let words = this.#pages.get(page);
    if (words === undefined) {
      words = new Uint32Array(PAGE_WORDS);
      this.#pages.set(page, words);
    }
    this.#last = page;
    this.#words = words;
    return words;
  }

  /** The pages with numbers, and those. */
  [Symbol.iterator](): IterableIterator<[number, Uint32Array]> {
    return this.#pages.entries();
  }
}
