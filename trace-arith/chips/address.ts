/** Addresses of loads, stores and JALR. */
import type { ChipBuilder } from '../builder.ts';
import { LIMB } from '../constants.ts';
import { constant, type Expression, type Operand } from '../expression.ts';
import { type Place, range, readRs1, type Word } from './instruction.ts';

/** What the address is added up from: columns of the chip. */
export interface Base {
  readonly rs1: Expression;
  readonly value: Word;
  /** Low limb of the immediate, and 1 if it is negative. */
  readonly imm0: Expression;
  readonly imm1: Expression;
}

/** Adds the columns of the base register and the immediate, and reads the register. */
export function base(chip: ChipBuilder, at: Place): Base {
  const columns = baseIn(chip, chip.column('rs1'));
  readRs1(chip, at, columns.rs1, columns.value);
  return columns;
}

/** Adds the columns of the base in a register that is read elsewhere, and of the immediate. */
export function baseIn(chip: ChipBuilder, rs1: Expression): Base {
  const [imm0, imm1] = chip.columns('imm0', 'imm1');
  return { rs1, value: chip.columns('b0', 'b1'), imm0, imm1 };
}

/**
 * Low and high limb of base + immediate; the low one is `unit` times the first result plus
 * `offset`. With a boolean carry and a quotient below 2^16 / unit, the low limb is a 16-bit integer,
 * so carry and quotient are determined: the other quotients modulo p are far above 2^16.
 *
 * The high limb is b1 + carry - negative, an integer from -1 to 2^16. The caller shows that it is
 * below 2^15, which excludes the two values at which the sum has wrapped around 2^32. Nothing is
 * lost: |immediate| is below 2^12, so such an address is in the first or the last page.
 */
export function address(
  chip: ChipBuilder,
  { value, imm0, imm1 }: Base,
  unit: 2 | 4,
  offset: Expression,
): { readonly quotient: Expression; readonly high: Expression } {
  const carry = chip.boolean('carry');
  const low = value[0].add(imm0).sub(carry.mul(LIMB));
  const quotient = low.sub(offset).div(unit);
  range(chip, quotient, unit === 2 ? 15 : 14);
  return { quotient, high: value[1].add(carry).sub(imm1) };
}

/** Key of the word that a load reads: any below 2^29, and only some have a source. */
export function loadKey(chip: ChipBuilder, from: Base, offset: Expression): Expression {
  const { quotient, high } = address(chip, from, 4, offset);
  range(chip, high, 15);
  return quotient.add(high.mul(0x4000));
}

/** Key of the word that a store writes: in the upper half of memory, where stack and data are. */
export function storeKey(chip: ChipBuilder, from: Base, offset: Expression): Expression {
  const { quotient, high } = address(chip, from, 4, offset);
  range(chip, high.sub(0x4000), 14);
  return quotient.add(high.mul(0x4000));
}

export const NO_OFFSET: Expression = constant(0);

/** `low + 2^8 high` */
export function joinBytes(low: Operand, high: Operand): Expression {
  return constant(0).add(low).add(constant(256).mul(high));
}
