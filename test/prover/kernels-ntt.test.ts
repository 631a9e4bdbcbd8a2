import assert from 'node:assert/strict';
import { domainPoint, KoalaBear } from '@vouch/verifier';
import type { Job } from '../../prover/kernel.ts';
import { fromMontgomery } from '../../prover/montgomery.ts';
import { at, Harness } from './kernel-harness.ts';

const LOG_TABLE = 18;

describe('kernel of the low-degree extension', () => {
  // The table, then room for five columns of 2^17 values twice over.
  const table = at(0);
  const source = at(2 ** (LOG_TABLE + 1));
  const harness = new Harness(4 * (2 ** (LOG_TABLE + 1) + 2 ** 21));

  it('makeTwiddles agrees with its twin', () => {
    for (let log = 0; log <= 6; log++) {
      harness.fill(log);
      harness.check(['makeTwiddles', table, log]);
    }
    harness.check(['makeTwiddles', table, LOG_TABLE]);
  });

  const extend = (
    logRows: number,
    logBlowup: number,
    [sourceStride, target, targetStride]: readonly [number, number, number],
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
      LOG_TABLE,
      from,
      to,
    ];
  };

  it('puts the value at domainPoint(i) at index i', () => {
    const [logRows, logBlowup] = [5, 2];
    const target = source + 4096;
    harness.kernels.makeTwiddles(table, LOG_TABLE);
    harness.kernels.extendColumns(
      ...[source, 0, target, 0, logRows, logBlowup, table, LOG_TABLE, 0, 1],
    );
    const coefficients = harness.read(source, 2 ** logRows).map(fromMontgomery);
    for (const [i, word] of harness.read(target, 2 ** (logRows + logBlowup)).entries()) {
      const x = domainPoint(i, logRows + logBlowup);
      const value = coefficients.reduceRight(
        (sum, c) => KoalaBear.add(KoalaBear.mul(sum, x), c),
        0,
      );
      assert.equal(fromMontgomery(word), value);
    }
  });

  for (let logRows = 0; logRows <= 12; logRows++) {
    it(`agrees with its twin for columns of 2^${logRows}, packed and padded`, () => {
      harness.fill(100 + logRows);
      harness.check(['makeTwiddles', table, LOG_TABLE]);
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

  for (const logRows of [15, 16, 17, 18]) {
    it(`agrees with its twin for columns of 2^${logRows}`, () => {
      harness.fill(200 + logRows);
      harness.check(['makeTwiddles', table, LOG_TABLE]);
      const sourceStride = 4 * 2 ** logRows + 4160;
      const targetStride = 8 * 2 ** logRows + 4160;
      const columns = logRows < 18 ? 3 : 2;
      const target = source + columns * sourceStride;
      harness.check(extend(logRows, 1, [sourceStride, target, targetStride])(0, columns));
    });
  }
});
