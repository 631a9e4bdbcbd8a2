/** Loads. Several chips accept one operation: the address decides which one can show it. */
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { PAIR8 } from '../buses.ts';
import { LBU, LH, LHU, LW, LW_IN_PLACE } from '../codes.ts';
import { constant, type Expression, select, sum } from '../expression.ts';
import { base, baseIn, joinBytes, loadKey, NO_OFFSET } from './address.ts';
import {
  access,
  fetch,
  place,
  range,
  readTime,
  registers,
  step,
  transform,
  type Word,
  writeRd,
} from './instruction.ts';

/** LW of an aligned word: the value read is the value written. */
export const LOAD_WORD_CHIP: ChipDefinition = defineChip('LW', (chip) => {
  const at = place(chip);
  const [next, rd] = chip.columns('next', 'rd');
  chip.real();
  const write = chip.flag('write');
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  fetch(chip, at, { operation: LW, rd, rs1, imm0, imm1, next, flags: write.mul(2) });
  step(chip, at, next);
  const key = loadKey(chip, from, NO_OFFSET);
  const word = chip.columns('word0', 'word1');
  access(chip, { key, before: word, after: word, time: readTime(at), previous: 'previousWord' });
  writeRd(chip, at, rd, word, write);
});

/** The same into the base register: one access takes the address and leaves the word. */
export const LOAD_WORD_IN_PLACE_CHIP: ChipDefinition = defineChip('LW_IN_PLACE', (chip) => {
  const at = place(chip);
  const row = registers(chip, 'inPlace');
  const { rd, rs1 } = row;
  const next = chip.column('next');
  chip.real();
  const from = baseIn(chip, rs1);
  const { imm0, imm1 } = from;
  fetch(chip, at, { operation: LW_IN_PLACE, rd, rs1, imm0, imm1, next, flags: 2 });
  step(chip, at, next);
  const key = loadKey(chip, from, NO_OFFSET);
  const word = chip.columns('word0', 'word1');
  access(chip, { key, before: word, after: word, time: readTime(at), previous: 'previousWord' });
  transform(chip, at, row, from.value, word);
});

/**
 * LB, LBU anywhere and LH, LHU at even addresses: all in one limb of the word, which is split in
 * bytes; the other limb is not looked at. offset = offset0 + 2 offset1, both boolean.
 */
export const LOAD_PART_CHIP: ChipDefinition = defineChip('LBH', (chip) => {
  const at = place(chip);
  const [next, rd] = chip.columns('next', 'rd');
  chip.real();
  const write = chip.flag('write');
  const half = chip.boolean('half');
  const signed = chip.flag('signed');
  const [offset0, offset1] = [chip.boolean('offset0'), chip.boolean('offset1')];
  chip.assertZero(half.mul(offset0), 'a half-word begins at an even address');
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  // LB and LH are three codes below LBU and LHU, which follow each other.
  const operation = constant(LBU).add(half).sub(signed.mul(3));
  fetch(chip, at, { operation, rd, rs1, imm0, imm1, next, flags: write.mul(2) });
  step(chip, at, next);
  const key = loadKey(chip, from, offset0.add(offset1.mul(2)));
  const [low, high, other] = chip.columns('low', 'high', 'other');
  chip.lookup(PAIR8, chip.isReal, [low, high]);
  const limb = joinBytes(low, high);
  const word: Word = [select(offset1, other, limb), select(offset1, limb, other)];
  access(chip, { key, before: word, after: word, time: readTime(at), previous: 'previousWord' });

  const byte = chip.column('byte');
  chip.assertEqual(byte, select(offset0, high, low), 'first byte at the address');
  const sign = chip.boolean('sign');
  chip.assertZero(sign.mul(constant(1).sub(signed)), 'only signed loads have a sign');
  range(chip, select(half, high, byte).sub(sign.mul(128)), 7, signed);
  const upper = select(half, high, sign.mul(255));
  writeRd(chip, at, rd, [joinBytes(byte, upper), sign.mul(0xffff)], write);
});

/** Operation and offset of the loads that no other chip accepts. */
export const LOAD_CASES: readonly (readonly [operation: number, offset: number])[] = [
  [LW, 1],
  [LW, 2],
  [LW, 3],
  [LH, 1],
  [LHU, 1],
  [LH, 3],
  [LHU, 3],
];
export const LOAD_CASE_NAMES = ['lw1', 'lw2', 'lw3', 'lh1', 'lhu1', 'lh3', 'lhu3'] as const;

/** How many of the cases are LW. */
const WORD_CASES = 3;

/**
 * Misaligned loads: the eight bytes of the word at the address and the one behind it, of which the
 * second is accessed only if it is needed: it need not exist otherwise. One case is 1 in a real row,
 * and its operation and offset are what the program table and the address must have.
 */
export const LOAD_CROSSING_CHIP: ChipDefinition = defineChip('LX', (chip) => {
  const at = place(chip);
  const [next, rd] = chip.columns('next', 'rd');
  const cases = chip.realOneOf(...LOAD_CASE_NAMES);
  const [, , , lh1, lhu1, lh3] = cases;
  const write = chip.flag('write');
  const inPlace = chip.boolean('inPlace');
  const isWord = sum(cases.slice(0, WORD_CASES));
  chip.assertZero(inPlace.mul(constant(1).sub(isWord)), 'only LW has a row for loads in place');
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  const operation = weighted(
    cases,
    LOAD_CASES.map(([code]) => code),
  ).add(inPlace.mul(LW_IN_PLACE - LW));
  fetch(chip, at, { operation, rd, rs1, imm0, imm1, next, flags: write.mul(2) });
  step(chip, at, next);
  const key = loadKey(
    chip,
    from,
    weighted(
      cases,
      LOAD_CASES.map(([, offset]) => offset),
    ),
  );
  const bytes = eightBytes(chip);
  const first: Word = [joinBytes(bytes[0], bytes[1]), joinBytes(bytes[2], bytes[3])];
  const second: Word = [joinBytes(bytes[4], bytes[5]), joinBytes(bytes[6], bytes[7])];
  const time = readTime(at);
  access(chip, { key, before: first, after: first, time, previous: 'previousWord' });
  access(chip, {
    key: key.add(1),
    before: second,
    after: second,
    time,
    previous: 'previousSecond',
    multiplicity: chip.isReal.sub(lh1.add(lhu1)),
  });

  const result = [0, 1, 2, 3].map((t) =>
    sum(
      LOAD_CASES.map(([code, offset], i) =>
        code === LW || t < 2 ? (cases[i] as Expression).mul(bytes[offset + t] as Expression) : 0,
      ),
    ),
  ) as [Expression, Expression, Expression, Expression];
  const sign = chip.boolean('sign');
  const signed = lh1.add(lh3);
  chip.assertZero(sign.mul(constant(1).sub(signed)), 'only LH has a sign');
  range(chip, lh1.mul(bytes[2]).add(lh3.mul(bytes[4])).sub(sign.mul(128)), 7, signed);
  const high = joinBytes(result[2], result[3]).add(sign.mul(0xffff));
  writeRd(chip, at, rd, [joinBytes(result[0], result[1]), high], write);
});

type Bytes = readonly [
  Expression,
  Expression,
  Expression,
  Expression,
  Expression,
  Expression,
  Expression,
  Expression,
];

/** Columns `byte0` to `byte7`, all bytes. */
export function eightBytes(chip: ChipBuilder): Bytes {
  const bytes = chip.columns(
    'byte0',
    'byte1',
    'byte2',
    'byte3',
    'byte4',
    'byte5',
    'byte6',
    'byte7',
  );
  for (let i = 0; i < 8; i += 2) {
    chip.lookup(PAIR8, chip.isReal, [bytes[i] as Expression, bytes[i + 1] as Expression]);
  }
  return bytes;
}

/** The weight of the flag that is 1. */
export function weighted(flags: readonly Expression[], weights: readonly number[]): Expression {
  return sum(flags.map((flag, i) => flag.mul(weights[i] as number)));
}
