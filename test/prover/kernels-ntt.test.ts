import assert from 'node:assert/strict';
import { domainPoint, KoalaBear } from '@vouch/verifier';
import { type Job, runJob } from '../../prover/kernel.ts';
import { fromMontgomery } from '../../prover/montgomery.ts';
import { Random } from '../tools/random.ts';
import { at, Harness } from './kernel-harness.ts';

const LOG_TABLE = 20;

describe('kernel of the low-degree extension', () => {
  // The table, then room for the longest columns.
  const table = at(0);
  const source = at(2 ** (LOG_TABLE + 1));
  const harness = new Harness(4 * (2 ** (LOG_TABLE + 1) + 2 ** 22));

  it('makeTwiddles agrees with its twin', () => {
    for (let log = 0; log <= 6; log++) {
      harness.fill(log);
      harness.check(['makeTwiddles', table, log]);
    }
    harness.check(['makeTwiddles', table, 16]);
  });

  const extend = (
    logRows: number,
    logBlowup: number,
    [sourceStride, target, targetStride]: readonly [number, number, number],
    logTable = 17,
  ): ((from: number, to: number) => Job) => {
    return (from, to) => [
      'extendColumns',
      source,
      sourceStride,
      target,
      targetStride,
      logRows,
      logBlowup,
      table,
      logTable,
      from,
      to,
    ];
  };

  /** Compares the value at index i with the polynomial at `domainPoint(i)`, for each index. */
  const checkValues = (logRows: number, logBlowup: number, indices: readonly number[]): void => {
    const target = source + 4 * 2 ** logRows;
    harness.kernels.makeTwiddles(table, LOG_TABLE);
    runJob(harness.kernels, extend(logRows, logBlowup, [0, target, 0], LOG_TABLE)(0, 1));
    const coefficients = harness.read(source, 2 ** logRows).map(fromMontgomery);
    for (const i of indices) {
      const x = domainPoint(i, logRows + logBlowup);
      const value = coefficients.reduceRight(
        (sum, c) => KoalaBear.add(KoalaBear.mul(sum, x), c),
        0,
      );
      assert.equal(fromMontgomery(harness.read(target + 4 * i, 1)[0] as number), value);
    }
  };

  it('puts the value at domainPoint(i) at index i', () => {
    checkValues(
      5,
      2,
      Array.from({ length: 128 }, (_, i) => i),
    );
  });

  for (const logRows of [17, 18, 19, 20]) {
    it(`puts the values of a column of 2^${logRows} at their places`, () => {
      const size = 2 ** (logRows + 1);
      const random = new Random(logRows);
      const indices = Array.from({ length: 20 }, () => random.below(size));
      checkValues(logRows, 1, [0, 1, size / 2, size - 1, ...indices]);
    });
  }

  for (let logRows = 0; logRows <= 12; logRows++) {
    it(`agrees with its twin for columns of 2^${logRows}, packed and padded`, () => {
      harness.fill(100 + logRows);
      harness.check(['makeTwiddles', table, 17]);
      for (const logBlowup of [1, 2, 3]) {
        for (const padding of [0, 16, 4160]) {
          const sourceStride = 4 * 2 ** logRows + padding;
          const targetStride = 4 * 2 ** (logRows + logBlowup) + padding;
          const target = source + 6 * sourceStride;
          const job = extend(logRows, logBlowup, [sourceStride, target, targetStride]);
          harness.check(job(0, 5), [job(3, 5), job(0, 1), job(1, 3)]);
        }
      }
    });
  }

  for (const logRows of [15, 16, 17]) {
    it(`agrees with its twin for columns of 2^${logRows}`, () => {
      harness.fill(200 + logRows);
      harness.check(['makeTwiddles', table, 17]);
      const sourceStride = 4 * 2 ** logRows + 4160;
      const targetStride = 8 * 2 ** logRows + 4160;
      const columns = 3;
      const target = source + columns * sourceStride;
      harness.check(extend(logRows, 1, [sourceStride, target, targetStride])(0, columns));
    });
  }
});
