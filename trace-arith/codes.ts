/**
 * Operations of the program table: those of vm/operations.ts, without the ones that the table
 * expresses by others, and with the special cases that have a cheaper chip.
 */
export {
  ADD,
  ADDI,
  AND,
  ANDI,
  BEQ,
  BGE,
  BGEU,
  BLT,
  BLTU,
  BNE,
  DIV,
  DIVU,
  ECALL,
  JALR,
  JUMP,
  LB,
  LBU,
  LH,
  LHU,
  LW,
  MUL,
  MULH,
  MULHSU,
  MULHU,
  OR,
  ORI,
  REM,
  REMU,
  SB,
  SH,
  SLL,
  SLLI,
  SLT,
  SLTI,
  SLTIU,
  SLTU,
  SRA,
  SRAI,
  SRL,
  SRLI,
  SUB,
  SW,
  XOR,
  XORI,
} from '../vm/operations.ts';

/** rd = rs1 */
export const MOVE = 51;
/** rd = the row's immediate; LUI, AUIPC, JAL, `li`. */
export const CONST = 52;
/** BEQ and BNE of rs1 with x0. */
export const BEQZ = 53;
export const BNEZ = 54;
/** rd += immediate */
export const INCREMENT = 55;
/** rd += rs2 and rd -= rs2, rd and rs2 different. */
export const ADD_TO = 56;
export const SUBTRACT_FROM = 57;

/** Codes are below this. */
export const CODE_COUNT = 58;
