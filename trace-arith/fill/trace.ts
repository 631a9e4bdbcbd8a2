/**
 * The one pass over a segment that must go in order: which chip each cycle belongs to, and for each
 * access the time of the access before. Rows can then be filled chip by chip and column by column.
 */
import { HOST_CALL_COMMIT, HOST_CALL_HALT } from '../../vm/memory-map.ts';
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
  type Segment,
} from '../../vm/segment.ts';
import { JOURNAL_REGISTER, REGISTER_KEY, REGISTER_ROWS } from '../constants.ts';
import { FillError } from '../errors.ts';
import type { CodeRows, ProgramTable } from '../program-table.ts';
import {
  accessesOf,
  CALLS_HOST,
  CHIP_OF,
  chipIndex,
  LOADS,
  READS_RS1,
  READS_RS2,
  STORES,
  UPDATES_RD,
  WRITES_RD,
} from './accesses.ts';
import { type Bumps, LongGaps, SHORT_GAP } from './gaps.ts';
import { PageTable } from './pages.ts';

export interface Trace {
  readonly segment: Segment;
  readonly code: CodeRows;
  /** By cycle, from 0: the row of the code window and the instruction chip. */
  readonly codeRow: Uint32Array;
  readonly chip: Uint8Array;
  /** Times of the accesses before, by cycle: rs1; rs2; rd; the word; the word behind it. */
  readonly previous1: Uint32Array;
  readonly previous2: Uint32Array;
  readonly previousRd: Uint32Array;
  readonly previousWord: Uint32Array;
  readonly previousSecond: Uint32Array;
  /** By cycle, index of its crossing plus 1, 0 if it has none. */
  readonly crossing: Uint32Array;
  /** Accesses that only bridge long gaps. */
  readonly bumps: Bumps;
  /** Time before the first access and time of the last one, by register; 0 if there was none. */
  readonly registerFirst: Uint32Array;
  readonly registerLast: Uint32Array;
  /** By page, time before the first access to each of its words; 0 if there was none. */
  readonly wordFirst: PageTable;
}

/** @throws FillError if the record does not belong to the program */
export function traceSegment(segment: Segment, table: ProgramTable): Trace {
  const tracer = new Tracer(segment, table.code);
  for (let i = 0; i < segment.cycles; i++) tracer.cycle(i);
  return { ...tracer, bumps: tracer.longGaps.bridge() };
}

const COMMIT = chipIndex('COMMIT');
const HALT = chipIndex('HALT');
const LX = chipIndex('LX');
const SX = chipIndex('SX');

class Tracer implements Omit<Trace, 'bumps'> {
  readonly segment: Segment;
  readonly code: CodeRows;
  readonly codeRow: Uint32Array;
  readonly chip: Uint8Array;
  readonly previous1: Uint32Array;
  readonly previous2: Uint32Array;
  readonly previousRd: Uint32Array;
  readonly previousWord: Uint32Array;
  readonly previousSecond: Uint32Array;
  readonly crossing: Uint32Array;
  readonly longGaps: LongGaps = new LongGaps();
  readonly registerFirst: Uint32Array = new Uint32Array(REGISTER_ROWS);
  readonly registerLast: Uint32Array = new Uint32Array(REGISTER_ROWS);
  readonly wordFirst: PageTable = new PageTable();
  #nextCrossing = 0;

  constructor(segment: Segment, code: CodeRows) {
    const { cycles } = segment;
    this.segment = segment;
    this.code = code;
    this.codeRow = new Uint32Array(cycles);
    this.chip = new Uint8Array(cycles);
    this.previous1 = new Uint32Array(cycles);
    this.previous2 = new Uint32Array(cycles);
    this.previousRd = new Uint32Array(cycles);
    this.previousWord = new Uint32Array(cycles);
    this.previousSecond = new Uint32Array(cycles);
    this.crossing = new Uint32Array(cycles);
  }

  cycle(i: number): void {
    const { entries } = this.segment;
    const { code } = this;
    const at = ENTRY_WORDS * i;
    const row = this.#codeRowAt(entries[at + ENTRY_PC] as number);
    const operation = code.operation[row] as number;
    this.codeRow[i] = row;
    const time = 2 * (i + 1);
    let accesses = accessesOf(code, row, 0);
    if ((accesses & CALLS_HOST) !== 0) {
      this.#hostCall(i, time);
      return;
    }
    const swap = code.exchanged[row] === 1;
    const b = entries[at + (swap ? ENTRY_RS2 : ENTRY_RS1)] as number;
    let address = 0;
    if ((accesses & (LOADS | STORES)) !== 0) {
      address = (b + (code.immediate[row] as number)) >>> 0;
      accesses = accessesOf(code, row, address & 3);
    }
    const chip = CHIP_OF[4 * operation + (address & 3)] as number;
    this.chip[i] = chip;
    if ((accesses & READS_RS1) !== 0) {
      this.#register(this.previous1, i, code.rs1[row] as number, time, b);
    }
    if ((accesses & READS_RS2) !== 0) {
      const c = entries[at + (swap ? ENTRY_RS1 : ENTRY_RS2)] as number;
      this.#register(this.previous2, i, code.rs2[row] as number, time, c);
    }
    if ((accesses & (LOADS | STORES)) !== 0) {
      const store = (accesses & STORES) !== 0;
      const accessTime = store ? time + 1 : time;
      this.#word(i, address >>> 2, accessTime, store ? ENTRY_OLD : ENTRY_RS2);
      if (chip === LX || chip === SX) this.#crossing(i, (address >>> 2) + 1, accessTime);
    }
    if ((accesses & UPDATES_RD) !== 0) {
      this.#register(this.previousRd, i, code.rd[row] as number, time + 1, b);
    } else if ((accesses & WRITES_RD) !== 0) {
      const old = entries[at + ENTRY_OLD] as number;
      this.#register(this.previousRd, i, code.rd[row] as number, time + 1, old);
    }
  }

  #codeRowAt(pc: number): number {
    const row = (pc - this.code.start) / 2;
    if ((this.code.operation[row] ?? 0) === 0) {
      throw new FillError('trace/no-program-row', `no instruction at address ${pc}`);
    }
    return row;
  }

  /** Notes an access to a register; the time of the one before goes to `previous`. */
  #register(previous: Uint32Array, i: number, register: number, time: number, value: number): void {
    const last = this.registerLast[register] as number;
    this.registerLast[register] = time;
    if (last === 0) this.registerFirst[register] = time - 1;
    this.#previous(previous, i, REGISTER_KEY + register, value, last || time - 1, time);
  }

  #word(i: number, key: number, time: number, value: number): void {
    const { entries } = this.segment;
    const last = entries[ENTRY_WORDS * i + ENTRY_MEMORY_TIME] as number;
    const before = entries[ENTRY_WORDS * i + value] as number;
    this.#memory(this.previousWord, i, key, before, last, time);
  }

  #memory(
    previous: Uint32Array,
    i: number,
    key: number,
    value: number,
    last: number,
    time: number,
  ): void {
    if (last === 0) this.wordFirst.set(key, time - 1);
    this.#previous(previous, i, key, value, last || time - 1, time);
  }

  #crossing(i: number, key: number, time: number): void {
    const { crossings } = this.segment;
    const at = this.#nextCrossing * CROSSING_WORDS;
    if (crossings[at + CROSSING_ENTRY] !== i) return;
    this.crossing[i] = ++this.#nextCrossing;
    const value = crossings[at + CROSSING_VALUE] as number;
    const last = crossings[at + CROSSING_TIME] as number;
    this.#memory(this.previousSecond, i, key, value, last, time);
  }

  #previous(
    previous: Uint32Array,
    i: number,
    key: number,
    value: number,
    last: number,
    time: number,
  ): void {
    previous[i] = last;
    if (time - last > SHORT_GAP) this.longGaps.add({ previous, index: i, key, value, last, time });
  }

  #hostCall(i: number, time: number): void {
    const { entries } = this.segment;
    const at = ENTRY_WORDS * i;
    const call = entries[at + ENTRY_RS1] as number;
    const argument = entries[at + ENTRY_RS2] as number;
    const third = entries[at + ENTRY_OLD] as number;
    this.#register(this.previous1, i, 17, time, call);
    this.#register(this.previous2, i, 10, time, argument);
    if (call === HOST_CALL_COMMIT) {
      this.chip[i] = COMMIT;
      this.#register(this.previousRd, i, JOURNAL_REGISTER, time + 1, third);
    } else if (call === HOST_CALL_HALT) {
      this.chip[i] = HALT;
      this.#register(this.previousRd, i, 11, time, third);
    } else {
      throw new FillError('trace/host-call', `cycle ${i + 1} makes the unknown host call ${call}`);
    }
  }
}
