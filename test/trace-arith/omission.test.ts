import assert from 'node:assert/strict';
import type { Chip } from '@vouch/verifier';
import type { ChipDefinition } from '../../trace-arith/builder.ts';
import { BUSES } from '../../trace-arith/buses.ts';
import { CompileError, compile, machine } from '../../trace-arith/index.ts';
import { CHIPS, INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import type { SegmentTables, TableInstance } from '../../trace-arith/tables.ts';
import { loadProgram, type Segment } from '../../vm/index.ts';
import { ENTRY_OLD, ENTRY_RS2, ENTRY_WORDS } from '../../vm/segment.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { column } from './forgery.ts';
import { ForgingSearch, type Omission, type StartingRow } from './forging-search.ts';
import { fillRun, type RecordedRun, recordRun } from './support.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const { constraintProgram, constraintNames } = machine();
/** Tries of a search that should find something, and of one that should not. */
const MOST_TRIES = 150_000;
const VAIN_TRIES = isSlowRun ? 100_000 : 3_000;

/**
 * Omissions that the search does not turn into a forged row, by reason. `chips` and `names` are
 * patterns of whole names.
 */
const NOT_FOUND: readonly {
  readonly chips: RegExp;
  readonly names: RegExp;
  readonly reason: string;
}[] = [
  {
    chips: /^(BEQZ|BEQ|BITWISE.*|BLT|SBH|LBH|LX|ADD.*|SHIFT.*)$/,
    names:
      /^(only LW has a row for loads in place|(is[A-Z]\w+|subtract|atLeast|half|left|arithmetic|high) is boolean)$/,
    reason:
      'the search keeps the row of the program table, and with the other rules its code and flags leave one value for the column',
  },
  {
    chips: /^(LW|LW_IN_PLACE|LBH|LX|SW|SBH|SX|JALR)$/,
    names: /^(carry is boolean|VR, interaction \d+)$/,
    reason: 'honest addresses do not lead there: `witnesses` has rows that do, for each of them',
  },
  {
    chips: /^(LBH|SBH)$/,
    names: /^a half-word begins at an even address$/,
    reason: 'honest rows have even addresses: `witnesses` has rows that do not',
  },
  {
    chips: /^(SHIFT|SW|SBH|SX|MUL)$/,
    names: /^one register has one (low|high) limb$/,
    reason: 'two reads of one register are rare in honest rows: `witnesses` has rows for each chip',
  },
  {
    chips: /^MUL_IN_PLACE$/,
    names: /^PAIR8, interaction \d+$/,
    reason: 'the columns of MUL, where the search finds a row, and the same lookups',
  },
];

const isExplained = (chip: string, label: string): boolean =>
  NOT_FOUND.some(({ chips, names }) => chips.test(chip) && names.test(label));

/**
 * Chips with so many witnesses that repairing one cell at a time does not lead anywhere; `witnesses`
 * goes through those of division.
 */
const NOT_SEARCHED = new Set(['MULH', 'DIV']);

/** Starting rows by chip: honest ones, and ones filled from a record with wrong operands. */
async function startingRows(): Promise<StartingRow[][]> {
  const starts: StartingRow[][] = INSTRUCTION_CHIPS.map(() => []);
  for (const seed of [1, 2, 3, 4]) {
    const program = loadProgram(randomElf(randomProgram(new Random(seed), 600, 4), 'machine'));
    const run = await recordRun(program);
    const [tables] = fillRun(run) as [SegmentTables];
    for (const instance of tables.instances) addHonestRows(starts, instance);
    for (let i = 0; i < 8; i++) addAlteredRows(starts, tables, run, new Random(10 * seed + i));
  }
  return starts;
}

const cellsOf = ({ main }: TableInstance, row: number): number[] =>
  main.map((cells) => cells[row] as number);

function addHonestRows(starts: StartingRow[][], instance: TableInstance): void {
  const rows = starts[instance.chip];
  if (rows === undefined) return;
  const cycles = column(instance, 'cycle');
  const used = cycles.indexOf(0);
  const count = used < 0 ? cycles.length : used;
  for (let row = 0; row < Math.min(count, 200); row++) {
    rows.push({ segment: 1, honest: cellsOf(instance, row) });
  }
  if (used < 0) return;
  for (let i = 0; i < 20; i++) rows.push({ segment: 1, honest: cellsOf(instance, used) });
}

/** Rows as the filler makes them when the values of rs2 and rd in the record are others. */
function addAlteredRows(
  starts: StartingRow[][],
  tables: SegmentTables,
  run: RecordedRun,
  random: Random,
): void {
  const [segment] = run.segments as [Segment];
  const entries = segment.entries.slice();
  for (let i = 0; i < segment.cycles - 40; i++) {
    if (random.chance(0.5)) continue;
    const at = ENTRY_WORDS * i + random.pick([ENTRY_RS2, ENTRY_OLD]);
    entries[at] = random.chance(0.5)
      ? (entries[at] as number) ^ (1 << random.below(32))
      : random.word();
  }
  const [altered] = fillRun({ ...run, segments: [{ ...segment, entries }] }) as [SegmentTables];
  for (const instance of altered.instances) {
    const rows = starts[instance.chip];
    const honest = tables.instances.find(({ chip }) => chip === instance.chip);
    if (rows === undefined || honest === undefined) continue;
    const rowOf = new Map(
      [...column(honest, 'cycle').entries()].map(([row, cycle]) => [cycle, row]),
    );
    const cycles = column(instance, 'cycle');
    for (let row = 0; row < Math.min(cycles.length, 120) && cycles[row] !== 0; row++) {
      const same = rowOf.get(cycles[row] as number);
      if (same === undefined) continue;
      rows.push({ segment: 1, honest: cellsOf(honest, same), cells: cellsOf(instance, row) });
    }
  }
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

describe('no row of an instruction chip can be forged', () => {
  let starts: StartingRow[][];
  before(async () => {
    starts = await startingRows();
  });

  for (const [index, definition] of INSTRUCTION_CHIPS.entries()) {
    const chip = constraintProgram.chips[index] as Chip;
    it(`of ${chip.name}, by local search`, () => {
      const search = new ForgingSearch(constraintProgram, chip, new Random(index + 1));
      const forged = search.search(starts[index] ?? [], {}, VAIN_TRIES);
      assert.equal(forged, undefined);
    });

    if (!isSlowRun || NOT_SEARCHED.has(chip.name)) continue;
    it(`of ${chip.name}, but without any one constraint or lookup it can`, () => {
      const search = new ForgingSearch(constraintProgram, chip, new Random(index + 1));
      const isFound = (omission: Omission): boolean =>
        search.search(starts[index] ?? [], omission, MOST_TRIES) !== undefined;
      const constraints = constraintNames[index] as readonly string[];
      const unnoticed = constraints.filter(
        (name, constraint) =>
          !isExplained(chip.name, name) &&
          !isNeededByRules(definition, constraint) &&
          !isFound({ constraint }),
      );
      const lookups = chip.interactions.flatMap(({ bus }, interaction) => {
        const { kind, name } = constraintProgram.buses[bus] as (typeof BUSES)[number];
        // A message that is left out of a permutation bus, or of PROG, unbalances honest runs.
        if (kind === 'permutation' || name === 'PROG' || ordersTime(chip, interaction)) return [];
        const label = `${name}, interaction ${interaction}`;
        return isExplained(chip.name, label) || isFound({ interaction }) ? [] : [label];
      });
      assert.deepEqual([...unnoticed, ...lookups], []);
    }).timeout(1_200_000);
  }
});
