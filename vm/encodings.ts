/**
 * The 32-bit instructions of RV32I and M at user level, one line each, after the ISA manual,
 * "RV32/64G Instruction Set Listings". Decoder, disassembler and the compressed instructions'
 * expansions all come from this table.
 */
import { bitPattern, type FieldReader, signedScattered } from './bit-fields.ts';
import * as op from './operations.ts';

/** Which fields an instruction has; named as in the manual, with U and J for their one user each. */
export type Format = 'R' | 'I' | 'SHIFT' | 'S' | 'B' | 'U' | 'J' | 'NONE';

/** One instruction. */
export interface Form {
  readonly mnemonic: string;
  /** Value of operations.ts. */
  readonly operation: number;
  readonly format: Format;
  /** The instruction only computes rd: with rd = x0 it has no effect. */
  readonly pure: boolean;
  readonly mask: number;
  /** The encoding with all variable fields 0. */
  readonly match: number;
  /** How assembly text lists the operands; see disassemble.ts. */
  readonly operands: string;
}

/** The form of a 32-bit encoding; undefined if it is no legal instruction. */
export function findForm(word: number): Form | undefined {
  const candidates = BY_KEY[(((word >>> 2) & 31) << 3) | ((word >>> 12) & 7)] as readonly Form[];
  for (const form of candidates) if ((word & form.mask) === form.match) return form;
  return undefined;
}

/** The form of that name; throws if there is none. */
export function formOf(mnemonic: string): Form {
  const form = INSTRUCTION_FORMS.find((candidate) => candidate.mnemonic === mnemonic);
  if (form === undefined) throw new Error(`no instruction ${mnemonic}`);
  return form;
}

export const readRd: FieldReader = (word) => (word >>> 7) & 31;
export const readRs1: FieldReader = (word) => (word >>> 15) & 31;
export const readRs2: FieldReader = (word) => (word >>> 20) & 31;

const none: FieldReader = () => 0;

/** Readers of the immediates by format, sign-extended (ISA manual, "Immediate Encoding Variants"). */
export const IMMEDIATES: Readonly<Record<Format, FieldReader>> = {
  R: none,
  I: (word) => word >> 20,
  SHIFT: readRs2,
  S: signedScattered('31:25|11:7', '11:5|4:0'),
  B: signedScattered('31|30:25|11:8|7', '12|10:5|4:1|11'),
  U: (word) => word & ~0xfff,
  J: signedScattered('31|30:21|20|19:12', '20|10:1|11|19:12'),
  NONE: none,
};

/** Which of rd, rs1 and rs2 a format has. */
export const REGISTERS: Readonly<Record<Format, { rd: boolean; rs1: boolean; rs2: boolean }>> = {
  R: { rd: true, rs1: true, rs2: true },
  I: { rd: true, rs1: true, rs2: false },
  SHIFT: { rd: true, rs1: true, rs2: false },
  S: { rd: false, rs1: true, rs2: true },
  B: { rd: false, rs1: true, rs2: true },
  U: { rd: true, rs1: false, rs2: false },
  J: { rd: true, rs1: false, rs2: false },
  NONE: { rd: false, rs1: false, rs2: false },
};

export const INSTRUCTION_FORMS: readonly Form[] = [
  form('.................... ..... 0110111', 'lui', op.LUI, 'U', 'rd upper'),
  form('.................... ..... 0010111', 'auipc', op.AUIPC, 'U', 'rd upper'),
  form('.................... ..... 1101111', 'jal', op.JAL, 'J', 'rd target'),
  form('............ ..... 000 ..... 1100111', 'jalr', op.JALR, 'I', 'rd offset(rs1)'),

  form('....... ..... ..... 000 ..... 1100011', 'beq', op.BEQ, 'B', 'rs1 rs2 target'),
  form('....... ..... ..... 001 ..... 1100011', 'bne', op.BNE, 'B', 'rs1 rs2 target'),
  form('....... ..... ..... 100 ..... 1100011', 'blt', op.BLT, 'B', 'rs1 rs2 target'),
  form('....... ..... ..... 101 ..... 1100011', 'bge', op.BGE, 'B', 'rs1 rs2 target'),
  form('....... ..... ..... 110 ..... 1100011', 'bltu', op.BLTU, 'B', 'rs1 rs2 target'),
  form('....... ..... ..... 111 ..... 1100011', 'bgeu', op.BGEU, 'B', 'rs1 rs2 target'),

  form('............ ..... 000 ..... 0000011', 'lb', op.LB, 'I', 'rd offset(rs1)'),
  form('............ ..... 001 ..... 0000011', 'lh', op.LH, 'I', 'rd offset(rs1)'),
  form('............ ..... 010 ..... 0000011', 'lw', op.LW, 'I', 'rd offset(rs1)'),
  form('............ ..... 100 ..... 0000011', 'lbu', op.LBU, 'I', 'rd offset(rs1)'),
  form('............ ..... 101 ..... 0000011', 'lhu', op.LHU, 'I', 'rd offset(rs1)'),
  form('....... ..... ..... 000 ..... 0100011', 'sb', op.SB, 'S', 'rs2 offset(rs1)'),
  form('....... ..... ..... 001 ..... 0100011', 'sh', op.SH, 'S', 'rs2 offset(rs1)'),
  form('....... ..... ..... 010 ..... 0100011', 'sw', op.SW, 'S', 'rs2 offset(rs1)'),

  form('............ ..... 000 ..... 0010011', 'addi', op.ADDI, 'I', 'rd rs1 immediate'),
  form('............ ..... 010 ..... 0010011', 'slti', op.SLTI, 'I', 'rd rs1 immediate'),
  form('............ ..... 011 ..... 0010011', 'sltiu', op.SLTIU, 'I', 'rd rs1 immediate'),
  form('............ ..... 100 ..... 0010011', 'xori', op.XORI, 'I', 'rd rs1 immediate'),
  form('............ ..... 110 ..... 0010011', 'ori', op.ORI, 'I', 'rd rs1 immediate'),
  form('............ ..... 111 ..... 0010011', 'andi', op.ANDI, 'I', 'rd rs1 immediate'),
  form('0000000 ..... ..... 001 ..... 0010011', 'slli', op.SLLI, 'SHIFT', 'rd rs1 amount'),
  form('0000000 ..... ..... 101 ..... 0010011', 'srli', op.SRLI, 'SHIFT', 'rd rs1 amount'),
  form('0100000 ..... ..... 101 ..... 0010011', 'srai', op.SRAI, 'SHIFT', 'rd rs1 amount'),

  form('0000000 ..... ..... 000 ..... 0110011', 'add', op.ADD, 'R', 'rd rs1 rs2'),
  form('0100000 ..... ..... 000 ..... 0110011', 'sub', op.SUB, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 001 ..... 0110011', 'sll', op.SLL, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 010 ..... 0110011', 'slt', op.SLT, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 011 ..... 0110011', 'sltu', op.SLTU, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 100 ..... 0110011', 'xor', op.XOR, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 101 ..... 0110011', 'srl', op.SRL, 'R', 'rd rs1 rs2'),
  form('0100000 ..... ..... 101 ..... 0110011', 'sra', op.SRA, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 110 ..... 0110011', 'or', op.OR, 'R', 'rd rs1 rs2'),
  form('0000000 ..... ..... 111 ..... 0110011', 'and', op.AND, 'R', 'rd rs1 rs2'),

  form('0000001 ..... ..... 000 ..... 0110011', 'mul', op.MUL, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 001 ..... 0110011', 'mulh', op.MULH, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 010 ..... 0110011', 'mulhsu', op.MULHSU, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 011 ..... 0110011', 'mulhu', op.MULHU, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 100 ..... 0110011', 'div', op.DIV, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 101 ..... 0110011', 'divu', op.DIVU, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 110 ..... 0110011', 'rem', op.REM, 'R', 'rd rs1 rs2'),
  form('0000001 ..... ..... 111 ..... 0110011', 'remu', op.REMU, 'R', 'rd rs1 rs2'),

  // All fields of FENCE are reserved for finer-grain fences and otherwise ignored.
  form('............ ..... 000 ..... 0001111', 'fence', op.NOP, 'I', 'fence'),
  form('000000000000 00000 000 00000 1110011', 'ecall', op.ECALL, 'NONE', ''),
];

function form(
  listing: string,
  mnemonic: string,
  operation: number,
  format: Format,
  operands: string,
): Form {
  const pure = operation <= op.AUIPC || (operation >= op.MUL && operation <= op.REMU);
  return { mnemonic, operation, format, pure, ...bitPattern(listing), operands };
}

/** Bits 6:2 and 14:12 of an encoding select its few candidates. */
const KEY_MASK = 0x707c;
const BY_KEY: readonly (readonly Form[])[] = Array.from({ length: 256 }, (_, key) => {
  const bits = ((key >>> 3) << 2) | ((key & 7) << 12);
  return INSTRUCTION_FORMS.filter(
    (candidate) => ((candidate.match ^ bits) & candidate.mask & KEY_MASK) === 0,
  );
});
