import assert from 'node:assert/strict';
import { BEQ, DIV, ECALL, LBU, LH, LW, MUL, NOP, SH, SLLI, SLTU, SW } from '../../vm/operations.ts';
import { StatisticsCollector } from '../../vm/statistics.ts';
import { at, call, handMadeProgram, handMadeSegment, step } from '../tools/hand-made-record.ts';

describe('statistics', () => {
  it('counts every class of operation', () => {
    const rows = [step, call, MUL, DIV, SLLI, SLTU, BEQ, LW, SW, ECALL, NOP].map((row) =>
      typeof row === 'number' ? { operation: row } : row,
    );
    const program = handMadeProgram({ main: rows });
    const collector = new StatisticsCollector(program);
    const addresses = rows.map((_, index) => at(program, 'main', index));
    collector.add(handMadeSegment([...addresses, at(program, 'main', 0)]));
    const found = collector.finish();
    assert.deepEqual(found.classes, {
      alu: 2,
      shift: 1,
      compare: 1,
      branch: 1,
      jump: 1,
      load: 1,
      store: 1,
      multiply: 1,
      divide: 1,
      'host call': 1,
      other: 1,
    });
    assert.deepEqual(found.operations[0], { name: 'addi', class: 'alu', cycles: 2 });
    assert.equal(found.operations.length, 11);
    assert.equal(found.loads, 1);
    assert.equal(found.stores, 1);
    assert.equal(found.cycles, 12);
  });

  it('finds misaligned accesses by width, displacement and wrapped addresses', () => {
    const accesses: readonly [number, number, number, boolean][] = [
      [LW, 0x2000_0000, 0, false],
      [LW, 0x2000_0000, 2, true],
      [LW, 0x2000_0001, 3, false],
      [SW, 0x4101_0003, 0, true],
      [LH, 0x2000_0001, 0, true],
      [LH, 0x2000_0002, 0, false],
      [SH, 0x4101_0001, 0xffff_ffff, false],
      [SH, 0x4101_0002, 0xffff_ffff, true],
      [LBU, 0x2000_0003, 0, false],
    ];
    for (const [operation, base, displacement, misaligned] of accesses) {
      const program = handMadeProgram({ main: [{ operation, immediate: displacement }] });
      const collector = new StatisticsCollector(program);
      collector.add(handMadeSegment([at(program, 'main')], [base]));
      const label = `operation ${operation} at ${base.toString(16)} + ${displacement}`;
      assert.equal(collector.finish().misalignedAccesses, misaligned ? 1 : 0, label);
    }
  });

  it('counts a page once, however many segments touch it', () => {
    const program = handMadeProgram({ main: [step] });
    const collector = new StatisticsCollector(program);
    collector.add(handMadeSegment([at(program, 'main')], [], [1, 2]));
    collector.add(handMadeSegment([at(program, 'main')], [], [2, 3]));
    const found = collector.finish();
    assert.equal(found.touchedPages, 3);
    assert.equal(found.segments, 2);
  });
});
