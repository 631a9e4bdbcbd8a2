/**
 * The machine's operations: what one row of the program table does. Compiled by both `tsc` and
 * `asc`. Compressed instructions are their expansions; an instruction without effect is NOP.
 */

/** No legal instruction begins here. */
export const ILLEGAL = 0;

export const ADD = 1;
export const SUB = 2;
export const XOR = 3;
export const OR = 4;
export const AND = 5;
export const SLL = 6;
export const SRL = 7;
export const SRA = 8;
export const SLT = 9;
export const SLTU = 10;

export const ADDI = 11;
export const XORI = 12;
export const ORI = 13;
export const ANDI = 14;
export const SLLI = 15;
export const SRLI = 16;
export const SRAI = 17;
export const SLTI = 18;
export const SLTIU = 19;

export const LUI = 20;
export const AUIPC = 21;
/** Writes the link; the target is a constant of the row. */
export const JAL = 22;
/** JAL with rd = x0. */
export const JUMP = 23;
export const JALR = 24;

export const BEQ = 25;
export const BNE = 26;
export const BLT = 27;
export const BGE = 28;
export const BLTU = 29;
export const BGEU = 30;

export const LB = 31;
export const LH = 32;
export const LW = 33;
export const LBU = 34;
export const LHU = 35;
export const SB = 36;
export const SH = 37;
export const SW = 38;

export const MUL = 39;
export const MULH = 40;
export const MULHSU = 41;
export const MULHU = 42;
export const DIV = 43;
export const DIVU = 44;
export const REM = 45;
export const REMU = 46;

export const ECALL = 47;
/** No effect: FENCE, HINTs, and computations whose rd is x0. */
export const NOP = 48;
/** No effect on the machine's state; the host prints. */
export const DEBUG_PRINT = 49;
/** No effect on the machine's state; the host keeps the reason of the coming failure. */
export const ABORT_CAUSE = 50;

export const OPERATION_COUNT = 51;
