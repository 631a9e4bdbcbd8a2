/**
 * Faults of a cheating prover at one cycle of a run, after Arguzz: in the record that the tables are
 * filled from, in the state that the run goes on from, in the filled row itself.
 */
import type { Chip } from '@vouch/verifier';
import { ACCESSES, LOADS, STORES } from '../../trace-arith/fill/accesses.ts';
import { FillError, machine, type SegmentTables } from '../../trace-arith/index.ts';
import type { CodeRows } from '../../trace-arith/program-table.ts';
import {
  CROSSING_ENTRY,
  CROSSING_TIME,
  CROSSING_VALUE,
  CROSSING_WORDS,
  ENTRY_MEMORY_TIME,
  ENTRY_OLD,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_RS2,
  ENTRY_WORDS,
  replay,
  type Segment,
  type Snapshot,
  type TouchedPage,
} from '../../vm/index.ts';
import { type CellChanges, column, instanceOf, withRow } from '../trace-arith/forgery.ts';
import { fillRun, type RecordedRun } from '../trace-arith/support.ts';

const MODULUS = 0x7f00_0001;

/** The cycle that a fault strikes. */
export interface Victim {
  readonly run: RecordedRun;
  readonly segment: Segment;
  readonly tables: SegmentTables;
  /** From 0. */
  readonly cycle: number;
  readonly chip: string;
  /** Destination, 0 if there is none. */
  readonly rd: number;
}

/** What a prover makes of a fault. */
export interface Forgery {
  readonly tables: SegmentTables;
  /** The record that the claim is about; the honest one by default. */
  readonly segment?: Segment;
}

/**
 * `impossible`: no tables can be filled; undefined: the fault does not apply to the instruction.
 */
export type Outcome = Forgery | 'impossible' | undefined;
export type Fault = (victim: Victim) => Outcome | Promise<Outcome>;

function refill({ run }: Victim, segment: Segment): Outcome {
  try {
    const [tables] = fillRun({ ...run, segments: [segment] });
    return tables === undefined ? 'impossible' : { tables };
  } catch (error) {
    if (error instanceof FillError) return 'impossible';
    throw error;
  }
}

const word = (segment: Segment, cycle: number, which: number): number =>
  segment.entries[ENTRY_WORDS * cycle + which] as number;

function entryFault(which: number, change: (value: number, victim: Victim) => number): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const entries = segment.entries.slice();
    const value = word(segment, cycle, which);
    entries[ENTRY_WORDS * cycle + which] = change(value, victim) >>> 0;
    return refill(victim, { ...segment, entries });
  };
}

/** Cycles in another order, or another number of them. */
function orderFault(order: (cycle: number) => readonly number[]): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const rest = Array.from({ length: segment.cycles }, (_, i) => i);
    const places = order(cycle);
    rest.splice(cycle, 2, ...places);
    const from = rest.filter((i) => i < segment.cycles);
    const entries = Uint32Array.from(
      from.flatMap((i) => [...segment.entries.subarray(ENTRY_WORDS * i, ENTRY_WORDS * (i + 1))]),
    );
    return refill(victim, { ...segment, cycles: from.length, entries });
  };
}

function crossingFault(change: (crossing: Uint32Array, victim: Victim) => void): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const crossings = segment.crossings.slice();
    for (let at = 0; at < crossings.length; at += CROSSING_WORDS) {
      if (crossings[at + CROSSING_ENTRY] !== cycle) continue;
      change(crossings.subarray(at, at + CROSSING_WORDS), victim);
      return refill(victim, { ...segment, crossings });
    }
    return undefined;
  };
}

function withRegister(state: Snapshot, register: number, value: number): Snapshot {
  const registers = state.registers.slice();
  registers[register] = value;
  return { ...state, registers };
}

/** The end of the record alone: the tables of ends differ from those of the run. */
function endFault(change: (end: Snapshot, victim: Victim) => Snapshot | undefined): Fault {
  return (victim) => {
    const end = change(victim.segment.end, victim);
    return end === undefined ? undefined : refill(victim, { ...victim.segment, end });
  };
}

function pagesFault(change: (page: TouchedPage, at: number) => TouchedPage): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const time = word(segment, cycle, ENTRY_MEMORY_TIME);
    const stamps = [2 * (cycle + 1), 2 * (cycle + 1) + 1];
    const touchedPages = segment.touchedPages.map((page) => {
      const at = page.times.findIndex(
        (last) => stamps.includes(last) || (last !== 0 && last === time),
      );
      return at < 0 ? page : change(page, at);
    });
    const changed = touchedPages.some((page, i) => page !== segment.touchedPages[i]);
    return changed ? refill(victim, { ...segment, touchedPages }) : undefined;
  };
}

const changedAt = (
  values: Uint32Array,
  at: number,
  change: (value: number) => number,
): Uint32Array => {
  const copy = values.slice();
  copy[at] = change(copy[at] as number);
  return copy;
};

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

/** The cells of the victim's row that exist in its chip, changed; undefined if there are none. */
function withCells(
  tables: SegmentTables,
  chip: string,
  cycle: number,
  cells: CellChanges,
): SegmentTables | undefined {
  const names = namesOf(chip);
  const known = Object.entries(cells).filter(([name]) => names.includes(name));
  if (Object.keys(cells).length > 0 && known.length === 0) return undefined;
  const row = column(instanceOf(tables, chip), 'cycle').indexOf(cycle + 1);
  return withRow(tables, chip, row, Object.fromEntries(known));
}

function namesOf(chip: string): readonly string[] {
  const found = machine().constraintProgram.chips.find(({ name }) => name === chip) as Chip;
  return found.mainColumns;
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

/** Changes the first of the columns that the chip has. */
function cellFault(
  names: readonly string[],
  change: (value: number, cell: (name: string) => number) => number,
): Fault {
  return ({ tables, chip, cycle }) => {
    const name = names.find((one) => namesOf(chip).includes(one));
    if (name === undefined) return undefined;
    const instance = instanceOf(tables, chip);
    const row = column(instance, 'cycle').indexOf(cycle + 1);
    const cell = (other: string): number => column(instance, other)[row] as number;
    const value = (((change(cell(name), cell) % MODULUS) + MODULUS) % MODULUS) >>> 0;
    return { tables: withRow(tables, chip, row, { [name]: value }) };
  };
}

const flip = (...names: string[]): Fault => cellFault(names, (value) => 1 - value);
const later = (name: string): Fault => cellFault([name], (_, cell) => 2 * cell('cycle') + 2);

/** Moves a limb's worth between the two limbs of the result. */
const otherLimbs: Fault = ({ tables, chip, cycle }) => {
  if (!namesOf(chip).includes('a1')) return undefined;
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const a0 = (column(instance, 'a0')[row] as number) + 0x1_0000;
  const a1 = ((column(instance, 'a1')[row] as number) + MODULUS - 1) % MODULUS;
  return { tables: withRow(tables, chip, row, { a0, a1 }) };
};

/** The row once more, in the place of padding. */
const again: Fault = ({ tables, chip, cycle }) => {
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const free = column(instance, 'cycle').indexOf(0);
  const cells = namesOf(chip).map((name) => [name, column(instance, name)[row] as number]);
  return { tables: withRow(tables, chip, free, Object.fromEntries(cells)) };
};

/** The next of the chip's one-hot flags in the place of the row's. */
const otherCase: Fault = ({ tables, chip, cycle }) => {
  const names = namesOf(chip).filter((name) => ONE_HOT.test(name));
  if (names.length < 2) return undefined;
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const at = names.findIndex((name) => column(instance, name)[row] === 1);
  const changes = { [names[at] as string]: 0, [names[(at + 1) % names.length] as string]: 1 };
  return { tables: withRow(tables, chip, row, changes) };
};
const ONE_HOT = /^(is(Xor|Or|And|Equal|Unequal|Mulh|Mulhsu|Mulhu)|lw\d|lhu?\d|sw\d|sh\d)$/;

const BIT =
  (bit: number) =>
  (value: number): number =>
    (value ^ (1 << bit)) >>> 0;
const atOther =
  (which: number) =>
  (_: number, { segment, cycle }: Victim): number =>
    word(segment, cycle === 0 ? 1 : cycle - 1, which);

/** What a record says of the cycle. */
const RECORD: Readonly<Record<string, Fault>> = {
  'rs1: bit 0': entryFault(ENTRY_RS1, BIT(0)),
  'rs1: bit 16': entryFault(ENTRY_RS1, BIT(16)),
  'rs1: bit 31': entryFault(ENTRY_RS1, BIT(31)),
  'rs1: zero': entryFault(ENTRY_RS1, () => 0),
  'rs1: negated': entryFault(ENTRY_RS1, (value) => -value),
  'rs1: value of rs2': entryFault(ENTRY_RS1, (_, v) => word(v.segment, v.cycle, ENTRY_RS2)),
  'rs1: of the cycle before': entryFault(ENTRY_RS1, atOther(ENTRY_RS1)),
  'rs2: bit 0': entryFault(ENTRY_RS2, BIT(0)),
  'rs2: bit 16': entryFault(ENTRY_RS2, BIT(16)),
  'rs2: bit 31': entryFault(ENTRY_RS2, BIT(31)),
  'rs2: zero': entryFault(ENTRY_RS2, () => 0),
  'rs2: value of rs1': entryFault(ENTRY_RS2, (_, v) => word(v.segment, v.cycle, ENTRY_RS1)),
  'rs2: of the cycle before': entryFault(ENTRY_RS2, atOther(ENTRY_RS2)),
  'old value: bit 0': entryFault(ENTRY_OLD, BIT(0)),
  'old value: bit 16': entryFault(ENTRY_OLD, BIT(16)),
  'old value: zero': entryFault(ENTRY_OLD, () => 0),
  'time: later': entryFault(ENTRY_MEMORY_TIME, (value) => value + 2),
  'time: earlier': entryFault(ENTRY_MEMORY_TIME, (value) => (value > 2 ? value - 2 : value)),
  'time: none': entryFault(ENTRY_MEMORY_TIME, () => 0),
  'time: that of the access': entryFault(ENTRY_MEMORY_TIME, (_, { cycle }) => 2 * (cycle + 1)),
  'time: in the future': entryFault(ENTRY_MEMORY_TIME, (_, { cycle }) => 2 * cycle + 12),
  'pc: two further': entryFault(ENTRY_PC, (value) => value + 2),
  'pc: two back': entryFault(ENTRY_PC, (value) => value - 2),
  'pc: of the cycle before': entryFault(ENTRY_PC, atOther(ENTRY_PC)),
  'the cycle is left out': orderFault((cycle) => [cycle + 1]),
  'the cycle comes twice': orderFault((cycle) => [cycle, cycle, cycle + 1]),
  'the cycle and the next are exchanged': orderFault((cycle) => [cycle + 1, cycle]),
  'the next cycle is left out': orderFault((cycle) => [cycle]),
  'second word: value': crossingFault((crossing) => {
    crossing[CROSSING_VALUE] = (crossing[CROSSING_VALUE] as number) ^ 0x100;
  }),
  'second word: time': crossingFault((crossing) => {
    crossing[CROSSING_TIME] = (crossing[CROSSING_TIME] as number) + 2;
  }),
  'second word: missing': crossingFault((crossing, { segment }) => {
    crossing[CROSSING_ENTRY] = segment.cycles;
  }),
  'end: bit 0 of rd': endFault((end, { rd }) =>
    rd === 0 ? undefined : withRegister(end, rd, ((end.registers[rd] as number) ^ 1) >>> 0),
  ),
  'end: x0': endFault((end) => withRegister(end, 0, 1)),
  'end: journal counter': endFault((end) => ({ ...end, journalWords: end.journalWords + 1 })),
  'end: word of memory': pagesFault((page, at) => ({
    ...page,
    words: changedAt(page.words, at, BIT(8)),
  })),
  'end: time of a word': pagesFault((page, at) => ({
    ...page,
    times: changedAt(page.times, at, (time) => time - 2),
  })),
};

/** The state that everything later follows from. */
const STATE: Readonly<Record<string, Fault>> = {
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

/** The filled row. */
const ROW: Readonly<Record<string, Fault>> = {
  'cycle: one later': cellFault(['cycle'], (value) => value + 1),
  'cycle: one earlier': cellFault(['cycle'], (value) => value - 1),
  'row: not there': flip('real'),
  'row: twice': cellFault(['real'], (value) => 2 * value),
  'row: minus once': cellFault(['real'], (value) => -value),
  'row: once more': again,
  'next address': cellFault(['next'], (value) => value + 1),
  'target address': cellFault(['target'], (value) => value + 1),
  link: cellFault(['link0'], (value) => value + 2),
  'rd: another register': cellFault(['rd'], (value) => value + 1),
  'rs1: another register': cellFault(['rs1'], (value) => value + 1),
  'rs2: another register': cellFault(['rs2'], (value) => value + 1),
  immediate: cellFault(['imm0'], (value) => value + 1),
  'immediate: sign': cellFault(['imm1'], (value) => 1 - value),
  'previous access of rs1: later': later('previous1'),
  'previous access of rs2: later': later('previous2'),
  'previous access of rd: later': later('previousRd'),
  'previous access of the word: later': later('previousWord'),
  'previous access of the second word: later': later('previousSecond'),
  'result: one more': cellFault(['a0', 'aByte0', 'byte', 'stored'], (value) => value + 1),
  'result: other limbs': otherLimbs,
  'flag: rs1 is rs2': flip('same'),
  'flag: rd is written': flip('write'),
  'flag: signed': flip('signed'),
  'flag: operation': flip('subtract', 'left', 'half', 'isRem', 'atLeast'),
  'flag: arithmetic': flip('arithmetic'),
  'flag: another case': otherCase,
  'sign of the first operand': flip('sign1', 'sign'),
  'sign of the second operand': flip('sign2'),
  'carry or borrow': flip('carry', 'borrow'),
  comparison: flip('less', 'taken'),
  'offset: bit 0': flip('offset0', 'lowest'),
  'offset: bit 1': flip('offset1'),
  'shift by 16': flip('high'),
  'shift amount': cellFault(['u', 'bits'], (value) => value + 1),
  'power of two': cellFault(['power'], (value) => 2 * value),
  'division by zero': flip('byZero'),
  'wrap of the high half': cellFault(['wrap1'], (value) => value + 1),
  quotient: cellFault(['quotient0'], (value) => value + 1),
  inverse: cellFault(['inverse', 'inverse0'], () => 0),
};

export const FAULTS: Readonly<Record<string, Fault>> = Object.fromEntries([
  ...Object.entries(RECORD).map(([name, fault]) => [`record, ${name}`, fault]),
  ...Object.entries(STATE).map(([name, fault]) => [`state, ${name}`, fault]),
  ...Object.entries(ROW).map(([name, fault]) => [`row, ${name}`, fault]),
]);
