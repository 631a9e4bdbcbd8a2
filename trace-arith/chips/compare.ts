/** SLT, SLTU, SLTI, SLTIU. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { SLTIU, SLTU } from '../codes.ts';
import { LIMB } from '../constants.ts';
import { constant, type Expression } from '../expression.ts';
import { fetch, place, range, readRs1, readRs2, step, type Word, writeRd } from './instruction.ts';

/** rd = rs1 < rs2, rs1 and rs2 different registers. */
export const SLT_CHIP: ChipDefinition = defineChip('SLT', (chip) => {
  const at = place(chip);
  const [next, rd, rs1, rs2] = chip.columns('next', 'rd', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  chip.real();
  const signed = chip.flag('signed');
  const less = chip.boolean('less');
  fetch(chip, at, { operation: constant(SLTU).sub(signed), rd, rs1, rs2, next });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c);
  writeRd(chip, at, rd, [less, 0]);
  const sign = signBit(chip, 'sign1', b[1], signed);
  const other = signBit(chip, 'sign2', c[1], signed);
  assertLess(chip, b, c, { less, signs: sign.sub(other) });
});

/** The immediate is a sign-extended 12-bit number, so its high limb is 2^16 - 1 times its sign. */
export const SLT_IMMEDIATE_CHIP: ChipDefinition = defineChip('SLT_I', (chip) => {
  const at = place(chip);
  const [next, rd, rs1] = chip.columns('next', 'rd', 'rs1');
  const b = chip.columns('b0', 'b1');
  const immediate = chip.columns('imm0', 'imm1');
  chip.real();
  const signed = chip.flag('signed');
  const less = chip.boolean('less');
  const [imm0, imm1] = immediate;
  fetch(chip, at, { operation: constant(SLTIU).sub(signed), rd, rs1, imm0, imm1, next });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  writeRd(chip, at, rd, [less, 0]);
  const sign = signBit(chip, 'sign1', b[1], signed);
  const other = signed.mul(imm1).div(LIMB - 1);
  assertLess(chip, b, immediate, { less, signs: sign.sub(other) });
});

/**
 * A column with the top bit of a limb where `signed` is 1, else 0: the limb less 2^15 times the bit
 * is below 2^15, and the limb is a 16-bit integer, so the boolean bit is determined.
 */
export function signBit(
  chip: ChipBuilder,
  name: string,
  limb: Expression,
  signed: Expression,
): Expression {
  const bit = chip.boolean(name);
  chip.assertZero(bit.mul(constant(1).sub(signed)), `${name} only in signed operations`);
  range(chip, limb.sub(bit.mul(0x8000)), 15, signed);
  return bit;
}

/**
 * `less` is b < c. Subtraction with boolean borrows, `borrow` and `less`: both differences are 16-bit
 * integers, so the borrows are determined. For signed operands the sign bits, as `signs` = that of b
 * less that of c, move both words by 2^31 first. `less` must be boolean.
 */
export function assertLess(
  chip: ChipBuilder,
  b: Word,
  c: Word,
  { less, signs }: { readonly less: Expression; readonly signs: Expression },
): void {
  const borrow = chip.boolean('borrow');
  range(chip, b[0].sub(c[0]).add(borrow.mul(LIMB)));
  range(chip, b[1].sub(c[1]).sub(borrow).add(less.sub(signs).mul(LIMB)));
}
