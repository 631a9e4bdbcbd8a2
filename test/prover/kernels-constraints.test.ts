import assert from 'node:assert/strict';
import { QuinticField as E, type Quintic } from '@vouch/verifier';
import { loadEvaluation } from '../../prover/instance-vectors.ts';
import type { Job } from '../../prover/kernel.ts';
import { BLOCK, BLOCK_BYTES, LEAF_BLOCK_BYTES } from '../../prover/kernel-layout.ts';
import { analyseChip, planNodes } from '../../prover/plan.ts';
import { evaluatePlan } from '../../prover/plan-evaluation.ts';
import { BASE_SLOT_BYTES, loadPlan, QUINTIC_SLOT_BYTES } from '../../prover/plan-memory.ts';
import type { Pool } from '../../prover/pool.ts';
import { Random } from '../tools/random.ts';
import { cutsOf, ProtocolBench } from './protocol-bench.ts';
import { randomChip } from './random-chip.ts';

const { add, mul, neg, scale, sub, ZERO } = E;
const POINTS = 4;
const PREPARED_BYTES = 240;

/** What `loadPlan` wants of a pool. */
const arenaOf = ({ arena }: ProtocolBench): Pool => ({ arena }) as Pool;

describe('kernels of constraints', () => {
  for (const overBase of [true, false]) {
    for (const hasLine of [true, false]) {
      const field = overBase ? 'F' : 'E';
      it(`zerocheckRound sums F over ${field}, ${hasLine ? 'with' : 'without'} a linear column`, () => {
        for (let seed = 0; seed < 6; seed++) checkRound(seed, overBase, hasLine);
      });
    }
  }

  function checkRound(seed: number, overBase: boolean, hasLine: boolean): void {
    const bench = new ProtocolBench(seed);
    const blocks = 3;
    const half = blocks * BLOCK;
    const analysis = analyseChip(randomChip(new Random(seed), 4), [3, 5]);
    const nodes = analysis.chip.constraints.filter((node) => analysis.linear[node] === undefined);
    const plan = planNodes(analysis, nodes, overBase ? 5 : 1);
    const stride = overBase ? 4 * 2 * half : 4 * 2 * half + 64;
    const columns = plan.columns.map(() => ({
      offset: bench.region(5 * stride).offset,
      stride,
      length: 2 * half,
    }));
    const linear = bench.vector(2 * half);
    const words = bench.region(20 * Math.max(1, nodes.length));
    const prepared = bench.region(PREPARED_BYTES * Math.max(1, nodes.length));
    const low = bench.lowPart();
    const high = bench.vector(blocks);
    const loaded = loadEvaluation(
      arenaOf(bench),
      plan,
      overBase ? BASE_SLOT_BYTES : QUINTIC_SLOT_BYTES,
      columns.map(({ offset }) => offset),
      1,
    );
    const target = bench.zeros(20 * POINTS);
    bench.run([['prepareWeights', words.offset, nodes.length, prepared.offset]], [prepared]);

    const values = columns.map((column) =>
      overBase
        ? bench.column(column.offset, 2 * half).map((value) => E.fromBase(value))
        : bench.read(column),
    );
    const line = hasLine ? bench.read(linear) : new Array<Quintic>(2 * half).fill(ZERO);
    const weights = bench.elements(words.offset, nodes.length);
    const [lows, highs] = [bench.read(low), bench.read(high)];
    const expected = [0, 2, 3, 4].map((x) => {
      const at = (column: readonly Quintic[], i: number): Quintic => {
        const zero = column[i] as Quintic;
        return add(zero, scale(sub(column[half + i] as Quintic, zero), x));
      };
      let sum: Quintic = ZERO;
      for (let i = 0; i < half; i++) {
        const outputs = evaluatePlan(
          plan,
          values.map((column) => at(column, i)),
        );
        const f = outputs.reduce((s, v, k) => add(s, mul(weights[k] as Quintic, v)), at(line, i));
        const eq = mul(highs[Math.floor(i / BLOCK)] as Quintic, lows[i % BLOCK] as Quintic);
        sum = add(sum, mul(eq, f));
      }
      return sum;
    });
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => [
          'zerocheckRound',
          loaded.region.offset,
          loaded.slots.offset,
          Number(overBase),
          stride,
          hasLine ? linear.offset : 0,
          linear.stride,
          overBase ? words.offset : prepared.offset,
          half,
          low.offset,
          high.offset,
          high.stride,
          POINTS,
          from,
          to,
          target.offset,
        ],
      );
      const found = bench.trial(jobs, [target, loaded.slots], () =>
        bench.elements(target.offset, POINTS),
      );
      assert.deepEqual(found, expected, `seed ${seed}`);
    }
  }

  it('logupLeaves writes the fraction of every row of every interaction', () => {
    for (let seed = 10; seed < 14; seed++) checkLeaves(seed);
  });

  function checkLeaves(seed: number): void {
    const bench = new ProtocolBench(seed);
    const blocks = 4;
    const rows = blocks * BLOCK;
    const random = new Random(seed);
    const analysis = analyseChip(randomChip(random, 2), [3, 5]);
    const { constraints } = analysis.chip;
    const messages = [3, 0, 2].map((width) => ({
      multiplicity: random.pick(constraints),
      negative: random.chance(0.5),
      words: Array.from({ length: width }, () => random.pick(constraints)),
    }));
    const wanted = messages.flatMap(({ multiplicity, words }) => [multiplicity, ...words]);
    const plan = planNodes(analysis, wanted, 0);
    const columns = plan.columns.map(() => bench.region(4 * rows));
    const betas = bench.region(20 * 3);
    const offsets = bench.region(20 * messages.length);
    const layer = bench.region(((messages.length * rows) / 2 / BLOCK) * LEAF_BLOCK_BYTES);
    const loaded = loadPlan(
      arenaOf(bench),
      plan,
      BASE_SLOT_BYTES,
      columns.map(({ offset }) => offset),
      (slotOffset) => {
        const outputs = plan.outputs.map(slotOffset);
        const words = messages.flatMap(({ negative, words: message }, k) => [
          outputs.shift() as number,
          Number(negative),
          k * rows,
          message.length,
          ...outputs.splice(0, message.length),
        ]);
        return { count: messages.length, words };
      },
      1,
    );
    const values = columns.map(({ offset }) => bench.column(offset, rows));
    const [beta, offset] = [
      bench.elements(betas.offset, 3),
      bench.elements(offsets.offset, messages.length),
    ];
    const expected = messages.flatMap(({ negative, words }, k) =>
      Array.from({ length: rows }, (_, i) => {
        const before = messages.slice(0, k).reduce((n, m) => n + 1 + m.words.length, 0);
        const outputs = evaluatePlan(
          plan,
          values.map((column) => E.fromBase(column[i] as number)),
        ).slice(before);
        const [count, ...message] = outputs as [Quintic, ...Quintic[]];
        const denominator = words.reduce(
          (rest, _word, w) => sub(rest, mul(beta[w] as Quintic, message[w] as Quintic)),
          offset[k] as Quintic,
        );
        return { numerator: negative ? neg(count) : count, denominator };
      }),
    );
    const readLeaf = (leaf: number): (typeof expected)[number] => {
      const pair = Math.floor(leaf / 2);
      const side = leaf % 2;
      const at = layer.offset + LEAF_BLOCK_BYTES * Math.floor(pair / BLOCK) + 4 * (pair % BLOCK);
      const [numerator] = bench.column(at + side * BLOCK_BYTES, 1) as [number];
      const offset = at + (2 + 5 * side) * BLOCK_BYTES;
      const place = { offset, stride: BLOCK_BYTES, length: 1 };
      const [denominator] = bench.read(place) as [Quintic];
      return { numerator: E.fromBase(numerator), denominator };
    };
    for (const cut of cutsOf(blocks)) {
      const jobs = cut.map(
        ({ from, to }): Job => [
          'logupLeaves',
          loaded.region.offset,
          loaded.slots.offset,
          betas.offset,
          offsets.offset,
          layer.offset,
          from,
          to,
        ],
      );
      const found = bench.trial(jobs, [layer, loaded.slots], () =>
        expected.map((_, leaf) => readLeaf(leaf)),
      );
      assert.deepEqual(found, expected, `seed ${seed}`);
    }
  }
});
