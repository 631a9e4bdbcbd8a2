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
import type { Cells } from './rows.ts';
import type { Trace } from './trace.ts';

/** Rows of one of the chips below, written as soon as their number is known. */
export interface BoundaryRows {
  readonly chip: string;
  readonly count: number;
  /** Writes rows [first, first + height) of all into an instance's cells. */
  write(cells: Cells, first: number, height: number): void;
}

/** A word accessed in the segment. */
interface BoundaryWord {
  readonly key: number;
  readonly before: number;
  readonly after: number;
  readonly first: number;
  readonly last: number;
  readonly previous: number;
}

/** MEMBOUND and MEMBUMP. `lastSegments` is the state in front of the segment. */
export function segmentBoundary(
  trace: Trace,
  initial: InitialMemory,
  lastSegments: LastSegments,
): BoundaryRows[] {
  const words = [
    ...registerWords(trace, lastSegments),
    ...memoryWords(trace, initial, lastSegments),
  ];
  return [
    {
      chip: 'MEMBOUND',
      count: words.length,
      write: (cells, first, height) => {
        for (const [r, word] of words.slice(first, first + height).entries()) {
          putBoundaryWord(cells, r, word);
        }
      },
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

function registerWords(
  { segment, registerFirst, registerLast }: Trace,
  lastSegments: LastSegments,
): BoundaryWord[] {
  const { start, end } = segment;
  const words: BoundaryWord[] = [];
  for (let register = 0; register < REGISTER_ROWS; register++) {
    const last = registerLast[register] as number;
    if (last === 0) continue;
    const journal = register === JOURNAL_REGISTER;
    words.push({
      key: REGISTER_KEY + register,
      before: journal ? start.journalWords : (start.registers[register] as number),
      after: journal ? end.journalWords : (end.registers[register] as number),
      first: registerFirst[register] as number,
      last,
      previous: lastSegments.registers[register] as number,
    });
  }
  return words;
}

function memoryWords(
  { segment, wordFirst }: Trace,
  initial: InitialMemory,
  lastSegments: LastSegments,
): BoundaryWord[] {
  const before = new SnapshotMemory(segment.start, initial);
  const found: BoundaryWord[] = [];
  for (const { page, words, times } of segment.touchedPages) {
    for (const [i, last] of times.entries()) {
      if (last === 0) continue;
      const key = page * times.length + i;
      found.push({
        key,
        before: before.word(key),
        after: words[i] as number,
        first: wordFirst.get(key) ?? 0,
        last,
        previous: lastSegments.of(key),
      });
    }
  }
  return found;
}

function putBoundaryWord(cells: Cells, r: number, word: BoundaryWord): void {
  put(cells, 'key', r, word.key);
  putLimbs(cells, 'in', r, word.before);
  putLimbs(cells, 'out', r, word.after);
  put(cells, 'timeFirst', r, word.first);
  put(cells, 'timeLast', r, word.last);
  put(cells, 'previousSegment', r, word.previous);
  put(cells, 'real', r, 1);
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
