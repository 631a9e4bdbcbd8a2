/** Additions and subtractions: ADD, SUB, ADDI. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { ADD, ADD_IN_PLACE, ADDI, ADDI_IN_PLACE } from '../codes.ts';
import type { Expression } from '../expression.ts';
import {
  assertAddition,
  type Form,
  fetch,
  place,
  rangeLimbs,
  readRs2,
  registers,
  step,
  transform,
  type Word,
} from './instruction.ts';

export const ADD_CHIP: ChipDefinition = addition('ADD', ADD, 'general');
export const ADD_IN_PLACE_CHIP: ChipDefinition = addition('ADD_IN_PLACE', ADD_IN_PLACE, 'inPlace');
export const ADDI_CHIP: ChipDefinition = addImmediate('ADDI', ADDI, 'general');
export const ADDI_IN_PLACE_CHIP: ChipDefinition = addImmediate(
  'ADDI_IN_PLACE',
  ADDI_IN_PLACE,
  'inPlace',
);

/** rd = rs1 + rs2, rd = rs1 - rs2, rs1 and rs2 different registers. SUB is the code behind ADD. */
function addition(name: string, operation: number, form: Form): ChipDefinition {
  return defineChip(name, (chip) => {
    const at = place(chip);
    const registersOfRow = registers(chip, form);
    const { rd, rs1 } = registersOfRow;
    const [next, rs2] = chip.columns('next', 'rs2');
    const b = chip.columns('b0', 'b1');
    const c = chip.columns('c0', 'c1');
    const a = chip.columns('a0', 'a1');
    chip.real();
    const subtract = chip.boolean('subtract');
    fetch(chip, at, { operation: subtract.add(operation), rd, rs1, rs2, next });
    step(chip, at, next);
    transform(chip, at, registersOfRow, b, a);
    readRs2(chip, at, rs2, c);
    assertSum(chip, subtract, b, c, a);
  });
}

/**
 * a = b + c, or a = b - c, which is b = a + c: with sign = 1 or -1, sign (b - a) + c is 0 or 2^16
 * for each pair of limbs. The limbs of a are 16-bit integers, so a is determined.
 */
function assertSum(
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

/** rd = rs1 + immediate; the program table's immediates are words. */
function addImmediate(name: string, operation: number, form: Form): ChipDefinition {
  return defineChip(name, (chip) => {
    const at = place(chip);
    const registersOfRow = registers(chip, form);
    const { rd, rs1 } = registersOfRow;
    const next = chip.column('next');
    const b = chip.columns('b0', 'b1');
    const [imm0, imm1] = chip.columns('imm0', 'imm1');
    const a = chip.columns('a0', 'a1');
    chip.real();
    fetch(chip, at, { operation, rd, rs1, imm0, imm1, next });
    step(chip, at, next);
    transform(chip, at, registersOfRow, b, a);
    assertAddition(chip, b[0].add(imm0).sub(a[0]), b[1].add(imm1).sub(a[1]));
    rangeLimbs(chip, a);
  });
}
