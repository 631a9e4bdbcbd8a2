/**
 * What the program table says of an instruction. Everything that is the same each time an
 * instruction is executed is decided here, so that a row of a chip has less to show:
 *
 * - targets, links, values of LUI and AUIPC, powers of two of shift amounts are constants;
 * - an instruction that compares or combines a register with itself or with x0 becomes a cheaper
 *   one with the same effect, e.g. `add a, b, b` is a shift, `beq a, a` a jump;
 * - an instruction that changes a register in place has a code of its own;
 * - what has no effect is a jump to the next instruction.
 */
import { READ_ONLY_END, READ_ONLY_START } from '../vm/memory-map.ts';
import { ABORT_CAUSE, AUIPC, DEBUG_PRINT, JAL, LUI, NOP } from '../vm/operations.ts';
import type { CodeTable } from '../vm/program.ts';
import * as code from './codes.ts';
import { NOWHERE_PC } from './constants.ts';

/** Flags of a row. */
export const FLAG_SAME = 1;
export const FLAG_WRITE = 2;
export const FLAG_HIGH = 4;

/** Fields of one row besides pc; those that an operation does not have are 0. */
export interface InstructionRow {
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

/** The row of the instruction at entry i of the code table: one case for each class of proof-spec 7. */
export function instructionRow(table: CodeTable, i: number): InstructionRow {
  return inPlace(generalRow(table, i));
}

function generalRow(table: CodeTable, i: number): InstructionRow {
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
      return { operation, rd, rs1, next, ...limbs(immediate) };
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
function registerRow(
  operation: number,
  rd: number,
  rs1: number,
  rs2: number,
  next: number,
): InstructionRow {
  const isShift = operation >= code.SLL && operation <= code.SRA;
  if (isShift) return { operation, rd, rs1, rs2, next, flags: rs1 === rs2 ? FLAG_SAME : 0 };
  if (rs1 === rs2) return sameOperandsRow(operation, rd, rs1, next);
  if (operation === code.ADD) {
    if (rs2 === 0) return { operation: code.MOVE, rd, rs1, next };
    if (rs1 === 0) return { operation: code.MOVE, rd, rs1: rs2, next, exchanged: true };
  }
  return { operation, rd, rs1, rs2, next };
}

/** The code of the form in place, for the operations that have one. */
const IN_PLACE: ReadonlyMap<number, number> = new Map([
  [code.ADDI, code.ADDI_IN_PLACE],
  [code.ADD, code.ADD_IN_PLACE],
  [code.SUB, code.SUB_IN_PLACE],
  [code.XOR, code.XOR_IN_PLACE],
  [code.OR, code.OR_IN_PLACE],
  [code.AND, code.AND_IN_PLACE],
  [code.SLLI, code.SLLI_IN_PLACE],
  [code.SRLI, code.SRLI_IN_PLACE],
  [code.SRAI, code.SRAI_IN_PLACE],
  [code.MUL, code.MUL_IN_PLACE],
  [code.LW, code.LW_IN_PLACE],
]);
const COMMUTATIVE: ReadonlySet<number> = new Set([code.ADD, code.XOR, code.OR, code.AND, code.MUL]);

/**
 * The form in place where rd is rs1, or can be because the operands commute, and rs2 is not rs1 too:
 * two accesses to one register would have one time.
 */
function inPlace(row: InstructionRow): InstructionRow {
  const { rd = 0, rs1 = 0, rs2 = 0, flags = 0 } = row;
  const operation = IN_PLACE.get(row.operation);
  if (operation === undefined || rd === 0 || (flags & FLAG_SAME) !== 0) return row;
  if (rd === rs1) return { ...row, operation };
  if (rd !== rs2 || !COMMUTATIVE.has(row.operation)) return row;
  return { ...row, operation, rs1: rs2, rs2: rs1, exchanged: true };
}

/** x + x is x shifted left by 1; x & x and x | x are x; x - x, x ^ x and x < x are 0. */
function sameOperandsRow(operation: number, rd: number, rs: number, next: number): InstructionRow {
  if (operation === code.ADD) return shiftRow(code.SLLI, rd, rs, 1, next);
  const copies = operation === code.AND || operation === code.OR;
  return copies ? { operation: code.MOVE, rd, rs1: rs, next } : constantRow(rd, 0, next);
}

/** rs2 is the number of bits in the low part of a limb, imm0 and imm1 its power and complement. */
function shiftRow(
  operation: number,
  rd: number,
  rs1: number,
  amount: number,
  next: number,
): InstructionRow {
  const u = amount & 15;
  const bits = operation === code.SLLI ? 16 - u : u;
  const flags = amount >= 16 ? FLAG_HIGH : 0;
  return { operation, rd, rs1, rs2: bits, imm0: 2 ** bits, imm1: 2 ** (16 - bits), next, flags };
}

/** x = x and x >= x always hold, x != x and x < x never. */
function branchRow(
  operation: number,
  rs1: number,
  rs2: number,
  to: number,
  next: number,
): InstructionRow {
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

function constantRow(rd: number, value: number, next: number): InstructionRow {
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
