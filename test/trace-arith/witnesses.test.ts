import assert from 'node:assert/strict';
import { KoalaBear } from '@vouch/verifier';
import {
  checkTables,
  machine,
  type SegmentTables,
  type TableInstance,
} from '../../trace-arith/index.ts';
import type { Segment } from '../../vm/index.ts';
import { ENTRY_RS2, ENTRY_WORDS } from '../../vm/segment.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { type CellChanges, changesOf, column, instanceOf, rowsWhere } from './forgery.ts';
import { type Finding, RowJudge } from './row-judge.ts';
import { fillRun, recordRun } from './support.ts';

const { constraintProgram, constraintNames } = machine();
const { MODULUS, inverse, mul } = KoalaBear;

async function tablesOf(write: (assembler: Assembler) => void): Promise<SegmentTables> {
  const assembler = new Assembler(CODE_START);
  write(assembler);
  halt(assembler, 0, 0);
  const [tables] = fillRun(await recordRun(programOf({ code: assembler.assemble() })));
  assert.ok(tables !== undefined);
  return tables;
}

const realRows = (instance: TableInstance): number[] =>
  rowsWhere(instance, (cell) => cell('cycle') !== 0);

function nameOf({ chip }: TableInstance, finding: Finding): string {
  return 'bus' in finding ? finding.bus : (constraintNames[chip]?.[finding.constraint] ?? '');
}

function word(instance: TableInstance, name: string, row: number): number {
  const low = column(instance, `${name}0`)[row] as number;
  return low + 0x1_0000 * (column(instance, `${name}1`)[row] as number);
}

const limbs = (name: string, value: number): CellChanges => ({
  [`${name}0`]: value & 0xffff,
  [`${name}1`]: value >>> 16,
});
const bytes = (name: string, value: number): CellChanges =>
  Object.fromEntries([0, 1, 2, 3].map((i) => [`${name}Byte${i}`, (value >>> (8 * i)) & 0xff]));

const EDGES = [0, 1, 0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 6, 0xffff_fffd];

describe('division has one result', () => {
  /** Everything that a prover could choose, with the rest computed to fit. */
  function* choices(b: number, c: number): Generator<CellChanges> {
    const negatives = (x: number): number[] => [...new Set([x, -x >>> 0])];
    for (const [sign1, sign2, byZero, borrow] of bits(4)) {
      for (const dividend of negatives(b)) {
        for (const divisor of negatives(c)) {
          for (const quotient of quotients(dividend, divisor)) {
            const remainder = (dividend - Math.imul(quotient, divisor)) >>> 0;
            for (const a of [...negatives(quotient), ...negatives(remainder), 0xffff_ffff]) {
              yield {
                ...{ sign1, sign2, byZero, borrow, opposite: sign1 ^ sign2 },
                ...bytes('dividend', dividend),
                ...bytes('divisor', divisor),
                ...limbs('quotient', quotient),
                ...limbs('remainder', remainder),
                ...limbs('a', a),
              };
            }
          }
        }
      }
    }
  }

  function quotients(dividend: number, divisor: number): number[] {
    const exact = divisor === 0 ? 0 : Math.floor(dividend / divisor);
    const found = [exact, exact + 1, exact - 1, -exact, 0, 1, -1].map((q) => q >>> 0);
    return [...new Set(found)];
  }

  function* bits(count: number): Generator<[number, number, number, number]> {
    for (let i = 0; i < 2 ** count; i++) yield [i & 1, (i >> 1) & 1, (i >> 2) & 1, (i >> 3) & 1];
  }

  for (const [name, encode] of Object.entries({
    div: asm.div,
    divu: asm.divu,
    rem: asm.rem,
    remu: asm.remu,
  })) {
    it(`${name} of edge values, whatever signs, quotient and remainder are claimed`, async () => {
      const tables = await tablesOf((assembler) => {
        for (const b of EDGES) {
          for (const c of EDGES)
            assembler
              .li(5, b)
              .li(6, c)
              .put(encode(7, 5, 6));
        }
      });
      const instance = instanceOf(tables, 'DIV');
      const judge = new RowJudge(constraintProgram, tables);
      let accepted = 0;
      for (const row of realRows(instance)) {
        const [b, c, a] = ['b', 'c', 'a'].map((value) => word(instance, value, row)) as [
          number,
          number,
          number,
        ];
        for (const choice of choices(b, c)) {
          const result = word2(choice);
          const changes = changesOf(instance, choice);
          const { findings } = judge.judgeAlone(instance, row, changes);
          if (findings.length > 0) continue;
          accepted++;
          assert.equal(result, a, `${name} ${b} ${c}: ${JSON.stringify(choice)}`);
        }
      }
      assert.ok(accepted >= EDGES.length ** 2);
    });
  }

  const word2 = (choice: CellChanges): number =>
    (choice.a0 as number) + 0x1_0000 * (choice.a1 as number);
});

describe('a shift amount has one form', () => {
  it('u + 16 high + 32 rest of the low limb of rs2', async () => {
    const amounts = [0, 1, 15, 16, 31, 32, 47, 0xffff, 0x8010, 0x1_0005];
    const tables = await tablesOf((assembler) => {
      for (const amount of amounts) {
        assembler
          .li(5, 0x8765_4321)
          .li(6, amount)
          .put(asm.sll(7, 5, 6), asm.sra(7, 5, 6));
      }
    });
    const instance = instanceOf(tables, 'SHIFT');
    const judge = new RowJudge(constraintProgram, tables);
    for (const row of realRows(instance)) {
      const cell = (name: string): number => column(instance, name)[row] as number;
      const limb = cell('u') + 16 * cell('high') + 32 * cell('rest');
      let accepted = 0;
      for (let u = 0; u < 32; u++) {
        for (const high of [0, 1]) {
          const rest = mul((limb - u - 16 * high + MODULUS) % MODULUS, inverse(32));
          const forged = shifted(cell, word0(cell), u, high, rest);
          const { findings } = judge.judgeAlone(instance, row, changesOf(instance, forged));
          if (findings.length > 0) continue;
          accepted++;
          assert.deepEqual([u, high], [cell('u'), cell('high')]);
        }
      }
      assert.equal(accepted, 1);
    }
  });

  type Cell = (name: string) => number;
  const word0 = (cell: Cell): number => {
    const part = (i: 0 | 1): number => cell(`low${i}`) + cell('power') * cell(`top${i}`);
    return part(0) + 0x1_0000 * part(1);
  };

  /** All cells of the row for another amount, so that only the amount itself is wrong. */
  function shifted(cell: Cell, b: number, u: number, high: number, rest: number): CellChanges {
    const left = cell('left') === 1;
    const bits = left ? 16 - (u & 15) : u & 15;
    const mask = 2 ** bits - 1;
    const amount = (u & 15) + 16 * high;
    const result = left ? b << amount : cell('arithmetic') === 1 ? (b | 0) >> amount : b >>> amount;
    return {
      ...{ u, high, rest, power: 2 ** bits, complement: 2 ** (16 - bits) },
      ...{ low0: b & mask, top0: (b & 0xffff) >>> bits },
      ...{ low1: (b >>> 16) & mask, top1: (b >>> 16) >>> bits },
      ...limbs('a', result >>> 0),
    };
  }
});

describe('carries have one value', () => {
  it('of an address: the other carry, with the quotient modulo p, is no address', async () => {
    const tables = await tablesOf((assembler) => {
      assembler
        .li(5, 0x4100_ffff)
        .li(6, 0x4101_0001)
        .put(asm.lw(7, 5, 5), asm.lw(7, -1, 6));
    });
    const instance = instanceOf(tables, 'LW');
    const judge = new RowJudge(constraintProgram, tables);
    for (const row of realRows(instance)) {
      const carry = 1 - (column(instance, 'carry')[row] as number);
      const { findings } = judge.judgeAlone(instance, row, changesOf(instance, { carry }));
      assert.deepEqual(findings, [{ bus: 'VR' }]);
    }
  });

  it('of an address: 127 x 2^8, which is worth -1 in the low limb, since 127 x 2^24 = p - 1', async () => {
    const tables = await tablesOf((assembler) => {
      assembler.li(5, CODE_START).put(asm.lbu(7, 2, 5), asm.lh(7, 1, 5), asm.jalr(0, 20, 5));
      assembler.put(asm.addi(0, 0, 0), asm.addi(0, 0, 0));
    });
    for (const [chip, change, offset] of [
      ['LBH', { offset0: 1 }, 2],
      ['LX', { lh1: 0, lw2: 1 }, 1],
      ['JALR', { lowest: 1 }, 20],
    ] as const) {
      const instance = instanceOf(tables, chip);
      const judge = new RowJudge(constraintProgram, tables);
      const [row = 0] = realRows(instance);
      assert.equal(column(instance, 'imm0')[row], offset);
      const forged = changesOf(instance, { carry: 127 * 2 ** 8, ...change });
      const { findings, changedBuses } = judge.judgeAlone(instance, row, forged);
      const names = findings.map((finding) => nameOf(instance, finding));
      assert.ok(names.includes('carry is boolean'), chip);
      // Nothing about the address itself is wrong.
      assert.ok(!names.includes('VR'), `${chip}: ${names}`);
      assert.ok(changedBuses.includes(chip === 'JALR' ? 'EXEC' : 'MEM'));
    }
  });

  it('of addresses that no instruction may have: the upper half, and for stores the lower', async () => {
    const tables = await tablesOf((assembler) => {
      assembler.li(5, 0x4101_0000);
      for (const encode of [asm.lw, asm.lbu]) assembler.put(encode(7, 0, 5));
      assembler.put(asm.lw(7, 1, 5), asm.sw(7, 0, 5), asm.sb(7, 0, 5), asm.sw(7, 1, 5));
    });
    const judge = new RowJudge(constraintProgram, tables);
    for (const [chip, highs] of [
      ['LW', [0x8000, 0xffff]],
      ['LBH', [0x8000, 0xffff]],
      ['LX', [0x8000, 0xffff]],
      ['SW', [0, 1, 0x3fff, 0x8000, 0xffff]],
      ['SBH', [0, 1, 0x3fff, 0x8000, 0xffff]],
      ['SX', [0, 1, 0x3fff, 0x8000, 0xffff]],
    ] as const) {
      const instance = instanceOf(tables, chip);
      const [row = 0] = realRows(instance);
      for (const b1 of highs) {
        const { findings } = judge.judgeAlone(instance, row, changesOf(instance, { b1 }));
        assert.deepEqual(findings, [{ bus: 'VR' }], `${chip} ${b1}`);
      }
    }
  });

  it('of a half-word at an odd address, which is not one limb', async () => {
    const tables = await tablesOf((assembler) => {
      assembler.li(5, 0x4101_0000).put(asm.lh(7, 2, 5), asm.sh(7, 2, 5));
    });
    const judge = new RowJudge(constraintProgram, tables);
    for (const chip of ['LBH', 'SBH']) {
      const instance = instanceOf(tables, chip);
      const [row = 0] = realRows(instance);
      const b0 = (column(instance, 'b0')[row] as number) + 1;
      const forged = changesOf(instance, { b0, offset0: 1 });
      const { findings } = judge.judgeAlone(instance, row, forged);
      const names = findings.map((finding) => nameOf(instance, finding));
      assert.ok(names.includes('a half-word begins at an even address'));
      assert.ok(!names.includes('VR') && !names.includes('PAIR8'));
    }
  });

  it('of a comparison: the other borrow or result leaves a range', async () => {
    const tables = await tablesOf((assembler) => {
      for (const b of EDGES) {
        for (const c of EDGES) {
          assembler
            .li(5, b)
            .li(6, c)
            .put(asm.slt(7, 5, 6), asm.sltu(7, 5, 6));
        }
      }
    });
    const instance = instanceOf(tables, 'SLT');
    const judge = new RowJudge(constraintProgram, tables);
    for (const row of realRows(instance)) {
      let accepted = 0;
      for (let i = 0; i < 16; i++) {
        const forged = { less: i & 1, borrow: (i >> 1) & 1, sign1: (i >> 2) & 1, sign2: i >> 3 };
        const { findings } = judge.judgeAlone(instance, row, changesOf(instance, forged));
        if (findings.length > 0) continue;
        accepted++;
        assert.equal(forged.less, column(instance, 'less')[row]);
      }
      assert.equal(accepted, 1);
    }
  });
});

describe('a register that is read twice in one cycle has one value', () => {
  it('in every chip that reads rs1 and rs2', async () => {
    const assembler = new Assembler(CODE_START).li(5, 0x4101_0000).li(6, 0x1234_5678);
    assembler.put(asm.sll(7, 6, 6), asm.mul(7, 6, 6), asm.mulhu(7, 6, 6), asm.divu(7, 6, 6));
    assembler.put(asm.sw(5, 0, 5), asm.sb(5, 0, 5), asm.sw(5, 1, 5));
    const program = programOf({ code: halt(assembler, 0, 0).assemble() });
    const run = await recordRun(program);
    const [segment] = run.segments as [Segment];
    for (const [flip, limb] of [
      [0x4000_0000, 'high'],
      [0x80, 'low'],
    ] as const) {
      const entries = segment.entries.slice();
      for (let i = 0; i < segment.cycles; i++) {
        const row = ((entries[ENTRY_WORDS * i] as number) - CODE_START) / 2;
        if (program.code.rs1[row] === 0 || program.code.rs1[row] !== program.code.rs2[row])
          continue;
        const at = ENTRY_WORDS * i + ENTRY_RS2;
        entries[at] = ((entries[at] as number) ^ flip) >>> 0;
      }
      const tables = fillRun({ ...run, segments: [{ ...segment, entries }] });
      const { violations } = checkTables(machine(), tables, [], { limit: 100 });
      assert.deepEqual(
        violations.map(({ chip, constraint }) => `${chip}: ${constraint}`).sort(),
        ['DIV', 'MUL', 'MULH', 'SBH', 'SHIFT', 'SW', 'SX'].map(
          (chip) => `${chip}: one register has one ${limb} limb`,
        ),
      );
    }
  });
});
