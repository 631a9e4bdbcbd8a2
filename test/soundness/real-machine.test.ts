/** What the tables of the real machine may be, chip by chip, and what follows from that. */
import assert from 'node:assert/strict';
import {
  type Check,
  type Chip,
  decodeReceipt,
  encodeReceipt,
  type Instance,
  lambdaPowers,
  MAX_INPUT_BYTES,
  MEMORY_END_KEY,
  PUBLIC_INPUT_KEY,
  type Quintic,
  QuinticField,
  type Receipt,
  S100,
  type SegmentHeader,
  segmentShape,
  VerificationError,
} from '@vouch/verifier';
import { BlockEvaluator } from '../../trace-arith/evaluate.ts';
import { rowSource } from '../../trace-arith/lookups.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import { chipNumber } from '../trace-arith/forgery.ts';
import { QUICK, realMachine } from './real-prover.ts';
import { honest, subject } from './subject.ts';

const { chips } = realMachine.constraints;

describe('the tables of the real machine', () => {
  let receipt: Receipt;
  before(async () => {
    const run = honest(await subject({ segmentCycles: 60 }));
    const { publicInput, exitCode, journal, program } = run;
    const { entry, imageEnd, digest, tables } = program;
    const logHeights = tables.map(([column]) => Math.log2(column?.length ?? 0));
    const segments = run.tables.map(({ instances }, i): SegmentHeader => {
      const shown = instances.map(({ chip, logHeight }) => ({ chip, logHeight }));
      const ends = run.segments[i] as (typeof run.segments)[number];
      return { root: new Array<number>(8).fill(0), instances: shown, ...ends };
    });
    assert.ok(segments.length > 1);
    receipt = {
      claim: {
        machine: realMachine.digest,
        parameters: QUICK.id,
        program: { mode: 'program', outline: { entry, imageEnd, logHeights }, digest },
        publicInput: { length: publicInput.length, digest: new Uint8Array(32) },
        exitCode,
        journal,
      },
      lookupNonce: 0n,
      segments,
      proofs: [],
    };
  });

  /** The check that fails when a segment has these tables; its proof is missing if none does. */
  function checkOf(segment: number, instances: readonly Instance[]): Check {
    const segments = receipt.segments.map((one, i) =>
      i === segment ? { ...one, instances } : one,
    );
    try {
      decodeReceipt(encodeReceipt({ ...receipt, segments }), realMachine);
    } catch (error) {
      assert.ok(error instanceof VerificationError, String(error));
      return error.check;
    }
    throw new assert.AssertionError({ message: 'a receipt without proofs was decoded' });
  }

  const tablesOf = (segment: number): readonly Instance[] =>
    (receipt.segments[segment] as SegmentHeader).instances;
  /** The segment's tables with others of one chip. */
  const withTables = (segment: number, chip: number, logHeights: readonly number[]): Instance[] => {
    const others = tablesOf(segment).filter((one) => one.chip !== chip);
    const added = logHeights.map((logHeight) => ({ chip, logHeight }));
    return [...others, ...added].sort((a, b) => a.chip - b.chip);
  };

  for (const [chip, definition] of chips.entries()) {
    const { name, minLogHeight, maxLogHeight, maxInstances, presence } = definition;
    it(`of ${name} have no other height, number or place`, () => {
      const last = receipt.segments.length - 1;
      assert.equal(checkOf(last, tablesOf(last)), 'decode/truncated');
      for (const logHeight of [0, minLogHeight - 1, maxLogHeight + 1, 31, 255]) {
        assert.equal(checkOf(last, withTables(last, chip, [logHeight])), 'shape/height');
      }
      const many = new Array<number>(maxInstances + 1).fill(minLogHeight);
      assert.equal(checkOf(last, withTables(last, chip, many)), 'shape/instances');
      const isNeeded = presence === 'required' || presence === 'last';
      const without = checkOf(last, withTables(last, chip, []));
      assert.equal(without, isNeeded ? 'shape/presence' : 'decode/truncated');
      if (presence !== 'last' && presence !== 'lastOptional') return;
      assert.equal(checkOf(0, withTables(0, chip, [minLogHeight])), 'shape/presence');
    });
  }

  it('give every word of memory one source, however tall they are', () => {
    /** Keys of the first and the last row of a chip's tallest table. */
    const keysOf = (name: string): [number, number] => {
      const chip = chipNumber(name);
      const { interactions, maxLogHeight, mainColumns } = chips[chip] as Chip;
      const key = interactions[0]?.message[0] as number;
      const evaluator = new BlockEvaluator(chips[chip] as Chip, [key]);
      const main = mainColumns.map(() => new Uint32Array(2 ** maxLogHeight));
      const instance = { chip, logHeight: maxLogHeight, instanceStart: 0, main, preprocessed: [] };
      const at = (row: number): number => {
        evaluator.evaluate(rowSource(1, instance), row, 1);
        return evaluator.values(key)[0] as number;
      };
      return [at(0), at(2 ** maxLogHeight - 1)];
    };
    const input = [PUBLIC_INPUT_KEY, PUBLIC_INPUT_KEY + Math.ceil(MAX_INPUT_BYTES / 4)];
    const sources = [keysOf('PRIV'), keysOf('STACK'), keysOf('REG'), input]
      .map((ends) => ends.toSorted((a, b) => a - b) as [number, number])
      // The image's data and the heap behind it, which `shape/heap` keeps below the end of memory.
      .concat([[DATA_START / 4, MEMORY_END_KEY - 1]])
      .sort(([a], [b]) => a - b);
    for (const [i, [first]] of sources.slice(1).entries()) {
      assert.ok((sources[i] as [number, number])[1] < first, `${sources}`);
    }
    assert.equal(sources.at(-1)?.[0], 2 ** 30);
  });

  it('have constraints and messages with a power of lambda each', () => {
    const instances = chips.flatMap(({ minLogHeight, maxInstances }, chip) =>
      Array.from({ length: Math.min(2, maxInstances) }, () => ({ chip, logHeight: minLogHeight })),
    );
    const shape = segmentShape(realMachine.constraints, instances, S100.logRows, false);
    const lambda: Quintic = [2, 7, 1, 8, 2];
    const powers = lambdaPowers(realMachine.constraints, shape, lambda).flatMap(
      ({ constraints, numerator, denominator }) => [...constraints, numerator, denominator],
    );
    const constraints = instances.reduce(
      (sum, { chip }) => sum + (chips[chip] as Chip).constraints.length,
      0,
    );
    assert.equal(powers.length, constraints + 2 * instances.length);
    let expected = QuinticField.ONE;
    for (const power of powers) {
      assert.deepEqual(power, expected);
      expected = QuinticField.mul(expected, lambda);
    }
  });
});
