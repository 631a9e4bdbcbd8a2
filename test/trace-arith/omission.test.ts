import assert from 'node:assert/strict';
import type { Chip } from '@vouch/verifier';
import type { ChipDefinition } from '../../trace-arith/builder.ts';
import { BUSES } from '../../trace-arith/buses.ts';
import { CompileError, compile, machine } from '../../trace-arith/index.ts';
import { CHIPS, INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { Random } from '../tools/random.ts';
import { type Omission, rowRules } from './row-rules.ts';
import { RowSolver, type SolverOptions } from './row-solver.ts';
import { type StartingRow, startingRows } from './row-starts.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const { constraintProgram, constraintNames } = machine();
/** Rows of random programs for each chip, beside those of edge cases. */
const RANDOM_ROWS = isSlowRun ? 400 : 16;
/** Most cases of a search that leaves none out; a row that needs more is searched in part. */
const ALL_CASES = isSlowRun ? 2_000_000 : 2_000;
/** Cases, samples and rounds of a search that should find something. */
const FEW_CASES = 80;
const SAMPLES = 40;
const ROUNDS = 12;

const SHOWN_BY_PROGRAM =
  'with the other rules, the code and the flags of the program row leave one value for the column';

/**
 * What can be left out without a forged row, by reason. `chips` and `names` are patterns of whole
 * names.
 */
const IMPLIED: readonly {
  readonly chips: RegExp;
  readonly names: RegExp;
  readonly reason: string;
}[] = [
  {
    chips: /^(BEQZ|BEQ|BITWISE.*|BLT|SBH|LX|ADD.*|MULH)$/,
    names:
      /^(only LW has a row for loads in place|(is(Equal|Unequal|Xor|And|Mulh|Mulhu)|subtract|atLeast|half) is boolean)$/,
    reason: SHOWN_BY_PROGRAM,
  },
  {
    chips: /^SHIFT$/,
    names: /^left is boolean$/,
    reason: SHOWN_BY_PROGRAM,
  },
  {
    chips: /^SHIFT_I.*$/,
    names: /^high is boolean$/,
    reason: SHOWN_BY_PROGRAM,
  },
  {
    chips: /^(SHIFT|SBH)$/,
    names: /^one register has one high limb$/,
    reason: 'the high limb of rs2 is not looked at',
  },
  {
    chips: /^MULH$/,
    names: /^R20, interaction 19$/,
    reason: 'the last carry is the top limb of the product, which the range of the result bounds',
  },
  {
    chips: /^DIV$/,
    names: /^sign[12] is boolean$/,
    reason:
      'with another sign the word is its own negative, which is 0 or 2^31, and so is the result: both signs give the same',
  },
];

const reasonFor = (chip: string, label: string): string | undefined =>
  IMPLIED.find(({ chips, names }) => chips.test(chip) && names.test(label))?.reason;

/** Whether a row shows something wrong. */
function isForgeable(
  chip: Chip,
  { cells, isRefused, choices }: StartingRow,
  omission: Omission,
  options: SolverOptions,
): boolean {
  const rules = rowRules(constraintProgram, chip, cells, omission);
  const solver = new RowSolver(rules, choices === undefined ? options : { ...options, choices });
  return isRefused ? solver.solve(() => true) : solver.forge() !== undefined;
}

/** Whether the compiler refuses the chip without a constraint. */
function isNeededByRules(definition: ChipDefinition, constraint: number): boolean {
  const constraints = definition.constraints.filter((_, i) => i !== constraint);
  const chips = CHIPS.map((chip) => (chip === definition ? { ...chip, constraints } : chip));
  try {
    compile('test', 1, chips, BUSES);
    return false;
  } catch (error) {
    assert.ok(error instanceof CompileError);
    return true;
  }
}

/** A lookup of R20 that orders an access in time: a gap that is negative is all that it excludes. */
function ordersTime(chip: Chip, interaction: number): boolean {
  const { bus } = chip.interactions[interaction] as Chip['interactions'][number];
  const before = chip.interactions[interaction - 1];
  const sends = before !== undefined && constraintProgram.buses[before.bus]?.name === 'MEM';
  return constraintProgram.buses[bus]?.name === 'R20' && sends;
}

/** What can be left out of a chip, with its name, if the compiler does not mind. */
function omissionsOf(index: number): (readonly [label: string, omission: Omission])[] {
  const chip = constraintProgram.chips[index] as Chip;
  const definition = INSTRUCTION_CHIPS[index] as ChipDefinition;
  const constraints = (constraintNames[index] as readonly string[])
    .map((name, constraint) => [name, { constraint }] as const)
    .filter(([, { constraint }]) => !isNeededByRules(definition, constraint));
  const lookups = chip.interactions.flatMap(({ bus }, interaction) => {
    const { kind, name } = constraintProgram.buses[bus] as (typeof BUSES)[number];
    // A message that is left out of a permutation bus, or of PROG, unbalances honest runs.
    if (kind === 'permutation' || name === 'PROG' || ordersTime(chip, interaction)) return [];
    return [[`${name}, interaction ${interaction}`, { interaction }] as const];
  });
  return [...constraints, ...lookups];
}

describe('no row of an instruction chip can be forged', () => {
  let starts: readonly (readonly StartingRow[])[];
  before(async () => {
    starts = await startingRows(RANDOM_ROWS);
  });

  for (const [index, { name }] of INSTRUCTION_CHIPS.entries()) {
    const chip = constraintProgram.chips[index] as Chip;
    const rowsOf = (): readonly StartingRow[] => starts[index] ?? [];

    it(`of ${name}, over all values of all cells`, () => {
      let inPart = 0;
      for (const row of rowsOf()) {
        try {
          assert.ok(!isForgeable(chip, row, {}, { cases: ALL_CASES }), `${row.cells}`);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          inPart++;
        }
      }
      assert.ok(inPart <= rowsOf().length / 4, `${inPart} rows with too many cases`);
    });

    it(`of ${name}, but without any one constraint or lookup it can`, () => {
      const wrong: string[] = [];
      for (const [label, omission] of omissionsOf(index)) {
        const random = new Random(index + 1);
        const options = { cases: FEW_CASES, samples: { count: SAMPLES, random } };
        const isFound = (rounds: number): boolean =>
          Array.from({ length: rounds }).some(() =>
            rowsOf().some((row) => isForgeable(chip, row, omission, options)),
          );
        const isImplied = reasonFor(name, label) !== undefined;
        if (isFound(isImplied ? 1 : ROUNDS) === isImplied) wrong.push(label);
      }
      assert.deepEqual(wrong, []);
    }).timeout(1_200_000);
  }
});
