/** Faults in the filled row. */
import { column, instanceOf, withRow } from '../trace-arith/forgery.ts';
import { type Fault, namesOf } from './fault.ts';

const MODULUS = 0x7f00_0001;

/** Changes the first of the columns that the chip has. */
function cellFault(
  names: readonly string[],
  change: (value: number, cell: (name: string) => number) => number,
): Fault {
  return ({ tables, chip, cycle }) => {
    const name = names.find((one) => namesOf(chip).includes(one));
    if (name === undefined) return undefined;
    const instance = instanceOf(tables, chip);
    const row = column(instance, 'cycle').indexOf(cycle + 1);
    const cell = (other: string): number => column(instance, other)[row] as number;
    const value = (((change(cell(name), cell) % MODULUS) + MODULUS) % MODULUS) >>> 0;
    return { tables: withRow(tables, chip, row, { [name]: value }) };
  };
}

const flip = (...names: string[]): Fault => cellFault(names, (value) => 1 - value);
const later = (name: string): Fault => cellFault([name], (_, cell) => 2 * cell('cycle') + 2);

/** Moves a limb's worth between the two limbs of the result. */
const otherLimbs: Fault = ({ tables, chip, cycle }) => {
  if (!namesOf(chip).includes('a1')) return undefined;
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const a0 = (column(instance, 'a0')[row] as number) + 0x1_0000;
  const a1 = ((column(instance, 'a1')[row] as number) + MODULUS - 1) % MODULUS;
  return { tables: withRow(tables, chip, row, { a0, a1 }) };
};

/** The row once more, in the place of padding. */
const again: Fault = ({ tables, chip, cycle }) => {
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const free = column(instance, 'cycle').indexOf(0);
  const cells = namesOf(chip).map((name) => [name, column(instance, name)[row] as number]);
  return { tables: withRow(tables, chip, free, Object.fromEntries(cells)) };
};

/** The next of the chip's one-hot flags in the place of the row's. */
const otherCase: Fault = ({ tables, chip, cycle }) => {
  const names = namesOf(chip).filter((name) => ONE_HOT.test(name));
  if (names.length < 2) return undefined;
  const instance = instanceOf(tables, chip);
  const row = column(instance, 'cycle').indexOf(cycle + 1);
  const at = names.findIndex((name) => column(instance, name)[row] === 1);
  const changes = { [names[at] as string]: 0, [names[(at + 1) % names.length] as string]: 1 };
  return { tables: withRow(tables, chip, row, changes) };
};
const ONE_HOT = /^(is(Xor|Or|And|Equal|Unequal|Mulh|Mulhsu|Mulhu)|lw\d|lhu?\d|sw\d|sh\d)$/;

/** The filled row. */
export const ROW_FAULTS: Readonly<Record<string, Fault>> = {
  'cycle: one later': cellFault(['cycle'], (value) => value + 1),
  'cycle: one earlier': cellFault(['cycle'], (value) => value - 1),
  'row: not there': flip('real'),
  'row: twice': cellFault(['real'], (value) => 2 * value),
  'row: minus once': cellFault(['real'], (value) => -value),
  'row: once more': again,
  'next address': cellFault(['next'], (value) => value + 1),
  'target address': cellFault(['target'], (value) => value + 1),
  link: cellFault(['link0'], (value) => value + 2),
  'rd: another register': cellFault(['rd'], (value) => value + 1),
  'rs1: another register': cellFault(['rs1'], (value) => value + 1),
  'rs2: another register': cellFault(['rs2'], (value) => value + 1),
  immediate: cellFault(['imm0'], (value) => value + 1),
  'immediate: sign': cellFault(['imm1'], (value) => 1 - value),
  'previous access of rs1: later': later('previous1'),
  'previous access of rs2: later': later('previous2'),
  'previous access of rd: later': later('previousRd'),
  'previous access of the word: later': later('previousWord'),
  'previous access of the second word: later': later('previousSecond'),
  'result: one more': cellFault(['a0', 'aByte0', 'byte', 'stored'], (value) => value + 1),
  'result: other limbs': otherLimbs,
  'flag: rs1 is rs2': flip('same'),
  'flag: rd is written': flip('write'),
  'flag: signed': flip('signed'),
  'flag: operation': flip('subtract', 'left', 'half', 'isRem', 'atLeast'),
  'flag: arithmetic': flip('arithmetic'),
  'flag: another case': otherCase,
  'sign of the first operand': flip('sign1', 'sign'),
  'sign of the second operand': flip('sign2'),
  'carry or borrow': flip('carry', 'borrow'),
  comparison: flip('less', 'taken'),
  'offset: bit 0': flip('offset0', 'lowest'),
  'offset: bit 1': flip('offset1'),
  'shift by 16': flip('high'),
  'shift amount': cellFault(['u', 'bits'], (value) => value + 1),
  'power of two': cellFault(['power'], (value) => 2 * value),
  'division by zero': flip('byZero'),
  'wrap of the high half': cellFault(['wrap1'], (value) => value + 1),
  quotient: cellFault(['quotient0'], (value) => value + 1),
  inverse: cellFault(['inverse', 'inverse0'], () => 0),
};
