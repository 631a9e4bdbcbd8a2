/** DIV, DIVU, REM, REMU (ISA manual, "M" extension, table of division by zero and overflow). */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { DIV, DIVU, REM } from '../codes.ts';
import { LIMB } from '../constants.ts';
import { constant, type Expression } from '../expression.ts';
import { signBit } from './compare.ts';
import {
  fetch,
  place,
  range,
  rangeLimbs,
  readRs1,
  readRs2,
  sameRegister,
  step,
  type Word,
  writeRd,
} from './instruction.ts';
import { assertBytes, carryColumns, fourBytes, lowColumns, wordOf } from './multiply.ts';

/**
 * Division of absolute values, dividend = quotient x divisor + remainder with remainder < divisor,
 * then signs. Absolute values and results are conditional negations modulo 2^32, so -0 = 0, and
 * -2^31 / -1 = 2^31 needs no case. Where the divisor is 0 (`byZero`), the remainder is the dividend
 * and the quotient's word must be 2^32 - 1; with `byZero` = 0 a divisor of 0 fails
 * remainder < divisor, and with `byZero` = 1 the divisor must be 0.
 */
export const DIVIDE_CHIP: ChipDefinition = defineChip('DIV', (chip) => {
  const at = place(chip);
  const [next, rd, rs1, rs2] = chip.columns('next', 'rd', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = chip.columns('c0', 'c1');
  const a = chip.columns('a0', 'a1');
  chip.real();
  const remainderWanted = chip.boolean('isRem');
  const signed = chip.flag('signed');
  const same = sameRegister(chip, b, c);
  // DIV, DIVU, REM, REMU are successive codes.
  const operation = constant(DIVU)
    .sub(signed)
    .add(remainderWanted.mul(REM - DIV));
  fetch(chip, at, { operation, rd, rs1, rs2, next, flags: same });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c, chip.isReal.sub(same));
  writeRd(chip, at, rd, a);
  rangeLimbs(chip, a);

  const sign1 = signBit(chip, 'sign1', b[1], signed);
  const sign2 = signBit(chip, 'sign2', c[1], signed);
  const { dividend, divisor, quotient, remainder } = absoluteDivision(chip);
  assertNegatedIf(chip, sign1, b, dividend, 'dividend');
  assertNegatedIf(chip, sign2, c, divisor, 'divisor');
  const byZero = chip.flag('byZero');
  assertRemainderLess(chip, remainder, divisor, byZero);

  const opposite = chip.column('opposite');
  const differ = sign1.add(sign2).sub(sign1.mul(sign2).mul(2));
  chip.assertEqual(opposite, differ, 'signs differ');
  const divide = chip.isReal.sub(remainderWanted);
  assertResult(chip, divide, opposite, a, quotient, 'quotient');
  assertResult(chip, remainderWanted, sign1, a, remainder, 'remainder');
  for (const [i, name] of (['low', 'high'] as const).entries()) {
    chip.assertZero(byZero.mul(c[i] as Expression), `division by zero: ${name} limb`);
    const ones = (a[i] as Expression).sub(LIMB - 1);
    chip.assertZero(divide.mul(byZero).mul(ones), `quotient by zero: ${name} limb`);
  }
});

interface Division {
  readonly dividend: Word;
  readonly divisor: Word;
  readonly quotient: Word;
  readonly remainder: Word;
}

/**
 * dividend = quotient x divisor + remainder for words, over the integers: the columns of the product
 * as in MUL, the remainder's limbs added to columns 0 and 2. The last column is a byte without a
 * carry and the products that belong above it are 0, so nothing lies beyond 2^32.
 */
function absoluteDivision(chip: ChipBuilder): Division {
  const quotient = chip.columns('quotient0', 'quotient1');
  const remainder = chip.columns('remainder0', 'remainder1');
  const divisor = fourBytes(chip, 'divisor');
  const dividend = fourBytes(chip, 'dividend');
  rangeLimbs(chip, quotient);
  rangeLimbs(chip, remainder);
  assertBytes(chip, divisor);
  assertBytes(chip, dividend);
  const columns = lowColumns(quotient, divisor);
  const sums = [columns[0].add(remainder[0]), columns[1], columns[2].add(remainder[1])];
  const carry = carryColumns(chip, sums, dividend);
  chip.assertEqual(columns[3].add(carry), dividend[3], 'the top byte has no carry');
  for (const i of [2, 3] as const) {
    chip.assertZero(quotient[1].mul(divisor[i]), `nothing above 2^32 from divisor byte ${i}`);
  }
  return { dividend: wordOf(dividend), divisor: wordOf(divisor), quotient, remainder };
}

/**
 * y = negate ? -x : x modulo 2^32, for 16-bit limbs. Negation: low limbs add up to 0 or 2^16, high
 * limbs with that carry too.
 */
function assertNegatedIf(
  chip: ChipBuilder,
  negate: Expression,
  x: Word,
  y: Word,
  name: string,
): void {
  const [low, high] = negationSums(x, y);
  const keep = chip.isReal.sub(negate);
  chip.assertZero(keep.mul(x[0].sub(y[0])), `${name} as it is: low limb`);
  chip.assertZero(keep.mul(x[1].sub(y[1])), `${name} as it is: high limb`);
  chip.assertZero(negate.mul(low).mul(low.sub(LIMB)), `${name} negated: low limb`);
  chip.assertZero(negate.mul(high).mul(high.sub(LIMB)), `${name} negated: high limb`);
}

/** The same under a condition: where `wanted` is 1, the result is the value or its negative. */
function assertResult(
  chip: ChipBuilder,
  wanted: Expression,
  negate: Expression,
  result: Word,
  value: Word,
  name: string,
): void {
  const [low, high] = negationSums(result, value);
  const negated = wanted.mul(negate);
  const keep = wanted.sub(negated);
  chip.assertZero(keep.mul(result[0].sub(value[0])), `${name} as it is: low limb`);
  chip.assertZero(keep.mul(result[1].sub(value[1])), `${name} as it is: high limb`);
  chip.assertZero(negated.mul(low).mul(low.sub(LIMB)), `${name} negated: low limb`);
  chip.assertZero(negated.mul(high).mul(high.sub(LIMB)), `${name} negated: high limb`);
}

function negationSums(x: Word, y: Word): readonly [Expression, Expression] {
  const low = x[0].add(y[0]);
  return [low, x[1].add(y[1]).add(low.div(LIMB))];
}

/** remainder < divisor: divisor - remainder - 1 has no borrow out of its high limb. */
function assertRemainderLess(
  chip: ChipBuilder,
  remainder: Word,
  divisor: Word,
  byZero: Expression,
): void {
  const borrow = chip.boolean('borrow');
  const unless = chip.isReal.sub(byZero);
  range(chip, divisor[0].sub(remainder[0]).sub(1).add(borrow.mul(LIMB)), 16, unless);
  range(chip, divisor[1].sub(remainder[1]).sub(borrow), 16, unless);
}
