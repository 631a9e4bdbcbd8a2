import assert from 'node:assert/strict';
import { QuinticField as E, interpolateLine, type Quintic } from '@vouch/verifier';
import type { Job } from '../../prover/kernel.ts';
import {
  BLOCK,
  BLOCK_BYTES,
  LAYER_BLOCK_BYTES,
  LEAF_BLOCK_BYTES,
} from '../../prover/kernel-layout.ts';
import type { Region } from '../../prover/memory.ts';
import { cutsOf, ProtocolBench } from './protocol-bench.ts';

const { add, mul, sub, ZERO } = E;

/** Left numerator, right numerator, left denominator, right denominator. */
type Pair = [Quintic, Quintic, Quintic, Quintic];

/** Where the planes of a block are: of a layer, and of the leaves. */
const LAYOUTS = {
  layer: { blockBytes: LAYER_BLOCK_BYTES, planes: [0, 5, 10, 15] },
  leaves: { blockBytes: LEAF_BLOCK_BYTES, planes: [0, 1, 2, 7] },
} as const;
type Kind = keyof typeof LAYOUTS;

function layerOf(bench: ProtocolBench, pairs: number, kind: Kind = 'layer'): Region {
  return bench.region((pairs / BLOCK) * LAYOUTS[kind].blockBytes);
}

function readPairs(
  bench: ProtocolBench,
  layer: Region,
  pairs: number,
  kind: Kind = 'layer',
): Pair[] {
  const { blockBytes, planes } = LAYOUTS[kind];
  return Array.from({ length: pairs }, (_, i) => {
    const block = layer.offset + blockBytes * Math.floor(i / BLOCK);
    return planes.map((plane, v) => {
      const offset = block + plane * BLOCK_BYTES + 4 * (i % BLOCK);
      if (kind === 'leaves' && v < 2) return E.fromBase(bench.column(offset, 1)[0] as number);
      return bench.read({ offset, stride: BLOCK_BYTES, length: 1 })[0] as Quintic;
    }) as Pair;
  });
}

/** Right numerators with lambda times the right denominators. */
function mixed(pairs: readonly Pair[], lambda: Quintic): Pair[] {
  return pairs.map(([p0, p1, q0, q1]) => [p0, add(p1, mul(lambda, q1)), q0, q1]);
}

/** The pairs of the folded layer. */
function folded(pairs: readonly Pair[], challenge: Quintic): Pair[] {
  return Array.from(
    { length: pairs.length / 2 },
    (_, i) =>
      [0, 1, 2, 3].map((v) =>
        interpolateLine(pairs[2 * i]?.[v] as Quintic, pairs[2 * i + 1]?.[v] as Quintic, challenge),
      ) as Pair,
  );
}

/** Sums of p0 q1 + q0 p1 at 0 and of its leading coefficient, weighted by eq. */
function roundSums(
  pairs: readonly Pair[],
  lows: readonly Quintic[],
  highs: readonly Quintic[],
): [Quintic, Quintic] {
  const cross = ([p0, p1, q0, q1]: Pair): Quintic => add(mul(p0, q1), mul(q0, p1));
  let atZero: Quintic = ZERO;
  let leading: Quintic = ZERO;
  for (let i = 0; i < pairs.length / 2; i++) {
    const [even, odd] = [pairs[2 * i], pairs[2 * i + 1]] as [Pair, Pair];
    const weight = mul(highs[Math.floor(i / BLOCK)] as Quintic, lows[i % BLOCK] as Quintic);
    const difference = odd.map((value, v) => sub(value, even[v] as Quintic)) as Pair;
    atZero = add(atZero, mul(weight, cross(even)));
    leading = add(leading, mul(weight, cross(difference)));
  }
  return [atZero, leading];
}

describe('kernels of LogUp', () => {
  const pairs = 6 * BLOCK;
  const blocks = pairs / 2 / BLOCK;

  for (const [kernel, kind] of [
    ['addFractions', 'layer'],
    ['addLeaves', 'leaves'],
  ] as const) {
    it(`${kernel} adds the fractions of a pair`, () => {
      const bench = new ProtocolBench(kind === 'leaves' ? 1 : 2);
      const layer = layerOf(bench, pairs, kind);
      const target = layerOf(bench, pairs / 2);
      const sums = readPairs(bench, layer, pairs, kind).map(([p0, p1, q0, q1]) => [
        add(mul(p0, q1), mul(p1, q0)),
        mul(q0, q1),
      ]);
      const expected = Array.from({ length: pairs / 2 }, (_, i) => {
        const [left, right] = [sums[2 * i], sums[2 * i + 1]] as [Quintic[], Quintic[]];
        return [left[0], right[0], left[1], right[1]];
      });
      for (const cut of cutsOf(pairs / 8)) {
        const jobs = cut.map(
          ({ from, to }): Job => [kernel, layer.offset, target.offset, 8 * from, 8 * to],
        );
        const found = bench.trial(jobs, [target], () => readPairs(bench, target, pairs / 2));
        assert.deepEqual(found, expected);
      }
    });
  }

  it('mixNumerators adds lambda times the denominators', () => {
    const bench = new ProtocolBench(4);
    const layer = layerOf(bench, pairs);
    const lambdaAt = bench.region(20);
    const [lambda] = bench.elements(lambdaAt.offset, 1) as [Quintic];
    const expected = mixed(readPairs(bench, layer, pairs), lambda);
    for (const cut of cutsOf(pairs / 4)) {
      const jobs = cut.map(
        ({ from, to }): Job => ['mixNumerators', layer.offset, lambdaAt.offset, 4 * from, 4 * to],
      );
      assert.deepEqual(
        bench.trial(jobs, [layer], () => readPairs(bench, layer, pairs)),
        expected,
      );
    }
  });

  it('foldLayer binds the last variable of all four vectors', () => {
    const bench = new ProtocolBench(5);
    const layer = layerOf(bench, pairs);
    const target = layerOf(bench, pairs / 2);
    const challengeAt = bench.region(20);
    const [challenge] = bench.elements(challengeAt.offset, 1) as [Quintic];
    const expected = folded(readPairs(bench, layer, pairs), challenge);
    for (const cut of cutsOf(blocks)) {
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

  it('foldLeaves binds it and mixes', () => {
    const bench = new ProtocolBench(3);
    const leaves = layerOf(bench, pairs, 'leaves');
    const target = layerOf(bench, pairs / 2);
    const [lambdaAt, challengeAt] = [bench.region(20), bench.region(20)];
    const [lambda] = bench.elements(lambdaAt.offset, 1) as [Quintic];
    const [challenge] = bench.elements(challengeAt.offset, 1) as [Quintic];
    const expected = folded(mixed(readPairs(bench, leaves, pairs, 'leaves'), lambda), challenge);
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => [
          'foldLeaves',
          leaves.offset,
          lambdaAt.offset,
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

  it('logupRound sums the polynomial at 0 and its leading coefficient, weighted by eq', () => {
    const bench = new ProtocolBench(6);
    const layer = layerOf(bench, pairs);
    const low = bench.lowPart();
    const high = bench.vector(blocks);
    const target = bench.zeros(40);
    const expected = roundSums(readPairs(bench, layer, pairs), bench.read(low), bench.read(high));
    const eqPlaces = [low.offset, high.offset, high.stride] as const;
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => ['logupRound', layer.offset, ...eqPlaces, from, to, target.offset],
      );
      const found = bench.trial(jobs, [target], () => bench.elements(target.offset, 2));
      assert.deepEqual(found, expected);
    }
  });

  it('leafRound does so as if the leaves were mixed', () => {
    const bench = new ProtocolBench(7);
    const leaves = layerOf(bench, pairs, 'leaves');
    const lambdaAt = bench.region(20);
    const low = bench.lowPart();
    const high = bench.vector(blocks);
    const target = bench.zeros(40);
    const [lambda] = bench.elements(lambdaAt.offset, 1) as [Quintic];
    const layer = mixed(readPairs(bench, leaves, pairs, 'leaves'), lambda);
    const expected = roundSums(layer, bench.read(low), bench.read(high));
    const places = [leaves.offset, lambdaAt.offset, low.offset, high.offset, high.stride] as const;
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => ['leafRound', ...places, from, to, target.offset],
      );
      const found = bench.trial(jobs, [target], () => bench.elements(target.offset, 2));
      assert.deepEqual(found, expected);
    }
  });
});
