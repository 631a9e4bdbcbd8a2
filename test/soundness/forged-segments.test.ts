/** Attacks on a run of several segments: its parts taken from elsewhere, and what binds them left out. */
import assert from 'node:assert/strict';
import {
  type Check,
  decodeReceipt,
  encodeReceipt,
  type Receipt,
  type SegmentHeader,
  verify,
} from '@vouch/verifier';
import { type SegmentTables, TableFiller } from '../../trace-arith/index.ts';
import { replay, type Segment } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import type { RecordedRun } from '../trace-arith/support.ts';
import {
  type Attack,
  assertRefused,
  refuse as refuseIn,
  SEGMENTS,
  startAttack,
  words,
} from './attack.ts';
import { expectations, type FalseRun, type ProverSettings, realMachine } from './real-prover.ts';
import { honest, subject } from './subject.ts';

const PAGE_BYTES = 4096;
/** A proof that answers other challenges fails where a transcript is first looked at. */
const OTHER_CHALLENGES: readonly Check[] = ['logup/layer', 'transcript/proof-of-work'];

describe('a run of segments that do not belong together is refused', function () {
  this.timeout(300_000);
  let attack: Attack;
  let many: RecordedRun;
  let truths: FalseRun;
  /** The same program with another private input. */
  let others: FalseRun;
  let receipt: Receipt;
  let other: Receipt;
  before(async () => {
    attack = await startAttack();
    const { short: segmentCycles } = attack;
    many = await subject({ segmentCycles, fromInput: true });
    truths = honest(many);
    others = honest(await subject({ segmentCycles, fromInput: true, privateInput: words(9) }));
    assert.equal(others.tables.length, SEGMENTS);
    receipt = await prove(truths);
    other = await prove(others);
  });
  after(() => attack.prover.close());

  const refuse = (
    forged: FalseRun,
    checks: readonly Check[],
    settings?: ProverSettings,
  ): Promise<void> => refuseIn(attack, forged, checks, settings);

  const prove = async (run: FalseRun, settings?: ProverSettings): Promise<Receipt> =>
    decodeReceipt(await attack.prover.prove(run, settings), realMachine).receipt;

  const assertForged = (forged: Receipt, checks: readonly Check[]): void =>
    assertRefused(encodeReceipt(forged), expectations(truths), checks);

  /** A list with another item at a place. */
  const replaced = <Item>(list: readonly Item[], index: number, item: Item | undefined): Item[] =>
    list.map((found, i) => (i === index ? (item as Item) : found));

  describe('segments that a prover fills and proves himself', () => {
    it('one from a run with another private input, wherever it is put', async () => {
      for (let i = 0; i < SEGMENTS; i++) {
        const tables = replaced(truths.tables, i, others.tables[i]);
        for (const journal of [truths.journal, others.journal]) {
          await refuse({ ...truths, journal, tables }, ['balance/sum']);
        }
      }
    });

    it('a word of memory that changes between two segments', async () => {
      const [first, victim, next] = many.segments as [Segment, Segment, Segment];
      const altered = async (start: Segment['start']): Promise<FalseRun> => {
        const replayed = await replay(many.program, start, victim.cycles, many);
        const last = await replay(many.program, replayed.end, next.cycles, many);
        const segments = [first, replayed, last];
        const filler = new TableFiller(many.table, many);
        const tables = segments.map((segment): SegmentTables => filler.fill(segment));
        return { ...truths, tables };
      };
      const page = DATA_START / PAGE_BYTES;
      const bytes = victim.start.pages.get(page)?.slice() ?? assert.fail('no page was written');
      // The counter in memory.
      bytes[0] = (bytes[0] as number) ^ 0x40;
      const pages = new Map(victim.start.pages).set(page, bytes);
      await refuse(await altered({ ...victim.start, pages }), ['balance/sum']);
    });

    it('challenges that are drawn before all segments are committed to', async () => {
      const draws: readonly ((headers: readonly SegmentHeader[]) => readonly SegmentHeader[])[] = [
        (headers) => headers.slice(0, -1),
        (headers) => headers.slice(0, 1),
        (headers) => [...headers, headers[0] as SegmentHeader],
        (headers) => headers.toReversed(),
        (headers) => replaced(headers, 1, other.segments[1]),
      ];
      for (const drawnFrom of draws) await refuse(truths, OTHER_CHALLENGES, { drawnFrom });
    });
  });

  describe('parts of true receipts', () => {
    it('are true before they are taken apart', async () => {
      for (const [run, whole] of [
        [truths, receipt],
        [others, other],
      ] as const) {
        assert.equal(verify(encodeReceipt(whole), expectations(run)).segments, SEGMENTS);
      }
      const [a, b] = [receipt.segments[1], other.segments[1]];
      assert.deepEqual([a?.pcStart, a?.pcEnd, a?.cycleEnd], [b?.pcStart, b?.pcEnd, b?.cycleEnd]);
      assert.notDeepEqual(a?.root, b?.root);
    });

    it('a segment, its commitment or its proof from another run of the program', () => {
      for (let i = 0; i < SEGMENTS; i++) {
        const segments = replaced(receipt.segments, i, other.segments[i]);
        const proofs = replaced(receipt.proofs, i, other.proofs[i]);
        assertForged({ ...receipt, segments, proofs }, OTHER_CHALLENGES);
        assertForged({ ...receipt, segments }, OTHER_CHALLENGES);
        assertForged({ ...receipt, proofs }, OTHER_CHALLENGES);
      }
    });

    it('a proof in the place of another, or twice', () => {
      const [first, second, third] = receipt.proofs as [
        Receipt['proofs'][number],
        Receipt['proofs'][number],
        Receipt['proofs'][number],
      ];
      for (const proofs of [
        [second, first, third],
        [first, first, third],
      ]) {
        assertRefused(encodeReceipt({ ...receipt, proofs }), expectations(truths), [
          ...OTHER_CHALLENGES,
          'decode/truncated',
          'decode/trailing',
          'decode/non-canonical',
          'decode/limit',
        ]);
      }
    });

    it('commitments in another order than the challenges are drawn from', () => {
      const roots = receipt.segments.map(({ root }) => root);
      for (const order of [
        [1, 0, 2],
        [0, 0, 2],
        [2, 1, 0],
      ]) {
        const segments = receipt.segments.map((header, i) => ({
          ...header,
          root: roots[order[i] as number] as SegmentHeader['root'],
        }));
        assertForged({ ...receipt, segments }, OTHER_CHALLENGES);
      }
    });

    it('more or fewer segments than there are', () => {
      const { segments, proofs } = receipt;
      const [lastHeader, lastProof] = [segments.at(-1), proofs.at(-1)] as [
        SegmentHeader,
        Receipt['proofs'][number],
      ];
      const forged: readonly [Receipt, readonly Check[]][] = [
        [
          { ...receipt, segments: segments.slice(0, -1), proofs: proofs.slice(0, -1) },
          ['statement/pc', 'shape/presence'],
        ],
        [{ ...receipt, segments: segments.slice(1), proofs: proofs.slice(1) }, ['statement/pc']],
        [
          {
            ...receipt,
            segments: [...segments, lastHeader],
            proofs: [...proofs, lastProof],
          },
          ['statement/pc', 'shape/presence', 'shape/instances'],
        ],
        [{ ...receipt, proofs: proofs.slice(0, -1) }, ['decode/truncated']],
        [{ ...receipt, proofs: [...proofs, lastProof] }, ['decode/trailing']],
      ];
      for (const [one, checks] of forged) assertForged(one, checks);
    });

    it('the proof of a segment under other challenges for the same commitments', async () => {
      const second = await prove(truths, { secondNonce: true });
      assert.deepEqual(second.segments, receipt.segments);
      assert.notEqual(second.lookupNonce, receipt.lookupNonce);
      verify(encodeReceipt(second), expectations(truths));
      for (let i = 0; i < SEGMENTS; i++) {
        const proofs = replaced(receipt.proofs, i, second.proofs[i]);
        assertForged({ ...receipt, proofs }, OTHER_CHALLENGES);
        assertForged({ ...second, proofs }, OTHER_CHALLENGES);
      }
    });
  });
});
