/**
 * Multilinear and univariate polynomials over E. A point has its most significant variable first:
 * the entry i of a table of 2^n values belongs to the bits x_1..x_n of i, i = sum of 2^(n-j) x_j.
 */
import { VerificationError } from './errors.ts';
import * as F from './koala-bear.ts';
import { add, mul, ONE, type Quintic, scale, sub, ZERO } from './quintic.ts';

/** A point of E^n. */
export type Point = readonly Quintic[];

/** eq(a, b) = product of a_j b_j + (1 - a_j)(1 - b_j); for points of the cube, whether a = b. */
export function eq(a: Point, b: Point): Quintic {
  if (a.length !== b.length)
    throw new RangeError(`points of ${a.length} and ${b.length} variables`);
  return a.reduce<Quintic>((product, x, j) => {
    const y = b[j] as Quintic;
    const xy = mul(x, y);
    return mul(product, add(sub(sub(add(xy, xy), x), y), ONE));
  }, ONE);
}

/**
 * eq(place, leading coordinates of the point), where the place is that of 2^logHeight entries of a
 * table, the first one at `offset`, a multiple of 2^logHeight.
 */
export function placeSelector(
  { offset, logHeight }: { readonly offset: number; readonly logHeight: number },
  point: Point,
): Quintic {
  let place = offset / 2 ** logHeight;
  let product = ONE;
  for (let j = point.length - logHeight - 1; j >= 0; j--) {
    const x = point[j] as Quintic;
    product = mul(product, place % 2 === 1 ? x : sub(ONE, x));
    place = Math.floor(place / 2);
  }
  return product;
}

/** eq(point, x) for all 2^n points x of the cube. */
export function eqTable(point: Point): Quintic[] {
  let table: Quintic[] = [ONE];
  for (const x of point) {
    table = table.flatMap((entry) => {
      const one = mul(entry, x);
      return [sub(entry, one), one];
    });
  }
  return table;
}

/** The multilinear polynomial with these 2^n values on the cube, at a point of n variables. */
export function evaluateMultilinear(values: readonly Quintic[], point: Point): Quintic {
  checkCube(values.length, point);
  let table = values;
  for (const x of point) {
    const half = table.length / 2;
    const high = table.slice(half);
    table = high.map((one, i) => {
      const zero = table[i] as Quintic;
      return add(zero, mul(x, sub(one, zero)));
    });
  }
  return table[0] as Quintic;
}

/** As `evaluateMultilinear`, for values in F: five products of F for each value. */
export function evaluateBaseMultilinear(values: ArrayLike<number>, point: Point): Quintic {
  checkCube(values.length, point);
  const split = point.length >> 1;
  const low = eqTable(point.slice(split));
  return eqTable(point.slice(0, split)).reduce(
    (sum, weight, i) => add(sum, mul(weight, weightedSum(low, values, i * low.length))),
    ZERO,
  );
}

/** The polynomial with these coefficients, constant term first, at a point. */
export function evaluateUnivariate(coefficients: readonly Quintic[], x: Quintic): Quintic {
  return coefficients.reduceRight((value, c) => add(mul(value, x), c), ZERO);
}

/** As `evaluateUnivariate`, at an element of F. */
export function evaluateAtBase(coefficients: readonly Quintic[], x: number): Quintic {
  const powers = new Uint32Array(coefficients.length).fill(1);
  for (let i = 1; i < powers.length; i++) powers[i] = F.mul(powers[i - 1] as number, x);
  return weightedSum(coefficients, powers);
}

/**
 * The verifier's side of one sumcheck round. The message is s(0), s(2), ..., s(degree); s(1) follows
 * from claim = s(0) + s(1). Returns s(challenge), the next claim. A message of any other length than
 * the degree fails `sumcheck/length`: this is the degree check.
 */
export function sumcheckRound(
  claim: Quintic,
  message: readonly Quintic[],
  degree: number,
  challenge: Quintic,
): Quintic {
  const [atZero, ...rest] = message;
  if (atZero === undefined || message.length !== degree) {
    const details = { expected: degree, found: message.length };
    throw new VerificationError('sumcheck/length', 'a round of the wrong degree', details);
  }
  return interpolate([atZero, sub(claim, atZero), ...rest], challenge);
}

/** The polynomial of degree below n with the given values at 0, 1, ..., n - 1, at a point. */
export function interpolate(values: readonly Quintic[], x: Quintic): Quintic {
  const n = values.length;
  const weights = lagrangeWeights(n);
  const differences = values.map((_, j): Quintic => [F.sub(x[0], j), x[1], x[2], x[3], x[4]]);
  const after: Quintic[] = new Array<Quintic>(n).fill(ONE);
  for (let j = n - 1; j > 0; j--) {
    after[j - 1] = mul(after[j] as Quintic, differences[j] as Quintic);
  }
  let before = ONE;
  let sum = ZERO;
  for (let j = 0; j < n; j++) {
    const term = scale(values[j] as Quintic, weights[j] as number);
    sum = add(sum, mul(term, mul(before, after[j] as Quintic)));
    before = mul(before, differences[j] as Quintic);
  }
  return sum;
}

const weightsBySize = new Map<number, readonly number[]>();

/** 1 / product of (j - i) over i != j in 0..n-1, for each j. */
function lagrangeWeights(n: number): readonly number[] {
  let weights = weightsBySize.get(n);
  if (weights === undefined) {
    const nodes = Array.from({ length: n }, (_, j) => j);
    const product = (j: number): number =>
      nodes.reduce((value, i) => (i === j ? value : F.mul(value, F.sub(j, i))), 1);
    weights = F.batchInverse(nodes.map(product));
    weightsBySize.set(n, weights);
  }
  return weights;
}

function checkCube(length: number, point: Point): void {
  if (length !== 2 ** point.length) {
    throw new RangeError(`${length} values for a point of ${point.length} variables`);
  }
}

/** Products that are added before a reduction: half of what `reduceProducts` allows. */
const BLOCK = 8;

/**
 * Sum of weights[i] * values[offset + i], the values in F. Each coordinate is kept as in
 * `reduceProducts`.
 */
export function weightedSum(
  weights: readonly Quintic[],
  values: ArrayLike<number>,
  offset = 0,
): Quintic {
  const { imul } = Math;
  let sum = ZERO;
  for (let start = 0; start < weights.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, weights.length);
    let v0 = 0;
    let v1 = 0;
    let v2 = 0;
    let v3 = 0;
    let v4 = 0;
    let w0 = 0;
    let w1 = 0;
    let w2 = 0;
    let w3 = 0;
    let w4 = 0;
    for (let i = start; i < end; i++) {
      const value = values[offset + i] as number;
      const weight = weights[i] as Quintic;
      const e0 = weight[0];
      const e1 = weight[1];
      const e2 = weight[2];
      const e3 = weight[3];
      const e4 = weight[4];
      v0 += e0 * value;
      v1 += e1 * value;
      v2 += e2 * value;
      v3 += e3 * value;
      v4 += e4 * value;
      w0 = (w0 + imul(e0, value)) | 0;
      w1 = (w1 + imul(e1, value)) | 0;
      w2 = (w2 + imul(e2, value)) | 0;
      w3 = (w3 + imul(e3, value)) | 0;
      w4 = (w4 + imul(e4, value)) | 0;
    }
    const { reduceProducts } = F;
    sum = add(sum, [
      reduceProducts(w0, v0),
      reduceProducts(w1, v1),
      reduceProducts(w2, v2),
      reduceProducts(w3, v3),
      reduceProducts(w4, v4),
    ]);
  }
  return sum;
}
