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
/**
 * Forms that change a register in place: rd is rs1, and rs2 is another register. They are as far from
 * each other as the codes of the general forms.
 */
export const ADDI_IN_PLACE = 55;
export const ADD_IN_PLACE = 56;
export const SUB_IN_PLACE = 57;
export const XOR_IN_PLACE = 58;
export const OR_IN_PLACE = 59;
export const AND_IN_PLACE = 60;
export const SLLI_IN_PLACE = 61;
export const SRLI_IN_PLACE = 62;
export const SRAI_IN_PLACE = 63;
export const MUL_IN_PLACE = 64;
export const LW_IN_PLACE = 65;

/** Codes are below this. */
export const CODE_COUNT = 66;
