/**
 * One instance's part of the zerocheck. In each round its polynomial is eq(xi_i, X) c t(X): c is eq of
 * the bound coordinates, t has the chip's degree, and t(1) follows from the instance's own claim.
 */
import {
  QuinticField as E,
  eq,
  eqTable,
  type InstancePowers,
  type InstanceSums,
  interpolate,
  interpolateLine,
  type Point,
  type Quintic,
  ZEROCHECK_DEGREE,
} from '@vouch/verifier';
import { freeEq, LOG_BLOCK, splitEq } from './eq-tables.ts';
import { type InstanceRows, linearPart, PlainRows, weightedOutputs } from './instance-rows.ts';
import {
  BASE_LINE_SLOTS,
  columnAddress,
  JOBS_PER_THREAD,
  loadEvaluation,
  QUINTIC_LINE_SLOTS,
  VectorRows,
} from './instance-vectors.ts';
import type { Job } from './kernel.ts';
import { BLOCK } from './kernel-layout.ts';
import type { LoadedTable } from './loaded-table.ts';
import { fromMontgomery } from './montgomery.ts';
import {
  messageSums,
  type NodeSum,
  type SplitSum,
  splitSum,
  zerocheckSum,
} from './node-weights.ts';
import { sumParts } from './partial-sums.ts';
import { analyseChip, type ChipAnalysis, planNodes } from './plan.ts';
import { planDegree } from './plan-evaluation.ts';
import { BASE_SLOT_BYTES, freePlan } from './plan-memory.ts';
import { type Pool, split } from './pool.ts';
import type { ProvingContext } from './proving-context.ts';
import { allocateElements } from './quintic-jobs.ts';
import { instanceRoundWork, tableCells } from './stages.ts';
import { LINE_WORK } from './work.ts';

const { add, inverse, mul, ONE, sub, ZERO } = E;

export class InstanceTerm {
  readonly logHeight: number;
  /** Cells of all columns. */
  readonly cells: number;
  /** The whole sum of the instance, its claim until its variables start. */
  total: Quintic = ZERO;
  readonly #pool: Pool;
  readonly #table: LoadedTable;
  readonly #analysis: ChipAnalysis;
  readonly #messages: { numerators: NodeSum; denominators: NodeSum };
  /** Coordinates of the leaf point that belong to the instance and are not bound yet. */
  #xi: Point;
  #bound: Quintic = ONE;
  #claim: Quintic = ZERO;
  /** Degree of t. */
  #degree = 1;
  #rows: InstanceRows | undefined;
  #evaluate: ((x: Quintic) => Quintic) | undefined;

  constructor(
    pool: Pool,
    context: ProvingContext,
    table: LoadedTable,
    instance: number,
    leafPoint: Point,
  ) {
    const { shape, segment } = context;
    this.#pool = pool;
    this.#table = table;
    this.logHeight = table.logHeight;
    this.cells = tableCells(table.chip, table.logHeight);
    this.#analysis = analyseChip(table.chip, [segment, shape.instanceStarts[instance] as number]);
    this.#messages = messageSums(context, table.chip, instance, leafPoint);
    this.#xi = leafPoint.slice(leafPoint.length - table.logHeight);
  }

  get #isLarge(): boolean {
    return this.logHeight > LOG_BLOCK;
  }

  /** n_t and d_t. */
  async sums(): Promise<InstanceSums> {
    const numerators = splitSum(this.#analysis, this.#messages.numerators);
    const denominators = splitSum(this.#analysis, this.#messages.denominators);
    const { columns } = this.#analysis;
    const values = await this.#table.evaluateColumns(columns, this.#xi);
    await this.#pool.run([], LINE_WORK * this.cells);
    const linear = (sum: SplitSum): Quintic =>
      [...sum.columns].reduce(
        (total, [column, weight]) => add(total, mul(weight, values[column] as Quintic)),
        sum.constant,
      );
    return {
      numerator: add(linear(numerators), await this.#sumNodes(numerators)),
      denominator: add(linear(denominators), await this.#sumNodes(denominators)),
    };
  }

  /** Sum over all rows of eq times the nodes that are not linear. */
  async #sumNodes({ nodes, weights }: SplitSum): Promise<Quintic> {
    if (nodes.length === 0) return ZERO;
    const plan = planNodes(this.#analysis, nodes, BASE_LINE_SLOTS);
    if (this.logHeight < LOG_BLOCK) {
      const columns = plan.columns.map((column) => this.#readColumn(column));
      return eqTable(this.#xi).reduce((sum, weight, i) => {
        const row = columns.map((column) => column[i] as Quintic);
        return add(sum, mul(weight, weightedOutputs(plan, row, weights)));
      }, ZERO);
    }
    const rows = 2 ** this.logHeight;
    const ranges = split(rows / BLOCK, JOBS_PER_THREAD * this.#pool.threads, 1);
    const columns = plan.columns.map((k) => columnAddress(this.#table, this.#analysis, k));
    const loaded = loadEvaluation(this.#pool, plan, BASE_SLOT_BYTES, columns, ranges.length);
    const { low, high } = await splitEq(this.#pool, this.#xi);
    const words = allocateElements(this.#pool, 'weights', weights);
    let copy = 0;
    const [total] = await sumParts(this.#pool, ranges, 1, (from, to, target) => [
      'zerocheckRound',
      loaded.region.offset,
      loaded.slots.offset + copy++ * loaded.slotsBytes,
      1,
      0,
      0,
      0,
      words.offset,
      rows,
      low.offset,
      high.offset,
      high.stride,
      1,
      from,
      to,
      target,
    ]);
    this.#pool.arena.free(words);
    freeEq(this.#pool, { low, high });
    freePlan(this.#pool, loaded);
    return total as Quintic;
  }

  #readColumn(column: number): Quintic[] {
    const at = columnAddress(this.#table, this.#analysis, column);
    const words = this.#pool.arena.words(at, 2 ** this.logHeight);
    return Array.from(words, (word) => E.fromBase(fromMontgomery(word)));
  }

  /** Fixes the powers of lambda and what is summed with them. */
  async start(powers: InstancePowers, sums: InstanceSums): Promise<void> {
    this.total = add(
      mul(powers.numerator, sums.numerator),
      mul(powers.denominator, sums.denominator),
    );
    this.#claim = this.total;
    const analysis = this.#analysis;
    const sum = splitSum(analysis, zerocheckSum(this.#table.chip, powers, this.#messages));
    this.#degree = Math.max(1, planDegree(analysis, sum.nodes));
    const work = LINE_WORK * this.cells;
    if (this.#isLarge) {
      const instance = { table: this.#table, analysis, sum };
      this.#rows = await VectorRows.start(this.#pool, instance, work);
    } else {
      this.#rows = this.#startPlain(sum);
      await this.#pool.run([], work);
    }
  }

  #startPlain(sum: SplitSum): PlainRows {
    const plan = planNodes(this.#analysis, sum.nodes, QUINTIC_LINE_SLOTS);
    const read = (column: number): Quintic[] => this.#readColumn(column);
    const linear = linearPart(sum, 2 ** this.logHeight, read);
    return new PlainRows(plan, sum.weights, linear, plan.columns.map(read));
  }

  get #started(): InstanceRows {
    if (this.#rows === undefined) throw new Error('rounds come after `start`');
    return this.#rows;
  }

  /** Work of the next round, see `Pool.run`. */
  get roundWork(): number {
    return instanceRoundWork(this.cells, this.logHeight - this.#xi.length);
  }

  /** Jobs of the next round; `round` gives its message when they are done. */
  prepareRound(): Promise<Job[]> {
    return this.#started.prepare(this.#xi.slice(1), this.#degree);
  }

  /** s(0), s(2), ..., s(5) of the instance's polynomial. */
  round(): Quintic[] {
    const values = this.#started.values(this.#xi.slice(1), this.#degree);
    const [atZero, ...others] = values as [Quintic, ...Quintic[]];
    const xi = this.#xi[0] as Quintic;
    const bound = this.#bound;
    const sAtZero = mul(mul(bound, sub(ONE, xi)), atZero);
    const atOne = mul(sub(this.#claim, sAtZero), inverse(mul(bound, xi)));
    const t = [atZero, atOne, ...others];
    const evaluate = (x: Quintic): Quintic =>
      mul(mul(bound, interpolateLine(sub(ONE, xi), xi, x)), interpolate(t, x));
    this.#evaluate = evaluate;
    const message: Quintic[] = [];
    for (let x = 0; x <= ZEROCHECK_DEGREE; x++) if (x !== 1) message.push(evaluate(E.fromBase(x)));
    return message;
  }

  /** Binds the instance's leading variable: returns the jobs that do so; `settle` follows them. */
  bind(challenge: Quintic, challengeAt: number): Job[] {
    if (this.#evaluate === undefined) throw new Error('a round comes before its binding');
    this.#claim = this.#evaluate(challenge);
    this.#bound = mul(this.#bound, eq([this.#xi[0] as Quintic], [challenge]));
    this.#xi = this.#xi.slice(1);
    return this.#started.bind(challenge, challengeAt);
  }

  async settle(): Promise<void> {
    this.#rows = await this.#started.settle();
  }

  /** Gives back all memory. */
  free(): void {
    this.#rows?.free();
    this.#rows = undefined;
  }
}
