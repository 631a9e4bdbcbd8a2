import assert from 'node:assert/strict';
import { JALR, LB, LBU, LH, LHU, LW } from '../../trace-arith/codes.ts';
import { ACCESSES, UPDATES_RD, WRITES_RD } from '../../trace-arith/fill/accesses.ts';
import {
  buildProgramTable,
  type CheckReport,
  type Claim,
  checkTables,
  HALT_PC,
  machine,
  type SegmentTables,
  segmentEndsProblem,
  verifierTerms,
} from '../../trace-arith/index.ts';
import { FLAG_WRITE } from '../../trace-arith/instruction-row.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, commit, halt, programOf } from '../tools/guest-program.ts';
import { IMMEDIATE_NAMES, MULTIPLY_NAMES, REGISTER_NAMES } from '../tools/instruction-set.ts';
import {
  changesOf,
  column,
  instanceOf,
  paddingRow,
  rowsWhere,
  withInstance,
  withRow,
} from './forgery.ts';
import { RowJudge } from './row-judge.ts';
import { claimOf, fillRun, type RecordedRun, recordRun } from './support.ts';

const MODULUS = 0x7f00_0001;
const { constraintProgram } = machine();
const WRITERS: readonly string[] =
  `${REGISTER_NAMES} ${MULTIPLY_NAMES} ${IMMEDIATE_NAMES} slli srli srai lb lh lw lbu lhu jalr`.split(
    ' ',
  );

async function runOf(write: (assembler: Assembler) => void): Promise<RecordedRun> {
  const assembler = new Assembler(CODE_START);
  write(assembler);
  return recordRun(programOf({ code: assembler.assemble() }));
}

/** Three journal words; a word of memory written twice and read; loads, stores, a computed jump. */
const subject = (): Promise<RecordedRun> =>
  runOf((assembler) => {
    assembler
      .li(5, DATA_START)
      .li(6, 111)
      .put(asm.sw(6, 0, 5))
      .li(6, 222)
      .put(asm.sw(6, 0, 5));
    assembler.put(asm.lw(7, 0, 5), asm.lw(0, 0, 5), asm.lbu(8, 1, 5), asm.mul(9, 6, 6));
    assembler
      .la(12, 'there')
      .put(asm.jalr(1, 0, 12))
      .label('there');
    for (const word of [10, 20, 30]) commit(assembler.li(13, word), 13);
    halt(assembler, 5, 3);
  });

function check(tables: SegmentTables | readonly SegmentTables[], claim: Claim): CheckReport {
  const segments = Array.isArray(tables) ? tables : [tables as SegmentTables];
  return checkTables(machine(), segments, verifierTerms(claim), { limit: 100 });
}

const busesOf = (report: CheckReport): string[] => [
  ...new Set(report.imbalances.map(({ bus }) => bus)),
];
const constraintsOf = (report: CheckReport): string[] =>
  report.violations.map(({ chip, constraint }) => `${chip}: ${constraint}`);

describe('attacks on the memory', () => {
  let run: RecordedRun;
  let tables: SegmentTables;
  let claim: Claim;
  before(async () => {
    run = await subject();
    [tables] = fillRun(run) as [SegmentTables];
    claim = claimOf(run);
    assert.ok(check(tables, claim).ok);
  });

  it('a padding row with `write` or `same` would write without an instruction', () => {
    for (const [chip, flag] of [
      ['LW', 'write'],
      ['LBH', 'write'],
      ['SW', 'same'],
      ['MUL', 'same'],
    ] as const) {
      const row = paddingRow(instanceOf(tables, chip));
      const report = check(withRow(tables, chip, row, { [flag]: 1 }), claim);
      assert.ok(constraintsOf(report).includes(`${chip}: ${flag} only in real rows`));
    }
  });

  it('a negative multiplicity, and one of two', () => {
    const row = paddingRow(instanceOf(tables, 'MEMBOUND'));
    for (const real of [MODULUS - 1, 2]) {
      const report = check(withRow(tables, 'MEMBOUND', row, { real }), claim);
      assert.ok(constraintsOf(report).includes('MEMBOUND: real is boolean'));
    }
  });

  it('a second table of initial words', () => {
    for (const name of ['IMAGE', 'STACK', 'REG', 'PRIV']) {
      const instance = instanceOf(tables, name);
      const instances = [...tables.instances, instance];
      const report = check({ ...tables, instances }, claim);
      assert.deepEqual(report.shapeProblems, [`segment 1: ${name} has 2 instances`]);
    }
  });

  it('tables of initial words before the last segment, and none in the last', () => {
    const [ends] = claim.segments;
    assert.ok(ends !== undefined);
    const twice = { ...claim, segments: [ends, ends] };
    const early = check([tables, { ...tables, segment: 2 }], twice);
    assert.ok(
      early.shapeProblems.includes('segment 1: REG is not allowed before the last segment'),
    );
    const none = check(withInstance(tables, instanceOf(tables, 'REG')), claim);
    assert.ok(none.shapeProblems.includes('segment 1: REG is missing'));
    assert.ok(busesOf(none).includes('GLOBAL_MEM'));
  });

  it('two rows for one word in a segment', () => {
    const instance = instanceOf(tables, 'MEMBOUND');
    const key = DATA_START / 4;
    const [row] = rowsWhere(instance, (cell) => cell('key') === key) as [number];
    const value = column(instance, 'out0')[row] as number;
    const times = { timeFirst: 900, timeLast: 900 };
    const words = { in0: value, out0: value, previousSegment: 1 };
    const forged = { key, ...words, ...times, real: 1 };
    // The second row takes what the first one left and leaves it again.
    const judge = new RowJudge(constraintProgram, tables);
    const { findings } = judge.judgeAlone(
      instance,
      paddingRow(instance),
      changesOf(instance, forged),
    );
    assert.deepEqual(findings, [{ bus: 'R20' }]);
    const report = check(withRow(tables, 'MEMBOUND', paddingRow(instance), forged), claim);
    assert.deepEqual(busesOf(report), ['R20']);
  });

  it('words that have no source: the null page, guards, a register that does not exist', () => {
    const row = paddingRow(instanceOf(tables, 'MEMBOUND'));
    for (const key of [0, 0x3fff, 0x1041_0000 - 1, 2 ** 29, 2 ** 30 + 64]) {
      const forged = { key, timeFirst: 5, timeLast: 5, real: 1 };
      const report = check(withRow(tables, 'MEMBOUND', row, forged), claim);
      const global = report.imbalances.filter(({ bus }) => bus === 'GLOBAL_MEM');
      assert.deepEqual(
        global.map(({ message, excess }) => [...message, excess]),
        [
          [key, 0, 0, 0, -1],
          [key, 0, 0, 1, 1],
        ],
      );
    }
  });

  it('a word that is read as it was before its last write', () => {
    const [stores, loads] = [instanceOf(tables, 'SW'), instanceOf(tables, 'LW')];
    const [first, second] = rowsWhere(stores, (cell) => cell('real') === 1) as [number, number];
    const [load] = rowsWhere(loads, (cell) => cell('write') === 1) as [number];
    const firstTime = 2 * (column(stores, 'cycle')[first] as number) + 1;
    const loadTime = 2 * (column(loads, 'cycle')[load] as number);
    const later = rowsWhere(
      loads,
      (cell) => cell('real') === 1 && cell('write') === 0,
    )[0] as number;
    const secondTime = 2 * (column(stores, 'cycle')[second] as number) + 1;
    // The load comes between the two stores; whoever came after it now comes after the second store.
    let forged = withRow(tables, 'LW', load, { word0: 111, previousWord: firstTime });
    forged = withRow(forged, 'SW', second, { previousWord: loadTime });
    forged = withRow(forged, 'LW', later, { previousWord: secondTime });
    const outside = check(forged, claim).imbalances.filter(({ bus }) => bus === 'R20');
    assert.ok(outside.some(({ message }) => (message[0] as number) > 2 ** 30));
    const touched = check(forged, claim).imbalances.filter(
      ({ bus, message }) => bus === 'MEM' && message[0] === DATA_START / 4,
    );
    assert.deepEqual(touched, []);
  });

  it('a bump that leaves the range of time', () => {
    const bump = run.segments[0] as NonNullable<(typeof run.segments)[0]>;
    assert.ok(bump.cycles > 10);
    const chip = constraintProgram.chips.findIndex(({ name }) => name === 'MEMBUMP');
    const columns = constraintProgram.chips[chip]?.mainColumns.map(() => new Uint32Array(32)) ?? [];
    const instance = { chip, logHeight: 5, instanceStart: 0, main: columns, preprocessed: [] };
    const judge = new RowJudge(constraintProgram, tables);
    const unit = 2 ** 17;
    const findings = (cells: object): unknown[] =>
      judge.judgeAlone(instance, 0, changesOf(instance, { key: 5, real: 1, ...cells })).findings;
    const highest = { timeHigh: 63, timeLow: unit - 1, previous: 2 ** 23 - 2 };
    assert.deepEqual(findings(highest), []);
    assert.deepEqual(findings({ ...highest, timeHigh: 64, previous: 2 ** 23 + unit - 2 }), [
      { bus: 'VR' },
    ]);
    const low = { timeHigh: 0, timeLow: 2 ** 20, previous: 2 ** 20 - 1 };
    assert.deepEqual(findings(low), [{ bus: 'R20' }]);
    const late = { timeHigh: 1, timeLow: 5, previous: unit + 5 };
    assert.deepEqual(findings(late), [{ bus: 'R20' }]);
    // Times that are p less, so that a chain would walk around p.
    const wrapped = Math.floor(MODULUS / unit);
    assert.deepEqual(findings({ timeHigh: wrapped, timeLow: 0, previous: wrapped * unit - 1 }), [
      { bus: 'VR' },
    ]);
  });
});

describe('attacks on the path of cycles', () => {
  let run: RecordedRun;
  let tables: SegmentTables;
  before(async () => {
    run = await subject();
    [tables] = fillRun(run) as [SegmentTables];
  });

  it('a run that is cut off', () => {
    const [segment] = run.segments;
    assert.ok(segment !== undefined);
    const honest = claimOf(run);
    for (let cycles = 1; cycles < segment.cycles; cycles += 3) {
      const cut = { ...segment, cycles };
      const [first] = fillRun({ ...run, segments: [cut] }) as [SegmentTables];
      const pcEnd = (segment.entries[5 * cycles] as number) / 2;
      const ends = [{ pcStart: CODE_START / 2, pcEnd, cycleEnd: cycles + 1 }];
      assert.notEqual(segmentEndsProblem(ends, CODE_START / 2, HALT_PC), undefined);
      assert.ok(busesOf(check(first, { ...honest, segments: ends })).includes('EXIT'));
      const pretended = [{ pcStart: CODE_START / 2, pcEnd: HALT_PC, cycleEnd: cycles + 1 }];
      assert.ok(busesOf(check(first, { ...honest, segments: pretended })).includes('EXEC'));
    }
  });

  it('another start, another end, another number of cycles', () => {
    const honest = claimOf(run);
    const [ends] = honest.segments;
    assert.ok(ends !== undefined);
    assert.equal(segmentEndsProblem([ends], run.table.entry, HALT_PC), undefined);
    for (const wrong of [
      { ...ends, pcStart: ends.pcStart + 1 },
      { ...ends, pcEnd: ends.pcEnd + 1 },
      { ...ends, cycleEnd: ends.cycleEnd + 1 },
    ]) {
      assert.deepEqual(busesOf(check(tables, { ...honest, segments: [wrong] })), ['EXEC']);
    }
    for (const wrong of [
      { ...ends, pcStart: ends.pcStart + 1 },
      { ...ends, pcEnd: ends.pcEnd + 1 },
      { ...ends, cycleEnd: 0 },
      { ...ends, cycleEnd: 2 ** 22 + 1 },
    ]) {
      assert.notEqual(segmentEndsProblem([wrong], run.table.entry, HALT_PC), undefined);
    }
  });

  it('two instructions in one cycle, or their cycles exchanged', () => {
    const instance = instanceOf(tables, 'CONST');
    const [a, b] = rowsWhere(instance, (cell) => cell('real') === 1) as [number, number];
    const cycles = column(instance, 'cycle');
    const [first, second] = [cycles[a] as number, cycles[b] as number];
    const twice = withRow(tables, 'CONST', b, { cycle: first });
    assert.ok(busesOf(check(twice, claimOf(run))).includes('EXEC'));
    const exchanged = withRow(twice, 'CONST', a, { cycle: second });
    assert.ok(busesOf(check(exchanged, claimOf(run))).includes('EXEC'));
  });

  it('a computed jump through an address whose high bits vanish modulo p', () => {
    const instance = instanceOf(tables, 'JALR');
    const [row] = rowsWhere(instance, (cell) => cell('real') === 1) as [number];
    const judge = new RowJudge(constraintProgram, tables);
    const target = 2 * (column(instance, 'pc')[row] as number) + 4;
    // quotient + 2^15 high = p + target / 2
    const alias = MODULUS + target / 2;
    const [quotient, high] = [alias % 0x8000, Math.floor(alias / 0x8000)];
    const immediate = column(instance, 'imm0')[row] as number;
    const forged = { b0: 2 * quotient - immediate, b1: high, carry: 0, lowest: 0 };
    const { findings, changedBuses } = judge.judgeAlone(instance, row, changesOf(instance, forged));
    assert.deepEqual(findings, [{ bus: 'VR' }]);
    // The next pc is the honest one: only the value of rs1 has changed.
    assert.deepEqual(changedBuses, ['MEM']);
  });
});

describe('attacks on the public values', () => {
  let run: RecordedRun;
  let tables: SegmentTables;
  before(async () => {
    run = await subject();
    [tables] = fillRun(run) as [SegmentTables];
  });

  it('a journal that is permuted, has a word twice, one too few, one too many, another length', () => {
    const honest = claimOf(run);
    const journalOf = (...words: number[]): Uint8Array => {
      const bytes = new Uint8Array(4 * words.length);
      for (const [i, word] of words.entries()) bytes[4 * i] = word;
      return bytes;
    };
    assert.deepEqual(honest.journal, journalOf(10, 20, 30));
    for (const words of [[20, 10, 30], [10, 10, 30], [10, 20], [20, 30], [10, 20, 30, 0], []]) {
      const report = check(tables, { ...honest, journal: journalOf(...words) });
      assert.ok(busesOf(report).includes('PV'), `${words}`);
    }
    const shorter = check(tables, { ...honest, journal: honest.journal.subarray(0, 11) });
    assert.deepEqual(busesOf(shorter), ['EXIT']);
  });

  it('two journal words under each other’s index', () => {
    const instance = instanceOf(tables, 'COMMIT');
    const index = column(instance, 'index');
    assert.deepEqual([...index.subarray(0, 3)], [0, 1, 2]);
    const exchanged = withRow(withRow(tables, 'COMMIT', 0, { index: 1 }), 'COMMIT', 1, {
      index: 0,
    });
    const bytes = claimOf(run).journal.slice();
    [bytes[0], bytes[4]] = [bytes[4] as number, bytes[0] as number];
    assert.deepEqual(busesOf(check(exchanged, { ...claimOf(run), journal: bytes })), ['MEM']);
  });

  it('another exit code, and none', () => {
    const honest = claimOf(run);
    for (const exitCode of [0, 4, 5 + 0x1_0000]) {
      assert.deepEqual(busesOf(check(tables, { ...honest, exitCode })), ['EXIT']);
    }
    const none = withInstance(tables, instanceOf(tables, 'HALT'));
    assert.ok(busesOf(check(none, honest)).includes('EXIT'));
  });

  it('another public input', () => {
    const report = check(tables, { ...claimOf(run), publicInput: Uint8Array.of(1) });
    assert.deepEqual(busesOf(report), ['GLOBAL_MEM']);
  });
});

describe('attacks on the program', () => {
  it('no row of the program table writes x0', async () => {
    const code = new Assembler(CODE_START);
    for (const name of Object.keys(asm).filter((key) => WRITERS.includes(key))) {
      const encode = (asm as unknown as Record<string, (...operands: number[]) => number>)[name];
      code.put(...[encode?.(0, 5, 6), encode?.(0, 0, 0), encode?.(0, 5, 5)].map(Number));
    }
    code.put(asm.lui(0, 1), asm.auipc(0, 1), asm.jal(0, 4), asm.ecall);
    const program = programOf({ code: halt(code, 0, 0).assemble() });
    const columns = buildProgramTable(program).preprocessed.get('PROG') ?? [];
    const [, operation = [], rd = [], , , , , , flags = []] = columns;
    let seen = 0;
    for (const [row, value] of operation.entries()) {
      const accesses = ACCESSES[4 * value] as number;
      if (rd[row] !== 0 || (accesses & (WRITES_RD | UPDATES_RD)) === 0) continue;
      assert.ok([JALR, LB, LBU, LH, LHU, LW].includes(value), `operation ${value}`);
      assert.equal((flags[row] as number) & FLAG_WRITE, 0);
      seen++;
    }
    assert.ok(seen > 10);
  });

  it('an operation, register, constant or next address that the program does not have', async () => {
    const [tables] = fillRun(await subject()) as [SegmentTables];
    const judge = new RowJudge(constraintProgram, tables);
    let changed = 0;
    for (const [chip, columns] of [
      ['CONST', ['rd', 'imm0', 'imm1', 'next', 'pc']],
      ['LW', ['rd', 'rs1', 'imm0', 'imm1', 'next', 'write', 'pc']],
      ['SW', ['rs1', 'rs2', 'imm0', 'imm1', 'next', 'same', 'pc']],
      ['MUL', ['rd', 'rs1', 'rs2', 'next', 'same', 'pc']],
      ['JALR', ['rd', 'rs1', 'imm0', 'imm1', 'link0', 'link1', 'write', 'pc']],
      ['LBH', ['half', 'signed']],
      ['COMMIT', ['next', 'pc']],
    ] as const) {
      const instance = instanceOf(tables, chip);
      const [row] = rowsWhere(instance, (cell) => cell('real') === 1) as [number];
      for (const name of columns) {
        const value = column(instance, name)[row] as number;
        const other = value === 0 ? 1 : value === 1 ? 0 : value + 1;
        const { findings } = judge.judgeAlone(
          instance,
          row,
          changesOf(instance, { [name]: other }),
        );
        assert.ok(
          findings.some((finding) => 'bus' in finding && finding.bus === 'PROG'),
          `${chip}.${name}`,
        );
        changed++;
      }
    }
    assert.ok(changed > 30);
  });

  it('a padding row of the program table', async () => {
    const [tables] = fillRun(await subject()) as [SegmentTables];
    const instance = instanceOf(tables, 'CONST');
    const row = paddingRow(instance);
    const judge = new RowJudge(constraintProgram, tables);
    const { findings } = judge.judgeAlone(
      instance,
      row,
      changesOf(instance, { real: 1, cycle: 9 }),
    );
    assert.deepEqual(findings, [{ bus: 'PROG' }]);
  });
});
