import assert from 'node:assert/strict';
import type { Chip } from '@vouch/verifier';
import { machine, type SegmentTables, type TableInstance } from '../../trace-arith/index.ts';
import { CHIPS } from '../../trace-arith/machine.ts';
import { loadProgram } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { RowJudge } from './row-judge.ts';
import { fillRun, recordRun } from './support.ts';

const MODULUS = 0x7f00_0001;
const ROWS_PER_INSTANCE = 12;
const { constraintProgram } = machine();

type Cells = Readonly<Record<string, number>>;

/**
 * Cells that may take any value in some rows, with the reason why that shows nothing wrong. The
 * condition says in which rows; in all others a change must be noticed.
 */
const FREE_CELLS: readonly {
  readonly cells: readonly string[];
  readonly when: (row: Cells) => boolean;
  readonly reason: string;
}[] = [
  {
    cells: ['JALR', 'LW', 'LBH', 'LX'].flatMap((chip) =>
      ['old0', 'old1', 'previousRd'].map((column) => `${chip}.${column}`),
    ),
    when: ({ write }) => write === 0,
    reason: 'rd is x0: the access to it has multiplicity 0',
  },
  {
    cells: ['SHIFT', 'SW', 'SBH', 'SX', 'MUL', 'MULH', 'DIV'].map((chip) => `${chip}.previous2`),
    when: ({ same }) => same === 1,
    reason: 'rs2 is rs1: the second access has multiplicity 0',
  },
  {
    cells: ['BEQZ.inverse'],
    when: ({ b0, b1 }) => b0 === 0 && b1 === 0,
    reason: 'the word is zero: no inverse is asked for',
  },
  {
    cells: ['BEQ.inverse0'],
    when: ({ b0, c0 }) => b0 === c0,
    reason: 'the low limbs are equal: their inverse is multiplied by zero',
  },
  {
    cells: ['BEQ.inverse1'],
    when: ({ b1, c1 }) => b1 === c1,
    reason: 'the high limbs are equal: their inverse is multiplied by zero',
  },
  {
    cells: ['LX', 'SX'].flatMap((chip) =>
      ['byte4', 'byte5', 'byte6', 'byte7', 'previousSecond'].map((column) => `${chip}.${column}`),
    ),
    when: ({ lh1 = 0, lhu1 = 0, sh1 = 0 }) => lh1 + lhu1 + sh1 === 1,
    reason: 'the half-word lies in the first word: the access to the second has multiplicity 0',
  },
  {
    cells: ['DIV.quotient0', 'DIV.quotient1'],
    when: ({ isRem, byZero }) => isRem === 1 && byZero === 1,
    reason: 'the remainder by zero is the dividend whatever the quotient',
  },
  {
    cells: ['DIV.borrow'],
    when: ({ byZero }) => byZero === 1,
    reason: 'by zero the remainder is not compared with the divisor',
  },
  {
    cells: ['IMAGE.final0', 'IMAGE.final1', 'IMAGE.lastSegment'],
    when: ({ selector }) => selector === 0,
    reason: 'a padding row of the image has multiplicity 0',
  },
  {
    cells: ['PRIV.low', 'PRIV.high'],
    when: ({ lastSegment }) => lastSegment === 0,
    reason: 'a private word that nobody reads is the prover’s to choose',
  },
];

function rowCells(instance: TableInstance, row: number): Cells {
  const chip = constraintProgram.chips[instance.chip] as Chip;
  return Object.fromEntries([
    ...chip.mainColumns.map((name, i) => [name, instance.main[i]?.[row] ?? 0]),
    ...chip.preprocessedColumns.map((name, i) => [name, instance.preprocessed[i]?.[row] ?? 0]),
  ]);
}

function isFree(chip: string, column: string, row: Cells): boolean {
  return FREE_CELLS.some(({ cells, when }) => cells.includes(`${chip}.${column}`) && when(row));
}

/** 1 in rows that stand for something; chips without padding have only such rows. */
function isReal(chip: Chip, row: Cells): boolean {
  const flags = CHIPS.find(({ name }) => name === chip.name)?.real;
  if (flags === undefined) return true;
  return (row.cycle ?? row.real) !== 0;
}

function otherValues(value: number, random: Random): Set<number> {
  const values = [0, 1, MODULUS - 1, value + 1, value - 1, value + 0x1_0000, -value];
  const others = [...values, value + 0x8000, 2 * value, random.below(MODULUS)];
  const canonical = others.map((other) => ((other % MODULUS) + MODULUS) % MODULUS);
  return new Set(canonical.filter((other) => other !== value));
}

interface Outcome {
  readonly unnoticed: string[];
  readonly changed: Set<string>;
}

/** Changes single cells of sampled rows; real rows and padding rows are judged alike. */
function mutate(tables: SegmentTables, random: Random, outcome: Outcome): void {
  const judge = new RowJudge(constraintProgram, tables);
  for (const instance of tables.instances) {
    const chip = constraintProgram.chips[instance.chip] as Chip;
    for (let i = 0; i < ROWS_PER_INSTANCE; i++) {
      const row = random.below(2 ** instance.logHeight);
      const cells = rowCells(instance, row);
      for (const [column, name] of chip.mainColumns.entries()) {
        for (const value of otherValues(cells[name] as number, random)) {
          if (isReal(chip, cells)) outcome.changed.add(`${chip.name}.${name}`);
          const findings = judge.judge(instance, row, new Map([[column, value]]));
          const harmless = !isReal(chip, cells) || isFree(chip.name, name, cells);
          if (findings.length > 0 || harmless) continue;
          outcome.unnoticed.push(`${chip.name}.${name} = ${value}, row ${JSON.stringify(cells)}`);
        }
      }
    }
  }
}

describe('a changed cell is noticed by a constraint or a bus', () => {
  it('in every column of every chip, but for the cells that are free for a stated reason', async () => {
    const outcome: Outcome = { unnoticed: [], changed: new Set() };
    const random = new Random(7);
    for (const seed of [1, 2, 3]) {
      const program = loadProgram(randomElf(randomProgram(new Random(seed), 500, 8), 'machine'));
      const run = await recordRun(program, seed === 3 ? { segmentCycles: 2000 } : {});
      for (const tables of fillRun(run)) mutate(tables, random, outcome);
    }
    for (const tables of fillRun(await longGap())) mutate(tables, random, outcome);
    assert.deepEqual(outcome.unnoticed.slice(0, 10), []);
    const untouched = constraintProgram.chips.flatMap(({ name, mainColumns }) =>
      mainColumns.map((column) => `${name}.${column}`).filter((cell) => !outcome.changed.has(cell)),
    );
    assert.deepEqual(untouched, []);
  });

  it('also a padding row that begins to send, receive or look up', async () => {
    const program = loadProgram(randomElf(randomProgram(new Random(4), 400, 4), 'machine'));
    const [tables] = fillRun(await recordRun(program));
    assert.ok(tables !== undefined);
    const judge = new RowJudge(constraintProgram, tables);
    let changed = 0;
    for (const instance of tables.instances) {
      const chip = constraintProgram.chips[instance.chip] as Chip;
      const row = 2 ** instance.logHeight - 1;
      const padding = rowCells(instance, row);
      if (isReal(chip, padding)) continue;
      const flags = chip.mainColumns.filter((name) => isMultiplicityFlag(chip.name, name));
      for (const name of flags) {
        for (const value of [1, 2, MODULUS - 1]) {
          const change = new Map([[chip.mainColumns.indexOf(name), value]]);
          assert.notDeepEqual(judge.judge(instance, row, change), [], `${chip.name}.${name}`);
          changed++;
        }
      }
    }
    assert.ok(changed > 100);
  });
});

/** Columns that enter a multiplicity. */
function isMultiplicityFlag(chip: string, column: string): boolean {
  const definition = CHIPS.find(({ name }) => name === chip);
  const node = definition?.mainColumns.indexOf(column) ?? -1;
  const contains = (value: unknown): boolean => {
    const tree = value as { operation: number; value: number; left?: unknown; right?: unknown };
    if (tree.left === undefined || tree.right === undefined) {
      return tree.operation === 1 && tree.value === node;
    }
    return contains(tree.left) || contains(tree.right);
  };
  return definition?.interactions.some(({ multiplicity }) => contains(multiplicity)) ?? false;
}

/** A run whose words lie idle for so long that MEMBUMP has rows. */
async function longGap() {
  const assembler = new Assembler(CODE_START);
  assembler
    .li(5, DATA_START)
    .put(asm.sw(5, 0, 5))
    .li(7, 600_000);
  assembler.label('loop').put(asm.addi(7, 7, -1));
  assembler.refer('loop', 4, (offset) => asm.bne(7, 0, offset));
  assembler.put(asm.lw(6, 0, 5));
  halt(assembler, 0, 0);
  return recordRun(programOf({ code: assembler.assemble() }), { segmentCycles: 2 ** 21 });
}
