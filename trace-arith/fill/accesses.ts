/** Which registers and words each operation accesses, and which chip its rows belong to. */

import { LOAD_CASES } from '../chips/load.ts';
import { STORE_CASES } from '../chips/store.ts';
import * as code from '../codes.ts';
import { FLAG_SAME, FLAG_WRITE } from '../instruction-row.ts';
import { INSTRUCTION_CHIPS } from '../machine.ts';
import type { CodeRows } from '../program-table.ts';

export const READS_RS1 = 1;
export const READS_RS2 = 2;
export const WRITES_RD = 4;
/** Reads and writes rd in one access. */
export const UPDATES_RD = 8;
export const LOADS = 16;
export const STORES = 32;
export const CALLS_HOST = 64;

const REGISTERS = READS_RS1 | READS_RS2 | WRITES_RD;
const IMMEDIATE = READS_RS1 | WRITES_RD;
const BRANCH = READS_RS1 | READS_RS2;
const LOAD = LOADS | READS_RS1 | WRITES_RD;
const STORE = STORES | READS_RS1 | READS_RS2;

interface OperationClass {
  readonly chip: string;
  readonly accesses: number;
  readonly codes: readonly number[];
}

const CLASSES: readonly OperationClass[] = [
  { chip: 'ADD', accesses: REGISTERS, codes: [code.ADD, code.SUB] },
  {
    chip: 'ADD_IN_PLACE',
    accesses: UPDATES_RD | READS_RS2,
    codes: [code.ADD_IN_PLACE, code.SUB_IN_PLACE],
  },
  { chip: 'ADDI', accesses: IMMEDIATE, codes: [code.ADDI] },
  { chip: 'ADDI_IN_PLACE', accesses: UPDATES_RD, codes: [code.ADDI_IN_PLACE] },
  { chip: 'MOVE', accesses: IMMEDIATE, codes: [code.MOVE] },
  { chip: 'CONST', accesses: WRITES_RD, codes: [code.CONST] },
  { chip: 'JUMP', accesses: 0, codes: [code.JUMP] },
  { chip: 'JALR', accesses: IMMEDIATE, codes: [code.JALR] },
  { chip: 'BEQZ', accesses: READS_RS1, codes: [code.BEQZ, code.BNEZ] },
  { chip: 'BEQ', accesses: BRANCH, codes: [code.BEQ, code.BNE] },
  { chip: 'BLT', accesses: BRANCH, codes: [code.BLT, code.BGE, code.BLTU, code.BGEU] },
  { chip: 'BITWISE', accesses: REGISTERS, codes: [code.XOR, code.OR, code.AND] },
  {
    chip: 'BITWISE_IN_PLACE',
    accesses: UPDATES_RD | READS_RS2,
    codes: [code.XOR_IN_PLACE, code.OR_IN_PLACE, code.AND_IN_PLACE],
  },
  { chip: 'BITWISE_I', accesses: IMMEDIATE, codes: [code.XORI, code.ORI, code.ANDI] },
  { chip: 'SHIFT', accesses: REGISTERS, codes: [code.SLL, code.SRL, code.SRA] },
  { chip: 'SHIFT_I', accesses: IMMEDIATE, codes: [code.SLLI, code.SRLI, code.SRAI] },
  {
    chip: 'SHIFT_I_IN_PLACE',
    accesses: UPDATES_RD,
    codes: [code.SLLI_IN_PLACE, code.SRLI_IN_PLACE, code.SRAI_IN_PLACE],
  },
  { chip: 'SLT', accesses: REGISTERS, codes: [code.SLT, code.SLTU] },
  { chip: 'SLT_I', accesses: IMMEDIATE, codes: [code.SLTI, code.SLTIU] },
  { chip: 'LW', accesses: LOAD, codes: [code.LW] },
  { chip: 'LW_IN_PLACE', accesses: UPDATES_RD | LOADS, codes: [code.LW_IN_PLACE] },
  { chip: 'LBH', accesses: LOAD, codes: [code.LB, code.LH, code.LBU, code.LHU] },
  { chip: 'SW', accesses: STORE, codes: [code.SW] },
  { chip: 'SBH', accesses: STORE, codes: [code.SB, code.SH] },
  { chip: 'MUL', accesses: REGISTERS, codes: [code.MUL] },
  { chip: 'MUL_IN_PLACE', accesses: UPDATES_RD | READS_RS2, codes: [code.MUL_IN_PLACE] },
  { chip: 'MULH', accesses: REGISTERS, codes: [code.MULH, code.MULHSU, code.MULHU] },
  { chip: 'DIV', accesses: REGISTERS, codes: [code.DIV, code.DIVU, code.REM, code.REMU] },
  { chip: 'COMMIT', accesses: CALLS_HOST, codes: [code.ECALL] },
];

/** Index of an instruction chip. */
export function chipIndex(name: string): number {
  const index = INSTRUCTION_CHIPS.findIndex((chip) => chip.name === name);
  if (index < 0) throw new Error(`no instruction chip ${name}`);
  return index;
}

/** By code x 4 + address modulo 4, which counts for loads and stores: a sum of the constants above. */
export const ACCESSES: Uint8Array = new Uint8Array(4 * code.CODE_COUNT);
/** The same: the chip of the row. */
export const CHIP_OF: Uint8Array = new Uint8Array(4 * code.CODE_COUNT);

for (const { chip, accesses, codes } of CLASSES) {
  for (const operation of codes) {
    ACCESSES.fill(accesses, 4 * operation, 4 * operation + 4);
    CHIP_OF.fill(chipIndex(chip), 4 * operation, 4 * operation + 4);
  }
}
for (const [operation, offset] of LOAD_CASES) CHIP_OF[4 * operation + offset] = chipIndex('LX');
for (const [operation, offset] of STORE_CASES) CHIP_OF[4 * operation + offset] = chipIndex('SX');
// A misaligned load into its base register reads and writes it in two accesses, as other loads do.
for (const offset of [1, 2, 3]) {
  CHIP_OF[4 * code.LW_IN_PLACE + offset] = chipIndex('LX');
  ACCESSES[4 * code.LW_IN_PLACE + offset] = LOAD;
}

/**
 * What an instruction accesses: a sum of the constants above, without what its flags leave out.
 *
 * @param row of the code window
 * @param offset address modulo 4, which counts for loads and stores
 */
export function accessesOf(rows: CodeRows, row: number, offset: number): number {
  const operation = rows.operation[row] as number;
  const flags = rows.flags[row] as number;
  let accesses = ACCESSES[4 * operation + offset] as number;
  if ((flags & FLAG_SAME) !== 0) accesses &= ~READS_RS2;
  // Loads and JALR into x0 have a row, but write nothing; every other row with rd writes it.
  const mayDiscard = (accesses & LOADS) !== 0 || operation === code.JALR;
  return mayDiscard && (flags & FLAG_WRITE) === 0 ? accesses & ~WRITES_RD : accesses;
}
