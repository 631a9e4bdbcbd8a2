import assert from 'node:assert/strict';
import { evaluateBaseMultilinear, evaluateMultilinear, type Quintic } from '@vouch/verifier';
import type { Job } from '../../prover/kernel.ts';
import { fromMontgomery } from '../../prover/montgomery.ts';
import { at, EDGES, Harness, P } from './kernel-harness.ts';

/** Elements of a plane, and the bytes from one to the next: some room is left between. */
const N = 1100;
const STRIDE = 4 * N + 48;
const VECTOR = 5 * STRIDE;

const cuts = [[4], [1, 2, 3, 7, 1000], [N - 1], [512], [256, 768, 1024]];

describe('kernels on vectors over E', () => {
  const harness = new Harness(8 * VECTOR);
  const [a, b, target] = [at(0), at(0) + VECTOR, at(0) + 2 * VECTOR];
  const constant = at(0) + 7 * VECTOR;

  const kernels: Record<string, (from: number, to: number) => Job> = {
    addQuintics: (from, to) => ['addQuintics', a, STRIDE, b, STRIDE, target, STRIDE, from, to],
    subtractQuintics: (from, to) => {
      return ['subtractQuintics', a, STRIDE, b, STRIDE, target, STRIDE, from, to];
    },
    multiplyQuintics: (from, to) => {
      return ['multiplyQuintics', a, STRIDE, b, STRIDE, target, STRIDE, from, to];
    },
    multiplyQuinticsByColumn: (from, to) => {
      return ['multiplyQuinticsByColumn', a, STRIDE, b, target, STRIDE, from, to];
    },
    scaleQuintics: (from, to) => {
      return ['scaleQuintics', a, STRIDE, constant, target, STRIDE, from, to];
    },
  };
  for (const [name, job] of Object.entries(kernels)) {
    it(`${name} agrees with its twin for any split`, () => {
      harness.fill(1);
      harness.checkSplits(job, N, cuts);
    });
    it(`${name} agrees with its twin on vectors shorter than four`, () => {
      harness.fill(2);
      for (let n = 0; n <= 5; n++) harness.check(job(0, n));
    });
  }

  /** All choices of extreme values for five coordinates: their products fill the 64-bit sums. */
  const extremes = (values: readonly number[]): number[][] =>
    Array.from({ length: 5 }, (_, j) =>
      Array.from(
        { length: values.length ** 5 },
        (_, i) => values[Math.floor(i / values.length ** j) % values.length] as number,
      ),
    );

  it('multiplies every sign pattern of the greatest coordinates', () => {
    const most = [(P - 1) / 2, (P + 1) / 2];
    const patterns = extremes(most);
    const [first] = patterns as [number[]];
    for (let shift = 0; shift < first.length; shift++) {
      for (const [j, plane] of patterns.entries()) {
        harness.write(a + j * STRIDE, plane);
        harness.write(b + j * STRIDE, [...plane.slice(shift), ...plane.slice(0, shift)]);
      }
      harness.check(['multiplyQuintics', a, STRIDE, b, STRIDE, target, STRIDE, 0, first.length]);
    }
  });

  it('multiplies all patterns of 0, p - 1 and the middle by a constant of each edge', () => {
    const patterns = extremes([0, P - 1, (P - 1) / 2]);
    const count = 3 ** 5;
    for (const [j, plane] of patterns.entries()) harness.write(a + j * STRIDE, plane);
    for (const edge of EDGES) {
      harness.write(constant, new Array(5).fill(edge));
      harness.check(['scaleQuintics', a, STRIDE, constant, target, STRIDE, 0, count]);
    }
  });

  it('an operation may write over its operand', () => {
    harness.fill(3);
    harness.check(['multiplyQuintics', a, STRIDE, b, STRIDE, b, STRIDE, 0, N]);
    harness.check(['multiplyQuintics', a, STRIDE, a, STRIDE, a, STRIDE, 0, N]);
    harness.check(['scaleQuintics', a, STRIDE, constant, a, STRIDE, 0, N]);
    harness.check(['addQuintics', a, STRIDE, b, STRIDE, a, STRIDE, 0, N]);
    harness.check(['multiplyQuinticsByColumn', a, STRIDE, a, a, STRIDE, 0, 3]);
  });

  it('addWeightedColumns agrees with its twin for any number of columns and any split', () => {
    const columns = at(0) + VECTOR;
    for (const count of [0, 1, 7, 8, 9, 16, 23]) {
      for (const overwrite of [0, 1]) {
        harness.fill(count);
        harness.checkSplits(
          (from, to) => [
            ...([
              'addWeightedColumns',
              columns,
              STRIDE,
              count,
              constant,
              overwrite,
              a,
              STRIDE,
            ] as const),
            from,
            to,
          ],
          N,
          cuts.slice(1),
        );
      }
    }
  });

  it('addWeightedColumns holds for elements and weights of the greatest size', () => {
    const columns = at(0) + VECTOR;
    const count = 20;
    for (const weight of [(P - 1) / 2, (P + 1) / 2]) {
      harness.write(columns, new Array(count * (STRIDE / 4)).fill((P - 1) / 2));
      harness.write(constant, new Array(5 * count).fill(weight));
      harness.check(['addWeightedColumns', columns, STRIDE, count, constant, 0, a, STRIDE, 0, 64]);
    }
  });
});

describe('kernels on multilinear polynomials', () => {
  const harness = new Harness(8 * VECTOR);
  const [a, target] = [at(0), at(0) + 2 * VECTOR];
  const r = at(0) + 7 * VECTOR;
  const half = 530;

  const kernels: Record<string, (from: number, to: number) => Job> = {
    bindColumnHigh: (from, to) => ['bindColumnHigh', a, half, r, target, STRIDE, from, to],
    bindColumnLow: (from, to) => ['bindColumnLow', a, r, target, STRIDE, from, to],
    bindQuinticsHigh: (from, to) => {
      return ['bindQuinticsHigh', a, STRIDE, half, r, target, STRIDE, from, to];
    },
    bindQuinticsLow: (from, to) => ['bindQuinticsLow', a, STRIDE, r, target, STRIDE, from, to],
  };
  for (const [name, job] of Object.entries(kernels)) {
    it(`${name} agrees with its twin for any split`, () => {
      harness.fill(10);
      harness.checkSplits(job, half, [[4], [1, 2, 3], [half - 1], [128, 300]]);
    });
    it(`${name} agrees with its twin for every edge as challenge`, () => {
      harness.fill(11);
      for (const edge of EDGES) {
        harness.write(r, new Array(5).fill(edge));
        harness.check(job(0, half));
      }
    });
  }

  it('a vector over E may be bound in place, down to one element', () => {
    for (const kernel of ['bindQuinticsHigh', 'bindQuinticsLow'] as const) {
      harness.fill(12);
      for (let h = 512; h >= 1; h /= 2) {
        harness.check(
          kernel === 'bindQuinticsHigh'
            ? [kernel, a, STRIDE, h, r, a, STRIDE, 0, h]
            : [kernel, a, STRIDE, r, a, STRIDE, 0, h],
        );
      }
    }
  });

  it('eqTable agrees with its twin for 0 to 10 variables, whole and in parts', () => {
    for (let n = 0; n <= 10; n++) {
      harness.fill(20 + n);
      harness.check(['eqTable', r, n, target, STRIDE, 0, 0, 1]);
      for (const logParts of [1, 3, n].filter((log) => log <= n)) {
        harness.fill(40 + n);
        const parts = (from: number, to: number): Job => {
          return ['eqTable', r, n, target, STRIDE, logParts, from, to];
        };
        const middle = (2 ** logParts) >> 1;
        harness.check(parts(0, 2 ** logParts), [parts(middle, 2 ** logParts), parts(0, middle)]);
      }
    }
  });

  it('dotColumns agrees with its twin for ranges of any length', () => {
    const results = at(0) + 6 * VECTOR;
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [3, 9],
      [0, 32],
      [1, 1030],
      [0, N],
      [1024, N],
    ]) {
      for (const count of [0, 1, 3, 10]) {
        harness.fill(60 + count);
        harness.check([
          ...(['dotColumns', a, STRIDE, count, target, STRIDE, results] as const),
          from as number,
          to as number,
        ]);
      }
    }
  });

  it('dotColumns holds for elements and weights of the greatest size', () => {
    for (const weight of [(P - 1) / 2, (P + 1) / 2]) {
      harness.write(a, new Array(N).fill((P + 1) / 2));
      for (let j = 0; j < 5; j++) harness.write(target + j * STRIDE, new Array(N).fill(weight));
      harness.check(['dotColumns', a, STRIDE, 1, target, STRIDE, at(0) + 6 * VECTOR, 0, N]);
    }
  });

  const quintic = (place: number): Quintic =>
    harness.read(place, 5).map(fromMontgomery) as unknown as Quintic;

  it('evaluates a column as the verifier does: by the eq table, and by binding', () => {
    const n = 8;
    harness.fill(80);
    const { kernels: k } = harness;
    const point = Array.from({ length: n }, (_, i) => quintic(r + 20 * i));
    const values = harness.read(a, 2 ** n).map(fromMontgomery);
    const expected = evaluateBaseMultilinear(values, point);
    const results = at(0) + 6 * VECTOR;
    k.eqTable(r, n, target, STRIDE, 0, 0, 1);
    k.dotColumns(a, STRIDE, 1, target, STRIDE, results, 0, 2 ** n);
    assert.deepEqual(quintic(results), expected);

    k.bindColumnHigh(a, 2 ** (n - 1), r, target, STRIDE, 0, 2 ** (n - 1));
    for (let i = 1; i < n; i++) {
      const size = 2 ** (n - 1 - i);
      k.bindQuinticsHigh(target, STRIDE, size, r + 20 * i, target, STRIDE, 0, size);
    }
    assert.deepEqual(quinticAt(target), expected);

    k.bindColumnLow(a, r + 20 * (n - 1), target, STRIDE, 0, 2 ** (n - 1));
    for (let i = n - 2; i >= 0; i--) {
      k.bindQuinticsLow(target, STRIDE, r + 20 * i, target, STRIDE, 0, 2 ** i);
    }
    assert.deepEqual(quinticAt(target), expected);
    assert.deepEqual(
      evaluateMultilinear(
        values.map((value): Quintic => [value, 0, 0, 0, 0]),
        point,
      ),
      expected,
    );
  });

  const quinticAt = (vector: number): Quintic =>
    [0, 1, 2, 3, 4].map((j) =>
      fromMontgomery(harness.read(vector + j * STRIDE, 1)[0] as number),
    ) as unknown as Quintic;
});
