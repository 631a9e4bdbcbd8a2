/** The one memory that all kernels and threads share, and who has which part of it. */
import { ProverError } from './errors.ts';
import { FIRST_FREE, OVERRUN_BYTES } from './kernel-layout.ts';
import { writePool } from './pool-constants.ts';

const PAGE_BYTES = 0x1_0000;
/** Address space of WebAssembly: 4 GiB. */
const MAX_PAGES = 0x1_0000;
/** Below this a memory is of no use. */
const MIN_PAGES = 0x400;

/** A part of the memory. */
export interface Region {
  /** What it holds, for error messages. */
  readonly name: string;
  /** Byte offset, a multiple of 64. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * A shared memory that may grow to `maxBytes` (rounded up to 64 KiB), or to the largest half, quarter
 * and so on of it that the system has address space for. Throws a ProverError `memory/unavailable`.
 */
export function createMemory(maxBytes: number = MAX_PAGES * PAGE_BYTES): WebAssembly.Memory {
  const most = Math.min(MAX_PAGES, Math.max(MIN_PAGES, Math.ceil(maxBytes / PAGE_BYTES)));
  let cause: unknown;
  for (let maximum = most; maximum >= MIN_PAGES; maximum = Math.floor(maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      cause = error;
    }
  }
  throw new ProverError(
    'memory/unavailable',
    `no shared memory of even ${(MIN_PAGES * PAGE_BYTES) >> 20} MiB can be reserved`,
    'raise the limit on the address space of the process (ulimit -v)',
    cause,
  );
}

/**
 * Hands out regions of a memory, first fit. A region is not cleared. The memory grows as needed and
 * never shrinks.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #regions: Region[] = [];
  readonly #parent: Arena | undefined;
  #used = 0;
  #peak = 0;

  /**
   * Writes the kernels' constants; the memory belongs to the arena from now on. With a parent, the
   * arena is a part of it: see `part`.
   */
  constructor(memory: WebAssembly.Memory = createMemory(), parent?: Arena) {
    this.memory = memory;
    this.#parent = parent;
    if (parent === undefined) writePool(memory);
  }

  /**
   * An arena that takes its regions from this one: it has figures of its own, and `freeAll` gives back
   * what one task took, whatever became of the task.
   */
  part(): Arena {
    return new Arena(this.memory, this);
  }

  /** Bytes in regions now. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Most bytes in regions at any time. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** The regions, in the order of their offsets. */
  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** A region of at least `bytes` bytes. Throws a ProverError `memory/exhausted`. */
  allocate(name: string, bytes: number): Region {
    if (this.#parent !== undefined) {
      const region = this.#parent.allocate(name, bytes);
      const after = this.#regions.findIndex(({ offset }) => offset > region.offset);
      this.#insert(region, after < 0 ? this.#regions.length : after);
      return region;
    }
    const size = 64 * Math.ceil(Math.max(bytes, 1) / 64);
    let offset = FIRST_FREE;
    let place = 0;
    for (const region of this.#regions) {
      if (region.offset - offset >= size) break;
      offset = region.offset + region.bytes;
      place++;
    }
    this.#reserve(name, offset + size);
    const region = { name, offset, bytes: size };
    this.#insert(region, place);
    return region;
  }

  #insert(region: Region, place: number): void {
    this.#regions.splice(place, 0, region);
    this.#used += region.bytes;
    this.#peak = Math.max(this.#peak, this.#used);
  }

  /** Takes a region back. Freeing one that the arena does not have is a RangeError. */
  free(region: Region): void {
    const place = this.#regions.indexOf(region);
    if (place < 0) throw new RangeError(`"${region.name}" is not a region of this arena`);
    this.#regions.splice(place, 1);
    this.#used -= region.bytes;
    this.#parent?.free(region);
  }

  /** Takes all regions back. */
  freeAll(): void {
    for (const region of [...this.#regions]) this.free(region);
  }

  /** The words of a region, or `count` of them from the byte offset `at` on. */
  words(region: Region): Uint32Array;
  words(at: number, count: number): Uint32Array;
  words(place: Region | number, count = 0): Uint32Array {
    const { buffer } = this.memory;
    return typeof place === 'number'
      ? new Uint32Array(buffer, place, count)
      : new Uint32Array(buffer, place.offset, place.bytes / 4);
  }

  #reserve(name: string, end: number): void {
    const pages = Math.ceil((end + OVERRUN_BYTES) / PAGE_BYTES);
    const missing = pages - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      const held = this.#regions.map((region) => `${region.name} ${region.bytes}`).join(', ');
      throw new ProverError(
        'memory/exhausted',
        `"${name}" would need ${end} bytes of memory (held now: ${held || 'nothing'})`,
        'prove smaller segments, or give the process more memory',
        cause,
      );
    }
  }
}

/**
 * Bytes from one column or plane of `elements` words to the next. Long ones are padded by 65 cache
 * lines: columns a power of two apart would share their cache sets.
 */
export function columnStride(elements: number): number {
  return 64 * Math.ceil(elements / 16) + (elements >= 1024 ? 64 * 65 : 0);
}
