/**
 * Lookup tables. Contents are preprocessed or a function of the row's index; the one committed
 * column counts how often each row is looked up. A prover may fill it as he likes: a count that is
 * not the number of lookups leaves the bus unbalanced, because messages are fewer than p.
 */
import { type ChipDefinition, type ChipShape, defineChip } from '../builder.ts';
import { AND8, PAIR8, POW, PROG, R20, VR } from '../buses.ts';
import { GREATEST_RANGE_LOG, LEAST_RANGE_LOG } from '../constants.ts';

function fixed(logHeight: number, presence: ChipShape['presence']): Partial<ChipShape> {
  return { minLogHeight: logHeight, maxLogHeight: logHeight, maxInstances: 1, presence };
}

/** The decoded program, one row for each address at which an instruction can begin. */
export const PROG_CHIP: ChipDefinition = defineChip(
  'PROG',
  (chip) => {
    const fields = ['pc', 'operation', 'rd', 'rs1', 'rs2', 'imm0', 'imm1', 'next', 'flags'];
    const message = fields.map((name) => chip.preprocessed(name));
    chip.provide(PROG, chip.column('count'), message);
  },
  { maxLogHeight: 20, maxInstances: 1, presence: 'required' },
);

/**
 * Integers from 0. Fewer than 2^20 of them only reject more; 2^17 at least, so that the carries of
 * multiplication are among them.
 */
export const R20_CHIP: ChipDefinition = defineChip(
  'R20',
  (chip) => chip.provide(R20, chip.column('count'), [chip.closedForm('index')]),
  {
    minLogHeight: LEAST_RANGE_LOG,
    maxLogHeight: GREATEST_RANGE_LOG,
    maxInstances: 1,
    presence: 'required',
  },
);

/** (v, b) with v < 2^b, b from 0 to 16, in row 2^b + v. */
export const VR_CHIP: ChipDefinition = defineChip(
  'VR',
  (chip) => {
    const message = [chip.closedForm('rangeValue'), chip.closedForm('rangeBits')];
    chip.provide(VR, chip.column('count'), message);
  },
  fixed(17, 'required'),
);

/** All pairs of bytes, with and without their AND. */
export const AND8_CHIP: ChipDefinition = defineChip(
  'AND8',
  (chip) => {
    const [left, right] = [chip.closedForm('andLeft'), chip.closedForm('andRight')];
    const [andCount, pairCount] = chip.columns('andCount', 'pairCount');
    chip.provide(AND8, andCount, [left, right, chip.closedForm('andResult')]);
    chip.provide(PAIR8, pairCount, [left, right]);
  },
  fixed(16, 'optional'),
);

/** Powers of two for shift amounts; 16 rows, twice. */
export const POW_CHIP: ChipDefinition = defineChip(
  'POW',
  (chip) => {
    const names = ['powerExponent', 'power', 'powerComplement'] as const;
    chip.provide(
      POW,
      chip.column('count'),
      names.map((name) => chip.closedForm(name)),
    );
  },
  fixed(5, 'optional'),
);
