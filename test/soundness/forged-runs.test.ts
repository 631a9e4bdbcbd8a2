/** Attacks on the whole system: forged tables and claims, proved by the kernels, given to `verify`. */
import assert from 'node:assert/strict';
import {
  type Check,
  decodeReceipt,
  encodeReceipt,
  HALT_PC,
  type ParameterSet,
  type Receipt,
  S100,
  VerificationError,
  type VerifyOptions,
  verify,
  type WhirRound,
} from '@vouch/verifier';
import {
  checkTables,
  machine,
  type SegmentEnds,
  type SegmentTables,
  type TableInstance,
  verifierTerms,
} from '../../trace-arith/index.ts';
import { replay, type Segment } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import { CODE_START } from '../tools/guest-program.ts';
import {
  column,
  instanceOf,
  paddingRow,
  rowsWhere,
  withInstance,
  withLookups,
  withRow,
} from '../trace-arith/forgery.ts';
import { claimOf, fillRun, type RecordedRun } from '../trace-arith/support.ts';
import {
  expectations,
  type FalseRun,
  type ProverSettings,
  QUICK,
  RealProver,
  realMachine,
} from './real-prover.ts';
import { recounted } from './recount.ts';
import { honest, subject } from './subject.ts';

const MODULUS = 0x7f00_0001;
const words = (...values: number[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)),
  );

const withTables = (run: FalseRun, index: number, tables: SegmentTables): FalseRun => ({
  ...run,
  tables: run.tables.map((one, i) => (i === index ? tables : one)),
});

const withEnds = (run: FalseRun, index: number, ends: Partial<SegmentEnds>): FalseRun => ({
  ...run,
  segments: run.segments.map((one, i) => (i === index ? { ...one, ...ends } : one)),
});

describe('a forged run of the real machine is refused', function () {
  this.timeout(300_000);
  let prover: RealProver;
  let one: RecordedRun;
  let many: RecordedRun;
  let truth: FalseRun;
  let truths: FalseRun;
  /** Cycles of all segments of `many` but the last. */
  let short: number;
  before(async () => {
    prover = await RealProver.start();
    one = await subject();
    short = Math.ceil(one.execution.cycles / 3);
    many = await subject({ segmentCycles: short });
    truth = honest(one);
    truths = honest(many);
  });
  after(() => prover.close());

  function assertRefused(
    bytes: Uint8Array,
    options: VerifyOptions,
    checks: readonly Check[],
  ): void {
    assert.throws(
      () => verify(bytes, options),
      (error) => {
        assert.ok(error instanceof VerificationError, String(error));
        assert.ok(checks.includes(error.check), error.message);
        return true;
      },
    );
  }

  /** The caller of `verify` believes what the prover says, whatever that is. */
  async function refuse(
    forged: FalseRun,
    checks: readonly Check[],
    settings: ProverSettings = {},
  ): Promise<void> {
    assertRefused(await prover.prove(forged, settings), expectations(forged), checks);
  }

  const onlyTables = (run: FalseRun): SegmentTables => run.tables[0] as SegmentTables;

  it('and the true one is accepted, in one segment and in several, by program and by id', async () => {
    assert.equal(many.segments.length, 3);
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

  describe('its memory', () => {
    it('a register or a word that changes between two segments', async () => {
      const change = async (alter: (victim: Segment) => Segment['start']): Promise<FalseRun> => {
        const [first, victim, next] = many.segments as [Segment, Segment, Segment];
        const replaced = await replay(many.program, alter(victim), victim.cycles, many);
        const last = await replay(many.program, replaced.end, next.cycles, many);
        const segments = [first, replaced, last];
        return { ...honest({ ...many, segments }), journal: truth.journal };
      };
      await refuse(
        await change(({ start }) => {
          const registers = start.registers.slice();
          registers[15] = (registers[15] as number) + 1;
          return { ...start, registers };
        }),
        ['balance/sum'],
      );
    });

    it('a fork: two segments go on from one token', async () => {
      // Segment 3 takes a register as segment 1 left it although segment 2 took it too.
      const instance = instanceOf(truths.tables[2] as SegmentTables, 'MEMBOUND');
      const [row] = rowsWhere(instance, (cell) => cell('previousSegment') === 2) as [number];
      const key = column(instance, 'key')[row] as number;
      const before = instanceOf(truths.tables[1] as SegmentTables, 'MEMBOUND');
      const [older] = rowsWhere(before, (cell) => cell('key') === key) as [number];
      const forged = withRow(truths.tables[2] as SegmentTables, 'MEMBOUND', row, {
        in0: column(before, 'in0')[older] as number,
        in1: column(before, 'in1')[older] as number,
        previousSegment: column(before, 'previousSegment')[older] as number,
      });
      await refuse(withTables(truths, 2, recounted(forged)), ['balance/sum']);
    });

    it('a second token for a word, in a padding row', async () => {
      const tables = onlyTables(truth);
      const row = paddingRow(instanceOf(tables, 'MEMBOUND'));
      const key = DATA_START / 4;
      const extra = {
        key,
        in0: 9,
        out0: 9,
        timeFirst: 3,
        timeLast: 3,
        previousSegment: 0,
        real: 1,
      };
      const forged = withRow(tables, 'MEMBOUND', row, extra);
      await refuse(withTables(truth, 0, recounted(forged)), ['balance/sum']);
    });

    it('a multiplicity of -1 or 2, and `same` in a padding row', async () => {
      const tables = onlyTables(truth);
      for (const [chip, name, value] of [
        ['MEMBOUND', 'real', MODULUS - 1],
        ['COMMIT', 'real', 2],
        ['SW', 'same', 1],
      ] as const) {
        const row = paddingRow(instanceOf(tables, chip));
        const forged = withRow(tables, chip, row, { [name]: value });
        await refuse(withTables(truth, 0, recounted(forged)), ['zerocheck/values']);
      }
    });

    it('a load from the register file', async () => {
      const tables = onlyTables(truth);
      const instance = instanceOf(tables, 'LW');
      const [row] = rowsWhere(instance, (cell) => cell('real') === 1) as [number];
      // base + 4 = 2^32 + 24: the word whose key is that of x6, if the high limb may be 2^16.
      const forged = withRow(tables, 'LW', row, { b1: 0x1_0000, b0: 4 * 6 - 4 });
      await refuse(withTables(truth, 0, recounted(forged)), ['balance/sum']);
    });

    it('two reads of a register in the wrong order, all tokens to match', async () => {
      const tables = onlyTables(truth);
      const [stores, loads] = [instanceOf(tables, 'SW'), instanceOf(tables, 'LBH')];
      const time = (instance: TableInstance, row: number): number =>
        2 * (column(instance, 'cycle')[row] as number);
      // x5 is read by the store, then by the load, then by the next round's store.
      const previous1 = column(stores, 'previous1')[1] as number;
      let forged = withRow(tables, 'LBH', 1, { previous1 });
      forged = withRow(forged, 'SW', 1, { previous1: time(loads, 1) });
      forged = withRow(forged, 'SW', 2, { previous1: time(stores, 1) });
      const run = withTables(truth, 0, recounted(forged));
      const { imbalances, violations } = checkTables(machine(), run.tables, verifierTerms(run));
      assert.deepEqual(violations, []);
      assert.deepEqual([...new Set(imbalances.map(({ bus }) => bus))], ['R20']);
      await refuse(run, ['balance/sum']);
    });
  });

  describe('its sums', () => {
    it('that cancel between two buses', async () => {
      let tables = withLookups(onlyTables(truth), 'VR', 'count', 2 ** 7 + 3, 1);
      const pairs = column(instanceOf(tables, 'AND8'), 'pairCount');
      const free = 256 * 3 + 7;
      tables = withRow(tables, 'AND8', free, {
        pairCount: ((pairs[free] as number) + MODULUS - 1) % MODULUS,
      });
      await refuse(withTables(truth, 0, tables), ['balance/sum']);
    });

    it('that cancel between two segments', async () => {
      const first = withLookups(truths.tables[0] as SegmentTables, 'VR', 'count', 130, 1);
      const count = column(
        instanceOf(truths.tables[1] as SegmentTables, 'VR'),
        'count',
      )[130] as number;
      const second = withRow(truths.tables[1] as SegmentTables, 'VR', 130, {
        count: (count + MODULUS - 1) % MODULUS,
      });
      await refuse(withTables(withTables(truths, 0, first), 1, second), ['balance/sum']);
    });

    it('with a count of p - 1', async () => {
      const forged = withRow(onlyTables(truth), 'R20', 2 ** 17 - 1, { count: MODULUS - 1 });
      await refuse(withTables(truth, 0, forged), ['balance/sum']);
    });
  });

  describe('its tables', () => {
    it('a second one of initial words, or none', async () => {
      const tables = onlyTables(truth);
      for (const name of ['IMAGE', 'REG', 'VR']) {
        const instance = instanceOf(tables, name);
        const at = tables.instances.indexOf(instance);
        const twice = [...tables.instances.slice(0, at), instance, ...tables.instances.slice(at)];
        await refuse(withTables(truth, 0, { ...tables, instances: twice }), ['shape/instances']);
        const none = withInstance(tables, instance);
        await refuse(withTables(truth, 0, none), ['shape/presence']);
      }
    });

    it('those of the end before the last segment', async () => {
      const last = instanceOf(truths.tables[2] as SegmentTables, 'STACK');
      const first = truths.tables[0] as SegmentTables;
      const at = first.instances.findIndex(({ chip }) => chip > last.chip);
      const instances = [...first.instances.slice(0, at), last, ...first.instances.slice(at)];
      await refuse(withTables(truths, 0, { ...first, instances }), ['shape/presence']);
    });

    it('of a height that they cannot have', async () => {
      const tables = onlyTables(truth);
      const range = instanceOf(tables, 'R20');
      const half = range.main.map((cells) => cells.slice(0, 2 ** 16));
      const short = withInstance(tables, range, { ...range, logHeight: 16, main: half });
      await refuse(withTables(truth, 0, short), ['shape/height']);
      const prog = instanceOf(tables, 'PROG');
      const doubled = (cells: Uint32Array): Uint32Array => Uint32Array.of(...cells, ...cells);
      const tall = withInstance(tables, prog, {
        ...prog,
        logHeight: prog.logHeight + 1,
        main: prog.main.map((cells) => Uint32Array.of(...cells, ...cells.map(() => 0))),
        preprocessed: prog.preprocessed.map(doubled),
      });
      await refuse(withTables(truth, 0, tall), ['shape/program']);
    });

    it('in another order', async () => {
      const tables = onlyTables(truth);
      const instances = tables.instances.toReversed();
      await refuse(withTables(truth, 0, { ...tables, instances }), ['shape/order']);
    });
  });

  describe('its opening', () => {
    /** What a prover follows who saves himself queries or work. */
    const following = (set: ParameterSet, change: Partial<WhirRound>): ParameterSet => ({
      ...set,
      schedule: (logChunks, logRows) => {
        const { rounds, finalVariables } = set.schedule(logChunks, logRows);
        return { finalVariables, rounds: rounds.map((round) => ({ ...round, ...change })) };
      },
    });

    it('with fewer queries than the parameter set asks for', async () => {
      const forged = await prover.prove(truth, { followed: following(QUICK, { queries: 3 }) });
      assertRefused(forged, expectations(truth), ['opening/shape']);
    });

    it('without proof of work', async () => {
      for (const set of [QUICK, S100]) {
        const followed = following(set, { queryWork: 0, foldWork: 0 });
        const forged = await prover.prove(truth, { claimed: set, followed });
        assertRefused(forged, expectations(truth), ['transcript/proof-of-work']);
      }
    });

    it('of a weak set under the name of a strong one', async () => {
      const forged = await prover.prove(truth, { claimed: S100, followed: QUICK });
      assertRefused(forged, expectations(truth), ['transcript/proof-of-work', 'decode/trailing']);
      const weak = await prover.prove(truth);
      const options = { ...expectations(truth), minSecurityBits: 100 };
      assertRefused(weak, options, ['security/bits']);
    });

    it('taken from the proof of another run', async () => {
      const receipts: Receipt[] = [];
      for (const run of [truth, honest(await subject({ step: 2 }))]) {
        receipts.push(decodeReceipt(await prover.prove(run), realMachine).receipt);
      }
      const [a, b] = receipts as [Receipt, Receipt];
      for (const forged of [
        { ...a, proofs: b.proofs },
        { ...a, segments: b.segments },
        { ...b, claim: a.claim },
      ]) {
        assertRefused(encodeReceipt(forged), expectations(truth), [
          'logup/layer',
          'transcript/proof-of-work',
        ]);
      }
    });
  });
});
