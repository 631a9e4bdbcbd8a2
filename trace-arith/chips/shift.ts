/** SLL, SRL, SRA with a constant or a register amount. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { POW } from '../buses.ts';
import { SRL, SRLI, SRLI_IN_PLACE } from '../codes.ts';
import { LIMB } from '../constants.ts';
import { constant, type Expression, select } from '../expression.ts';
import {
  type Form,
  fetch,
  place,
  range,
  readRs1,
  readRs2,
  registers,
  sameRegister,
  step,
  transform,
  type Word,
  writeRd,
} from './instruction.ts';

/**
 * A shift by 16 high + u, u < 16. Each limb of b is split as low + 2^n top, with low < 2^n and
 * top < 2^(16-n), where n = 16 - u for left shifts and n = u for right ones. So 2^(16-n) is the
 * factor by which low parts move up, and
 *
 *     middle = 2^(16-n) low1 + top0    is the limb that both limbs of b contribute to.
 *
 * The split of a 16-bit number is unique because both parts are range-checked. Products stay below
 * 2^17, far from p.
 */
interface Split {
  readonly b: Word;
  /** Limbs of the result. */
  readonly a: Word;
  readonly left: Expression;
  readonly high: Expression;
}

export const SHIFT_IMMEDIATE_CHIP: ChipDefinition = shiftImmediate('SHIFT_I', SRLI, 'general');
export const SHIFT_IMMEDIATE_IN_PLACE_CHIP: ChipDefinition = shiftImmediate(
  'SHIFT_I_IN_PLACE',
  SRLI_IN_PLACE,
  'inPlace',
);

/**
 * Shift by a constant: the program table holds n, 2^n and 2^(16-n) as rs2, imm0, imm1. The codes of
 * the left and the arithmetic shift are before and behind that of the logical one.
 */
function shiftImmediate(name: string, logical: number, form: Form): ChipDefinition {
  return defineChip(name, (chip) => {
    const at = place(chip);
    const registersOfRow = registers(chip, form);
    const { rd, rs1 } = registersOfRow;
    const next = chip.column('next');
    const [bits, power, complement] = chip.columns('bits', 'power', 'complement');
    chip.real();
    const left = chip.boolean('left');
    const { b, a, arithmetic, high } = shift(chip, { bits, power, complement, left });
    const operation = constant(logical).sub(left).add(arithmetic);
    const constants = { rs2: bits, imm0: power, imm1: complement, flags: high.mul(4) };
    fetch(chip, at, { operation, rd, rs1, next, ...constants });
    step(chip, at, next);
    transform(chip, at, registersOfRow, b, a);
  });
}

/**
 * Shift by the low five bits of rs2: its low limb is u + 16 high + 32 rest, with u < 16 because the
 * table POW has no other, high boolean and rest < 2^11. A 16-bit number has one such form.
 */
export const SHIFT_CHIP: ChipDefinition = defineChip('SHIFT', (chip) => {
  const at = place(chip);
  const [next, rd, rs1, rs2] = chip.columns('next', 'rd', 'rs1', 'rs2');
  const [u, rest, c1, power, complement] = chip.columns('u', 'rest', 'c1', 'power', 'complement');
  chip.real();
  const left = chip.boolean('left');
  const bits = select(left, constant(16).sub(u), u);
  const { b, a, arithmetic, high } = shift(chip, { bits, power, complement, left });
  const c: Word = [u.add(high.mul(16)).add(rest.mul(32)), c1];
  range(chip, rest, 11);
  const powers = [select(left, complement, power), select(left, power, complement)];
  chip.lookup(POW, chip.isReal, [u, ...powers]);
  const same = sameRegister(chip, b, c);
  const operation = constant(SRL).sub(left).add(arithmetic);
  fetch(chip, at, { operation, rd, rs1, rs2, next, flags: same });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  readRs2(chip, at, rs2, c, chip.isReal.sub(same));
  writeRd(chip, at, rd, a);
});

/** n, 2^n, 2^(16-n), and the direction. */
type Amount = Readonly<Record<'bits' | 'power' | 'complement' | 'left', Expression>>;

/** `left` and `arithmetic` exclude each other, else SRL could be shown as a left shift. */
function shift(
  chip: ChipBuilder,
  { bits, power, complement, left }: Amount,
): Split & { readonly arithmetic: Expression } {
  const arithmetic = chip.flag('arithmetic');
  const high = chip.boolean('high');
  const sign = chip.boolean('sign');
  const [low0, top0, low1, top1] = chip.columns('low0', 'top0', 'low1', 'top1');
  const a = chip.columns('a0', 'a1');
  const b: Word = [low0.add(power.mul(top0)), low1.add(power.mul(top1))];
  chip.assertZero(left.mul(arithmetic), 'a left shift is not arithmetic');
  for (const part of [low0, low1]) range(chip, part, bits);
  for (const part of [top0, top1]) range(chip, part, constant(16).sub(bits));
  chip.assertZero(sign.mul(constant(1).sub(arithmetic)), 'only arithmetic shifts have a sign');
  range(chip, b[1].sub(sign.mul(0x8000)), 15, arithmetic);
  assertShifted(chip, { b, a, left, high }, { complement, low0, top0, low1, top1, sign });
  return { b, a, left, high, arithmetic };
}

type Parts = Readonly<
  Record<'complement' | 'low0' | 'top0' | 'low1' | 'top1' | 'sign', Expression>
>;

/** `sign` fills the vacated bits: 2^16 - 2^(16-n) above the top part, 2^16 - 1 in an empty limb. */
function assertShifted(chip: ChipBuilder, { a, left, high }: Split, parts: Parts): void {
  const { complement, low0, top0, low1, top1, sign } = parts;
  const right = chip.isReal.sub(left);
  const near = constant(1).sub(high);
  const raised = complement.mul(low0);
  const middle = complement.mul(low1).add(top0);
  const lowered = top1.add(sign.mul(constant(LIMB).sub(complement)));
  const a0 = left
    .mul(near)
    .mul(raised)
    .add(right.mul(select(high, lowered, middle)));
  const filled = right.mul(select(high, sign.mul(LIMB - 1), lowered));
  chip.assertEqual(a[0], a0, 'low limb of the shifted word');
  chip.assertEqual(a[1], left.mul(select(high, raised, middle)).add(filled), 'high limb');
}
