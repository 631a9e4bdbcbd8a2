import assert from 'node:assert/strict';
import {
  type ColumnValues,
  QuinticField as E,
  evaluateNodes,
  NODE_MAIN,
  NODE_PREPROCESSED,
  NODE_WORDS,
  type Quintic,
} from '@vouch/verifier';
import { analyseChip, type ChipAnalysis, planNodes } from '../../prover/plan.ts';
import { evaluatePlan, planDegree } from '../../prover/plan-evaluation.ts';
import { Random } from '../tools/random.ts';
import { P } from './kernel-harness.ts';
import { randomChip } from './random-chip.ts';

const PARAMETERS = [7, 1000];

function randomRow(random: Random): ColumnValues {
  const quintic = (): Quintic => [0, 1, 2, 3, 4].map(() => random.below(P)) as unknown as Quintic;
  const some = (count: number): Quintic[] => Array.from({ length: count }, quintic);
  const parameters = PARAMETERS.map((value) => E.fromBase(value));
  return { main: some(5), preprocessed: some(2), closedForms: some(4), parameters };
}

/** Values of the analysis's columns. */
function columnsOf({ columns }: ChipAnalysis, row: ColumnValues): Quintic[] {
  return columns.map(({ kind, index }) => {
    if (kind === NODE_MAIN) return row.main[index] as Quintic;
    return (kind === NODE_PREPROCESSED ? row.preprocessed : row.closedForms)[index] as Quintic;
  });
}

describe('plans of expressions', () => {
  it('give the same values as the nodes, for random expressions', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const chip = randomChip(random, 4);
      const analysis = analyseChip(chip, PARAMETERS);
      const all = Array.from({ length: chip.expressions.nodes.length / NODE_WORDS }, (_, i) => i);
      const row = randomRow(random);
      const expected = evaluateNodes(chip, row);
      const values = columnsOf(analysis, row);
      for (const [wanted, reserved] of [
        [all, 0],
        [chip.constraints, 5],
        [[random.pick(all)], 1],
      ] as const) {
        const plan = planNodes(analysis, wanted, reserved);
        const outputs = evaluatePlan(
          plan,
          plan.columns.map((column) => values[column] as Quintic),
        );
        assert.deepEqual(
          outputs,
          wanted.map((node) => expected[node]),
          `seed ${seed}`,
        );
      }
    }
  });

  it('have linear forms that agree with the nodes, and only where nodes are linear', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(1000 + seed);
      const chip = randomChip(random, 3);
      const analysis = analyseChip(chip, PARAMETERS);
      const row = randomRow(random);
      const values = columnsOf(analysis, row);
      for (const [node, value] of evaluateNodes(chip, row).entries()) {
        const form = analysis.linear[node];
        if (form === undefined) continue;
        const sum = [...form.coefficients].reduce(
          (total, [column, factor]) => E.add(total, E.scale(values[column] as Quintic, factor)),
          E.fromBase(form.constant),
        );
        assert.deepEqual(value, sum, `node ${node}, seed ${seed}`);
        assert.ok(planDegree(analysis, [node]) <= 1);
      }
    }
  });

  it('leave reserved slots alone', () => {
    const random = new Random(5);
    const analysis = analyseChip(randomChip(random, 4), PARAMETERS);
    const plan = planNodes(analysis, analysis.chip.constraints, 5);
    const reserved = [0, 1, 2, 3, 4].map((i) => plan.columns.length + i);
    const used = [
      ...plan.instructions.flatMap(({ target, a, b }) => [target, a, b]),
      ...plan.constants.map(({ slot }) => slot),
    ];
    assert.ok(plan.instructions.length > 0);
    assert.deepEqual(
      reserved.filter((slot) => used.includes(slot)),
      [],
    );
  });

  it('refuse an operation that there is not', () => {
    const chip = {
      ...randomChip(new Random(6), 2),
      expressions: { nodes: [NODE_MAIN, 0, 0, 99, 0, 0] },
    };
    assert.throws(() => planNodes(analyseChip(chip, PARAMETERS), [1], 0), RangeError);
  });
});
