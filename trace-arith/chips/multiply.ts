/** MUL, MULH, MULHSU, MULHU. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { PAIR8 } from '../buses.ts';
import { MUL, MUL_IN_PLACE, MULH, MULHSU, MULHU } from '../codes.ts';
import { LIMB } from '../constants.ts';
import { constant, type Expression, expression } from '../expression.ts';
import { joinBytes } from './address.ts';
import { signBit } from './compare.ts';
import {
  type Form,
  fetch,
  place,
  range20,
  rangeLimbs,
  readRs1,
  readRs2,
  registers,
  sameRegister,
  step,
  transform,
  type Word,
  writeRd,
} from './instruction.ts';

export type FourBytes = readonly [Expression, Expression, Expression, Expression];

/**
 * Low half of the product. rs1 in limbs, rs2 in bytes: a limb times a byte is below 2^24, so column
 * sums stay below 2^27 and equations modulo p hold for integers. Column t is
 * sum = result byte + 2^8 carry, with a byte and a carry below 2^20: both are determined.
 */
export const MUL_CHIP: ChipDefinition = defineChip('MUL', (chip) => {
  const { at, row, next, rs2, b, c, a } = multiplication(chip, 'general');
  const { rd, rs1 } = row;
  const same = sameRegister(chip, b, wordOf(c));
  fetch(chip, at, { operation: MUL, rd, rs1, rs2, next, flags: same });
  readRs2(chip, at, rs2, wordOf(c), chip.isReal.sub(same));
  transform(chip, at, row, b, wordOf(a));
});

/** The same with rd = rs1, and rs2 another register. */
export const MUL_IN_PLACE_CHIP: ChipDefinition = defineChip('MUL_IN_PLACE', (chip) => {
  const { at, row, next, rs2, b, c, a } = multiplication(chip, 'inPlace');
  const { rd, rs1 } = row;
  fetch(chip, at, { operation: MUL_IN_PLACE, rd, rs1, rs2, next });
  readRs2(chip, at, rs2, wordOf(c));
  transform(chip, at, row, b, wordOf(a));
});

/** Columns of a multiplication, with the bytes `a` of the product's low half. */
function multiplication(chip: ChipBuilder, form: Form) {
  const at = place(chip);
  const row = registers(chip, form);
  const [next, rs2] = chip.columns('next', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = fourBytes(chip, 'c');
  const a = fourBytes(chip, 'a');
  chip.real();
  step(chip, at, next);
  assertBytes(chip, c);
  assertBytes(chip, a);
  carryColumns(chip, lowColumns(b, c), a);
  return { at, row, next, rs2, b, c, a };
}

/**
 * High half. Six columns give the unsigned product's bytes 4 and 5 and, as the last carry, its top
 * limb. A negative operand counts 2^32 too much, so the signed high half is the unsigned one less c
 * if b is negative and less b if c is: a + (sign1 ? c : 0) + (sign2 ? b : 0) is the unsigned high
 * half plus 2^32 times the carry `wrap1`. Carries are 0, 1 or 2, and the limbs of a are 16-bit
 * integers, so a is determined.
 */
export const MULH_CHIP: ChipDefinition = defineChip('MULH', (chip) => {
  const at = place(chip);
  const [next, rd, rs1, rs2] = chip.columns('next', 'rd', 'rs1', 'rs2');
  const b = chip.columns('b0', 'b1');
  const c = fourBytes(chip, 'c');
  const bytes = chip.columns('product0', 'product1', 'product2', 'product3');
  const middle = chip.columns('product4', 'product5');
  const a = chip.columns('a0', 'a1');
  const [wrap0, wrap1] = chip.columns('wrap0', 'wrap1');
  const [isMulh, isMulhsu, isMulhu] = chip.realOneOf('isMulh', 'isMulhsu', 'isMulhu');
  const word = wordOf(c);
  const same = sameRegister(chip, b, word);
  const operation = isMulh.mul(MULH).add(isMulhsu.mul(MULHSU)).add(isMulhu.mul(MULHU));
  fetch(chip, at, { operation, rd, rs1, rs2, next, flags: same });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, word, chip.isReal.sub(same));
  assertBytes(chip, c);
  assertBytes(chip, bytes);
  chip.lookup(PAIR8, chip.isReal, middle);
  const columns = [...lowColumns(b, c), b[1].mul(c[2]), b[1].mul(c[3])];
  const top = carryColumns(chip, columns, [...bytes, ...middle]);

  const sign1 = signBit(chip, 'sign1', b[1], isMulh.add(isMulhsu));
  const sign2 = signBit(chip, 'sign2', word[1], isMulh);
  const low = a[0].add(sign1.mul(word[0])).add(sign2.mul(b[0]));
  const high = a[1].add(sign1.mul(word[1])).add(sign2.mul(b[1]));
  chip.assertEqual(low, joinBytes(...middle).add(wrap0.mul(LIMB)), 'low limb of the high half');
  chip.assertEqual(high.add(wrap0), top.add(wrap1.mul(LIMB)), 'high limb of the high half');
  assertTernary(chip, wrap0, 'wrap0');
  assertTernary(chip, wrap1, 'wrap1');
  rangeLimbs(chip, a);
  writeRd(chip, at, rd, a);
});

function assertTernary(chip: ChipBuilder, value: Expression, name: string): void {
  chip.assertZero(value.mul(value.sub(1)).mul(value.sub(2)), `${name} is 0, 1 or 2`);
}

export function fourBytes<const Prefix extends string>(
  chip: ChipBuilder,
  prefix: Prefix,
): FourBytes {
  return chip.columns(`${prefix}Byte0`, `${prefix}Byte1`, `${prefix}Byte2`, `${prefix}Byte3`);
}

export function assertBytes(chip: ChipBuilder, bytes: FourBytes): void {
  chip.lookup(PAIR8, chip.isReal, [bytes[0], bytes[1]]);
  chip.lookup(PAIR8, chip.isReal, [bytes[2], bytes[3]]);
}

export function wordOf(bytes: FourBytes): Word {
  return [joinBytes(bytes[0], bytes[1]), joinBytes(bytes[2], bytes[3])];
}

/** Factors of 2^0, 2^8, 2^16, 2^24 in the product, without those of 2^32 and above. */
export function lowColumns([b0, b1]: Word, c: FourBytes): FourBytes {
  return [
    b0.mul(c[0]),
    b0.mul(c[1]),
    b0.mul(c[2]).add(b1.mul(c[0])),
    b0.mul(c[3]).add(b1.mul(c[1])),
  ];
}

/** Takes a byte off each column and carries the rest into the next; returns the last carry. */
export function carryColumns(
  chip: ChipBuilder,
  columns: readonly Expression[],
  bytes: readonly Expression[],
): Expression {
  let carry = constant(0);
  for (const [i, column] of columns.entries()) {
    carry = column
      .add(carry)
      .sub(expression(bytes[i] ?? 0))
      .div(256);
    range20(chip, carry);
  }
  return carry;
}
