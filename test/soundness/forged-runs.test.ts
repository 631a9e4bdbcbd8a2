/** Attacks on what is claimed of a run: its end, its order, its public values, its program. */
import assert from 'node:assert/strict';
import { type Check, HALT_PC, type VerifyOptions, verify } from '@vouch/verifier';
import type { SegmentEnds, SegmentTables } from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { replay, type Segment } from '../../vm/index.ts';
import { CODE_START } from '../tools/guest-program.ts';
import {
  chipNumber,
  column,
  instanceOf,
  paddingRow,
  rowsWhere,
  withRow,
} from '../trace-arith/forgery.ts';
import { claimOf, fillRun, type RecordedRun } from '../trace-arith/support.ts';
import {
  type Attack,
  assertRefused,
  onlyTables,
  refuse as refuseIn,
  SEGMENTS,
  startAttack,
  withEnds,
  withTables,
  words,
} from './attack.ts';
import {
  expectations,
  type FalseRun,
  type ProverSettings,
  type RealProver,
  realMachine,
} from './real-prover.ts';
import { recounted } from './recount.ts';
import { honest, subject } from './subject.ts';

describe('a forged run of the real machine is refused', function () {
  this.timeout(300_000);
  let attack: Attack;
  let prover: RealProver;
  let one: RecordedRun;
  let many: RecordedRun;
  let truth: FalseRun;
  let truths: FalseRun;
  let short: number;
  before(async () => {
    attack = await startAttack();
    ({ prover, one, many, truth, truths, short } = attack);
  });
  after(() => attack.prover.close());

  const refuse = (
    forged: FalseRun,
    checks: readonly Check[],
    settings?: ProverSettings,
  ): Promise<void> => refuseIn(attack, forged, checks, settings);

  it('and the true one is accepted, in one segment and in several, by program and by id', async () => {
    assert.equal(many.segments.length, SEGMENTS);
    for (const run of [truth, truths]) {
      const verified = verify(await prover.prove(run), expectations(run));
      assert.deepEqual(verified.journal, words(12, 35, 15));
      assert.equal(verified.cycles, one.execution.cycles);
      const id = await prover.id(run.program);
      const options: VerifyOptions = { ...expectations(run), program: { kind: 'id', id } };
      assert.deepEqual(verify(await prover.prove(run, { mode: 'id' }), options), verified);
    }
  });

  describe('its end', () => {
    it('cut off, with a halt that never came', async () => {
      const [segment] = one.segments as [Segment];
      for (const cycles of [1, 30, segment.cycles - 1]) {
        const cut = { ...one, segments: [{ ...segment, cycles }] };
        const ends = { pcStart: CODE_START / 2, pcEnd: HALT_PC, cycleEnd: cycles + 1 };
        const forged = { ...truth, tables: fillRun(cut), segments: [ends] };
        await refuse(forged, ['balance/sum']);
      }
    });

    it('before its first instruction, with nothing executed at all', async () => {
      const [segment] = one.segments as [Segment];
      const tables = fillRun({ ...one, segments: [{ ...segment, cycles: 0 }] });
      const executed = onlyTables({ ...truth, tables }).instances.filter(
        ({ chip }) => chip < INSTRUCTION_CHIPS.length,
      );
      assert.deepEqual(executed, []);
      const ends = { pcStart: CODE_START / 2, pcEnd: HALT_PC, cycleEnd: 1 };
      const nothing = { ...truth, tables, journal: new Uint8Array(0), segments: [ends] };
      await refuse(nothing, ['balance/sum']);
      await refuse(withEnds(nothing, 0, { cycleEnd: 0 }), ['statement/cycles']);
    });

    it('twice, with two exits', async () => {
      const tables = onlyTables(truth);
      const names = realMachine.constraints.chips[chipNumber('HALT')]?.mainColumns ?? [];
      const cells = names.map((name) => [name, column(instanceOf(tables, 'HALT'), name)[0] ?? 0]);
      const twice = withRow(tables, 'HALT', 1, Object.fromEntries(cells));
      await refuse(withTables(truth, 0, recounted(twice)), ['balance/sum']);
    });

    it('cut off, and it says so', async () => {
      const [segment] = one.segments as [Segment];
      const cycles = 30;
      const pcEnd = (segment.entries[5 * cycles] as number) / 2;
      const ends = { pcStart: CODE_START / 2, pcEnd, cycleEnd: cycles + 1 };
      const tables = fillRun({ ...one, segments: [{ ...segment, cycles }] });
      await refuse({ ...truth, tables, segments: [ends] }, ['statement/pc']);
    });

    it('without its last segment', async () => {
      // The last segment's tables in the place of the one before.
      const [first, second] = truths.segments as [SegmentEnds, SegmentEnds];
      const [start, , last] = truths.tables as [SegmentTables, SegmentTables, SegmentTables];
      const segments = [first, { ...second, pcEnd: HALT_PC }];
      await refuse({ ...truths, segments, tables: [start, { ...last, segment: 2 }] }, [
        'balance/sum',
      ]);
    });

    it('a failed run that claims success', async () => {
      const failed = honest(await subject({ exitCode: 3 }));
      assert.equal(failed.exitCode, 3);
      await refuse({ ...failed, exitCode: 0 }, ['balance/sum']);
      const bytes = await prover.prove(failed);
      assertRefused(bytes, expectations({ ...failed, exitCode: 0 }), ['statement/exit-code']);
    });
  });

  describe('its beginning and order', () => {
    it('at another instruction', async () => {
      const [segment] = one.segments as [Segment];
      const skipped = 10;
      const state = await replay(one.program, segment.start, skipped, one);
      const start = { ...state.end, segment: 1, cycle: 0 };
      const rest = await replay(one.program, start, segment.cycles - skipped, one);
      const late = { ...one, segments: [rest] };
      const ends = claimOf(late).segments[0] as SegmentEnds;
      const forged = { ...truth, tables: fillRun(late), segments: [ends] };
      await refuse(forged, ['statement/pc']);
      await refuse(withEnds(forged, 0, { pcStart: CODE_START / 2 }), ['balance/sum']);
    });

    it('with two instructions exchanged', async () => {
      const instance = instanceOf(onlyTables(truth), 'ADDI_IN_PLACE');
      const cycles = column(instance, 'cycle');
      const [a, b] = [cycles[0] as number, cycles[2] as number];
      let tables = withRow(onlyTables(truth), 'ADDI_IN_PLACE', 0, { cycle: b });
      tables = withRow(tables, 'ADDI_IN_PLACE', 2, { cycle: a });
      await refuse(withTables(truth, 0, tables), ['balance/sum']);
    });

    it('with an instruction executed twice', async () => {
      const tables = onlyTables(truth);
      const instance = instanceOf(tables, 'MUL');
      const copy = Object.fromEntries(
        (realMachine.constraints.chips[instance.chip]?.mainColumns ?? []).map((name) => [
          name,
          column(instance, name)[0] as number,
        ]),
      );
      const twice = withRow(tables, 'MUL', paddingRow(instance), copy);
      await refuse(withTables(truth, 0, recounted(twice)), ['balance/sum']);
    });

    it('with segments exchanged, left out or repeated', async () => {
      const pick = (...order: number[]): FalseRun => ({
        ...truths,
        tables: order.map((from, i) => ({
          ...(truths.tables[from] as SegmentTables),
          segment: i + 1,
        })),
        segments: order.map((from) => truths.segments[from] as SegmentEnds),
      });
      for (const order of [
        [1, 0, 2],
        [0, 2],
        [0, 1, 1, 2],
      ]) {
        await refuse(pick(...order), ['statement/pc']);
      }
    });

    it('with more or fewer cycles, or another hand-over', async () => {
      for (const forged of [
        withEnds(truths, 0, { cycleEnd: short }),
        withEnds(truths, 1, { cycleEnd: short + 2 }),
        withEnds(withEnds(truths, 0, { pcEnd: CODE_START / 2 }), 1, { pcStart: CODE_START / 2 }),
      ]) {
        await refuse(forged, ['balance/sum']);
      }
      await refuse(withEnds(truth, 0, { cycleEnd: 2 ** 22 + 1 }), ['statement/cycles']);
    });
  });

  describe('its public values', () => {
    const journals: readonly [name: string, journal: Uint8Array, Check][] = [
      ['a word changed', words(12, 36, 15), 'balance/sum'],
      ['two words exchanged', words(35, 12, 15), 'balance/sum'],
      ['a word less', words(12, 35), 'balance/sum'],
      ['the first word less', words(35, 15), 'balance/sum'],
      ['a word more', words(12, 35, 15, 0), 'balance/sum'],
      ['a word twice', words(12, 12, 15), 'balance/sum'],
      ['a byte less', words(12, 35, 15).slice(0, -1), 'balance/sum'],
      ['a zero byte more', Uint8Array.of(...words(12, 35, 15), 0), 'balance/sum'],
      ['none', new Uint8Array(0), 'balance/sum'],
    ];
    for (const [name, journal, check] of journals) {
      it(`the journal: ${name}`, () => refuse({ ...truth, journal }, [check]));
    }

    it('journal words under each other’s index', async () => {
      let tables = withRow(onlyTables(truth), 'COMMIT', 0, { index: 1 });
      tables = withRow(tables, 'COMMIT', 1, { index: 0 });
      await refuse({ ...withTables(truth, 0, tables), journal: words(35, 12, 15) }, [
        'balance/sum',
      ]);
    });

    it('another public input', async () => {
      await refuse({ ...truth, publicInput: Uint8Array.of(6, 0, 0, 0) }, ['balance/sum']);
      await refuse({ ...truth, publicInput: Uint8Array.of(5) }, ['balance/sum']);
      const bytes = await prover.prove(truth);
      const other = expectations({ ...truth, publicInput: Uint8Array.of(6, 0, 0, 0) });
      assertRefused(bytes, other, ['statement/public-input']);
    });

    it('the result of another private input; each has its own', async () => {
      const other = honest(await subject({ privateInput: Uint8Array.of(9, 0, 0, 0) }));
      assert.deepEqual(other.journal, words(14, 45, 15));
      assert.deepEqual(
        verify(await prover.prove(other), expectations(other)).journal,
        other.journal,
      );
      await refuse({ ...other, journal: truth.journal }, ['balance/sum']);
      await refuse({ ...truth, journal: other.journal }, ['balance/sum']);
      // Two values of one private word in one run.
      const tables = withRow(onlyTables(truth), 'PRIV', 1, { low: 9 });
      await refuse(withTables(truth, 0, recounted(tables)), ['balance/sum']);
    });
  });

  describe('its program', () => {
    it('one that differs in one instruction', async () => {
      const other = honest(await subject({ step: 2 }));
      assert.deepEqual(other.journal, words(12, 35, 30));
      const claimed = { ...other, program: truth.program };
      await refuse(claimed, ['program/values']);
      const id = await prover.id(truth.program);
      const byId: VerifyOptions = { ...expectations(claimed), program: { kind: 'id', id } };
      assertRefused(await prover.prove(claimed, { mode: 'id' }), byId, ['merkle/root']);
      assertRefused(await prover.prove(other, { mode: 'id' }), byId, ['statement/program']);
      assertRefused(await prover.prove(other), expectations(claimed), ['statement/program']);
    });

    it('its tables with the other’s rows counted', async () => {
      const other = await subject({ step: 2 });
      const forged = {
        ...honest(other),
        program: truth.program,
        tables: fillRun({ ...other, table: one.table }),
      };
      await refuse(forged, ['balance/sum']);
    });

    it('a wrong sum, with all words and lookups to match', async () => {
      const other = await subject({ step: 2 });
      let [tables] = fillRun({ ...other, table: one.table }) as [SegmentTables];
      const results = column(instanceOf(fillRun(other)[0] as SegmentTables, 'ADDI_IN_PLACE'), 'a0');
      const instance = instanceOf(tables, 'ADDI_IN_PLACE');
      for (const row of rowsWhere(instance, (cell) => cell('rd') === 12)) {
        tables = withRow(tables, 'ADDI_IN_PLACE', row, { a0: results[row] as number });
      }
      const forged = { ...honest(other), program: truth.program, tables: [recounted(tables)] };
      await refuse(forged, ['zerocheck/values']);
    });
  });
});
