/** Faults in the state that the run goes on from. */
import { ACCESSES, LOADS, STORES } from '../../trace-arith/fill/accesses.ts';
import type { CodeRows } from '../../trace-arith/program-table.ts';
import {
  CROSSING_ENTRY,
  CROSSING_TIME,
  CROSSING_WORDS,
  ENTRY_MEMORY_TIME,
  ENTRY_OLD,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_WORDS,
  replay,
  type Segment,
  type Snapshot,
  type TouchedPage,
} from '../../vm/index.ts';
import { type CellChanges, column, instanceOf } from '../trace-arith/forgery.ts';
import { BIT, type Fault, refill, type Victim, withCells, withRegister, word } from './fault.ts';

/**
 * The run goes on from a changed state behind the cycle, and everything later follows from it: only
 * the faulty instruction itself can give the prover away.
 */
function goingOn(
  change: (state: Snapshot, victim: Victim) => Snapshot | undefined,
  finish: (victim: Victim, state: Snapshot) => CellChanges | undefined = () => ({}),
): Fault {
  return async (victim) => {
    const { run, segment, cycle } = victim;
    const first = await replay(run.program, segment.start, cycle + 1, run);
    const state = change(first.end, victim);
    if (state === undefined) return undefined;
    const second = await replay(run.program, state, segment.cycles, run);
    // A run that traps has no halt, so there is nothing to claim.
    if (!second.last) return 'impossible';
    const joined = join(first, second, run.table.code);
    const filled = refill(victim, joined);
    if (filled === 'impossible' || filled === undefined) return filled;
    const cells = finish(victim, state);
    if (cells === undefined) return undefined;
    const forged = withCells(filled.tables, victim.chip, cycle, cells);
    return forged === undefined ? undefined : { tables: forged, segment: joined };
  };
}

/** Two records as one: times of the second count from the start of the first. */
function join(first: Segment, second: Segment, code: CodeRows): Segment {
  const shift = 2 * first.cycles;
  const lastTime = (key: number): number =>
    first.touchedPages.find(({ page }) => page === key >>> 10)?.times[key & 1023] ?? 0;
  const entries = second.entries.slice();
  const crossings = second.crossings.slice();
  for (let i = 0; i < second.cycles; i++) {
    const at = ENTRY_WORDS * i + ENTRY_MEMORY_TIME;
    if (entries[at] !== 0) entries[at] = (entries[at] as number) + shift;
  }
  for (let at = 0; at < crossings.length; at += CROSSING_WORDS) {
    crossings[at + CROSSING_ENTRY] = (crossings[at + CROSSING_ENTRY] as number) + first.cycles;
    if (crossings[at + CROSSING_TIME] !== 0) {
      crossings[at + CROSSING_TIME] = (crossings[at + CROSSING_TIME] as number) + shift;
    }
  }
  const joined: Segment = {
    start: first.start,
    cycles: first.cycles + second.cycles,
    entries: Uint32Array.of(...first.entries, ...entries),
    crossings: Uint32Array.of(...first.crossings, ...crossings),
    touchedPages: joinPages(first.touchedPages, second.touchedPages, shift),
    end: { ...second.end, segment: first.end.segment },
    last: second.last,
  };
  mendFirstTimes(joined, first.cycles, lastTime, code);
  return joined;
}

function joinPages(
  first: readonly TouchedPage[],
  second: readonly TouchedPage[],
  shift: number,
): TouchedPage[] {
  const numbers = [...new Set([...first, ...second].map(({ page }) => page))].sort((a, b) => a - b);
  return numbers.map((page) => {
    const [a, b] = [first, second].map((pages) => pages.find((one) => one.page === page));
    const times = (b ?? a)?.times.map((time, i) =>
      b !== undefined && time !== 0 ? time + shift : (a?.times[i] ?? 0),
    ) as Uint32Array;
    return { page, words: (b ?? a)?.words as Uint32Array, times };
  });
}

/** First accesses of the second part have a time if the first part accessed the word. */
function mendFirstTimes(
  { entries, crossings, cycles }: Segment,
  from: number,
  lastTime: (key: number) => number,
  code: CodeRows,
): void {
  for (let cycle = from; cycle < cycles; cycle++) {
    const at = ENTRY_WORDS * cycle;
    const row = ((entries[at + ENTRY_PC] as number) - code.start) / 2;
    const accesses = ACCESSES[code.operation[row] as number] as number;
    if ((accesses & (LOADS | STORES)) === 0) continue;
    const address = (entries[at + ENTRY_RS1] as number) + (code.immediate[row] as number);
    const key = (address >>> 0) >>> 2;
    if (entries[at + ENTRY_MEMORY_TIME] === 0) entries[at + ENTRY_MEMORY_TIME] = lastTime(key);
    for (let c = 0; c < crossings.length; c += CROSSING_WORDS) {
      if (crossings[c + CROSSING_ENTRY] !== cycle || crossings[c + CROSSING_TIME] !== 0) continue;
      crossings[c + CROSSING_TIME] = lastTime(key + 1);
    }
  }
}

/** The value in the row's cells that hold the result. */
function resultCells({ rd }: Victim, state: Snapshot): CellChanges {
  const value = state.registers[rd] as number;
  const [low, high] = [value & 0xffff, value >>> 16];
  const bytes = [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return {
    ...{ a0: low, a1: high, word0: low, word1: high, link0: low, link1: high, less: low },
    ...Object.fromEntries(bytes.map((byte, i) => [`aByte${i}`, byte])),
    ...Object.fromEntries(bytes.map((byte, i) => [`andByte${i}`, byte])),
    ...{ low: bytes[0] as number, high: bytes[1] as number, byte: bytes[0] as number },
  };
}

const toResult =
  (change: (value: number, victim: Victim) => number) =>
  (state: Snapshot, victim: Victim): Snapshot | undefined => {
    if (victim.rd === 0) return undefined;
    const value = state.registers[victim.rd] as number;
    return withRegister(state, victim.rd, change(value, victim) >>> 0);
  };

/** The state that everything later follows from. */
export const STATE_FAULTS: Readonly<Record<string, Fault>> = {
  'result: bit 0': goingOn(toResult(BIT(0))),
  'result: bit 16': goingOn(toResult(BIT(16))),
  'result: bit 31': goingOn(toResult(BIT(31))),
  'result: not written': goingOn(
    toResult((_, { segment, cycle }) => word(segment, cycle, ENTRY_OLD)),
  ),
  'result in its row too: bit 0': goingOn(toResult(BIT(0)), resultCells),
  'result in its row too: bit 16': goingOn(toResult(BIT(16)), resultCells),
  'result in its row too: zero': goingOn(
    toResult(() => 0),
    resultCells,
  ),
  'another register': goingOn((state, { rd }) => {
    const register = rd === 28 ? 29 : 28;
    return withRegister(state, register, 0x1_0001);
  }),
  x0: goingOn((state) => withRegister(state, 0, 4)),
  'the next instruction is skipped': goingOn((state) => ({ ...state, pc: state.pc + 4 })),
  'skipped, and the row says so': goingOn(
    (state) => ({ ...state, pc: state.pc + 4 }),
    (_, { pc }) => ({ next: pc / 2, target: pc / 2 }),
  ),
  'the branch goes the other way': goingOn(
    (state, { segment, cycle, chip }) => {
      if (!BRANCHES.has(chip)) return undefined;
      const pc = word(segment, cycle, ENTRY_PC);
      return { ...state, pc: state.pc === pc + 4 ? pc + 8 : pc + 4 };
    },
    (victim) => {
      const instance = instanceOf(victim.tables, victim.chip);
      const row = column(instance, 'cycle').indexOf(victim.cycle + 1);
      return { taken: 1 - (column(instance, 'taken')[row] as number) };
    },
  ),
  'a word of memory': goingOn((state) => {
    const pages = new Map(state.pages);
    const [[page, bytes] = [0, undefined]] = pages;
    if (bytes === undefined) return undefined;
    pages.set(
      page,
      bytes.map((byte, i) => (i < 64 ? byte ^ 1 : byte)),
    );
    return { ...state, pages };
  }),
  'a journal word is not counted': goingOn((state) =>
    state.journalWords === 0 ? undefined : { ...state, journalWords: state.journalWords - 1 },
  ),
};
const BRANCHES: ReadonlySet<string> = new Set(['BEQ', 'BEQZ', 'BLT']);
