/** Rows of one instance of an instruction chip, and the columns whose content has one rule for all. */
import { ENTRY_OLD, ENTRY_RS1, ENTRY_RS2, ENTRY_WORDS } from '../../vm/segment.ts';
import { FLAG_HIGH, FLAG_SAME, FLAG_WRITE } from '../instruction-row.ts';
import type { Trace } from './trace.ts';

/** The main columns of a table by name. */
export class Cells {
  readonly columns: readonly Uint32Array[];
  readonly #names: readonly string[];

  constructor(names: readonly string[], height: number) {
    this.#names = names;
    this.columns = names.map(() => new Uint32Array(height));
  }

  /** A column that exists. */
  get(name: string): Uint32Array {
    const column = this.find(name);
    if (column === undefined) throw new Error(`no column ${name}`);
    return column;
  }

  find(name: string): Uint32Array | undefined {
    return this.columns[this.#names.indexOf(name)];
  }
}

/** What the record and the program say about some cycles; arrays have one entry for each row. */
export interface Rows {
  readonly count: number;
  readonly trace: Trace;
  /** Cycles from 0. */
  readonly cycle: Uint32Array;
  readonly codeRow: Uint32Array;
  readonly operation: Uint8Array;
  /** Executor's immediate. */
  readonly immediate: Uint32Array;
  /** Values of rs1 and rs2 of the program table's row. */
  readonly b: Uint32Array;
  /** For loads: the word at the address. */
  readonly c: Uint32Array;
  /** Value of rd before; for stores: the word at the address before. */
  readonly old: Uint32Array;
}

export function gatherRows(trace: Trace, cycle: Uint32Array): Rows {
  const count = cycle.length;
  const { entries } = trace.segment;
  const { code } = trace;
  const rows: Rows = {
    count,
    trace,
    cycle,
    codeRow: new Uint32Array(count),
    operation: new Uint8Array(count),
    immediate: new Uint32Array(count),
    b: new Uint32Array(count),
    c: new Uint32Array(count),
    old: new Uint32Array(count),
  };
  for (let r = 0; r < count; r++) {
    const i = cycle[r] as number;
    const at = ENTRY_WORDS * i;
    const row = trace.codeRow[i] as number;
    const swap = code.exchanged[row] === 1;
    rows.codeRow[r] = row;
    rows.operation[r] = code.operation[row] as number;
    rows.immediate[r] = code.immediate[row] as number;
    rows.b[r] = entries[at + (swap ? ENTRY_RS2 : ENTRY_RS1)] as number;
    rows.c[r] = entries[at + (swap ? ENTRY_RS1 : ENTRY_RS2)] as number;
    rows.old[r] = entries[at + ENTRY_OLD] as number;
  }
  return rows;
}

type Filler = (rows: Rows, column: Uint32Array) => void;

/** Fills the columns that have a rule here. */
export function fillCommonColumns(rows: Rows, cells: Cells): void {
  for (const [name, fill] of Object.entries(COMMON)) {
    const column = cells.find(name);
    if (column !== undefined) fill(rows, column);
  }
}

type CodeColumn = 'rd' | 'rs1' | 'rs2' | 'imm0' | 'imm1' | 'next';

function fromCode(field: CodeColumn): Filler {
  return ({ trace, codeRow, count }, column) => {
    const source = trace.code[field];
    for (let r = 0; r < count; r++) column[r] = source[codeRow[r] as number] as number;
  };
}

function fromFlags(flag: number): Filler {
  return ({ trace, codeRow, count }, column) => {
    const { flags } = trace.code;
    for (let r = 0; r < count; r++) {
      column[r] = ((flags[codeRow[r] as number] as number) & flag) === 0 ? 0 : 1;
    }
  };
}

/** Bits [shift, shift + bits) of a value. */
function bitsOf(value: 'b' | 'c' | 'old', shift: number, bits: number): Filler {
  const mask = 2 ** bits - 1;
  return (rows, column) => {
    const source = rows[value];
    for (let r = 0; r < rows.count; r++) column[r] = ((source[r] as number) >>> shift) & mask;
  };
}

type PreviousColumn = 'previous1' | 'previous2' | 'previousRd' | 'previousWord' | 'previousSecond';

function fromTrace(name: PreviousColumn): Filler {
  return ({ trace, cycle, count }, column) => {
    const source = trace[name];
    for (let r = 0; r < count; r++) column[r] = source[cycle[r] as number] as number;
  };
}

function bytesOf(value: 'b' | 'c'): Record<string, Filler> {
  const bytes = [0, 1, 2, 3].map((i): [string, Filler] => [
    `${value}Byte${i}`,
    bitsOf(value, 8 * i, 8),
  ]);
  return Object.fromEntries(bytes);
}

const COMMON: Readonly<Record<string, Filler>> = {
  cycle: ({ cycle, count }, column) => {
    for (let r = 0; r < count; r++) column[r] = (cycle[r] as number) + 1;
  },
  pc: ({ trace, codeRow, count }, column) => {
    const first = trace.code.start / 2;
    for (let r = 0; r < count; r++) column[r] = first + (codeRow[r] as number);
  },
  real: ({ count }, column) => {
    column.fill(1, 0, count);
  },
  next: fromCode('next'),
  rd: fromCode('rd'),
  rs1: fromCode('rs1'),
  rs2: fromCode('rs2'),
  imm0: fromCode('imm0'),
  imm1: fromCode('imm1'),
  target: fromCode('imm0'),
  same: fromFlags(FLAG_SAME),
  write: fromFlags(FLAG_WRITE),
  high: fromFlags(FLAG_HIGH),
  b0: bitsOf('b', 0, 16),
  b1: bitsOf('b', 16, 16),
  c0: bitsOf('c', 0, 16),
  c1: bitsOf('c', 16, 16),
  old0: bitsOf('old', 0, 16),
  old1: bitsOf('old', 16, 16),
  ...bytesOf('b'),
  ...bytesOf('c'),
  previous1: fromTrace('previous1'),
  previous2: fromTrace('previous2'),
  previousRd: fromTrace('previousRd'),
  previousWord: fromTrace('previousWord'),
  previousSecond: fromTrace('previousSecond'),
};
