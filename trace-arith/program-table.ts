/**
 * The program as the proof knows it: the preprocessed columns of PROG and IMAGE (proof-spec,
 * sections 4 and 7). `instruction-row.ts` says what an instruction's row is.
 */
import { ILLEGAL } from '../vm/operations.ts';
import type { CodeTable, ImageRange, Program } from '../vm/program.ts';
import { instructionRow } from './instruction-row.ts';

/** Columns with one entry for each half-word of the code window; operation 0 where no row is. */
export interface CodeRows {
  /** Byte address of entry 0. */
  readonly start: number;
  readonly operation: Uint8Array;
  readonly rd: Uint8Array;
  readonly rs1: Uint8Array;
  /** A register; the low limb of JALR's link; the low bits of shifts by a constant. */
  readonly rs2: Uint16Array;
  readonly imm0: Uint32Array;
  readonly imm1: Uint32Array;
  readonly next: Uint32Array;
  readonly flags: Uint8Array;
  /** The executor's immediate. */
  readonly immediate: Uint32Array;
  /** 1 where the row's rs1 is the instruction's rs2 and the other way round. */
  readonly exchanged: Uint8Array;
  /** Row of PROG. */
  readonly tableRow: Uint32Array;
}

/** A program in the form that tables are filled from. */
export interface ProgramTable {
  readonly code: CodeRows;
  /** Key of the first heap word. */
  readonly imageEnd: number;
  /** Half-word address of the first instruction. */
  readonly entry: number;
  /** Preprocessed columns by chip, of a height that is a power of two, at least 2^5. */
  readonly preprocessed: ReadonlyMap<string, readonly Uint32Array[]>;
  /** Keys of the rows of IMAGE, ascending. */
  readonly imageKeys: Uint32Array;
}

const LEAST_HEIGHT = 32;

/** Builds the tables of a loaded program; a function of the program alone. */
export function buildProgramTable(program: Program): ProgramTable {
  const rows = codeRows(program.code);
  const image = imageColumns(program);
  return {
    code: rows,
    imageEnd: program.imageEnd / 4,
    entry: program.entry / 2,
    preprocessed: new Map([
      ['PROG', programColumns(rows)],
      ['IMAGE', image.columns],
    ]),
    imageKeys: image.keys,
  };
}

function codeRows(table: CodeTable): CodeRows {
  const { rows, start } = table;
  const columns: CodeRows = {
    start,
    operation: new Uint8Array(rows),
    rd: new Uint8Array(rows),
    rs1: new Uint8Array(rows),
    rs2: new Uint16Array(rows),
    imm0: new Uint32Array(rows),
    imm1: new Uint32Array(rows),
    next: new Uint32Array(rows),
    flags: new Uint8Array(rows),
    immediate: table.immediate,
    exchanged: new Uint8Array(rows),
    tableRow: new Uint32Array(rows),
  };
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (table.operation[i] === ILLEGAL) continue;
    const row = instructionRow(table, i);
    columns.operation[i] = row.operation;
    columns.rd[i] = row.rd ?? 0;
    columns.rs1[i] = row.rs1 ?? 0;
    columns.rs2[i] = row.rs2 ?? 0;
    columns.imm0[i] = row.imm0 ?? 0;
    columns.imm1[i] = row.imm1 ?? 0;
    columns.next[i] = row.next;
    columns.flags[i] = row.flags ?? 0;
    columns.exchanged[i] = row.exchanged === true ? 1 : 0;
    columns.tableRow[i] = count++;
  }
  return columns;
}

function powerOfTwo(rows: number): number {
  let height = LEAST_HEIGHT;
  while (height < rows) height *= 2;
  return height;
}

/** Columns of PROG: the rows that exist, in the order of their addresses, then zeros. */
function programColumns(rows: CodeRows): Uint32Array[] {
  const { operation, rd, rs1, rs2, imm0, imm1, next, flags } = rows;
  const fields = [operation, rd, rs1, rs2, imm0, imm1, next, flags];
  const count = operation.reduce((total, value) => total + (value === 0 ? 0 : 1), 0);
  const height = powerOfTwo(count);
  const columns = Array.from({ length: fields.length + 1 }, () => new Uint32Array(height));
  const [pc, ...others] = columns as [Uint32Array, ...Uint32Array[]];
  for (let i = 0, row = 0; i < operation.length; i++) {
    if (operation[i] === 0) continue;
    pc[row] = rows.start / 2 + i;
    for (const [j, field] of fields.entries()) {
      (others[j] as Uint32Array)[row] = field[i] as number;
    }
    row++;
  }
  return columns;
}

/** Columns of IMAGE: key, low, high, selector of the program's words, then zeros. */
function imageColumns({ readOnly, writable }: Program): {
  keys: Uint32Array;
  columns: Uint32Array[];
} {
  const ranges: readonly ImageRange[] = writable === undefined ? readOnly : [...readOnly, writable];
  const words = ranges.reduce((total, range) => total + range.bytes.length / 4, 0);
  const height = powerOfTwo(words);
  const columns = Array.from({ length: 4 }, () => new Uint32Array(height));
  const [key, low, high, selector] = columns as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let row = 0;
  for (const { address, bytes } of ranges) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4, row++) {
      key[row] = (address + at) / 4;
      low[row] = view.getUint16(at, true);
      high[row] = view.getUint16(at + 2, true);
      selector[row] = 1;
    }
  }
  return { keys: key.slice(0, words), columns };
}
