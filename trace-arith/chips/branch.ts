/**
 * Conditional branches. The target is a constant of the program table; rs1 and rs2 are different
 * registers, because a branch that compares a register with itself is a jump or nothing.
 */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { BEQ, BEQZ, BLTU, BNE, BNEZ } from '../codes.ts';
import { constant, type Expression, select } from '../expression.ts';
import { assertLess, signBit } from './compare.ts';
import { fetch, type Place, place, readRs1, readRs2, step } from './instruction.ts';

/**
 * rs1 = 0, rs1 != 0. Limbs are below 2^16, so their sum is 0 only if both are. Where it is not 0,
 * `isZero` must be; where it is 0, the second constraint makes `isZero` 1.
 */
export const BRANCH_ZERO_CHIP: ChipDefinition = defineChip('BEQZ', (chip) => {
  const at = place(chip);
  const [next, target, rs1] = chip.columns('next', 'target', 'rs1');
  const b = chip.columns('b0', 'b1');
  const [taken, inverse] = chip.columns('taken', 'inverse');
  const [isEqual, isUnequal] = chip.realOneOf('isEqual', 'isUnequal');
  const operation = isEqual.mul(BEQZ).add(isUnequal.mul(BNEZ));
  fetch(chip, at, { operation, rs1, imm0: target, next });
  branch(chip, at, taken, target, next);
  readRs1(chip, at, rs1, b);
  const isZero = equality(taken, isEqual, isUnequal);
  const total = b[0].add(b[1]);
  chip.assertZero(isZero.mul(total), 'zero has no set bit');
  chip.assertEqual(isZero.add(total.mul(inverse)), chip.isReal, 'a word is zero or has an inverse');
});

/**
 * rs1 = rs2, rs1 != rs2. Each limb is compared by itself: low + 2^16 high does not tell words apart
 * modulo p.
 */
export const BRANCH_EQUAL_CHIP: ChipDefinition = defineChip('BEQ', (chip) => {
  const at = place(chip);
  const [next, target, rs1, rs2] = chip.columns('next', 'target', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  const [taken, inverse0, inverse1] = chip.columns('taken', 'inverse0', 'inverse1');
  const [isEqual, isUnequal] = chip.realOneOf('isEqual', 'isUnequal');
  const operation = isEqual.mul(BEQ).add(isUnequal.mul(BNE));
  fetch(chip, at, { operation, rs1, rs2, imm0: target, next });
  branch(chip, at, taken, target, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c);
  const equal = equality(taken, isEqual, isUnequal);
  const [low, high] = [b[0].sub(c[0]), b[1].sub(c[1])];
  chip.assertZero(equal.mul(low), 'equal words have equal low limbs');
  chip.assertZero(equal.mul(high), 'equal words have equal high limbs');
  const witness = equal.add(low.mul(inverse0)).add(high.mul(inverse1));
  chip.assertEqual(witness, chip.isReal, 'words are equal or differ in a limb');
});

/** rs1 < rs2, rs1 >= rs2, signed or not. */
export const BRANCH_LESS_CHIP: ChipDefinition = defineChip('BLT', (chip) => {
  const at = place(chip);
  const [next, target, rs1, rs2] = chip.columns('next', 'target', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  const taken = chip.boolean('taken');
  chip.real();
  const signed = chip.flag('signed');
  const atLeast = chip.boolean('atLeast');
  // BLT, BGE, BLTU, BGEU are successive codes.
  const operation = constant(BLTU).add(atLeast).sub(signed.mul(2));
  fetch(chip, at, { operation, rs1, rs2, imm0: target, next });
  branch(chip, at, taken, target, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c);
  const sign = signBit(chip, 'sign1', b[1], signed);
  const other = signBit(chip, 'sign2', c[1], signed);
  const less = select(atLeast, constant(1).sub(taken), taken);
  assertLess(chip, b, c, { less, signs: sign.sub(other) });
});

function branch(
  chip: ChipBuilder,
  at: Place,
  taken: Expression,
  target: Expression,
  next: Expression,
): void {
  step(chip, at, select(taken, target, next));
}

/** Whether the operands are equal, from whether the branch is taken. */
function equality(taken: Expression, isEqual: Expression, isUnequal: Expression): Expression {
  return isEqual.mul(taken).add(isUnequal.mul(constant(1).sub(taken)));
}
