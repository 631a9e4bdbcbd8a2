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
  REDUCTION_DEGREE,
  type ReductionProof,
  type SegmentShape,
  type StackClaim,
  type Transcript,
} from '@vouch/verifier';
import { tabulateEq } from './eq-tables.ts';
import type { Job } from './kernel.ts';
import { type Pool, split } from './pool.ts';
import {
  allocateVector,
  type OwnedVector,
  readElements,
  readVector,
  writeElements,
} from './quintic-vector.ts';
import { bindLeading, proveSumcheck, sumRows } from './scalar/sumcheck.ts';

const { add, mul, ONE, ZERO } = E;

/** Log of the least height of a table. */
export const LOG_LEAST = 5;
/** Vectors up to this many variables are summed on plain arrays. */
const LOG_SMALL = 6;
const LABELS = { round: 'reduction round', challenge: 'reduction challenge' };

/** @param stack byte offset of S, in Montgomery form */
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
  const sums = await sumLow(pool, stack, variables, lowPoint);
  const weights = await highWeights(pool, shape, columnPoint, lambda, variables);
  const high = await productSumcheck(pool, transcript, sums, weights);
  const atHigh = await evaluateHigh(pool, stack, variables, high.point);
  let vectors = [atHigh, eqTable(lowPoint).map((value) => mul(value, high.weight))];
  const low = proveSumcheck(
    transcript,
    {
      variables: LOG_LEAST,
      degree: REDUCTION_DEGREE,
      sumAt: (x) => sumRows(vectors, x, ([s, a]) => mul(s as Quintic, a as Quintic)),
      bind: (challenge) => {
        vectors = vectors.map((vector) => bindLeading(vector, challenge));
      },
    },
    LABELS,
  );
  const value = (vectors[0] as Quintic[])[0] as Quintic;
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
  variables: number,
  lowPoint: Point,
): Promise<OwnedVector> {
  const { arena, threads } = pool;
  const length = 2 ** (variables - LOG_LEAST);
  const sums = allocateVector(arena, 'row sums of S', length);
  const weights = arena.allocate('low weights', 20 * 2 ** LOG_LEAST);
  writeElements(arena, weights.offset, eqTable(lowPoint));
  await pool.run(
    split(length, 4 * threads, 64).map(
      ([from, to]): Job => [
        'weighRows',
        stack,
        2 ** LOG_LEAST,
        weights.offset,
        sums.offset,
        sums.stride,
        from,
        to,
      ],
    ),
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
  const factors = arena.allocate('powers of lambda', 20 * columns.length);
  const powers: Quintic[] = [];
  let power = ONE;
  for (const _ of columns) {
    powers.push(power);
    power = mul(power, lambda);
  }
  writeElements(arena, factors.offset, powers);
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
        factors.offset + 20 * c,
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

/** Proves sum of a(x) b(x) over all variables of two vectors, which it frees. */
async function productSumcheck(
  pool: Pool,
  transcript: Transcript,
  a: OwnedVector,
  b: OwnedVector,
): Promise<{ rounds: Quintic[][]; point: Quintic[]; weight: Quintic }> {
  const { arena, threads } = pool;
  const rounds: Quintic[][] = [];
  const point: Quintic[] = [];
  let length = a.length;
  const words = arena.allocate('challenge', 64);
  while (length > 2 ** LOG_SMALL) {
    const half = length / 2;
    const message = await productRound(pool, a, b, half);
    transcript.absorbExtensions(LABELS.round, message);
    const challenge = transcript.squeezeExtension(LABELS.challenge);
    writeElements(arena, words.offset, [challenge]);
    const jobs: Job[] = [];
    for (const { offset, stride } of [a, b]) {
      for (const [from, to] of split(half, 2 * threads, 64)) {
        jobs.push([
          'bindQuinticsHigh',
          offset,
          stride,
          half,
          words.offset,
          offset,
          stride,
          from,
          to,
        ]);
      }
    }
    await pool.run(jobs);
    rounds.push(message);
    point.push(challenge);
    length = half;
  }
  arena.free(words);
  let vectors = [a, b].map((vector) => readVector(arena, vector, 0, length));
  for (const { region } of [a, b]) arena.free(region);
  const small = proveSumcheck(
    transcript,
    {
      variables: Math.log2(length),
      degree: REDUCTION_DEGREE,
      sumAt: (x) => sumRows(vectors, x, ([s, w]) => mul(s as Quintic, w as Quintic)),
      bind: (challenge) => {
        vectors = vectors.map((vector) => bindLeading(vector, challenge));
      },
    },
    LABELS,
  );
  return {
    rounds: [...rounds, ...small.rounds],
    point: [...point, ...small.point],
    weight: (vectors[1] as Quintic[])[0] as Quintic,
  };
}

/** s(0) and s(2) of the sum of products of two vectors. */
export async function productRound(
  pool: Pool,
  a: OwnedVector,
  b: OwnedVector,
  half: number,
): Promise<Quintic[]> {
  const { arena, threads } = pool;
  const ranges = split(half, 4 * threads, 64);
  const sums = arena.allocate('sums', 40 * ranges.length);
  arena.words(sums).fill(0);
  await pool.run(
    ranges.map(
      ([from, to], i): Job => [
        'productRound',
        a.offset,
        a.stride,
        b.offset,
        b.stride,
        half,
        from,
        to,
        sums.offset + 40 * i,
      ],
    ),
  );
  const values = readElements(arena, sums.offset, 2 * ranges.length);
  arena.free(sums);
  const total = (k: number): Quintic => values.filter((_, i) => i % 2 === k).reduce(add, ZERO);
  return [total(0), total(1)];
}

/** S with all but its last LOG_LEAST variables bound: 2^LOG_LEAST values. */
async function evaluateHigh(
  pool: Pool,
  stack: number,
  variables: number,
  point: Point,
): Promise<Quintic[]> {
  const { arena, threads } = pool;
  const weights = await tabulateEq(pool, point);
  const rows = 2 ** (variables - LOG_LEAST);
  const width = 2 ** LOG_LEAST;
  const ranges = split(rows, 4 * threads, 64);
  const sums = arena.allocate('sums', 20 * width * ranges.length);
  arena.words(sums).fill(0);
  await pool.run(
    ranges.map(
      ([from, to], i): Job => [
        'sumRows',
        stack,
        width,
        weights.offset,
        weights.stride,
        sums.offset + 20 * width * i,
        from,
        to,
      ],
    ),
  );
  const values = readElements(arena, sums.offset, width * ranges.length);
  arena.free(sums);
  arena.free(weights.region);
  return Array.from({ length: width }, (_, k) =>
    values.filter((_value, i) => i % width === k).reduce(add, ZERO),
  );
}
