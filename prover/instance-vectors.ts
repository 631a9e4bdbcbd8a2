/** Rows of an instance in the kernels' memory: over F until a variable is bound, then over E. */
import type { Point, Quintic } from '@vouch/verifier';
import { freeEq, type SplitEq, splitEq } from './eq-tables.ts';
import { type InstanceRows, PlainRows } from './instance-rows.ts';
import type { Job } from './kernel.ts';
import { BLOCK } from './kernel-layout.ts';
import type { LoadedTable } from './loaded-table.ts';
import { columnStride, type Region } from './memory.ts';
import { toMontgomery } from './montgomery.ts';
import type { SplitSum } from './node-weights.ts';
import { PartialSums } from './partial-sums.ts';
import { type ChipAnalysis, type ColumnReference, type Plan, planNodes } from './plan.ts';
import {
  BASE_SLOT_BYTES,
  freePlan,
  type LoadedPlan,
  loadPlan,
  QUINTIC_SLOT_BYTES,
} from './plan-memory.ts';
import { type Pool, split } from './pool.ts';
import { allocateElements, bindJobs } from './quintic-jobs.ts';
import {
  allocateVector,
  ELEMENT_BYTES,
  type OwnedVector,
  type QuinticVector,
  readVector,
} from './quintic-vector.ts';

/** Slots that the linear column takes behind the plan's columns. */
export const BASE_LINE_SLOTS = 5;
export const QUINTIC_LINE_SLOTS = 1;
/** Jobs that one round of an instance is split into, at most. */
export const JOBS_PER_THREAD = 2;
/** Bytes of a prepared factor of the kernels. */
const PREPARED_BYTES = 240;
/** Rows that a job of the linear column takes at least. */
const LINE_GRAIN = 1024;

/** What the rows belong to: an instance and its part of the zerocheck's sum. */
export interface InstanceSum {
  readonly table: LoadedTable;
  readonly analysis: ChipAnalysis;
  readonly sum: SplitSum;
}

/** A plan in memory, and the weights of its outputs. */
interface Evaluator {
  readonly plan: Plan;
  readonly loaded: LoadedPlan;
  readonly weights: Region;
}

/** Columns folded into vectors over E, five planes each. */
interface FoldedColumns {
  readonly region: Region;
  readonly stride: number;
}

export class VectorRows implements InstanceRows {
  readonly #pool: Pool;
  readonly #instance: InstanceSum;
  readonly #linear: OwnedVector;
  #evaluator: Evaluator;
  #folded: FoldedColumns | undefined;
  #rows: number;
  #pending: { readonly sums: PartialSums; readonly eq: SplitEq } | undefined;

  private constructor(
    pool: Pool,
    instance: InstanceSum,
    linear: OwnedVector,
    evaluator: Evaluator,
  ) {
    this.#pool = pool;
    this.#instance = instance;
    this.#linear = linear;
    this.#evaluator = evaluator;
    this.#rows = linear.length;
  }

  /** Writes the linear column and loads the plan. */
  static async start(pool: Pool, instance: InstanceSum, work: number): Promise<VectorRows> {
    const { table, analysis, sum } = instance;
    const linear = await writeLine(pool, instance, work);
    const plan = planNodes(analysis, sum.nodes, BASE_LINE_SLOTS);
    const columns = plan.columns.map((column) => columnAddress(table, analysis, column));
    const evaluator = {
      plan,
      loaded: loadEvaluation(pool, plan, BASE_SLOT_BYTES, columns, jobsOf(pool)),
      weights: allocateElements(pool, 'weights', sum.weights),
    };
    return new VectorRows(pool, instance, linear, evaluator);
  }

  async prepare(rest: Point, points: number): Promise<Job[]> {
    const half = this.#rows / 2;
    const eq = await splitEq(this.#pool, rest);
    const ranges = split(half / BLOCK, jobsOf(this.#pool), 1);
    const sums = new PartialSums(this.#pool.arena, points, ranges.length);
    this.#pending = { sums, eq };
    const { loaded, weights } = this.#evaluator;
    return ranges.map(([from, to], i) => [
      'zerocheckRound',
      loaded.region.offset,
      loaded.slots.offset + i * loaded.slotsBytes,
      Number(this.#folded === undefined),
      this.#folded?.stride ?? 0,
      this.#linear.offset,
      this.#linear.stride,
      weights.offset,
      half,
      eq.low.offset,
      eq.high.offset,
      eq.high.stride,
      points,
      from,
      to,
      sums.at(i),
    ]);
  }

  values(): Quintic[] {
    if (this.#pending === undefined) throw new Error('values come after the jobs of `prepare`');
    const { sums, eq } = this.#pending;
    this.#pending = undefined;
    freeEq(this.#pool, eq);
    return sums.take();
  }

  bind(_challenge: Quintic, challengeAt: number): Job[] {
    const half = this.#rows / 2;
    const ranges = split(half, jobsOf(this.#pool), BLOCK);
    const line = bindJobs(this.#linear, half, challengeAt, ranges);
    const columns =
      this.#folded === undefined
        ? this.#foldColumns(half, challengeAt, ranges)
        : this.#foldedColumns().flatMap((column) => bindJobs(column, half, challengeAt, ranges));
    this.#rows = half;
    return [...line, ...columns];
  }

  /** Jobs of the first binding, which makes vectors over E of the columns. */
  #foldColumns(
    half: number,
    challengeAt: number,
    ranges: readonly (readonly [from: number, to: number])[],
  ): Job[] {
    const { table, analysis } = this.#instance;
    const { columns } = this.#evaluator.plan;
    const region = this.#pool.arena.allocate('folded columns', foldedBytes(columns.length, half));
    this.#folded = { region, stride: columnStride(half) };
    return this.#foldedColumns().flatMap(({ offset, stride }, k) => {
      const source = columnAddress(table, analysis, columns[k] as number);
      return ranges.map(
        ([from, to]): Job => [
          'bindColumnHigh',
          source,
          half,
          challengeAt,
          offset,
          stride,
          from,
          to,
        ],
      );
    });
  }

  #foldedColumns(): QuinticVector[] {
    const { region, stride } = this.#folded as FoldedColumns;
    return this.#evaluator.plan.columns.map((_, k) => ({
      offset: region.offset + 5 * k * stride,
      stride,
      length: this.#rows,
    }));
  }

  async settle(): Promise<InstanceRows> {
    if (this.#rows <= BLOCK) return this.#toPlain();
    if (this.#evaluator.loaded.slotBytes === BASE_SLOT_BYTES) await this.#extendPlan();
    return this;
  }

  #toPlain(): InstanceRows {
    const { analysis, sum } = this.#instance;
    const read = (vector: QuinticVector): Quintic[] =>
      readVector(this.#pool.arena, vector, 0, this.#rows);
    const linear = read(this.#linear);
    const columns = this.#foldedColumns().map(read);
    this.free();
    const plan = planNodes(analysis, sum.nodes, QUINTIC_LINE_SLOTS);
    return new PlainRows(plan, sum.weights, linear, columns);
  }

  /** Goes over to the plan over E. */
  async #extendPlan(): Promise<void> {
    const { analysis, sum } = this.#instance;
    const { arena } = this.#pool;
    const { loaded, weights } = this.#evaluator;
    freePlan(this.#pool, loaded);
    const plan = planNodes(analysis, sum.nodes, QUINTIC_LINE_SLOTS);
    const columns = this.#foldedColumns().map(({ offset }) => offset);
    const count = sum.weights.length;
    const prepared = arena.allocate('prepared weights', PREPARED_BYTES * count);
    await this.#pool.run([['prepareWeights', weights.offset, count, prepared.offset]]);
    arena.free(weights);
    this.#evaluator = {
      plan,
      loaded: loadEvaluation(this.#pool, plan, QUINTIC_SLOT_BYTES, columns, jobsOf(this.#pool)),
      weights: prepared,
    };
  }

  free(): void {
    const { arena } = this.#pool;
    freePlan(this.#pool, this.#evaluator.loaded);
    for (const region of [this.#linear.region, this.#evaluator.weights]) arena.free(region);
    if (this.#folded !== undefined) arena.free(this.#folded.region);
  }
}

/** Bytes of the folded columns of a plan. */
export function foldedBytes(columns: number, rows: number): number {
  return 5 * columns * columnStride(rows);
}

/** Byte offset of a column, given as the analysis numbers it. */
export function columnAddress(table: LoadedTable, analysis: ChipAnalysis, column: number): number {
  return table.column(analysis.columns[column] as ColumnReference);
}

/** Loads a plan whose outputs are weighed and added up. */
export function loadEvaluation(
  pool: Pool,
  plan: Plan,
  slotBytes: number,
  columns: readonly number[],
  copies: number,
): LoadedPlan {
  const outputs = (slotOffset: (slot: number) => number) => ({
    count: plan.outputs.length,
    words: plan.outputs.map(slotOffset),
  });
  return loadPlan(pool, plan, slotBytes, columns, outputs, copies);
}

function jobsOf(pool: Pool): number {
  return JOBS_PER_THREAD * pool.threads;
}

/** constant + sum of weight times column, as a vector over E. */
async function writeLine(
  pool: Pool,
  { table, analysis, sum }: InstanceSum,
  work: number,
): Promise<OwnedVector> {
  const rows = 2 ** table.logHeight;
  const linear = allocateVector(pool.arena, 'linear column', rows);
  for (let j = 0; j < 5; j++) {
    const plane = pool.arena.words(linear.offset + j * linear.stride, rows);
    plane.fill(toMontgomery(sum.constant[j] as number));
  }
  const weights = allocateElements(pool, 'weights', [...sum.columns.values()]);
  const ranges = split(rows, jobsOf(pool), LINE_GRAIN);
  for (const [c, column] of [...sum.columns.keys()].entries()) {
    const source = columnAddress(table, analysis, column);
    await pool.run(
      ranges.map(
        ([from, to]): Job => [
          'addWeightedColumns',
          source,
          0,
          1,
          weights.offset + ELEMENT_BYTES * c,
          0,
          linear.offset,
          linear.stride,
          from,
          to,
        ],
      ),
      work / sum.columns.size,
    );
  }
  pool.arena.free(weights);
  return linear;
}
