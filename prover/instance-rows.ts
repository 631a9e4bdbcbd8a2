/** The rows of one instance in the zerocheck, in either of their two forms. */
import {
  QuinticField as E,
  eqTable,
  interpolateLine,
  type Point,
  type Quintic,
} from '@vouch/verifier';
import type { Job } from './kernel.ts';
import type { SplitSum } from './node-weights.ts';
import type { Plan } from './plan.ts';
import { evaluatePlan } from './plan-evaluation.ts';
import { bindLeading } from './scalar/sumcheck.ts';

const { add, mul, ZERO } = E;

/**
 * Rows of F_t, whose leading variable is bound in each round. A round is: `prepare`, its jobs,
 * `values`; then `bind`, its jobs, `settle`.
 */
export interface InstanceRows {
  /**
   * Jobs of a round; the rows' own memory keeps their results.
   *
   * @param rest coordinates of the zerocheck's point behind the leading one
   * @param points number of values wanted
   */
  prepare(rest: Point, points: number): Promise<Job[]>;
  /** t(0), t(2), t(3), ...: `points` sums over the lower half of the rows of eq(rest) F. */
  values(rest: Point, points: number): Quintic[];
  /** Jobs that bind the leading variable to the challenge, which is also at `challengeAt`. */
  bind(challenge: Quintic, challengeAt: number): Job[];
  /** After the jobs of `bind`: the rows in the form for the next round. */
  settle(): Promise<InstanceRows>;
  /** Gives back all memory. */
  free(): void;
}

/** Few rows, on plain arrays. */
export class PlainRows implements InstanceRows {
  readonly #plan: Plan;
  readonly #weights: readonly Quintic[];
  #linear: readonly Quintic[];
  #columns: readonly (readonly Quintic[])[];

  /**
   * @param linear the linear part of F in each row
   * @param columns the plan's columns
   */
  constructor(
    plan: Plan,
    weights: readonly Quintic[],
    linear: readonly Quintic[],
    columns: readonly (readonly Quintic[])[],
  ) {
    this.#plan = plan;
    this.#weights = weights;
    this.#linear = linear;
    this.#columns = columns;
  }

  async prepare(): Promise<Job[]> {
    return [];
  }

  values(rest: Point, points: number): Quintic[] {
    const half = this.#linear.length / 2;
    const eqs = eqTable(rest);
    return Array.from({ length: points }, (_, k) => {
      const x = E.fromBase(k === 0 ? 0 : k + 1);
      const at = (column: readonly Quintic[], i: number): Quintic =>
        interpolateLine(column[i] as Quintic, column[half + i] as Quintic, x);
      return eqs.reduce((sum, weight, i) => {
        const row = this.#columns.map((column) => at(column, i));
        const value = add(at(this.#linear, i), weightedOutputs(this.#plan, row, this.#weights));
        return add(sum, mul(weight, value));
      }, ZERO);
    });
  }

  bind(challenge: Quintic): Job[] {
    this.#linear = bindLeading(this.#linear, challenge);
    this.#columns = this.#columns.map((column) => bindLeading(column, challenge));
    return [];
  }

  async settle(): Promise<InstanceRows> {
    return this;
  }

  free(): void {}
}

/** Sum of the plan's outputs for one row of its columns, weighted. */
export function weightedOutputs(
  plan: Plan,
  row: readonly Quintic[],
  weights: readonly Quintic[],
): Quintic {
  return evaluatePlan(plan, row).reduce(
    (sum, value, k) => add(sum, mul(weights[k] as Quintic, value)),
    ZERO,
  );
}

/** The linear part of a sum for each of `rows` rows. */
export function linearPart(
  sum: SplitSum,
  rows: number,
  readColumn: (column: number) => readonly Quintic[],
): Quintic[] {
  const linear = new Array<Quintic>(rows).fill(sum.constant);
  for (const [column, weight] of sum.columns) {
    for (const [i, value] of readColumn(column).entries()) {
      linear[i] = add(linear[i] as Quintic, mul(weight, value));
    }
  }
  return linear;
}
