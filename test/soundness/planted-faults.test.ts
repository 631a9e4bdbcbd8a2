/**
 * What the attacks are worth: a machine that lacks the one thing that refuses an attack accepts it,
 * receipt and all, and the real machine does not.
 */
import assert from 'node:assert/strict';
import {
  type Bus,
  type Chip,
  type ConstraintProgram,
  describeMachine,
  type Interaction,
  type Machine,
  VerificationError,
  verify,
} from '@vouch/verifier';
import { machine, type SegmentTables } from '../../trace-arith/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import {
  column,
  instanceOf,
  paddingRow,
  rowsWhere,
  withLookups,
  withRow,
} from '../trace-arith/forgery.ts';
import { fillRun } from '../trace-arith/support.ts';
import { expectations, type FalseRun, QUICK, RealProver } from './real-prover.ts';
import { recounted } from './recount.ts';
import { honest, subject } from './subject.ts';

const { constraintProgram, constraintNames } = machine();

type Weakness = (program: ConstraintProgram) => ConstraintProgram;

const inChip =
  (name: string, change: (chip: Chip, index: number) => Partial<Chip>): Weakness =>
  (program) => ({
    ...program,
    chips: program.chips.map((chip, i) =>
      chip.name === name ? { ...chip, ...change(chip, i) } : chip,
    ),
  });

/** Without a constraint, by its name. */
const withoutConstraint = (chip: string, name: string): Weakness =>
  inChip(chip, ({ constraints }, index) => {
    const number = (constraintNames[index] as readonly string[]).indexOf(name);
    const victim = constraintProgram.chips[index]?.constraints[number];
    assert.ok(victim !== undefined, name);
    return { constraints: constraints.filter((node) => node !== victim) };
  });

/** Without some of a chip's messages on a bus. */
const withoutMessages = (
  chip: string,
  bus: string,
  isVictim: (place: number, one: Interaction) => boolean,
): Weakness =>
  inChip(chip, ({ interactions }) => {
    let place = 0;
    const kept = interactions.filter(
      (one) => constraintProgram.buses[one.bus]?.name !== bus || !isVictim(place++, one),
    );
    assert.ok(kept.length < interactions.length, `${chip} on ${bus}`);
    return { interactions: kept };
  });

const withBus =
  (name: string, change: Partial<Bus>): Weakness =>
  (program) => ({
    ...program,
    buses: program.buses.map((bus) => (bus.name === name ? { ...bus, ...change } : bus)),
  });

const weakened = (...weaknesses: readonly Weakness[]): Machine =>
  describeMachine(
    weaknesses.reduce((program, weakness) => weakness(program), constraintProgram),
    [QUICK],
    [17, 18, 19],
  );

const withOne = (run: FalseRun, tables: SegmentTables): FalseRun => ({ ...run, tables: [tables] });

/** A run of a program that counts by two, in the tables of one that counts by one. */
async function wrongSums(immediate: number): Promise<FalseRun> {
  const [one, two] = [await subject(), await subject({ step: 2 })];
  let [tables] = fillRun({ ...two, table: one.table }) as [SegmentTables];
  const results = column(instanceOf(fillRun(two)[0] as SegmentTables, 'ADDI_IN_PLACE'), 'a0');
  const instance = instanceOf(tables, 'ADDI_IN_PLACE');
  for (const row of rowsWhere(instance, (cell) => cell('rd') === 12)) {
    tables = withRow(tables, 'ADDI_IN_PLACE', row, { a0: results[row] as number, imm0: immediate });
  }
  return { ...honest(two), program: honest(one).program, tables: [tables] };
}

async function failedRun(): Promise<FalseRun> {
  const failed = honest(await subject({ exitCode: 3 }));
  const [tables] = failed.tables as [SegmentTables];
  const halt = instanceOf(tables, 'HALT');
  const bounds = instanceOf(tables, 'MEMBOUND');
  const [row] = rowsWhere(bounds, (cell) => cell('key') === 2 ** 30 + 10) as [number];
  const timeLast = column(halt, 'previous2')[0] as number;
  const claimed = withRow(tables, 'HALT', 0, { c0: 0 });
  return { ...withOne(failed, withRow(claimed, 'MEMBOUND', row, { timeLast })), exitCode: 0 };
}

async function exchangedReads(): Promise<FalseRun> {
  const truth = honest(await subject());
  const [tables] = truth.tables as [SegmentTables];
  const [stores, loads] = [instanceOf(tables, 'SW'), instanceOf(tables, 'LBH')];
  const previous1 = column(stores, 'previous1')[1] as number;
  let forged = withRow(tables, 'LBH', 1, { previous1 });
  const time = (instance: typeof stores): number => 2 * (column(instance, 'cycle')[1] as number);
  forged = withRow(forged, 'SW', 1, { previous1: time(loads) });
  forged = withRow(forged, 'SW', 2, { previous1: time(stores) });
  return withOne(truth, forged);
}

async function wordTwice(): Promise<FalseRun> {
  const truth = honest(await subject());
  const [tables] = truth.tables as [SegmentTables];
  const bounds = instanceOf(tables, 'MEMBOUND');
  const [row] = rowsWhere(bounds, (cell) => cell('key') === DATA_START / 4) as [number];
  const [low, high] = ['out0', 'out1'].map((name) => column(bounds, name)[row] as number);
  const value = { in0: low ?? 0, in1: high ?? 0, out0: low ?? 0, out1: high ?? 0 };
  const times = { timeFirst: 900, timeLast: 900, previousSegment: 1, real: 1 };
  const forged = { key: DATA_START / 4, ...value, ...times };
  return withOne(truth, withRow(tables, 'MEMBOUND', paddingRow(bounds), forged));
}

async function cancellingSegments(): Promise<FalseRun> {
  const run = await subject();
  const segmentCycles = Math.ceil(run.execution.cycles / 2);
  const truths = honest(await subject({ segmentCycles }));
  const [first, second] = truths.tables as [SegmentTables, SegmentTables];
  const counts = column(instanceOf(first, 'VR'), 'count');
  const row = counts.findIndex((count) => count > 0);
  const less = withRow(first, 'VR', row, { count: (counts[row] as number) - 1 });
  return { ...truths, tables: [less, withLookups(second, 'VR', 'count', row, 1)] };
}

interface Planted {
  readonly name: string;
  readonly weakness: readonly Weakness[];
  readonly forge: () => Promise<FalseRun>;
  /** Whether the lookups are counted anew; not where the counts are the lie. */
  readonly recount?: boolean;
}

const PLANTED: readonly Planted[] = [
  {
    name: 'a wrong sum, where limbs need not add up',
    weakness: [
      withoutConstraint('ADDI_IN_PLACE', 'low limbs add up'),
      withoutConstraint('ADDI_IN_PLACE', 'high limbs add up'),
    ],
    forge: () => wrongSums(1),
  },
  {
    name: 'another immediate, where a row need not be in the program',
    weakness: [withoutMessages('ADDI_IN_PLACE', 'PROG', () => true)],
    forge: () => wrongSums(2),
  },
  {
    name: 'a failed run as a success, where HALT does not read x10',
    weakness: [
      withoutMessages('HALT', 'MEM', (place) => place === 2 || place === 3),
      withoutMessages('HALT', 'R20', (place) => place === 1),
    ],
    forge: failedRun,
  },
  {
    name: 'two reads in the wrong order, where time need not grow',
    weakness: [withoutMessages('SW', 'R20', (place) => place === 0)],
    forge: exchangedReads,
  },
  {
    name: 'a word that a segment takes twice, where segments need not grow',
    weakness: [withoutMessages('MEMBOUND', 'R20', () => true)],
    forge: wordTwice,
  },
  {
    name: 'lookups that another segment pays, where the bus has no tag',
    weakness: [withBus('VR', { scope: 'global' })],
    forge: cancellingSegments,
    recount: false,
  },
];

describe('an attack succeeds on a machine with a planted fault, and on no other', function () {
  this.timeout(300_000);
  let prover: RealProver;
  before(async () => {
    prover = await RealProver.start();
  });
  after(() => prover.close());

  for (const { name, weakness, forge, recount = true } of PLANTED) {
    it(name, async () => {
      const forged = await forge();
      const weak = weakened(...weakness);
      const inMachine = (of: Machine): FalseRun => ({
        ...forged,
        tables: forged.tables.map((one) => (recount ? recounted(one, of.constraints) : one)),
      });
      const weakRun = inMachine(weak);
      const receipt = await prover.prove(weakRun, { machine: weak });
      const believed = verify(receipt, expectations(weakRun, weak));
      assert.deepEqual(believed.journal, forged.journal);
      assert.throws(
        () => verify(receipt, expectations(weakRun)),
        (error) => error instanceof VerificationError && error.check === 'statement/machine',
      );
      const strong = await prover.prove(inMachine(weakened()), { machine: weakened() });
      assert.throws(
        () => verify(strong, expectations(forged, weakened())),
        (error) =>
          error instanceof VerificationError &&
          ['balance/sum', 'zerocheck/values'].includes(error.check),
      );
    });
  }
});
