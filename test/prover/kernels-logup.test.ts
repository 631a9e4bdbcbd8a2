import assert from 'node:assert/strict';
import { QuinticField as E, interpolateLine, type Quintic } from '@vouch/verifier';
import type { Job } from '../../prover/kernel.ts';
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from '../../prover/kernel-layout.ts';
import type { Region } from '../../prover/memory.ts';
import { cutsOf, ProtocolBench } from './protocol-bench.ts';

const { add, mul, sub, ZERO } = E;

/** Left numerator, right numerator, left denominator, right denominator. */
type Pair = [Quintic, Quintic, Quintic, Quintic];

function layerOf(bench: ProtocolBench, pairs: number): Region {
  return bench.region((pairs / BLOCK) * LAYER_BLOCK_BYTES);
}

/** With `base`, numerators are their first coordinate. */
function readPairs(bench: ProtocolBench, layer: Region, pairs: number, base = false): Pair[] {
  return Array.from({ length: pairs }, (_, i) => {
    const block = layer.offset + LAYER_BLOCK_BYTES * Math.floor(i / BLOCK);
    return [0, 1, 2, 3].map((v) => {
      const offset = block + 5 * v * BLOCK_BYTES + 4 * (i % BLOCK);
      const [value] = bench.read({ offset, stride: BLOCK_BYTES, length: 1 }) as [Quintic];
      return base && v < 2 ? E.fromBase(value[0]) : value;
    }) as Pair;
  });
}

describe('kernels of LogUp', () => {
  const pairs = 6 * BLOCK;

  for (const base of [false, true]) {
    const numerators = base ? 'numerators over F' : 'numerators over E';

    it(`addFractions adds the fractions of a pair, ${numerators}`, () => {
      const bench = new ProtocolBench(base ? 1 : 2);
      const layer = layerOf(bench, pairs);
      const target = layerOf(bench, pairs / 2);
      const sums = readPairs(bench, layer, pairs, base).map(([p0, p1, q0, q1]) => [
        add(mul(p0, q1), mul(p1, q0)),
        mul(q0, q1),
      ]);
      const expected = Array.from({ length: pairs / 2 }, (_, i) => {
        const [left, right] = [sums[2 * i], sums[2 * i + 1]] as [Quintic[], Quintic[]];
        return [left[0], right[0], left[1], right[1]];
      });
      for (const cut of cutsOf(pairs / 8)) {
        const jobs = cut.map(
          ({ from, to }): Job => [
            'addFractions',
            layer.offset,
            Number(base),
            target.offset,
            8 * from,
            8 * to,
          ],
        );
        const found = bench.trial(jobs, [target], () => readPairs(bench, target, pairs / 2));
        assert.deepEqual(found, expected);
      }
    });

    it(`mixNumerators adds lambda times the denominators, ${numerators}`, () => {
      const bench = new ProtocolBench(base ? 3 : 4);
      const layer = layerOf(bench, pairs);
      const lambdaAt = bench.region(20);
      const [lambda] = bench.elements(lambdaAt.offset, 1) as [Quintic];
      const expected = readPairs(bench, layer, pairs, base).map(([p0, p1, q0, q1]) => [
        p0,
        add(p1, mul(lambda, q1)),
        q0,
        q1,
      ]);
      for (const cut of cutsOf(pairs / 4)) {
        const jobs = cut.map(
          ({ from, to }): Job => [
            'mixNumerators',
            layer.offset,
            Number(base),
            lambdaAt.offset,
            4 * from,
            4 * to,
          ],
        );
        assert.deepEqual(
          bench.trial(jobs, [layer], () => readPairs(bench, layer, pairs)),
          expected,
        );
      }
    });
  }

  it('foldLayer binds the last variable of all four vectors', () => {
    const bench = new ProtocolBench(5);
    const layer = layerOf(bench, pairs);
    const target = layerOf(bench, pairs / 2);
    const challengeAt = bench.region(20);
    const [challenge] = bench.elements(challengeAt.offset, 1) as [Quintic];
    const before = readPairs(bench, layer, pairs);
    const expected = Array.from({ length: pairs / 2 }, (_, i) =>
      [0, 1, 2, 3].map((v) =>
        interpolateLine(
          before[2 * i]?.[v] as Quintic,
          before[2 * i + 1]?.[v] as Quintic,
          challenge,
        ),
      ),
    );
    for (const cut of cutsOf(pairs / 2 / BLOCK)) {
      const jobs = cut.map(
        ({ from, to }): Job => [
          'foldLayer',
          layer.offset,
          target.offset,
          challengeAt.offset,
          from,
          to,
        ],
      );
      const found = bench.trial(jobs, [target], () => readPairs(bench, target, pairs / 2));
      assert.deepEqual(found, expected);
    }
  });

  it('logupRound sums p0 q1 + q0 p1 at 0 and its leading coefficient, weighted by eq', () => {
    const bench = new ProtocolBench(6);
    const layer = layerOf(bench, pairs);
    const blocks = pairs / 2 / BLOCK;
    const low = bench.lowPart();
    const high = bench.vector(blocks);
    const target = bench.zeros(40);
    const before = readPairs(bench, layer, pairs);
    const [lows, highs] = [bench.read(low), bench.read(high)];
    const cross = ([p0, p1, q0, q1]: Pair): Quintic => add(mul(p0, q1), mul(q0, p1));
    let atZero: Quintic = ZERO;
    let leading: Quintic = ZERO;
    for (let i = 0; i < pairs / 2; i++) {
      const [even, odd] = [before[2 * i], before[2 * i + 1]] as [Pair, Pair];
      const weight = mul(highs[Math.floor(i / BLOCK)] as Quintic, lows[i % BLOCK] as Quintic);
      const difference = odd.map((value, v) => sub(value, even[v] as Quintic)) as Pair;
      atZero = add(atZero, mul(weight, cross(even)));
      leading = add(leading, mul(weight, cross(difference)));
    }
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => [
          'logupRound',
          layer.offset,
          low.offset,
          high.offset,
          high.stride,
          from,
          to,
          target.offset,
        ],
      );
      const found = bench.trial(jobs, [target], () => bench.elements(target.offset, 2));
      assert.deepEqual(found, [atZero, leading]);
    }
  });
});
