import { placeInitialMemory } from './initial-memory.ts';
import { acquireKernel, type Kernel, releaseKernel } from './kernel.ts';
import {
  CODE,
  DIRECTORY,
  DIRTY,
  DISCARD_OFFSET,
  DYNAMIC,
  FRAME_BYTES,
  JOURNAL,
  OUTSIDE,
  PAGE_BYTES,
  PAGE_PARTIAL,
  PAGE_TOUCHED,
  REGISTERS,
  ROW_BYTES,
  TOUCHED,
} from './kernel-layout.ts';
import { BEQ, BGEU, JAL, JALR, JUMP, LB, LHU } from './operations.ts';
import type { RunOptions } from './options.ts';
import type { CodeTable, Program } from './program.ts';
import { CROSSING_WORDS, ENTRY_WORDS, type Snapshot, type TouchedPage } from './segment.ts';

const WORD_BYTES = 4;

/**
 * A kernel with a program and its inputs in place: the state of one run. `release` gives the kernel
 * back.
 */
export class Machine {
  readonly program: Program;
  readonly #kernel: Kernel;
  /** Pages that have a frame, so that they can be forgotten. */
  readonly #pages = new Set<number>();
  readonly #entries: number = DYNAMIC;
  readonly #crossings: number;

  /**
   * @param segmentCycles cycles for which entries can be recorded; 0 to run without recording
   * @returns undefined if the image and the inputs alone exceed the memory limit
   */
  static create(program: Program, options: RunOptions, segmentCycles: number): Machine | undefined {
    const machine = new Machine(program, options, segmentCycles);
    if (machine.#placeInitialMemory(options)) return machine;
    machine.release();
    return undefined;
  }

  private constructor(program: Program, options: RunOptions, segmentCycles: number) {
    this.program = program;
    this.#kernel = acquireKernel();
    this.#crossings = this.#entries + segmentCycles * ENTRY_WORDS * WORD_BYTES;
    const dynamicEnd = this.#crossings + segmentCycles * CROSSING_WORDS * WORD_BYTES;
    const frames = Math.ceil(dynamicEnd / PAGE_BYTES) * PAGE_BYTES;
    this.#kernel.reserve(frames);
    const { exports } = this.#kernel;
    exports.setFrames(frames, frames + Math.ceil(options.memoryBytes / PAGE_BYTES) * FRAME_BYTES);
    exports.setCrossings(segmentCycles === 0 ? 0 : this.#crossings);
    exports.setCode(program.code.start, 2 * program.code.rows);
    exports.setState(program.entry, 0);
    this.#kernel.words.fill(
      0,
      REGISTERS / WORD_BYTES,
      (REGISTERS + DISCARD_OFFSET) / WORD_BYTES + 1,
    );
    writeRows(this.#kernel.words, program.code);
  }

  #placeInitialMemory(options: RunOptions): boolean {
    return placeInitialMemory(this.program, options, {
      page: (page, partial) => this.#frame(page, partial),
      bytes: () => this.#kernel.bytes,
    });
  }

  /** Frame of a page, allocated if there is none; 0 if the memory limit is reached. */
  #frame(page: number, partial: boolean): number {
    const entry = (this.#kernel.words[DIRECTORY / WORD_BYTES + page] ?? 0) >>> 0;
    if (entry !== 0) return (entry & ~(PAGE_PARTIAL | PAGE_TOUCHED)) >>> 0;
    this.#pages.add(page);
    return this.#kernel.exports.allocateFrame(page, partial) >>> 0;
  }

  /** Executes up to `budget` instructions; returns how many were executed. See `stopReason`. */
  run(budget: number): number {
    return this.#kernel.exports.run(budget) >>> 0;
  }

  /** The same, recording into the entries from `firstEntry` on. */
  runRecording(budget: number, firstEntry: number): number {
    const at = this.#entries + firstEntry * ENTRY_WORDS * WORD_BYTES;
    return this.#kernel.exports.runRecording(budget, at, firstEntry + 1) >>> 0;
  }

  get stopReason(): number {
    return this.#kernel.exports.stopReason.value;
  }

  get pc(): number {
    return this.#kernel.exports.pc.value >>> 0;
  }

  get faultAddress(): number {
    return this.#kernel.exports.faultAddress.value >>> 0;
  }

  get exitCode(): number {
    return this.#kernel.exports.exitCode.value >>> 0;
  }

  get misalignedAccesses(): number {
    return this.#kernel.exports.misalignedAccesses.value >>> 0;
  }

  get journalWords(): number {
    return this.#kernel.exports.journalWords.value;
  }

  /** The last committed word, 0 if there is none. */
  get lastJournalWord(): number {
    const words = this.journalWords;
    return words === 0 ? 0 : (this.#kernel.words[JOURNAL / WORD_BYTES + words - 1] ?? 0);
  }

  /** x0 .. x31. */
  get registers(): Uint32Array {
    const first = REGISTERS / WORD_BYTES;
    return this.#kernel.words.slice(first, first + 32);
  }

  /** The first `bytes` bytes of the journal. */
  journal(bytes: number): Uint8Array {
    return this.#kernel.bytes.slice(JOURNAL, JOURNAL + bytes);
  }

  /** Length that the program stated when it halted. */
  get journalBytes(): number {
    return this.#kernel.exports.journalBytes.value >>> 0;
  }

  /** Numbers of the pages accessed since the segment began. */
  get touchedPageNumbers(): Uint32Array {
    return this.#list(TOUCHED, this.#kernel.exports.touchedCount.value);
  }

  /** Numbers of the pages stored to since the segment began. */
  get dirtyPageNumbers(): Uint32Array {
    return this.#list(DIRTY, this.#kernel.exports.dirtyCount.value);
  }

  #list(address: number, count: number): Uint32Array {
    return this.#kernel.words.slice(address / WORD_BYTES, address / WORD_BYTES + count);
  }

  /** The word at a multiple of 4, if its page is in memory; for the host only, leaves no trace. */
  peekWord(address: number): number | undefined {
    const entry = this.#kernel.words[DIRECTORY / WORD_BYTES + (address >>> 12)] ?? 0;
    if (entry === 0) return undefined;
    const frame = (entry & ~(PAGE_PARTIAL | PAGE_TOUCHED)) >>> 0;
    return this.#kernel.words[(frame + (address & (PAGE_BYTES - 4))) / WORD_BYTES];
  }

  pageBytes(page: number): Uint8Array {
    const frame = this.#frame(page, false);
    return this.#kernel.bytes.slice(frame, frame + PAGE_BYTES);
  }

  /** What the segment did to a page. */
  touchedPage(page: number): TouchedPage {
    const first = this.#frame(page, false) / WORD_BYTES;
    const middle = first + PAGE_BYTES / WORD_BYTES;
    const { words } = this.#kernel;
    return {
      page,
      words: words.slice(first, middle),
      times: words.slice(middle, middle + PAGE_BYTES / WORD_BYTES),
    };
  }

  /** The segment's first entries: in the kernel's memory, until it runs on. */
  entries(cycles: number): Uint32Array {
    const first = this.#entries / WORD_BYTES;
    return this.#kernel.words.subarray(first, first + cycles * ENTRY_WORDS);
  }

  /** The segment's crossings: in the kernel's memory, until it runs on. */
  crossings(): Uint32Array {
    const end = (this.#kernel.exports.nextCrossing.value >>> 0) / WORD_BYTES;
    return this.#kernel.words.subarray(this.#crossings / WORD_BYTES, end);
  }

  beginSegment(): void {
    for (const page of this.touchedPageNumbers) this.#pages.add(page);
    this.#kernel.exports.beginSegment();
    this.#kernel.exports.setCrossings(this.#crossings);
  }

  /** Replaces the state by the one in front of a segment; false if the memory limit is reached. */
  restore(snapshot: Snapshot): boolean {
    this.#kernel.words.set(snapshot.registers, REGISTERS / WORD_BYTES);
    this.#kernel.exports.setState(snapshot.pc, snapshot.journalWords);
    if (snapshot.journalWords > 0) {
      this.#kernel.words[JOURNAL / WORD_BYTES + snapshot.journalWords - 1] =
        snapshot.lastJournalWord;
    }
    for (const [page, bytes] of snapshot.pages) {
      const frame = this.#frame(page, false);
      if (frame === 0) return false;
      this.#kernel.bytes.set(bytes, frame);
    }
    return true;
  }

  /** Gives the kernel back with empty page tables; the machine cannot be used afterwards. */
  release(): void {
    this.beginSegment();
    const { words } = this.#kernel;
    for (const page of this.#pages) words[DIRECTORY / WORD_BYTES + page] = 0;
    releaseKernel(this.#kernel);
  }
}

/** Encodes the code table as the kernel's rows: direct addresses in place of guest addresses. */
function writeRows(words: Uint32Array, code: CodeTable): void {
  const first = CODE / WORD_BYTES;
  const rowWords = ROW_BYTES / WORD_BYTES;
  const outside = new Map<number, number>();
  const rowOf = (address: number): number => {
    const offset = (address - code.start) >>> 0;
    if (offset < 2 * code.rows) return CODE + (offset >>> 1) * ROW_BYTES;
    let row = outside.get(address);
    if (row === undefined) {
      row = CODE + (code.rows + outside.size) * ROW_BYTES;
      outside.set(address, row);
      words.set([OUTSIDE, address, 0, 0], row / WORD_BYTES);
    }
    return row;
  };
  for (let i = 0; i < code.rows; i++) {
    const at = first + i * rowWords;
    const operation = code.operation[i] ?? 0;
    const length = code.length[i] ?? 0;
    const address = code.start + 2 * i;
    const rd = 4 * (code.rd[i] ?? 0) || (discardsResult(operation) ? DISCARD_OFFSET : 0);
    const rs1 = 4 * (code.rs1[i] ?? 0);
    const rs2 = 4 * (code.rs2[i] ?? 0);
    words[at] = operation | (rd << 8) | (rs1 << 16) | (rs2 << 24);
    words[at + 1] = code.immediate[i] ?? 0;
    words[at + 2] = length === 0 ? 0 : rowOf((address + length) >>> 0);
    words[at + 3] = targetField(code, i, operation, rowOf);
  }
}

/** Loads and JALR with rd = x0 keep their row: they have an effect besides rd. */
function discardsResult(operation: number): boolean {
  return operation === JALR || (operation >= LB && operation <= LHU);
}

function targetField(
  code: CodeTable,
  row: number,
  operation: number,
  rowOf: (address: number) => number,
): number {
  if (operation === JALR) return code.start + 2 * row + (code.length[row] ?? 0);
  if (operation === JAL) return rowOf(code.target[row] ?? 0);
  const jumps = operation === JUMP || (operation >= BEQ && operation <= BGEU);
  return jumps ? rowOf(code.immediate[row] ?? 0) : 0;
}
