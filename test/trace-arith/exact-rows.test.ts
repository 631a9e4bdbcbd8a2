import assert from 'node:assert/strict';
import { type Chip, KoalaBear } from '@vouch/verifier';
import { machine, type SegmentTables } from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { runOfEverything } from '../soundness/fault-program.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { lineSection } from './affine-range.ts';
import { instanceOf, rowsWhere } from './forgery.ts';
import { RowJudge } from './row-judge.ts';
import { rowRules } from './row-rules.ts';
import { RowSolver } from './row-solver.ts';
import { isForged } from './row-values.ts';
import { fillRun, recordRun } from './support.ts';

const { constraintProgram } = machine();
const { MODULUS } = KoalaBear;
const WORD = 2n ** 32n;

const signed = (x: number): bigint => BigInt(x | 0);
const unsigned = (x: number): bigint => BigInt(x >>> 0);
const low = (x: bigint): number => Number(BigInt.asUintN(32, x));

/** Results by the ISA manual's text, over the integers. */
const RESULTS: Readonly<Record<string, (b: number, c: number) => number>> = {
  mul: (b, c) => low(unsigned(b) * unsigned(c)),
  mulh: (b, c) => low((signed(b) * signed(c)) >> 32n),
  mulhsu: (b, c) => low((signed(b) * unsigned(c)) >> 32n),
  mulhu: (b, c) => low((unsigned(b) * unsigned(c)) >> 32n),
  div: (b, c) => low(c === 0 ? WORD - 1n : signed(b) / signed(c)),
  divu: (b, c) => low(c === 0 ? WORD - 1n : unsigned(b) / unsigned(c)),
  rem: (b, c) => low(c === 0 ? signed(b) : signed(b) % signed(c)),
  remu: (b, c) => low(c === 0 ? unsigned(b) : unsigned(b) % unsigned(c)),
};

const isSlowRun = process.env.VOUCH_SLOW === '1';
const EDGES = [0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
/** p and its neighbours: words that are small numbers modulo p. */
const AROUND_MODULUS = [KoalaBear.MODULUS - 1, KoalaBear.MODULUS, KoalaBear.MODULUS + 7];
const MORE = isSlowRun ? [7, 0x8000_0001, 0xffff_fff6, 0x4000_0001, 0xfeff_ffff] : [];
const DIVIDENDS = [...EDGES, ...AROUND_MODULUS, ...MORE, 0xffff_fffa, 0x0001_0000];
/** Absolute values are small or large, so that there are few enough cases to try them all. */
const DIVISORS = [...EDGES, ...AROUND_MODULUS, ...MORE, 0xffff_fffd];
/** Where a column's carry is greatest, or about to change. */
const FACTORS = [...EDGES, ...AROUND_MODULUS, 0xff, 0xffff, 0x1_0000, 0x00ff_00ff, 0xff00_ff01];

async function tablesOf(
  name: string,
  pairs: readonly (readonly [number, number])[],
): Promise<SegmentTables> {
  const assembler = new Assembler(CODE_START);
  const encode = (asm as unknown as Record<string, (...registers: number[]) => number>)[name];
  assert.ok(encode !== undefined);
  for (const [b, c] of pairs)
    assembler
      .li(5, b)
      .li(6, c)
      .put(encode(7, 5, 6));
  const program = programOf({ code: halt(assembler, 0, 0).assemble() });
  const [tables] = fillRun(await recordRun(program));
  assert.ok(tables !== undefined);
  return tables;
}

/** Asserts that the row shows what it shows whatever the prover fills in. */
function assertOnlyResult(chip: Chip, cells: readonly number[], label: string): void {
  const rules = rowRules(constraintProgram, chip, cells);
  const solver = new RowSolver(rules, { cases: 2_000_000 });
  let ways = 0;
  solver.solve((values) => {
    ways++;
    assert.ok(!isForged(rules.outputs, values), `${label}: ${values}`);
    return false;
  });
  assert.ok(ways > 0, `${label}: the honest row is refused`);
}

const pairsOf = (left: readonly number[], right: readonly number[]): [number, number][] =>
  left.flatMap((b) => right.map((c): [number, number] => [b, c]));

describe('multiplication and division have one result, over all values of all cells', () => {
  for (const [name, result] of Object.entries(RESULTS)) {
    const isDivision = name.startsWith('div') || name.startsWith('rem');
    const pairs = isDivision ? pairsOf(DIVIDENDS, DIVISORS) : pairsOf(FACTORS, FACTORS);
    it(`${name} of ${pairs.length} pairs`, async () => {
      const tables = await tablesOf(name, pairs);
      const chipName = isDivision ? 'DIV' : name === 'mul' ? 'MUL' : 'MULH';
      const instance = instanceOf(tables, chipName);
      const chip = constraintProgram.chips[instance.chip] as Chip;
      const rows = rowsWhere(instance, (cell) => cell('cycle') !== 0);
      assert.equal(rows.length, pairs.length);
      for (const [i, row] of rows.entries()) {
        const [b, c] = pairs[i] as [number, number];
        const cells = instance.main.map((column) => column[row] as number);
        assert.equal(resultOf(chip, cells), result(b, c), `${name} ${b} ${c}`);
        assertOnlyResult(chip, cells, `${name} ${b} ${c}`);
      }
    }).timeout(600_000);
  }
});

/** Limbs, or bytes, of the result. */
function resultOf({ mainColumns }: Chip, cells: readonly number[]): number {
  const parts = mainColumns.flatMap((name, i) =>
    /^a(Byte)?\d$/.test(name) ? [cells[i] ?? 0] : [],
  );
  const bits = 32 / parts.length;
  return parts.reduce((sum, part, i) => sum + part * 2 ** (bits * i), 0);
}

describe('the search for rows', () => {
  it('goes through all pairs of small numbers on a line modulo p', () => {
    const { add, inverse, mul } = KoalaBear;
    const random = new Random(3);
    const slopes = [1, 2, 255, MODULUS - 1, MODULUS - 256, inverse(256), inverse(MODULUS - 3)];
    for (let i = 0; i < 400; i++) {
      const slope = i < 300 ? random.pick(slopes) : 1 + random.below(MODULUS - 1);
      const [xLimit, yLimit] = [1 + random.below(300), 1 + random.below(300)];
      const offset = random.chance(0.5) ? random.below(MODULUS) : random.below(600);
      const all = Array.from({ length: xLimit }, (_, x) => x);
      const expected = all.filter((x) => add(mul(slope, x), offset) < yLimit);
      const found = lineSection(xLimit, yLimit, slope, offset).values();
      assert.deepEqual(
        [...found].sort((a, b) => a - b),
        expected,
      );
    }
  });

  it('knows the rows that constraints and lookups accept, and no others', async () => {
    const [tables] = fillRun(await runOfEverything()) as [SegmentTables];
    const judge = new RowJudge(constraintProgram, tables);
    const random = new Random(5);
    const seen = { accepted: 0, refused: 0 };
    for (const instance of tables.instances) {
      if (instance.chip >= INSTRUCTION_CHIPS.length) continue;
      const chip = constraintProgram.chips[instance.chip] as Chip;
      for (let i = 0; i < 60; i++) {
        const row = random.below(Math.min(2 ** instance.logHeight, 12));
        const cells = instance.main.map((column) => column[row] as number);
        const victim = random.below(cells.length);
        const value = cells[victim] as number;
        cells[victim] = random.pick([value, 1 - value, value + 1, value + 0x1_0000, 0, 255, 256]);
        if (cells[victim] < 0) continue;
        const changes = new Map([[victim, cells[victim]]]);
        const { findings } = judge.judgeAlone(instance, row, changes);
        // The tables of this run have a short R20, and the rules take the program's row as it is.
        const isLeft = (bus: string): boolean => bus !== 'PROG' && bus !== 'R20';
        const refused = findings.some((one) => !('bus' in one) || isLeft(one.bus));
        if (!refused && findings.some((one) => 'bus' in one && one.bus === 'R20')) continue;
        const rules = rowRules(constraintProgram, chip, cells);
        const choices = new Map(cells.entries());
        const isAccepted = new RowSolver(rules, { choices }).solve(() => true);
        assert.equal(isAccepted, !refused, `${chip.name}: ${cells}`);
        seen[refused ? 'refused' : 'accepted']++;
      }
    }
    assert.ok(seen.refused > 300 && seen.accepted > 300, JSON.stringify(seen));
  });

  it('refuses to call a search complete that is not', async () => {
    const instance = instanceOf(await tablesOf('divu', [[7, 3]]), 'DIV');
    const chip = constraintProgram.chips[instance.chip] as Chip;
    const cells = instance.main.map((column) => column[0] as number);
    const rules = rowRules(constraintProgram, chip, cells);
    assert.throws(() => new RowSolver(rules, { cases: 3 }).forge(), /more than 3 cases/);
    // x y = 1 for a visible x, and nothing else.
    const product = [{ coefficient: 1, variables: [0, 1] }];
    const one = [{ coefficient: MODULUS - 1, variables: [] }];
    const x = [{ coefficient: 1, variables: [0] }];
    const output = { times: x, message: [x], honestTimes: 1, honest: [1] };
    const loose = { variableCount: 2, memberships: [], honest: [1, 1], outputs: [output] };
    const solver = new RowSolver({ ...loose, rules: [{ factors: [[...product, ...one]] }] });
    assert.throws(() => solver.forge(), /no bound/);
  });
});
