/**
 * The program as the proof knows it: the preprocessed columns of PROG and IMAGE (proof-spec,
 * sections 4 and 7). Everything that is the same each time an instruction is executed is decided
 * here, so that a row of a chip has less to show:
 *
 * - targets, links, values of LUI and AUIPC, powers of two of shift amounts are constants;
 * - an instruction that compares or combines a register with itself or with x0 becomes a cheaper
 *   one with the same effect, e.g. `add a, b, b` is a shift, `beq a, a` a jump;
 * - what has no effect is a jump to the next instruction.
 */

import { READ_ONLY_END, READ_ONLY_START } from '../vm/memory-map.ts';
import { ABORT_CAUSE, AUIPC, DEBUG_PRINT, ILLEGAL, JAL, LUI, NOP } from '../vm/operations.ts';
import type { CodeTable, ImageRange, Program } from '../vm/program.ts';
import * as code from './codes.ts';
import { NOWHERE_PC } from './constants.ts';

/** Fields of one row besides pc; those that an operation does not have are 0. */
interface Row {
  readonly operation: number;
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly imm0?: number;
  readonly imm1?: number;
  readonly next: number;
  /** same + 2 write + 4 high */
  readonly flags?: number;
  readonly exchanged?: boolean;
}

/** Flags of a row. */
export const FLAG_SAME = 1;
export const FLAG_WRITE = 2;
export const FLAG_HIGH = 4;

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
    const row = translate(table, i);
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

/** Fields of the instruction's row: one case for each class of proof-spec 7. */
function translate(table: CodeTable, i: number): Row {
  const operation = table.operation[i] as number;
  const [rd, rs1, rs2] = [table.rd[i], table.rs1[i], table.rs2[i]] as [number, number, number];
  const immediate = table.immediate[i] as number;
  const link = table.start + 2 * i + (table.length[i] as number);
  const next = link / 2;
  switch (operation) {
    case NOP:
    case DEBUG_PRINT:
    case ABORT_CAUSE:
      return { operation: code.JUMP, next };
    case code.JUMP:
      return { operation: code.JUMP, next: target(immediate) };
    case JAL:
      return constantRow(rd, immediate, target(table.target[i] as number));
    case LUI:
    case AUIPC:
      return constantRow(rd, immediate, next);
    case code.JALR:
      return {
        ...{ operation, rd, rs1, rs2: link & 0xffff, next: link >>> 16, flags: writes(rd) },
        ...offset(immediate),
      };
    case code.ECALL:
      return { operation, next };
    case code.SLLI:
    case code.SRLI:
    case code.SRAI:
      return shiftRow(operation, rd, rs1, immediate, next);
    case code.ADDI:
      if (rs1 === 0) return constantRow(rd, immediate, next);
      if (immediate === 0) return { operation: code.MOVE, rd, rs1, next };
      return {
        ...{ operation: rd === rs1 ? code.INCREMENT : operation, rd, rs1, next },
        ...limbs(immediate),
      };
  }
  if (operation <= code.SLTU) return registerRow(operation, rd, rs1, rs2, next);
  if (operation <= code.SLTIU) return { operation, rd, rs1, next, ...limbs(immediate) };
  if (operation <= code.BGEU) return branchRow(operation, rs1, rs2, target(immediate), next);
  if (operation <= code.LHU) {
    return { operation, rd, rs1, next, flags: writes(rd), ...offset(immediate) };
  }
  const flags = rs1 === rs2 ? FLAG_SAME : 0;
  if (operation <= code.SW) return { operation, rs1, rs2, next, flags, ...offset(immediate) };
  return { operation, rd, rs1, rs2, next, flags };
}

/** ADD to SLTU. Where rs1 is rs2, or one of them x0, the result needs less than the operation. */
function registerRow(operation: number, rd: number, rs1: number, rs2: number, next: number): Row {
  const isShift = operation >= code.SLL && operation <= code.SRA;
  if (isShift) return { operation, rd, rs1, rs2, next, flags: rs1 === rs2 ? FLAG_SAME : 0 };
  if (rs1 === rs2) return sameOperandsRow(operation, rd, rs1, next);
  if (operation === code.ADD) {
    if (rs2 === 0) return { operation: code.MOVE, rd, rs1, next };
    if (rs1 === 0) return { operation: code.MOVE, rd, rs1: rs2, next, exchanged: true };
    if (rd === rs1) return { operation: code.ADD_TO, rd, rs1, rs2, next };
    if (rd === rs2) {
      return { operation: code.ADD_TO, rd, rs1: rs2, rs2: rs1, next, exchanged: true };
    }
  }
  if (operation === code.SUB && rd === rs1) {
    return { operation: code.SUBTRACT_FROM, rd, rs1, rs2, next };
  }
  return { operation, rd, rs1, rs2, next };
}

/** x + x is x shifted left by 1; x & x and x | x are x; x - x, x ^ x and x < x are 0. */
function sameOperandsRow(operation: number, rd: number, rs: number, next: number): Row {
  if (operation === code.ADD) return shiftRow(code.SLLI, rd, rs, 1, next);
  const copies = operation === code.AND || operation === code.OR;
  return copies ? { operation: code.MOVE, rd, rs1: rs, next } : constantRow(rd, 0, next);
}

/** rs2 is the number of bits in the low part of a limb, imm0 and imm1 its power and complement. */
function shiftRow(operation: number, rd: number, rs1: number, amount: number, next: number): Row {
  const u = amount & 15;
  const bits = operation === code.SLLI ? 16 - u : u;
  const flags = amount >= 16 ? FLAG_HIGH : 0;
  return { operation, rd, rs1, rs2: bits, imm0: 2 ** bits, imm1: 2 ** (16 - bits), next, flags };
}

/** x = x and x >= x always hold, x != x and x < x never. */
function branchRow(operation: number, rs1: number, rs2: number, to: number, next: number): Row {
  const { BEQ, BNE } = code;
  if (rs1 === rs2) {
    const taken = operation === BEQ || operation === code.BGE || operation === code.BGEU;
    return { operation: code.JUMP, next: taken ? to : next };
  }
  const zero = rs1 === 0 || rs2 === 0;
  if (zero && (operation === BEQ || operation === BNE)) {
    const test = operation === BEQ ? code.BEQZ : code.BNEZ;
    return { operation: test, rs1: rs1 + rs2, imm0: to, next, exchanged: rs1 === 0 };
  }
  return { operation, rs1, rs2, imm0: to, next };
}

function constantRow(rd: number, value: number, next: number): Row {
  return { operation: code.CONST, rd, next, ...limbs(value) };
}

/** Half-word address of a constant target; the field would not hold all of them. */
function target(address: number): number {
  return address >= READ_ONLY_START && address < READ_ONLY_END ? address / 2 : NOWHERE_PC;
}

function limbs(value: number): { imm0: number; imm1: number } {
  return { imm0: value & 0xffff, imm1: value >>> 16 };
}

/** Low limb and sign of a sign-extended 12-bit number. */
function offset(immediate: number): { imm0: number; imm1: number } {
  return { imm0: immediate & 0xffff, imm1: immediate >>> 31 };
}

function writes(rd: number): number {
  return rd === 0 ? 0 : FLAG_WRITE;
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
