/**
 * How many rows a segment takes of each chip, counted in one pass over its record. It makes the
 * decisions of `trace.ts` without keeping what rows are filled from, which takes most of the time.
 */
import { HOST_CALL_COMMIT, HOST_CALL_HALT } from '../../vm/memory-map.ts';
import {
  CROSSING_ENTRY,
  CROSSING_TIME,
  CROSSING_WORDS,
  ENTRY_MEMORY_TIME,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_RS2,
  ENTRY_WORDS,
  type Segment,
} from '../../vm/segment.ts';
import { JOURNAL_REGISTER, REGISTER_ROWS } from '../constants.ts';
import { FillError } from '../errors.ts';
import { INSTRUCTION_CHIPS } from '../machine.ts';
import type { CodeRows } from '../program-table.ts';
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
import { GapCosts, SHORT_GAP } from './gaps.ts';

/** What a segment's record says about the number of its rows. */
export interface RowCounts {
  /** Rows by instruction chip. */
  readonly instructions: Uint32Array;
  /** Time of the last access by register; 0 if there was none. */
  readonly registerLast: Uint32Array;
  /** Rows of MEMBUMP. */
  readonly bumps: number;
  /** Height of the range table, as a logarithm. */
  readonly rangeLog: number;
}

const COMMIT = chipIndex('COMMIT');
const HALT = chipIndex('HALT');
const LX = chipIndex('LX');
const SX = chipIndex('SX');

const MEMORY = LOADS | STORES;
const SPECIAL = MEMORY | CALLS_HOST;
const ACCESSES_RD = WRITES_RD | UPDATES_RD;

/** Counts the rows of a program's segments. */
export class RowCounter {
  readonly #code: CodeRows;
  /** By row of the code window x 4 + address modulo 4; 0 accesses where no instruction is. */
  readonly #accesses: Uint8Array;
  readonly #chips: Uint8Array;

  constructor(code: CodeRows) {
    this.#code = code;
    const rows = code.operation.length;
    this.#accesses = new Uint8Array(4 * rows);
    this.#chips = new Uint8Array(4 * rows);
    for (let row = 0; row < rows; row++) {
      const operation = code.operation[row] as number;
      if (operation === 0) continue;
      for (let offset = 0; offset < 4; offset++) {
        this.#accesses[4 * row + offset] = accessesOf(code, row, offset);
        this.#chips[4 * row + offset] = CHIP_OF[4 * operation + offset] as number;
      }
    }
  }

  /** @throws FillError if the record does not belong to the program */
  count({ entries, crossings, cycles }: Segment): RowCounts {
    const { start, operation, rs1, rs2, rd, exchanged, immediate } = this.#code;
    const instructions = new Uint32Array(INSTRUCTION_CHIPS.length);
    const registerLast = new Uint32Array(REGISTER_ROWS);
    const gaps = new GapCosts();
    const access = (register: number, time: number): void => {
      const last = registerLast[register] as number;
      if (time - last > SHORT_GAP && last !== 0) gaps.add(time - last);
      registerLast[register] = time;
    };
    let crossing = 0;
    for (let i = 0, at = 0; i < cycles; i++, at += ENTRY_WORDS) {
      const pc = entries[at + ENTRY_PC] as number;
      const row = (pc - start) / 2;
      if ((operation[row] ?? 0) === 0) {
        throw new FillError('trace/no-program-row', `no instruction at address ${pc}`);
      }
      const time = 2 * (i + 1);
      let accesses = this.#accesses[4 * row] as number;
      let chip = this.#chips[4 * row] as number;
      if ((accesses & SPECIAL) !== 0) {
        if ((accesses & CALLS_HOST) !== 0) {
          const call = entries[at + ENTRY_RS1] as number;
          add(instructions, hostCallChip(call, i));
          access(17, time);
          access(10, time);
          if (call === HOST_CALL_COMMIT) access(JOURNAL_REGISTER, time + 1);
          else access(11, time);
          continue;
        }
        const base = entries[at + (exchanged[row] === 1 ? ENTRY_RS2 : ENTRY_RS1)] as number;
        const offset = (base + (immediate[row] as number)) & 3;
        accesses = this.#accesses[4 * row + offset] as number;
        chip = this.#chips[4 * row + offset] as number;
        const accessTime = (accesses & STORES) === 0 ? time : time + 1;
        const last = entries[at + ENTRY_MEMORY_TIME] as number;
        if (accessTime - last > SHORT_GAP && last !== 0) gaps.add(accessTime - last);
        if ((chip === LX || chip === SX) && crossings[crossing + CROSSING_ENTRY] === i) {
          const second = crossings[crossing + CROSSING_TIME] as number;
          if (accessTime - second > SHORT_GAP && second !== 0) gaps.add(accessTime - second);
          crossing += CROSSING_WORDS;
        }
      }
      add(instructions, chip);
      if ((accesses & READS_RS1) !== 0) access(rs1[row] as number, time);
      if ((accesses & READS_RS2) !== 0) access(rs2[row] as number, time);
      if ((accesses & ACCESSES_RD) !== 0) access(rd[row] as number, time + 1);
    }
    const { rangeLog, rows } = gaps.cheapest();
    return { instructions, registerLast, bumps: rows, rangeLog };
  }
}

function add(counts: Uint32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

function hostCallChip(call: number, cycle: number): number {
  if (call === HOST_CALL_COMMIT) return COMMIT;
  if (call === HOST_CALL_HALT) return HALT;
  throw new FillError('trace/host-call', `cycle ${cycle + 1} makes the unknown host call ${call}`);
}
