/** Tables of the memory between segments and at the ends of a run. */
import type { Segment } from '../../vm/segment.ts';
import {
  BUMP_UNIT,
  JOURNAL_REGISTER,
  MEMORY_END_KEY,
  PRIVATE_INPUT_KEY,
  PUBLIC_INPUT_KEY,
  REGISTER_KEY,
  REGISTER_ROWS,
  STACK_END_KEY,
} from '../constants.ts';
import { FillError } from '../errors.ts';
import type { ProgramTable } from '../program-table.ts';
import type { Bump } from './gaps.ts';
import { type InitialMemory, type LastSegments, SnapshotMemory } from './memory.ts';
import { PAGE_WORDS } from './pages.ts';
import type { Cells } from './rows.ts';
import type { Trace } from './trace.ts';

/** Rows of one of the chips below, written as soon as their number is known. */
export interface BoundaryRows {
  readonly chip: string;
  readonly count: number;
  /** Writes rows [first, first + height) of all into an instance's cells. */
  write(cells: Cells, first: number, height: number): void;
}

/** The words accessed in the segment, a row of MEMBOUND each. */
class BoundaryWords {
  readonly #key: Uint32Array;
  readonly #before: Uint32Array;
  readonly #after: Uint32Array;
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  readonly #previous: Uint32Array;
  #count = 0;

  /** @param most words that may be added */
  constructor(most: number) {
    this.#key = new Uint32Array(most);
    this.#before = new Uint32Array(most);
    this.#after = new Uint32Array(most);
    this.#first = new Uint32Array(most);
    this.#last = new Uint32Array(most);
    this.#previous = new Uint32Array(most);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * @param before value in front of the segment, `after` behind it
   * @param first time before the first access, `last` of the last one
   * @param previous segment that accessed the word before
   */
  add(
    key: number,
    before: number,
    after: number,
    first: number,
    last: number,
    previous: number,
  ): void {
    const i = this.#count++;
    this.#key[i] = key;
    this.#before[i] = before;
    this.#after[i] = after;
    this.#first[i] = first;
    this.#last[i] = last;
    this.#previous[i] = previous;
  }

  write(cells: Cells, first: number, height: number): void {
    const end = Math.min(this.count, first + height);
    cells.get('key').set(this.#key.subarray(first, end));
    copyLimbs(this.#before.subarray(first, end), cells.get('in0'), cells.get('in1'));
    copyLimbs(this.#after.subarray(first, end), cells.get('out0'), cells.get('out1'));
    cells.get('timeFirst').set(this.#first.subarray(first, end));
    cells.get('timeLast').set(this.#last.subarray(first, end));
    cells.get('previousSegment').set(this.#previous.subarray(first, end));
    cells.get('real').fill(1, 0, end - first);
  }
}

function copyLimbs(words: Uint32Array, low: Uint32Array, high: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    low[i] = word & 0xffff;
    high[i] = word >>> 16;
  }
}

/** MEMBOUND and MEMBUMP. `lastSegments` is the state in front of the segment. */
export function segmentBoundary(
  trace: Trace,
  initial: InitialMemory,
  lastSegments: LastSegments,
): BoundaryRows[] {
  const words = new BoundaryWords(boundaryRows(trace.segment, trace.registerLast));
  addRegisters(words, trace, lastSegments);
  addMemory(words, trace, initial, lastSegments);
  return [
    {
      chip: 'MEMBOUND',
      count: words.count,
      write: (cells, first, height) => words.write(cells, first, height),
    },
    {
      chip: 'MEMBUMP',
      count: trace.bumps.rows.length,
      write: (cells, first, height) => {
        for (const [r, bump] of trace.bumps.rows.slice(first, first + height).entries()) {
          putBump(cells, r, bump);
        }
      },
    },
  ];
}

/** Rows of MEMBOUND; `registerLast` are the times of registers' last accesses. */
export function boundaryRows({ touchedPages }: Segment, registerLast: Uint32Array): number {
  return touchedPages.reduce((sum, { times }) => sum + nonzero(times), nonzero(registerLast));
}

function nonzero(times: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < times.length; i++) if (times[i] !== 0) count++;
  return count;
}

function addRegisters(
  words: BoundaryWords,
  { segment, registerFirst, registerLast }: Trace,
  lastSegments: LastSegments,
): void {
  const { start, end } = segment;
  for (let register = 0; register < REGISTER_ROWS; register++) {
    const last = registerLast[register] as number;
    if (last === 0) continue;
    const journal = register === JOURNAL_REGISTER;
    words.add(
      REGISTER_KEY + register,
      journal ? start.journalWords : (start.registers[register] as number),
      journal ? end.journalWords : (end.registers[register] as number),
      registerFirst[register] as number,
      last,
      lastSegments.registers[register] as number,
    );
  }
}

function addMemory(
  found: BoundaryWords,
  { segment, wordFirst }: Trace,
  initial: InitialMemory,
  lastSegments: LastSegments,
): void {
  const memory = new SnapshotMemory(segment.start, initial);
  for (const { page, words, times } of segment.touchedPages) {
    const before = memory.words(page);
    const first = wordFirst.words(page);
    const previous = lastSegments.words(page);
    for (let i = 0; i < PAGE_WORDS; i++) {
      const last = times[i] as number;
      if (last === 0) continue;
      found.add(
        page * PAGE_WORDS + i,
        before[i] as number,
        words[i] as number,
        first[i] as number,
        last,
        previous[i] as number,
      );
    }
  }
}

function putBump(cells: Cells, r: number, { key, value, previous, time }: Bump): void {
  put(cells, 'key', r, key);
  putLimbs(cells, 'in', r, value);
  put(cells, 'previous', r, previous);
  put(cells, 'timeLow', r, time % BUMP_UNIT);
  put(cells, 'timeHigh', r, Math.floor(time / BUMP_UNIT));
  put(cells, 'real', r, 1);
}

/** The tables in which words begin and end. `lastSegments` includes the last segment. */
export function runBoundary(
  last: Segment,
  table: ProgramTable,
  initial: InitialMemory,
  lastSegments: LastSegments,
): BoundaryRows[] {
  const memory = new SnapshotMemory(last.end, initial);
  const word = (key: number): FinalWord => ({
    value: memory.word(key),
    segment: lastSegments.of(key),
  });
  const register = (i: number): FinalWord => ({
    value: i === JOURNAL_REGISTER ? last.end.journalWords : (last.end.registers[i] ?? 0),
    segment: lastSegments.registers[i] as number,
  });
  const { imageKeys, imageEnd } = table;
  const { publicWords, privateWords } = initial;
  return [
    finalWords('IMAGE', imageKeys.length, (i) => word(imageKeys[i] as number)),
    heapRows(imageEnd, lastSegments, word),
    {
      chip: 'STACK',
      count: Math.max(1, lastSegments.stackWords()),
      write: (cells, _, height) => putFinalWords(cells, height, (i) => word(STACK_END_KEY - 1 - i)),
    },
    finalWords('REG', REGISTER_ROWS, register),
    {
      chip: 'PRIV',
      count: privateWords.length,
      write: (cells) => {
        for (const [i, value] of privateWords.entries()) {
          put(cells, 'low', i, value & 0xffff);
          put(cells, 'high', i, value >>> 16);
          put(cells, 'lastSegment', i, lastSegments.of(PRIVATE_INPUT_KEY + i));
        }
      },
    },
    {
      chip: 'SINK',
      count: publicWords.length,
      write: (cells) => {
        cells.get('real').fill(1, 0, publicWords.length);
        for (const i of publicWords.keys()) put(cells, 'key', i, PUBLIC_INPUT_KEY + i);
        putFinalWords(cells, publicWords.length, (i) => word(PUBLIC_INPUT_KEY + i));
      },
    },
  ];
}

interface FinalWord {
  readonly value: number;
  readonly segment: number;
}

function finalWords(chip: string, count: number, word: (i: number) => FinalWord): BoundaryRows {
  return { chip, count, write: (cells) => putFinalWords(cells, count, word) };
}

/** Most heap words that a run may reach: a table of 400 MB. */
const MOST_HEAP_WORDS: number = 2 ** 25;

function heapRows(
  imageEnd: number,
  lastSegments: LastSegments,
  word: (key: number) => FinalWord,
): BoundaryRows {
  const count = Math.max(0, lastSegments.heapWords(imageEnd));
  if (count > MOST_HEAP_WORDS) {
    const problem = `the run accesses the heap ${4 * count} bytes behind the program's data`;
    throw new FillError('trace/heap-too-large', `${problem}, at most ${4 * MOST_HEAP_WORDS}`);
  }
  return {
    chip: 'HEAP',
    count,
    write: (cells, first, height) => {
      if (imageEnd + first + height > MEMORY_END_KEY) {
        throw new FillError('trace/heap-too-large', 'the heap reaches the end of memory');
      }
      putFinalWords(cells, height, (i) => word(imageEnd + first + i));
    },
  };
}

function putFinalWords(cells: Cells, count: number, word: (i: number) => FinalWord): void {
  const [low, high] = [cells.get('final0'), cells.get('final1')];
  const last = cells.get('lastSegment');
  for (let i = 0; i < count; i++) {
    const { value, segment } = word(i);
    low[i] = value & 0xffff;
    high[i] = value >>> 16;
    last[i] = segment;
  }
}

function put(cells: Cells, name: string, row: number, value: number): void {
  cells.get(name)[row] = value;
}

function putLimbs(cells: Cells, name: string, row: number, value: number): void {
  put(cells, `${name}0`, row, value & 0xffff);
  put(cells, `${name}1`, row, value >>> 16);
}
