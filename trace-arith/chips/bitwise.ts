/** XOR, OR, AND with a register or an immediate. */
import { type ChipDefinition, defineChip } from '../builder.ts';
import { AND8 } from '../buses.ts';
import {
  AND,
  AND_IN_PLACE,
  ANDI,
  OR,
  OR_IN_PLACE,
  ORI,
  XOR,
  XOR_IN_PLACE,
  XORI,
} from '../codes.ts';
import type { Expression } from '../expression.ts';
import {
  type Form,
  fetch,
  place,
  readRs1,
  readRs2,
  registers,
  step,
  transform,
  writeRd,
} from './instruction.ts';

export const BITWISE_CHIP: ChipDefinition = bitwise('BITWISE', [XOR, OR, AND], 'general');
export const BITWISE_IN_PLACE_CHIP: ChipDefinition = bitwise(
  'BITWISE_IN_PLACE',
  [XOR_IN_PLACE, OR_IN_PLACE, AND_IN_PLACE],
  'inPlace',
);

/**
 * Operands in bytes; the table AND8 shows that they are bytes and gives their AND. A limb of
 * register value b is x + 2^8 y, and a number below 2^16 has one such form. Then
 * b | c = b + c - (b & c) and b ^ c = b + c - 2 (b & c), limb by limb, and both are limbs.
 */
function bitwise(
  name: string,
  [xor, or, and]: readonly [number, number, number],
  form: Form,
): ChipDefinition {
  return defineChip(name, (chip) => {
    const at = place(chip);
    const registersOfRow = registers(chip, form);
    const { rd, rs1 } = registersOfRow;
    const [next, rs2] = chip.columns('next', 'rs2');
    const b = chip.columns('bByte0', 'bByte1', 'bByte2', 'bByte3');
    const c = chip.columns('cByte0', 'cByte1', 'cByte2', 'cByte3');
    const both = chip.columns('andByte0', 'andByte1', 'andByte2', 'andByte3');
    const flags = chip.realOneOf('isXor', 'isOr', 'isAnd');
    const operation = flags[0].mul(xor).add(flags[1].mul(or)).add(flags[2].mul(and));
    fetch(chip, at, { operation, rd, rs1, rs2, next });
    step(chip, at, next);
    b.forEach((byte, i) => {
      chip.lookup(AND8, chip.isReal, [byte, c[i] as Expression, both[i] as Expression]);
    });
    const [b0, b1] = [join(b[0], b[1]), join(b[2], b[3])];
    const [c0, c1] = [join(c[0], c[1]), join(c[2], c[3])];
    const a0 = result(flags, b0, c0, join(both[0], both[1]));
    const a1 = result(flags, b1, c1, join(both[2], both[3]));
    transform(chip, at, registersOfRow, [b0, b1], [a0, a1]);
    readRs2(chip, at, rs2, [c0, c1]);
  });
}

/**
 * The same with an immediate, which is a sign-extended 12-bit number: its high limb is 0 or 2^16 - 1,
 * so the AND of the high limbs is 0 or b's high limb and needs no bytes.
 */
export const BITWISE_IMMEDIATE_CHIP: ChipDefinition = defineChip('BITWISE_I', (chip) => {
  const at = place(chip);
  const [next, rd, rs1] = chip.columns('next', 'rd', 'rs1');
  const b = chip.columns('bByte0', 'bByte1');
  const c = chip.columns('cByte0', 'cByte1');
  const and = chip.columns('andByte0', 'andByte1');
  const [b1, imm1, and1] = chip.columns('b1', 'imm1', 'and1');
  const flags = chip.realOneOf('isXor', 'isOr', 'isAnd');
  const operation = flags[0].mul(XORI).add(flags[1].mul(ORI)).add(flags[2].mul(ANDI));
  const imm0 = join(c[0], c[1]);
  fetch(chip, at, { operation, rd, rs1, imm0, imm1, next });
  step(chip, at, next);
  chip.lookup(AND8, chip.isReal, [b[0], c[0], and[0]]);
  chip.lookup(AND8, chip.isReal, [b[1], c[1], and[1]]);
  chip.assertEqual(and1, b1.mul(imm1).div(0xffff), 'high limbs are masked by the sign');
  const b0 = join(b[0], b[1]);
  readRs1(chip, at, rs1, [b0, b1]);
  const a0 = result(flags, b0, imm0, join(and[0], and[1]));
  writeRd(chip, at, rd, [a0, result(flags, b1, imm1, and1)]);
});

type Flags = readonly [Expression, Expression, Expression];

function result([xor, or, and]: Flags, b: Expression, c: Expression, both: Expression): Expression {
  const added = xor.add(or).mul(b.add(c));
  return added.add(and.sub(or).sub(xor.mul(2)).mul(both));
}

function join(low: Expression, high: Expression): Expression {
  return low.add(high.mul(256));
}
