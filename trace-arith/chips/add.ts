/** Additions and subtractions: ADD, SUB, ADDI, and the forms that change a register in place. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { ADD, ADD_TO, ADDI, INCREMENT } from '../codes.ts';
import type { Expression } from '../expression.ts';
import {
  assertAddition,
  fetch,
  place,
  rangeLimbs,
  readRs1,
  readRs2,
  step,
  updateRd,
  type Word,
  writeRd,
} from './instruction.ts';

/** rd = rs1 + rs2, rd = rs1 - rs2, rs1 and rs2 different registers. */
export const ADD_CHIP: ChipDefinition = defineChip('ADD', (chip) => {
  const at = place(chip);
  const [next, rd, rs1, rs2] = chip.columns('next', 'rd', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  const a = chip.columns('a0', 'a1');
  chip.real();
  const subtract = chip.flag('subtract');
  fetch(chip, at, { operation: subtract.add(ADD), rd, rs1, rs2, next });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c);
  writeRd(chip, at, rd, a);
  addOrSubtract(chip, subtract, b, c, a);
});

/**
 * rd += rs2, rd -= rs2, rd and rs2 different registers: one access takes the old value and leaves
 * the new one.
 */
export const ADD_TO_CHIP: ChipDefinition = defineChip('ADD_TO', (chip) => {
  const at = place(chip);
  const [next, rd, rs2] = chip.columns('next', 'rd', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  const a = chip.columns('a0', 'a1');
  chip.real();
  const subtract = chip.flag('subtract');
  fetch(chip, at, { operation: subtract.add(ADD_TO), rd, rs1: rd, rs2, next });
  step(chip, at, next);
  updateRd(chip, at, rd, b, a);
  readRs2(chip, at, rs2, c);
  addOrSubtract(chip, subtract, b, c, a);
});

/** rd = rs1 + immediate. */
export const ADDI_CHIP: ChipDefinition = defineChip('ADDI', (chip) => {
  const at = place(chip);
  const [next, rd, rs1] = chip.columns('next', 'rd', 'rs1');
  const b = chip.columns('b0', 'b1');
  const [imm0, imm1] = chip.columns('imm0', 'imm1');
  const a = chip.columns('a0', 'a1');
  chip.real();
  fetch(chip, at, { operation: ADDI, rd, rs1, imm0, imm1, next });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  writeRd(chip, at, rd, a);
  addImmediate(chip, b, [imm0, imm1], a);
});

/** rd += immediate. */
export const INCREMENT_CHIP: ChipDefinition = defineChip('INCREMENT', (chip) => {
  const at = place(chip);
  const [next, rd] = chip.columns('next', 'rd');
  const b = chip.columns('b0', 'b1');
  const [imm0, imm1] = chip.columns('imm0', 'imm1');
  const a = chip.columns('a0', 'a1');
  chip.real();
  fetch(chip, at, { operation: INCREMENT, rd, rs1: rd, imm0, imm1, next });
  step(chip, at, next);
  updateRd(chip, at, rd, b, a);
  addImmediate(chip, b, [imm0, imm1], a);
});

/**
 * a = b + c, or a = b - c, which is b = a + c: with sign = 1 or -1, sign (b - a) + c is 0 or 2^16
 * for each pair of limbs. The limbs of a are 16-bit integers, so a is determined.
 */
function addOrSubtract(
  chip: ChipBuilder,
  subtract: Expression,
  [b0, b1]: Word,
  [c0, c1]: Word,
  a: Word,
): void {
  const sign = chip.isReal.sub(subtract.mul(2));
  assertAddition(chip, sign.mul(b0.sub(a[0])).add(c0), sign.mul(b1.sub(a[1])).add(c1));
  rangeLimbs(chip, a);
}

/** a = b + immediate; the program table's immediates are words. */
function addImmediate(chip: ChipBuilder, [b0, b1]: Word, [imm0, imm1]: Word, a: Word): void {
  assertAddition(chip, b0.add(imm0).sub(a[0]), b1.add(imm1).sub(a[1]));
  rangeLimbs(chip, a);
}
