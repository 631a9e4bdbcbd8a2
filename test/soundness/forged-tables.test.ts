/** Attacks on a run's tables and their proof: memory, multiplicities, shapes, the opening. */
import assert from 'node:assert/strict';
import {
  type Check,
  decodeReceipt,
  encodeReceipt,
  type ParameterSet,
  type Receipt,
  S100,
  type WhirRound,
} from '@vouch/verifier';
import {
  checkTables,
  machine,
  type SegmentTables,
  type TableInstance,
  verifierTerms,
} from '../../trace-arith/index.ts';
import { replay, type Segment } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import {
  column,
  instanceOf,
  paddingRow,
  rowsWhere,
  withInstance,
  withLookups,
  withRow,
} from '../trace-arith/forgery.ts';
import type { RecordedRun } from '../trace-arith/support.ts';
import {
  type Attack,
  assertRefused,
  onlyTables,
  refuse as refuseIn,
  startAttack,
  withTables,
} from './attack.ts';
import {
  expectations,
  type FalseRun,
  type ProverSettings,
  QUICK,
  type RealProver,
  realMachine,
} from './real-prover.ts';
import { recounted } from './recount.ts';
import { honest, subject } from './subject.ts';

const MODULUS = 0x7f00_0001;

describe('a run of forged tables is refused', function () {
  this.timeout(300_000);
  let attack: Attack;
  let prover: RealProver;
  let many: RecordedRun;
  let truth: FalseRun;
  let truths: FalseRun;
  before(async () => {
    attack = await startAttack();
    ({ prover, many, truth, truths } = attack);
  });
  after(() => attack.prover.close());

  const refuse = (
    forged: FalseRun,
    checks: readonly Check[],
    settings?: ProverSettings,
  ): Promise<void> => refuseIn(attack, forged, checks, settings);

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

    it('that cancel between a local and a global bus', async () => {
      const counts = column(instanceOf(onlyTables(truth), 'VR'), 'count');
      const less = ((counts[130] as number) + MODULUS - 1) % MODULUS;
      const tables = withRow(onlyTables(truth), 'VR', 130, { count: less });
      const row = paddingRow(instanceOf(tables, 'SINK'));
      const forged = withRow(tables, 'SINK', row, { key: DATA_START / 4, real: 1 });
      await refuse(withTables(truth, 0, forged), ['balance/sum']);
    });

    it('without the table that lookups are in', async () => {
      const tables = onlyTables(truth);
      const forged = withInstance(tables, instanceOf(tables, 'AND8'));
      await refuse(withTables(truth, 0, forged), ['balance/sum']);
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
