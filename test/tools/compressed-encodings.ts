/**
 * Encodings of RV32C, written from the ISA manual's chapter "C Extension", "RVC Instruction Set
 * Listings". HINT forms are allowed, reserved forms are not: those are for tests to write as numbers.
 */
import { bits, inRange, register } from './encodings.ts';

/** rd', rs1', rs2': x8 to x15. */
const popular = (number: number): number => inRange(number, 8, 15) - 8;
const nonZero = (value: number): number => {
  if (value === 0) throw new RangeError('operand must not be 0');
  return value;
};

type RegisterImmediate = (rd: number, immediate: number) => number;
type Memory = (data: number, offset: number, rs1: number) => number;
type TwoRegisters = (rd: number, rs2: number) => number;
type BranchOnZero = (rs1: number, offset: number) => number;
type Jump = (offset: number) => number;

/** CIW: c.addi4spn rd', nzuimm */
export const c_addi4spn: RegisterImmediate = (rd, immediate) =>
  (bits(nonZero(inRange(immediate, 0, 1020, 4)), '5:4|9:6|2|3') << 5) | (popular(rd) << 2) | 0b00;

/** CL and CS share the layout. */
const wordAccess =
  (funct3: number): Memory =>
  (data, offset, rs1) => {
    inRange(offset, 0, 124, 4);
    return (
      (funct3 << 13) |
      (bits(offset, '5:3') << 10) |
      (popular(rs1) << 7) |
      (bits(offset, '2|6') << 5) |
      (popular(data) << 2) |
      0b00
    );
  };
export const c_lw: Memory = wordAccess(0b010);
export const c_sw: Memory = wordAccess(0b110);

/** CI with a six-bit immediate given as its two fields. */
const ciType = (funct3: number, bit12: number, rd: number, field: number, op: number): number =>
  (funct3 << 13) | (bit12 << 12) | (register(rd) << 7) | (field << 2) | op;
const sixBits = (funct3: number, rd: number, immediate: number, op: number): number =>
  ciType(funct3, bits(immediate, '5'), rd, bits(immediate, '4:0'), op);

/** c.nop is rd = x0, immediate 0; the other pairs with a zero are HINTs. */
export const c_addi: RegisterImmediate = (rd, immediate) =>
  sixBits(0b000, rd, inRange(immediate, -32, 31), 0b01);
export const c_nop = 0x0001;
export const c_li: RegisterImmediate = (rd, immediate) =>
  sixBits(0b010, rd, inRange(immediate, -32, 31), 0b01);
export const c_addi16sp = (immediate: number): number => {
  nonZero(inRange(immediate, -512, 496, 16));
  return ciType(0b011, bits(immediate, '9'), 2, bits(immediate, '4|6|8:7|5'), 0b01);
};
/** The immediate is that of LUI: bits 17 to 12, sign-extended, so -32 .. 31. */
export const c_lui: RegisterImmediate = (rd, immediate) => {
  if (rd === 2) throw new RangeError('c.lui with rd = x2 is c.addi16sp');
  return sixBits(0b011, rd, nonZero(inRange(immediate, -32, 31)), 0b01);
};
export const c_slli: RegisterImmediate = (rd, amount) =>
  sixBits(0b000, rd, inRange(amount, 0, 31), 0b10);
export const c_lwsp: RegisterImmediate = (rd, offset) => {
  inRange(offset, 0, 252, 4);
  return ciType(0b010, bits(offset, '5'), nonZero(rd), bits(offset, '4:2|7:6'), 0b10);
};
/** CSS: c.swsp rs2, uimm(sp) */
export const c_swsp: RegisterImmediate = (rs2, offset) =>
  (0b110 << 13) | (bits(inRange(offset, 0, 252, 4), '5:2|7:6') << 7) | (register(rs2) << 2) | 0b10;

/** CB with a shift amount or an immediate. */
const cbType =
  (funct2: number, low: number, high: number): RegisterImmediate =>
  (rd, immediate) => {
    inRange(immediate, low, high);
    return (
      (0b100 << 13) |
      (bits(immediate, '5') << 12) |
      (funct2 << 10) |
      (popular(rd) << 7) |
      (bits(immediate, '4:0') << 2) |
      0b01
    );
  };
export const c_srli: RegisterImmediate = cbType(0b00, 0, 31);
export const c_srai: RegisterImmediate = cbType(0b01, 0, 31);
export const c_andi: RegisterImmediate = cbType(0b10, -32, 31);

const caType =
  (funct2: number): TwoRegisters =>
  (rd, rs2) =>
    (0b100011 << 10) | (popular(rd) << 7) | (funct2 << 5) | (popular(rs2) << 2) | 0b01;
export const c_sub: TwoRegisters = caType(0b00);
export const c_xor: TwoRegisters = caType(0b01);
export const c_or: TwoRegisters = caType(0b10);
export const c_and: TwoRegisters = caType(0b11);

const cjType =
  (funct3: number): Jump =>
  (offset) =>
    (funct3 << 13) | (bits(inRange(offset, -2048, 2046, 2), '11|4|9:8|10|6|7|3:1|5') << 2) | 0b01;
export const c_jal: Jump = cjType(0b001);
export const c_j: Jump = cjType(0b101);

const branchOnZero =
  (funct3: number): BranchOnZero =>
  (rs1, offset) => {
    inRange(offset, -256, 254, 2);
    return (
      (funct3 << 13) |
      (bits(offset, '8|4:3') << 10) |
      (popular(rs1) << 7) |
      (bits(offset, '7:6|2:1|5') << 2) |
      0b01
    );
  };
export const c_beqz: BranchOnZero = branchOnZero(0b110);
export const c_bnez: BranchOnZero = branchOnZero(0b111);

const crType = (funct4: number, rd: number, rs2: number): number =>
  (funct4 << 12) | (register(rd) << 7) | (register(rs2) << 2) | 0b10;
export const c_jr = (rs1: number): number => crType(0b1000, nonZero(rs1), 0);
export const c_jalr = (rs1: number): number => crType(0b1001, nonZero(rs1), 0);
/** rd = x0 is a HINT. */
export const c_mv: TwoRegisters = (rd, rs2) => crType(0b1000, rd, nonZero(rs2));
export const c_add: TwoRegisters = (rd, rs2) => crType(0b1001, rd, nonZero(rs2));
export const c_ebreak = 0x9002;
