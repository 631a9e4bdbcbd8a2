import assert from 'node:assert/strict';
import type { Chip } from '@vouch/verifier';
import { machine, type SegmentTables, type TableInstance } from '../../trace-arith/index.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { column, instanceOf, rowsWhere } from './forgery.ts';
import { rowRules } from './row-rules.ts';
import { RowSolver } from './row-solver.ts';
import { isForged } from './row-values.ts';
import { fillRun, recordRun } from './support.ts';

const { constraintProgram } = machine();
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

const EDGES = [0, 1, 2, 3, 7, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff];
const DIVIDENDS = [...EDGES, 0x7fff_fffe, 0xffff_fffa, 0x0001_0000, 0xfeff_ffff];
/** Absolute values are small or large: the cases are few enough to try them all. */
const DIVISORS = [...EDGES, 0xffff_fffd, 0x0100_0000, 0x4000_0001];
/** Where a column's carry is greatest, or about to change. */
const FACTORS = [...EDGES, 0xff, 0x100, 0xffff, 0x1_0000, 0x00ff_00ff, 0xff00_ff01, 0x1234_5678];

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

const cellsOf = ({ main }: TableInstance, row: number): number[] =>
  main.map((cells) => cells[row] as number);

/** Asserts that the row shows what it shows whatever the prover fills in. */
function assertOnlyResult(chip: Chip, cells: readonly number[], label: string): number {
  const rules = rowRules(constraintProgram, chip, cells);
  const solver = new RowSolver(rules, { cases: 2_000_000 });
  let ways = 0;
  solver.solve((values) => {
    ways++;
    assert.ok(!isForged(rules.outputs, values), `${label}: ${values}`);
    return false;
  });
  assert.ok(ways > 0, `${label}: the honest row is refused`);
  return solver.cases;
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
      const rows = rowsWhere(instance, (cell) => cell('cycle') !== 0);
      assert.equal(rows.length, pairs.length);
      const cell = (row: number, column0: string): number =>
        column(instance, column0)[row] as number;
      let cases = 0;
      for (const [i, row] of rows.entries()) {
        const [b, c] = pairs[i] as [number, number];
        const cells = cellsOf(instance, row);
        const t0 = Date.now();
        const n = assertOnlyResult(
          constraintProgram.chips[instance.chip] as Chip,
          cells,
          `${name} ${b} ${c}`,
        );
        cases += n;
        if (Date.now() - t0 > 200)
          console.log(name, b.toString(16), c.toString(16), n, Date.now() - t0);
      }
      console.log(name, cases);
    });
  }
});
