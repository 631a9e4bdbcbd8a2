/** Where words come from, how they pass between segments, and where they end. */
import { type ChipBuilder, type ChipDefinition, type ChipShape, defineChip } from '../builder.ts';
import { GLOBAL_MEM, MEM, R20, VR } from '../buses.ts';
import {
  BUMP_BITS,
  BUMP_UNIT,
  PRIVATE_INPUT_KEY,
  REGISTER_KEY,
  STACK_END_KEY,
} from '../constants.ts';
import { constant, type Expression, type Operand } from '../expression.ts';

/**
 * A word that the segment accesses: taken as the last segment that accessed it left it, put back as
 * this one leaves it. The segment's number grows along the tokens of a key, and every key has one
 * initial token, so there is at most one such row for a key in a segment: the first access of the
 * key takes the value of the segment before, and `timeFirst` may be anything. It enters only the
 * first access's check; from there on times grow.
 */
export const MEMBOUND_CHIP: ChipDefinition = defineChip(
  'MEMBOUND',
  (chip) => {
    const key = chip.column('key');
    const before = chip.columns('in0', 'in1');
    const after = chip.columns('out0', 'out1');
    const [first, last, previous] = chip.columns('timeFirst', 'timeLast', 'previousSegment');
    const real = chip.real();
    const segment = chip.parameter('segment');
    chip.receive(GLOBAL_MEM, real, [key, ...before, previous]);
    chip.send(GLOBAL_MEM, real, [key, ...after, segment]);
    chip.send(MEM, real, [key, ...before, first]);
    chip.receive(MEM, real, [key, ...after, last]);
    chip.lookup(R20, real, [segment.sub(previous).sub(1)]);
  },
  { presence: 'required' },
);

/**
 * An access between two that are too far apart in time for one range check. Its time is not on the
 * path of cycles, so it is range-checked itself: timeLow is below 2^20 and timeHigh below 2^6, so time
 * is below 2^24, and a chain of such rows cannot walk around p.
 */
export const MEMBUMP_CHIP: ChipDefinition = defineChip('MEMBUMP', (chip) => {
  const [key, low, high, previous] = chip.columns('key', 'in0', 'in1', 'previous');
  const [timeLow, timeHigh] = chip.columns('timeLow', 'timeHigh');
  const real = chip.real();
  const time = timeLow.add(timeHigh.mul(BUMP_UNIT));
  chip.receive(MEM, real, [key, low, high, previous]);
  chip.send(MEM, real, [key, low, high, time]);
  chip.lookup(R20, real, [time.sub(previous).sub(1)]);
  chip.lookup(R20, real, [timeLow]);
  chip.lookup(VR, real, [timeHigh, BUMP_BITS]);
});

const BOUNDARY: Partial<ChipShape> = { maxInstances: 1, presence: 'last' };

/** Words of the program: keys and values are fixed by the program, distinct keys. */
export const IMAGE_CHIP: ChipDefinition = defineChip(
  'IMAGE',
  (chip) => {
    const key = chip.preprocessed('key');
    const [low, high] = [chip.preprocessed('low'), chip.preprocessed('high')];
    const selector = chip.preprocessed('selector');
    chip.send(GLOBAL_MEM, selector, [key, low, high, 0]);
    chip.receive(GLOBAL_MEM, selector, [key, ...finalWord(chip)]);
  },
  { ...BOUNDARY, maxLogHeight: 20 },
);

/**
 * Zeros from the end of the image on: row i of an instance is word instanceStart + i, where the
 * verifier computes instanceStart from the image's end and the heights of the instances before.
 */
export const HEAP_CHIP: ChipDefinition = defineChip(
  'HEAP',
  (chip) => zeros(chip, chip.parameter('instanceStart').add(chip.closedForm('index'))),
  { maxInstances: 64, presence: 'lastOptional' },
);

/** Zeros downwards from the end of the stack. */
export const STACK_CHIP: ChipDefinition = defineChip(
  'STACK',
  (chip) => zeros(chip, constant(STACK_END_KEY - 1).sub(chip.closedForm('index'))),
  { ...BOUNDARY, maxLogHeight: 21 },
);

/** x0 to x31 and the journal counter, all zero at the start; 64 rows. */
export const REG_CHIP: ChipDefinition = defineChip(
  'REG',
  (chip) => zeros(chip, constant(REGISTER_KEY).add(chip.closedForm('index'))),
  { ...BOUNDARY, minLogHeight: 6, maxLogHeight: 6 },
);

/**
 * The private input: any words. No store reaches them, so they end with the value they had. Their
 * limbs are the only ones that nobody has checked, so they are checked here.
 */
export const PRIV_CHIP: ChipDefinition = defineChip(
  'PRIV',
  (chip) => {
    const [low, high, segment] = chip.columns('low', 'high', 'lastSegment');
    const key = constant(PRIVATE_INPUT_KEY).add(chip.closedForm('index'));
    chip.send(GLOBAL_MEM, 1, [key, low, high, 0]);
    chip.receive(GLOBAL_MEM, 1, [key, low, high, segment]);
    chip.lookup(VR, 1, [low, 16]);
    chip.lookup(VR, 1, [high, 16]);
  },
  { ...BOUNDARY, maxLogHeight: 22 },
);

/**
 * Where the words of the public input end; the verifier adds their initial tokens. A sink only takes
 * tokens, so it needs no checks.
 */
export const SINK_CHIP: ChipDefinition = defineChip(
  'SINK',
  (chip) => {
    const key = chip.column('key');
    const word = finalWord(chip);
    chip.receive(GLOBAL_MEM, chip.real(), [key, ...word]);
  },
  { ...BOUNDARY, maxLogHeight: 22 },
);

/** The row's key is a function of its index, so no key has two sources. */
function zeros(chip: ChipBuilder, key: Expression): void {
  chip.send(GLOBAL_MEM, 1, [key, 0, 0, 0]);
  chip.receive(GLOBAL_MEM, 1, [key, ...finalWord(chip)]);
}

/** Columns with what the last segment that accessed the word left; the initial token if none did. */
function finalWord(chip: ChipBuilder): readonly Operand[] {
  return chip.columns('final0', 'final1', 'lastSegment');
}
