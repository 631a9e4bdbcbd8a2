/**
 * The prover's side of verifier/src/reduction.ts. All claims share the last coordinates of their
 * point, because no column is shorter than 2^LOG_LEAST. So A(z) = A'(high) eq(last coordinates, low),
 * and the sumcheck over all but these coordinates runs on S'(high) = sum over low of S eq, a vector
 * that is 2^LOG_LEAST times shorter than S.
 */
import {
  claimedColumns,
  QuinticField as E,
  eqTable,
  type Point,
  type Quintic,
  type ReductionProof,
  type SegmentShape,
  type StackClaim,
  type Transcript,
} from '@vouch/verifier';
import { tabulateEq } from './eq-tables.ts';
import type { Job } from './kernel.ts';
import { sumParts } from './partial-sums.ts';
import { type Pool, split } from './pool.ts';
import { PlainProduct, proveProduct } from './product-sumcheck.ts';
import { allocateElements } from './quintic-jobs.ts';
import { allocateVector, ELEMENT_BYTES, type OwnedVector } from './quintic-vector.ts';
import { proveSumcheck } from './scalar/sumcheck.ts';
import { LOG_LEAST, stackElements } from './stages.ts';
import { PASS_WORK } from './work.ts';

const { mul, ONE } = E;

/** Rows that a job takes at least. */
const GRAIN = 64;
const LABELS = { round: 'reduction round', challenge: 'reduction challenge' };

/**
 * Reduces the claims about all columns at one point to a claim about S.
 *
 * @param stack byte offset of S, in Montgomery form: the elements of `stackElements`
 */
export async function proveReduction(
  pool: Pool,
  transcript: Transcript,
  shape: SegmentShape,
  stack: number,
  columnPoint: Point,
): Promise<{ proof: ReductionProof; claim: StackClaim }> {
  const lambda = transcript.squeezeExtension('reduction lambda');
  const variables = shape.logChunks + shape.logRows;
  const lowPoint = columnPoint.slice(columnPoint.length - LOG_LEAST);
  const sums = await sumLow(pool, stack, shape, lowPoint);
  const weights = await highWeights(pool, shape, columnPoint, lambda, variables);
  const high = await proveProduct(pool, transcript, sums, weights, LABELS);
  for (const { region } of [sums, weights]) pool.arena.free(region);
  const atHigh = await evaluateHigh(pool, stack, shape, high.point);
  const lowWeights = eqTable(lowPoint).map((value) => mul(value, high.weight));
  const product = new PlainProduct(atHigh, lowWeights);
  const low = proveSumcheck(transcript, product, LABELS);
  const [value] = product.first;
  transcript.absorbExtensions('reduction value', [value]);
  return {
    proof: { rounds: [...high.rounds, ...low.rounds], value },
    claim: { point: [...high.point, ...low.point], value },
  };
}

/** S'(high): rows of 2^LOG_LEAST elements of S, weighted by eq of the low point. */
async function sumLow(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  lowPoint: Point,
): Promise<OwnedVector> {
  const { arena, threads } = pool;
  const width = 2 ** LOG_LEAST;
  const rows = usedRows(shape);
  const length = 2 ** (shape.logChunks + shape.logRows - LOG_LEAST);
  const sums = allocateVector(arena, 'row sums of S', length);
  for (let j = 0; j < 5; j++) {
    arena.words(sums.offset + j * sums.stride, length).fill(0, rows);
  }
  const weights = allocateElements(pool, 'low weights', eqTable(lowPoint));
  await pool.run(
    split(rows, 4 * threads, GRAIN).map(
      ([from, to]): Job => [
        'weighRows',
        stack,
        width,
        weights.offset,
        sums.offset,
        sums.stride,
        from,
        to,
      ],
    ),
    PASS_WORK * width * rows,
  );
  arena.free(weights);
  return sums;
}

/** A'(high) = sum over columns of lambda^c eq(place, leading bits) eq(point, middle bits). */
async function highWeights(
  pool: Pool,
  shape: SegmentShape,
  columnPoint: Point,
  lambda: Quintic,
  variables: number,
): Promise<OwnedVector> {
  const { arena } = pool;
  const weights = allocateVector(arena, 'column weights', 2 ** (variables - LOG_LEAST));
  for (let j = 0; j < 5; j++) {
    arena.words(weights.offset + j * weights.stride, weights.length).fill(0);
  }
  const columns = claimedColumns(shape);
  const powers: Quintic[] = [];
  for (let power = ONE; powers.length < columns.length; power = mul(power, lambda)) {
    powers.push(power);
  }
  const factors = allocateElements(pool, 'powers of lambda', powers);
  const heights = new Set(columns.map(({ logHeight }) => logHeight));
  for (const logHeight of heights) {
    const end = columnPoint.length - LOG_LEAST;
    const table = await tabulateEq(pool, columnPoint.slice(columnPoint.length - logHeight, end));
    const rows = 2 ** (logHeight - LOG_LEAST);
    const jobs: Job[] = [];
    for (const [c, column] of columns.entries()) {
      if (column.logHeight !== logHeight) continue;
      jobs.push([
        'scaleQuintics',
        table.offset,
        table.stride,
        factors.offset + ELEMENT_BYTES * c,
        weights.offset + (4 * column.offset) / 2 ** LOG_LEAST,
        weights.stride,
        0,
        rows,
      ]);
    }
    await pool.run(jobs);
    arena.free(table.region);
  }
  arena.free(factors);
  return weights;
}

/** S with all but its last LOG_LEAST variables bound: 2^LOG_LEAST values. */
async function evaluateHigh(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  point: Point,
): Promise<Quintic[]> {
  const weights = await tabulateEq(pool, point);
  const width = 2 ** LOG_LEAST;
  const rows = usedRows(shape);
  const values = await sumParts(
    pool,
    split(rows, 4 * pool.threads, GRAIN),
    width,
    (from, to, target) => [
      'sumRows',
      stack,
      width,
      weights.offset,
      weights.stride,
      target,
      from,
      to,
    ],
    PASS_WORK * width * rows,
  );
  pool.arena.free(weights.region);
  return values;
}

/** Rows of 2^LOG_LEAST elements that S has in memory; those behind are zero. */
function usedRows(shape: SegmentShape): number {
  return stackElements(shape) / 2 ** LOG_LEAST;
}
