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
import { freeEq, LOG_BLOCK, type SplitEq, splitEq } from './eq-tables.ts';
import type { Job } from './kernel.ts';
import { BLOCK } from './kernel-layout.ts';
import type { LoadedTable } from './loaded-table.ts';
import { columnStride, type Region } from './memory.ts';
import { fromMontgomery, toMontgomery } from './montgomery.ts';
import {
  messageSums,
  type NodeSum,
  type SplitSum,
  splitSum,
  zerocheckSum,
} from './node-weights.ts';
import {
  analyseChip,
  type ChipAnalysis,
  type ColumnReference,
  type Plan,
  planNodes,
} from './plan.ts';
import { evaluatePlan, planDegree } from './plan-evaluation.ts';
import {
  BASE_SLOT_BYTES,
  freePlan,
  type LoadedPlan,
  loadPlan,
  QUINTIC_SLOT_BYTES,
} from './plan-memory.ts';
import { type Pool, split } from './pool.ts';
import {
  allocateVector,
  type OwnedVector,
  readElements,
  readVector,
  writeElements,
} from './quintic-vector.ts';
import type { ProvingContext } from './zerocheck.ts';

const { add, inverse, mul, ONE, sub, ZERO } = E;

/** Slots that the linear column takes behind the plan's columns. */
const BASE_LINE_SLOTS = 5;
const QUINTIC_LINE_SLOTS = 1;
/** Bytes of a prepared factor of the kernels. */
const PREPARED_BYTES = 240;
/** Jobs that one round of an instance is split into, at most. */
const JOBS_PER_THREAD = 2;

export class InstanceTerm {
  readonly logHeight: number;
  /** The whole sum of the instance, its claim until its variables start. */
  total: Quintic = ZERO;
  readonly #pool: Pool;
  readonly #table: LoadedTable;
  readonly #analysis: ChipAnalysis;
  readonly #messages: { numerators: NodeSum; denominators: NodeSum };
  /** Coordinates of the leaf point that belong to the instance. */
  #xi: Point;
  #bound: Quintic = ONE;
  #claim: Quintic = ZERO;
  #sum: SplitSum | undefined;
  #plan: Plan | undefined;
  #degree = 1;
  #vectors: Vectors | undefined;
  #tail: Tail | undefined;
  #pending: PendingRound | undefined;
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
    const { arena, threads } = this.#pool;
    const blocks = 2 ** this.logHeight / BLOCK;
    const ranges = split(blocks, JOBS_PER_THREAD * threads, 1);
    const loaded = this.#load(plan, BASE_SLOT_BYTES, ranges.length);
    const tables = await splitEq(this.#pool, this.#xi);
    const words = writeWeights(this.#pool, weights);
    const sums = arena.allocate('sums', 20 * ranges.length);
    arena.words(sums).fill(0);
    await this.#pool.run(
      ranges.map(
        ([from, to], i): Job => [
          'zerocheckRound',
          loaded.region.offset,
          loaded.slots.offset + i * loaded.slotsBytes,
          1,
          0,
          0,
          0,
          words.offset,
          2 ** this.logHeight,
          tables.low.offset,
          tables.high.offset,
          tables.high.stride,
          1,
          from,
          to,
          sums.offset + 20 * i,
        ],
      ),
    );
    const parts = readElements(arena, sums.offset, ranges.length);
    for (const region of [sums, words]) arena.free(region);
    freeEq(this.#pool, tables);
    freePlan(this.#pool, loaded);
    return parts.reduce(add, ZERO);
  }

  #load(plan: Plan, slotBytes: number, copies: number): LoadedPlan {
    const columns = plan.columns.map((column) => this.#table.column(this.#reference(column)));
    return loadPlan(this.#pool, plan, slotBytes, columns, outputList(plan), copies);
  }

  #reference(column: number): ColumnReference {
    return this.#analysis.columns[column] as ColumnReference;
  }

  #readColumn(column: number): Quintic[] {
    const at = this.#table.column(this.#reference(column));
    const words = this.#pool.arena.words(at, 2 ** this.logHeight);
    return Array.from(words, (word) => E.fromBase(fromMontgomery(word)));
  }

  /** Fixes the powers of lambda and writes the linear column. */
  async start(powers: InstancePowers, sums: InstanceSums): Promise<void> {
    this.total = add(
      mul(powers.numerator, sums.numerator),
      mul(powers.denominator, sums.denominator),
    );
    this.#claim = this.total;
    const sum = splitSum(this.#analysis, zerocheckSum(this.#table.chip, powers, this.#messages));
    this.#sum = sum;
    this.#degree = Math.max(1, planDegree(this.#analysis, sum.nodes));
    if (this.#isLarge) {
      this.#plan = planNodes(this.#analysis, sum.nodes, BASE_LINE_SLOTS);
      this.#vectors = await this.#startVectors(this.#plan, sum);
    } else {
      this.#plan = planNodes(this.#analysis, sum.nodes, QUINTIC_LINE_SLOTS);
      this.#tail = this.#startTail(this.#plan, sum);
    }
  }

  async #startVectors(plan: Plan, sum: SplitSum): Promise<Vectors> {
    const rows = 2 ** this.logHeight;
    const linear = allocateVector(this.#pool.arena, 'linear column', rows);
    for (let j = 0; j < 5; j++) {
      const plane = this.#pool.arena.words(linear.offset + j * linear.stride, rows);
      plane.fill(toMontgomery(sum.constant[j] as number));
    }
    const columns = [...sum.columns].map(([column, weight]) => ({
      offset: this.#table.column(this.#reference(column)),
      weight,
    }));
    const weights = writeWeights(
      this.#pool,
      columns.map(({ weight }) => weight),
    );
    const jobs = split(rows, JOBS_PER_THREAD * this.#pool.threads, 1024);
    for (const [c, { offset }] of columns.entries()) {
      await this.#pool.run(
        jobs.map(
          ([from, to]): Job => [
            'addWeightedColumns',
            offset,
            0,
            1,
            weights.offset + 20 * c,
            0,
            linear.offset,
            linear.stride,
            from,
            to,
          ],
        ),
      );
    }
    this.#pool.arena.free(weights);
    const copies = JOBS_PER_THREAD * this.#pool.threads;
    const loaded = this.#load(plan, BASE_SLOT_BYTES, copies);
    const nodeWeights = writeWeights(this.#pool, sum.weights);
    return { loaded, linear, nodeWeights, quintic: undefined, rows };
  }

  #startTail(plan: Plan, sum: SplitSum): Tail {
    const rows = 2 ** this.logHeight;
    const linear = new Array<Quintic>(rows).fill(sum.constant);
    for (const [column, weight] of sum.columns) {
      const values = this.#readColumn(column);
      for (let i = 0; i < rows; i++) {
        linear[i] = add(linear[i] as Quintic, mul(weight, values[i] as Quintic));
      }
    }
    const columns = plan.columns.map((column) => this.#readColumn(column));
    return { linear, columns };
  }

  /** Jobs of the next round; `round` gives its values when they are done. */
  async prepareRound(): Promise<Job[]> {
    const vectors = this.#vectors;
    if (vectors === undefined) return [];
    const { arena, threads } = this.#pool;
    const half = vectors.rows / 2;
    const tables = await splitEq(this.#pool, this.#xi.slice(1));
    const ranges = split(half / BLOCK, JOBS_PER_THREAD * threads, 1);
    const points = this.#degree;
    const sums = arena.allocate('sums', 20 * points * ranges.length);
    arena.words(sums).fill(0);
    this.#pending = { sums, tables, jobs: ranges.length };
    const overBase = vectors.quintic === undefined;
    return ranges.map(([from, to], i) => [
      'zerocheckRound',
      vectors.loaded.region.offset,
      vectors.loaded.slots.offset + i * vectors.loaded.slotsBytes,
      Number(overBase),
      vectors.quintic?.stride ?? 0,
      vectors.linear.offset,
      vectors.linear.stride,
      vectors.nodeWeights.offset,
      half,
      tables.low.offset,
      tables.high.offset,
      tables.high.stride,
      points,
      from,
      to,
      sums.offset + 20 * points * i,
    ]);
  }

  /** s(0), s(2), ..., s(5) of the instance's polynomial. */
  round(): Quintic[] {
    const values = this.#pending === undefined ? this.#tailValues() : this.#takePending();
    const xi = this.#xi[0] as Quintic;
    const [atZero, ...others] = values as [Quintic, ...Quintic[]];
    const sAtZero = mul(mul(this.#bound, sub(ONE, xi)), atZero);
    const atOne = mul(sub(this.#claim, sAtZero), inverse(mul(this.#bound, xi)));
    const t = [atZero, atOne, ...others];
    const bound = this.#bound;
    this.#evaluate = (x) =>
      mul(mul(bound, interpolateLine(sub(ONE, xi), xi, x)), interpolate(t, x));
    const message: Quintic[] = [];
    for (let x = 0; x <= ZEROCHECK_DEGREE; x++) {
      if (x !== 1) message.push(this.#evaluate(E.fromBase(x)));
    }
    return message;
  }

  #takePending(): Quintic[] {
    const { sums, tables, jobs } = this.#pending as PendingRound;
    this.#pending = undefined;
    const points = this.#degree;
    const parts = readElements(this.#pool.arena, sums.offset, points * jobs);
    this.#pool.arena.free(sums);
    freeEq(this.#pool, tables);
    return Array.from({ length: points }, (_, point) =>
      parts.filter((_part, i) => i % points === point).reduce(add, ZERO),
    );
  }

  /** t(0), t(2), ..., t(degree) from plain arrays. */
  #tailValues(): Quintic[] {
    const { linear, columns } = this.#tail as Tail;
    const { weights } = this.#sum as SplitSum;
    const half = linear.length / 2;
    const eqs = eqTable(this.#xi.slice(1));
    const points = Array.from({ length: this.#degree }, (_, i) => (i === 0 ? 0 : i + 1));
    return points.map((x) => {
      const at = (column: readonly Quintic[], i: number): Quintic =>
        interpolateLine(column[i] as Quintic, column[half + i] as Quintic, E.fromBase(x));
      let sum = ZERO;
      for (let i = 0; i < half; i++) {
        const row = columns.map((column) => at(column, i));
        const value = add(at(linear, i), weightedOutputs(this.#plan as Plan, row, weights));
        sum = add(sum, mul(eqs[i] as Quintic, value));
      }
      return sum;
    });
  }

  /** Binds the instance's leading variable: returns the jobs that do so; `settle` follows them. */
  bind(challenge: Quintic, challengeAt: number): Job[] {
    const evaluate = this.#evaluate;
    if (evaluate === undefined) throw new Error('a round comes before its binding');
    this.#claim = evaluate(challenge);
    this.#bound = mul(this.#bound, eq([this.#xi[0] as Quintic], [challenge]));
    this.#xi = this.#xi.slice(1);
    if (this.#vectors !== undefined) return this.#bindVectors(this.#vectors, challengeAt);
    const tail = this.#tail as Tail;
    const fold = (column: readonly Quintic[]): Quintic[] => {
      const half = column.length / 2;
      return Array.from({ length: half }, (_, i) =>
        interpolateLine(column[i] as Quintic, column[half + i] as Quintic, challenge),
      );
    };
    this.#tail = { linear: fold(tail.linear), columns: tail.columns.map(fold) };
    return [];
  }

  #bindVectors(vectors: Vectors, r: number): Job[] {
    const half = vectors.rows / 2;
    const ranges = split(half, JOBS_PER_THREAD * this.#pool.threads, BLOCK);
    const { linear } = vectors;
    const jobs: Job[] = ranges.map(([from, to]) => [
      'bindQuinticsHigh',
      linear.offset,
      linear.stride,
      half,
      r,
      linear.offset,
      linear.stride,
      from,
      to,
    ]);
    const plan = this.#plan as Plan;
    if (vectors.quintic === undefined) {
      const quintic = allocateColumns(this.#pool, plan.columns.length, half);
      for (const [k, column] of plan.columns.entries()) {
        const source = this.#table.column(this.#reference(column));
        for (const [from, to] of ranges) {
          const target = quintic.offset + 5 * k * quintic.stride;
          jobs.push(['bindColumnHigh', source, half, r, target, quintic.stride, from, to]);
        }
      }
      this.#vectors = { ...vectors, quintic, rows: half };
    } else {
      const { offset, stride } = vectors.quintic;
      for (const k of plan.columns.keys()) {
        const at = offset + 5 * k * stride;
        for (const [from, to] of ranges) {
          jobs.push(['bindQuinticsHigh', at, stride, half, r, at, stride, from, to]);
        }
      }
      this.#vectors = { ...vectors, rows: half };
    }
    return jobs;
  }

  /** After the jobs of `bind`: goes over to the plan over E, or to plain arrays. */
  async settle(): Promise<void> {
    const vectors = this.#vectors;
    if (vectors?.quintic === undefined) return;
    const plan = planNodes(this.#analysis, (this.#sum as SplitSum).nodes, QUINTIC_LINE_SLOTS);
    if (vectors.rows <= BLOCK) {
      this.#tail = this.#readTail(vectors);
      this.#plan = plan;
      this.#freeVectors();
      return;
    }
    if (vectors.loaded.slotBytes === QUINTIC_SLOT_BYTES) return;
    const { arena } = this.#pool;
    const { weights } = this.#sum as SplitSum;
    const { offset, stride } = vectors.quintic;
    const columns = plan.columns.map((_, k) => offset + 5 * k * stride);
    freePlan(this.#pool, vectors.loaded);
    const copies = JOBS_PER_THREAD * this.#pool.threads;
    const loaded = loadPlan(
      this.#pool,
      plan,
      QUINTIC_SLOT_BYTES,
      columns,
      outputList(plan),
      copies,
    );
    const prepared = arena.allocate(
      'prepared weights',
      PREPARED_BYTES * Math.max(1, weights.length),
    );
    await this.#pool.run([
      ['prepareWeights', vectors.nodeWeights.offset, weights.length, prepared.offset],
    ]);
    arena.free(vectors.nodeWeights);
    this.#plan = plan;
    this.#vectors = { ...vectors, loaded, nodeWeights: prepared };
  }

  #readTail({ linear, quintic, rows }: Vectors): Tail {
    const { arena } = this.#pool;
    const { offset, stride } = quintic as QuinticColumns;
    const columns = (this.#plan as Plan).columns.map((_, k) =>
      readVector(arena, { offset: offset + 5 * k * stride, stride, length: rows }),
    );
    return { linear: readVector(arena, linear, 0, rows), columns };
  }

  #freeVectors(): void {
    const vectors = this.#vectors;
    if (vectors === undefined) return;
    const { arena } = this.#pool;
    freePlan(this.#pool, vectors.loaded);
    arena.free(vectors.linear.region);
    arena.free(vectors.nodeWeights);
    if (vectors.quintic !== undefined) arena.free(vectors.quintic.region);
    this.#vectors = undefined;
  }

  /** Gives back all memory. */
  free(): void {
    this.#freeVectors();
  }
}

/** Columns folded into vectors over E, five planes each, `stride` apart. */
interface QuinticColumns {
  readonly region: Region;
  readonly offset: number;
  readonly stride: number;
}

function allocateColumns(pool: Pool, count: number, rows: number): QuinticColumns {
  const stride = columnStride(rows);
  const region = pool.arena.allocate('folded columns', Math.max(1, 5 * count) * stride);
  return { region, offset: region.offset, stride };
}

/** The instance in the kernels' memory. */
interface Vectors {
  readonly loaded: LoadedPlan;
  readonly linear: OwnedVector;
  readonly nodeWeights: Region;
  readonly quintic: QuinticColumns | undefined;
  readonly rows: number;
}

/** The instance's last rows on plain arrays. */
interface Tail {
  readonly linear: readonly Quintic[];
  readonly columns: readonly (readonly Quintic[])[];
}

interface PendingRound {
  readonly sums: Region;
  readonly tables: SplitEq;
  readonly jobs: number;
}

function outputList(plan: Plan) {
  return (slotOffset: (slot: number) => number): { count: number; words: number[] } => ({
    count: plan.outputs.length,
    words: plan.outputs.map(slotOffset),
  });
}

function weightedOutputs(
  plan: Plan,
  row: readonly Quintic[],
  weights: readonly Quintic[],
): Quintic {
  return evaluatePlan(plan, row).reduce(
    (sum, value, k) => add(sum, mul(weights[k] as Quintic, value)),
    ZERO,
  );
}

function writeWeights(pool: Pool, weights: readonly Quintic[]): Region {
  const region = pool.arena.allocate('weights', 20 * Math.max(1, weights.length));
  writeElements(pool.arena, region.offset, weights);
  return region;
}
