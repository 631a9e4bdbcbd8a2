import assert from 'node:assert/strict';
import { QuinticField as E, type Quintic, reverseBits } from '@vouch/verifier';
import { cutsOf, ProtocolBench } from './protocol-bench.ts';

const { add, mul, scale, sub, ZERO } = E;

const sum = (values: readonly Quintic[]): Quintic => values.reduce(add, ZERO);

describe('kernels of products', () => {
  for (const half of [4, 8, 64, 212]) {
    it(`productRound sums the product at 0 and 2: ${half} elements of the lower half`, () => {
      const bench = new ProtocolBench(half);
      const [a, b] = [bench.vector(2 * half), bench.vector(2 * half)];
      const target = bench.zeros(40);
      const [x, y] = [bench.read(a), bench.read(b)];
      const atTwo = (v: Quintic[], i: number): Quintic =>
        sub(add(v[half + i] as Quintic, v[half + i] as Quintic), v[i] as Quintic);
      const rows = Array.from({ length: half }, (_, i) => i);
      const expected = [
        sum(rows.map((i) => mul(x[i] as Quintic, y[i] as Quintic))),
        sum(rows.map((i) => mul(atTwo(x, i), atTwo(y, i)))),
      ];
      for (const cut of cutsOf(half / 4)) {
        const found = bench.trial(
          cut.map(({ from, to }) => [
            'productRound',
            a.offset,
            a.stride,
            b.offset,
            b.stride,
            half,
            4 * from,
            4 * to,
            target.offset,
          ]),
          [target],
          () => bench.elements(target.offset, 2),
        );
        assert.deepEqual(found, expected);
      }
    });

    it(`dotQuintics adds the sum of ${half} products to what is there`, () => {
      const bench = new ProtocolBench(100 + half);
      const [a, b] = [bench.vector(half), bench.vector(half)];
      const target = bench.region(20);
      const [start] = bench.elements(target.offset, 1) as [Quintic];
      const [x, y] = [bench.read(a), bench.read(b)];
      const expected = sum([start, ...x.map((value, i) => mul(value, y[i] as Quintic))]);
      for (const cut of cutsOf(half / 4)) {
        const found = bench.trial(
          cut.map(({ from, to }) => [
            'dotQuintics',
            a.offset,
            a.stride,
            b.offset,
            b.stride,
            4 * from,
            4 * to,
            target.offset,
          ]),
          [target],
          () => bench.elements(target.offset, 1),
        );
        assert.deepEqual(found, [expected]);
      }
    });
  }

  for (const log of [0, 1, 5, 9]) {
    it(`addReversed adds the values of 2^${log} places in reversed order`, () => {
      const bench = new ProtocolBench(200 + log);
      const length = Math.max(1, 2 ** log - 1);
      const values = bench.vector(2 ** log);
      const target = bench.vector(length);
      const whole = { name: 'target', offset: target.offset, bytes: 5 * target.stride };
      const [v, t] = [bench.read(values), bench.read(target)];
      const expected = t.map((value, z) => add(value, v[reverseBits(z, log)] as Quintic));
      for (const cut of cutsOf(length)) {
        const found = bench.trial(
          cut.map(({ from, to }) => [
            'addReversed',
            values.offset,
            values.stride,
            log,
            target.offset,
            target.stride,
            from,
            to,
          ]),
          [whole],
          () => bench.read(target),
        );
        assert.deepEqual(found, expected);
      }
    });
  }

  for (const [rows, width] of [
    [4, 4],
    [12, 32],
    [64, 8],
  ] as const) {
    it(`weighRows and sumRows take ${rows} rows of ${width} elements`, () => {
      const bench = new ProtocolBench(300 + rows);
      const table = bench.region(4 * rows * width);
      const cells = bench.column(table.offset, rows * width);
      const cell = (i: number, k: number): number => cells[i * width + k] as number;
      const weights = bench.region(20 * width);
      const weight = bench.elements(weights.offset, width);
      const target = bench.vector(rows);
      const whole = { name: 'target', offset: target.offset, bytes: 5 * target.stride };
      const weighed = Array.from({ length: rows }, (_, i) =>
        sum(weight.map((w, k) => scale(w, cell(i, k)))),
      );
      const rowWeights = bench.vector(rows);
      const rowWeight = bench.read(rowWeights);
      const sums = bench.region(20 * width);
      const start = bench.elements(sums.offset, width);
      const summed = start.map((value, k) =>
        sum([value, ...rowWeight.map((w, i) => scale(w, cell(i, k)))]),
      );
      for (const cut of cutsOf(rows / 4)) {
        const ranges = cut.map(({ from, to }) => [4 * from, 4 * to] as const);
        const found = bench.trial(
          ranges.map(([from, to]) => [
            'weighRows',
            table.offset,
            width,
            weights.offset,
            target.offset,
            target.stride,
            from,
            to,
          ]),
          [whole],
          () => bench.read(target),
        );
        assert.deepEqual(found, weighed);
        const totals = bench.trial(
          ranges.map(([from, to]) => [
            'sumRows',
            table.offset,
            width,
            rowWeights.offset,
            rowWeights.stride,
            sums.offset,
            from,
            to,
          ]),
          [sums],
          () => bench.elements(sums.offset, width),
        );
        assert.deepEqual(totals, summed);
      }
    });
  }
});
