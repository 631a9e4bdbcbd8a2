/** Stores. The address is in the upper half of memory: see `storeKey`. */
import { type ChipDefinition, defineChip } from '../builder.ts';
import { PAIR8 } from '../buses.ts';
import { SB, SH, SW } from '../codes.ts';
import { constant, type Expression, select, sum } from '../expression.ts';
import { base, joinBytes, NO_OFFSET, storeKey } from './address.ts';
import {
  access,
  fetch,
  place,
  readRs2,
  sameRegister,
  step,
  type Word,
  writeTime,
} from './instruction.ts';
import { eightBytes, weighted } from './load.ts';

/** SW of an aligned word. */
export const STORE_WORD_CHIP: ChipDefinition = defineChip('SW', (chip) => {
  const at = place(chip);
  const [next, rs2] = chip.columns('next', 'rs2');
  const c = chip.columns('c0', 'c1');
  chip.real();
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  const same = sameRegister(chip, from.value, c);
  fetch(chip, at, { operation: SW, rs1, rs2, imm0, imm1, next, flags: same });
  step(chip, at, next);
  readRs2(chip, at, rs2, c, chip.isReal.sub(same));
  const key = storeKey(chip, from, NO_OFFSET);
  const before = chip.columns('word0', 'word1');
  access(chip, { key, before, after: c, time: writeTime(at), previous: 'previousWord' });
});

/**
 * SB anywhere and SH at even addresses change one limb of the word. All bytes are range-checked, so
 * the old limb has one split and the new one is a limb. offset = offset0 + 2 offset1.
 */
export const STORE_PART_CHIP: ChipDefinition = defineChip('SBH', (chip) => {
  const at = place(chip);
  const [next, rs2] = chip.columns('next', 'rs2');
  const [cByte0, cByte1, c1] = chip.columns('cByte0', 'cByte1', 'c1');
  const c: Word = [joinBytes(cByte0, cByte1), c1];
  chip.real();
  const half = chip.boolean('half');
  const [offset0, offset1] = [chip.boolean('offset0'), chip.boolean('offset1')];
  chip.assertZero(half.mul(offset0), 'a half-word begins at an even address');
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  const same = sameRegister(chip, from.value, c);
  fetch(chip, at, { operation: half.add(SB), rs1, rs2, imm0, imm1, next, flags: same });
  step(chip, at, next);
  readRs2(chip, at, rs2, c, chip.isReal.sub(same));
  const key = storeKey(chip, from, offset0.add(offset1.mul(2)));

  const [low, high, other, stored] = chip.columns('low', 'high', 'other', 'stored');
  chip.lookup(PAIR8, chip.isReal, [low, high]);
  chip.lookup(PAIR8, chip.isReal, [cByte0, cByte1]);
  const withByte = select(offset0, joinBytes(low, cByte0), joinBytes(cByte0, high));
  chip.assertEqual(stored, select(half, c[0], withByte), 'limb with the stored bytes');
  const old = joinBytes(low, high);
  access(chip, {
    key,
    before: [select(offset1, other, old), select(offset1, old, other)],
    after: [select(offset1, other, stored), select(offset1, stored, other)],
    time: writeTime(at),
    previous: 'previousWord',
  });
});

/** Operation and offset of the stores that no other chip accepts. */
export const STORE_CASES: readonly (readonly [operation: number, offset: number])[] = [
  [SW, 1],
  [SW, 2],
  [SW, 3],
  [SH, 1],
  [SH, 3],
];
export const STORE_CASE_NAMES = ['sw1', 'sw2', 'sw3', 'sh1', 'sh3'] as const;

/** Misaligned stores: as misaligned loads, with old bytes replaced by those of rs2. */
export const STORE_CROSSING_CHIP: ChipDefinition = defineChip('SX', (chip) => {
  const at = place(chip);
  const [next, rs2] = chip.columns('next', 'rs2');
  const cases = chip.realOneOf(...STORE_CASE_NAMES);
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  const source = chip.columns('cByte0', 'cByte1', 'cByte2', 'cByte3');
  const c: Word = [joinBytes(source[0], source[1]), joinBytes(source[2], source[3])];
  chip.lookup(PAIR8, chip.isReal, [source[0], source[1]]);
  chip.lookup(PAIR8, chip.isReal, [source[2], source[3]]);
  const same = sameRegister(chip, from.value, c);
  const operation = weighted(
    cases,
    STORE_CASES.map(([code]) => code),
  );
  fetch(chip, at, { operation, rs1, rs2, imm0, imm1, next, flags: same });
  step(chip, at, next);
  readRs2(chip, at, rs2, c, chip.isReal.sub(same));
  const key = storeKey(
    chip,
    from,
    weighted(
      cases,
      STORE_CASES.map(([, offset]) => offset),
    ),
  );

  const old = eightBytes(chip);
  const stored = old.map((byte, j) =>
    sum(
      STORE_CASES.map(([code, offset], i) => {
        const from = j - offset;
        const inside = from >= 0 && from < (code === SW ? 4 : 2);
        return (cases[i] as Expression).mul(inside ? (source[from] as Expression) : byte);
      }),
    ),
  );
  const limb = (bytes: readonly Expression[], i: number): Expression =>
    joinBytes(bytes[i] ?? constant(0), bytes[i + 1] ?? constant(0));
  const word = (bytes: readonly Expression[], i: number): Word => [
    limb(bytes, i),
    limb(bytes, i + 2),
  ];
  const time = writeTime(at);
  const ends = { time, previous: 'previousWord' };
  access(chip, { key, before: word(old, 0), after: word(stored, 0), ...ends });
  access(chip, {
    key: key.add(1),
    before: word(old, 4),
    after: word(stored, 4),
    time,
    previous: 'previousSecond',
    multiplicity: chip.isReal.sub(cases[3]),
  });
});
