/**
 * What all instruction chips share. A row executes one instruction in one cycle:
 *
 * - EXEC: receives (pc, cycle) and sends (pc of the next instruction, cycle + 1). The verifier adds
 *   the start and the end of the segment. Multiplicities are 0 or 1 and there are fewer rows than p,
 *   so the messages form one path: every cycle has exactly one row, in the order of execution.
 * - PROG: the row's operation, registers and constants are those of the program at pc. The
 *   program's addresses are distinct, so a pc has one row.
 * - MEM: each access takes the word as its last access left it and puts it back at a later time.
 *
 * Limbs of words are 16-bit integers by invariant: initial words are, and every chip that writes a
 * new value shows that its limbs are. Time is 2 cycle for reads and 2 cycle + 1 for writes.
 *
 * Padding rows are zero: `real` is 0, and with it every multiplicity.
 */

import type { ChipBuilder } from '../builder.ts';
import { EXEC, MEM, PROG, R20, VR } from '../buses.ts';
import { LIMB, REGISTER_KEY } from '../constants.ts';
import { constant, type Expression, type Operand } from '../expression.ts';

/** A word's low and high 16 bits. */
export type Limbs = readonly [Operand, Operand];
export type Word = readonly [Expression, Expression];

/** The place of a row in the execution. */
export interface Place {
  readonly cycle: Expression;
  readonly pc: Expression;
}

/** Fields of the program table's row besides pc; absent ones are 0. */
export interface ProgramFields {
  readonly operation: Operand;
  readonly rd?: Operand;
  readonly rs1?: Operand;
  readonly rs2?: Operand;
  readonly imm0?: Operand;
  readonly imm1?: Operand;
  readonly next: Operand;
  /** same + 2 write + 4 high */
  readonly flags?: Operand;
}

/** Adds the columns `cycle` and `pc`. */
export function place(chip: ChipBuilder): Place {
  return { cycle: chip.column('cycle'), pc: chip.column('pc') };
}

/** The instruction at pc is this one. */
export function fetch(chip: ChipBuilder, { pc }: Place, fields: ProgramFields): void {
  const { operation, rd = 0, rs1 = 0, rs2 = 0, imm0 = 0, imm1 = 0, next, flags = 0 } = fields;
  chip.lookup(PROG, chip.isReal, [pc, operation, rd, rs1, rs2, imm0, imm1, next, flags]);
}

/** The instruction is executed in this row's cycle and `target` in the next one. */
export function step(chip: ChipBuilder, { cycle, pc }: Place, target: Operand): void {
  chip.receive(EXEC, chip.isReal, [pc, cycle]);
  chip.send(EXEC, chip.isReal, [target, cycle.add(1)]);
}

export interface Access {
  readonly key: Operand;
  readonly before: Limbs;
  readonly after: Limbs;
  readonly time: Expression;
  /** Name of the column with the time of the word's last access. */
  readonly previous: string;
  /** Default: `real`. */
  readonly multiplicity?: Expression;
}

/**
 * An access to a word. `time - previous - 1` is a 20-bit integer, so time grows along the tokens of
 * a key and the accesses to it form one path from its initial value: what is received is what the
 * access before, in time, sent. Time cannot wrap: the path of cycles bounds it.
 */
export function access(chip: ChipBuilder, options: Access): void {
  const { key, before, after, time, multiplicity = chip.isReal } = options;
  const previous = chip.column(options.previous);
  chip.receive(MEM, multiplicity, [key, ...before, previous]);
  chip.send(MEM, multiplicity, [key, ...after, time]);
  chip.lookup(R20, multiplicity, [time.sub(previous).sub(1)]);
}

export const readTime = ({ cycle }: Place): Expression => cycle.mul(2);
export const writeTime = ({ cycle }: Place): Expression => cycle.mul(2).add(1);
export const registerKey = (register: Operand): Expression => constant(REGISTER_KEY).add(register);

/** Reads rs1; its value is `value`. */
export function readRs1(chip: ChipBuilder, at: Place, rs1: Expression, value: Limbs): void {
  const key = registerKey(rs1);
  access(chip, { key, before: value, after: value, time: readTime(at), previous: 'previous1' });
}

/** Reads rs2 where `multiplicity` is 1, `real` by default. */
export function readRs2(
  chip: ChipBuilder,
  at: Place,
  rs2: Expression,
  value: Limbs,
  multiplicity: Expression = chip.isReal,
): void {
  const key = registerKey(rs2);
  const time = readTime(at);
  access(chip, { key, before: value, after: value, time, previous: 'previous2', multiplicity });
}

/**
 * The column `same`, 1 where the program's row says that rs1 and rs2 are one register. Both reads
 * would carry the same time, so the second one is left out and the values are equal.
 */
export function sameRegister(chip: ChipBuilder, first: Word, second: Word): Expression {
  const same = chip.flag('same');
  chip.assertZero(same.mul(second[0].sub(first[0])), 'one register has one low limb');
  chip.assertZero(same.mul(second[1].sub(first[1])), 'one register has one high limb');
  return same;
}

/** Writes `value` to rd where `multiplicity` is 1; adds the columns of the old value. */
export function writeRd(
  chip: ChipBuilder,
  at: Place,
  rd: Expression,
  value: Limbs,
  multiplicity: Expression = chip.isReal,
): void {
  const before: Limbs = [chip.column('old0'), chip.column('old1')];
  const key = registerKey(rd);
  const time = writeTime(at);
  access(chip, { key, before, after: value, time, previous: 'previousRd', multiplicity });
}

/** Whether rd is another register than rs1, or the same: then one access reads and writes it. */
export type Form = 'general' | 'inPlace';

/** Columns of the registers; in place they are one column. */
export interface Registers {
  readonly form: Form;
  readonly rd: Expression;
  readonly rs1: Expression;
}

/** Adds the columns `rd` and, in general, `rs1`. */
export function registers(chip: ChipBuilder, form: Form): Registers {
  const rd = chip.column('rd');
  return { form, rd, rs1: form === 'inPlace' ? rd : chip.column('rs1') };
}

/**
 * Reads `before` from rs1 and writes `after` to rd. In place the old value of rd is the one read, so
 * a single access, at the time of writing, takes the one and leaves the other.
 */
export function transform(
  chip: ChipBuilder,
  at: Place,
  { form, rd, rs1 }: Registers,
  before: Limbs,
  after: Limbs,
): void {
  if (form === 'general') {
    readRs1(chip, at, rs1, before);
    writeRd(chip, at, rd, after);
    return;
  }
  const key = registerKey(rd);
  access(chip, { key, before, after, time: writeTime(at), previous: 'previousRd' });
}

/** `value` is an integer below 2^bits, bits at most 16. */
export function range(
  chip: ChipBuilder,
  value: Operand,
  bits: Operand = 16,
  multiplicity: Expression = chip.isReal,
): void {
  chip.lookup(VR, multiplicity, [value, bits]);
}

/** Both are 16-bit integers. */
export function rangeLimbs(chip: ChipBuilder, [low, high]: Limbs): void {
  range(chip, low);
  range(chip, high);
}

/** `value` is an integer below 2^20, or a smaller power of two not below 2^17. */
export function range20(chip: ChipBuilder, value: Operand): void {
  chip.lookup(R20, chip.isReal, [value]);
}

/**
 * The sum of two words is a third modulo 2^32: `low` and `high` are the differences of the limbs'
 * sums. The carries are expressions; each limb's difference is 0 or 2^16 after the carry into it.
 * Sound for 16-bit limbs: nothing comes near p, so equations hold for integers.
 */
export function assertAddition(chip: ChipBuilder, low: Expression, high: Expression): void {
  chip.assertZero(low.mul(low.sub(LIMB)), 'low limbs add up');
  const withCarry = high.add(low.div(LIMB));
  chip.assertZero(withCarry.mul(withCarry.sub(LIMB)), 'high limbs add up');
}
