import assert from 'node:assert/strict';
import type { Chip } from '@vouch/verifier';
import type { ChipDefinition } from '../../trace-arith/builder.ts';
import { BUSES } from '../../trace-arith/buses.ts';
import { CompileError, compile, machine } from '../../trace-arith/index.ts';
import { CHIPS, INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { Random } from '../tools/random.ts';
import { type CellChanges, chipNumber } from './forgery.ts';
import { nodeValues } from './row-polynomials.ts';
import { type Omission, receivedBy, rowRules, rulesFor } from './row-rules.ts';
import { RowSolver, type SolverOptions } from './row-solver.ts';
import { type StartingRow, startingRows } from './row-starts.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const { constraintProgram, constraintNames } = machine();
const OTHER_CHIPS = CHIPS.slice(INSTRUCTION_CHIPS.length);
/** Rows of random programs for each chip, beside those of edge cases. */
const RANDOM_ROWS = isSlowRun ? 400 : 16;
/** Most cases of a search that leaves none out; a row that needs more is searched in part. */
const ALL_CASES = isSlowRun ? 20_000 : 2_000;
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
const NO_FORGED_ROW: readonly {
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
    chips: /^HALT$/,
    names: /^PROG, interaction 0$/,
    reason: 'it says only that there is an ECALL at pc, which the search takes as given',
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
  NO_FORGED_ROW.find(({ chips, names }) => chips.test(chip) && names.test(label))?.reason;

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

/** What can be left out of a chip, with its name, if the compiler does not mind. */
function omissionsOf(index: number): (readonly [label: string, omission: Omission])[] {
  const chip = constraintProgram.chips[index] as Chip;
  const definition = INSTRUCTION_CHIPS[index] as ChipDefinition;
  const constraints = (constraintNames[index] as readonly string[])
    .map((name, constraint) => [name, { constraint }] as const)
    .filter(([, { constraint }]) => !isNeededByRules(definition, constraint));
  const lookups = chip.interactions.flatMap(({ bus }, interaction) => {
    const { kind, name } = constraintProgram.buses[bus] as (typeof BUSES)[number];
    if (kind === 'permutation') return [];
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

describe('an instruction', () => {
  it('can be executed by one chip only, whatever the words are that it does not name', async () => {
    const starts = await startingRows(RANDOM_ROWS);
    const chips = constraintProgram.chips.slice(0, INSTRUCTION_CHIPS.length);
    let accepted = 0;
    for (const [index, rows] of starts.entries()) {
      const executed = rows.filter(({ isRefused, choices }) => !isRefused && choices === undefined);
      for (const { cells } of executed.slice(0, isSlowRun ? 200 : 12)) {
        const received = receivedBy(constraintProgram, chips[index] as Chip, cells);
        for (const chip of chips) {
          const rules = rulesFor(constraintProgram, chip, received);
          // Words that are not named were last accessed in the cycle before, and hold zero.
          const before = 2 * (received.place[1] as number) - 1;
          const choices = new Map(
            chip.mainColumns.flatMap((name, column): [number, number][] => {
              const isTime = /^previous(Word|Second)$/.test(name);
              return isTime ? [[column, before]] : [];
            }),
          );
          const own = new Map(cells.entries());
          const options = { cases: ALL_CASES, choices: chip === chips[index] ? own : choices };
          const isAccepted = new RowSolver(rules, options).solve(() => true);
          assert.equal(isAccepted, chip === chips[index], `${chip.name}: ${cells}`);
          if (isAccepted) accepted++;
        }
      }
    }
    assert.ok(accepted > 300);
  });
});

describe('a message of a permutation bus that is left out', () => {
  it('unbalances honest runs, because each is sent or received in some row', async () => {
    const starts = await startingRows(0);
    const unused = INSTRUCTION_CHIPS.flatMap(({ name }, index) => {
      const chip = constraintProgram.chips[index] as Chip;
      const rows = (starts[index] ?? []).filter(({ isRefused }) => !isRefused);
      const values = rows.map(({ cells }) => nodeValues(chip, cells));
      return chip.interactions.flatMap(({ multiplicity }, i) =>
        values.some((nodes) => nodes[multiplicity] === 1) ? [] : [`${name} ${i}`],
      );
    });
    assert.deepEqual(unused, []);
  });
});

/** For each lookup of a chip that is no instruction, a row that nothing else refuses. */
const REFUSED_BY_ONE: readonly (readonly [
  chip: string,
  interaction: number,
  cells: CellChanges,
])[] = [
  ['MEMBOUND', 4, { previousSegment: 1, real: 1 }],
  ['MEMBUMP', 2, { timeLow: 5, previous: 5, real: 1 }],
  ['MEMBUMP', 3, { timeLow: 2 ** 20, previous: 2 ** 20 - 1, real: 1 }],
  ['MEMBUMP', 4, { timeHigh: 64, previous: 2 ** 23 - 1, real: 1 }],
  ['PRIV', 2, { low: 0x1_0000 }],
  ['PRIV', 3, { high: 0x1_0000 }],
];

describe('no row of another chip can be forged', () => {
  it('and every constraint is needed for the multiplicities', () => {
    for (const definition of OTHER_CHIPS) {
      for (const constraint of definition.constraints.keys()) {
        assert.ok(isNeededByRules(definition, constraint), `${definition.name} ${constraint}`);
      }
    }
  });

  it('and each lookup refuses a row that nothing else does', () => {
    const shown = REFUSED_BY_ONE.map(([name, interaction]) => `${name} ${interaction}`);
    const lookups = OTHER_CHIPS.flatMap(({ name, interactions }) =>
      interactions.flatMap(({ bus, sign }, i) =>
        bus.kind === 'lookup' && sign === 1 ? [`${name} ${i}`] : [],
      ),
    );
    assert.deepEqual(shown, lookups);
    for (const [name, interaction, changes] of REFUSED_BY_ONE) {
      const chip = constraintProgram.chips[chipNumber(name)] as Chip;
      const cells = chip.mainColumns.map((column) => changes[column] ?? 0);
      const isAccepted = (omission: Omission): boolean => {
        const choices = new Map(cells.entries());
        const rules = rowRules(constraintProgram, chip, cells, omission);
        return new RowSolver(rules, { choices }).solve(() => true);
      };
      assert.ok(!isAccepted({}), `${name} ${interaction} is accepted`);
      assert.ok(isAccepted({ interaction }), `${name} ${interaction} is refused otherwise too`);
    }
  });
});
