/**
 * The sumcheck of one layer of the LogUp tree.
 *
 * A round's polynomial is eq(xi_i, X) c t(X), where c is eq of the bound coordinates and t has degree
 * 2 (Gruen, ePrint 2024/108): the kernels give t(0) and its leading coefficient, t(1) follows from
 * the claim. Variables are bound from the last to the first.
 */
import {
  type ChildClaims,
  QuinticField as E,
  eq,
  eqTable,
  interpolateLine,
  type Point,
  type Quintic,
} from '@vouch/verifier';
import { freeEq, splitEq } from './eq-tables.ts';
import { BLOCK } from './kernel-layout.ts';
import {
  allocateLayer,
  type FourVectors,
  GRAIN,
  halfSize,
  type Layer,
  padLayer,
  readLayer,
} from './logup-layer.ts';
import { sumParts } from './partial-sums.ts';
import { type Pool, split } from './pool.ts';
import { allocateElements } from './quintic-jobs.ts';
import { bindTrailing } from './scalar/sumcheck.ts';
import { FOLD_WORK, MIX_WORK, ROUND_WORK } from './work.ts';

const { add, inverse, mul, ONE, sub, ZERO } = E;

export interface Round {
  readonly message: Quintic[];
  /** s(challenge), the next claim. */
  evaluate(challenge: Quintic): Quintic;
}

/**
 * The round's polynomial s(X) = bound (1 - xi + (2 xi - 1) X) t(X) from t(0), the leading coefficient
 * of t and the claim s(0) + s(1).
 */
function roundFrom(
  claim: Quintic,
  bound: Quintic,
  xi: Quintic,
  atZero: Quintic,
  leading: Quintic,
): Round {
  const sAtZero = mul(mul(bound, sub(ONE, xi)), atZero);
  const atOne = mul(sub(claim, sAtZero), inverse(mul(bound, xi)));
  const linear = sub(sub(atOne, atZero), leading);
  const evaluate = (x: Quintic): Quintic => {
    const t = add(atZero, mul(x, add(linear, mul(x, leading))));
    return mul(mul(bound, interpolateLine(sub(ONE, xi), xi, x)), t);
  };
  return { message: [sAtZero, evaluate(E.fromBase(2)), evaluate(E.fromBase(3))], evaluate };
}

/** The rounds of a layer until a block is left. */
export class LayerSumcheck {
  readonly #pool: Pool;
  readonly #lambda: Quintic;
  #layer: Layer;
  #bound: Quintic = ONE;
  /** Coordinates of the claim's point that are not bound yet. */
  point: Point;

  constructor(pool: Pool, layer: Layer, point: Point, lambda: Quintic) {
    this.#pool = pool;
    this.#layer = layer;
    this.#lambda = lambda;
    this.point = point;
  }

  get logPairs(): number {
    return this.#layer.logPairs;
  }

  /** eq of the bound coordinates. */
  get bound(): Quintic {
    return this.#bound;
  }

  /**
   * Adds lambda times the right denominators to the right numerators. Leaves are mixed when they are
   * folded.
   */
  async mix(): Promise<void> {
    const { region, isLeaves, used } = this.#layer;
    if (isLeaves) return;
    await this.#withElement(this.#lambda, (lambda) =>
      this.#pool.run(
        split(used, 4 * this.#pool.threads, BLOCK).map(([from, to]) => [
          'mixNumerators',
          region.offset,
          lambda,
          from,
          to,
        ]),
        MIX_WORK * used,
      ),
    );
  }

  async round(claim: Quintic): Promise<Round> {
    const { region, isLeaves, used } = this.#layer;
    const rest = this.point.slice(0, -1);
    const { low, high } = await splitEq(this.#pool, rest);
    const eqPlaces = [low.offset, high.offset, high.stride] as const;
    const [atZero, leading] = (await this.#withElement(this.#lambda, (lambda) =>
      sumParts(
        this.#pool,
        split(used / GRAIN, 4 * this.#pool.threads, 1),
        2,
        (from, to, target) =>
          isLeaves
            ? ['leafRound', region.offset, lambda, ...eqPlaces, from, to, target]
            : ['logupRound', region.offset, ...eqPlaces, from, to, target],
        ROUND_WORK * used,
      ),
    )) as [Quintic, Quintic];
    freeEq(this.#pool, { low, high });
    // A pair that is not stored is (0, lambda, 1, 1): its polynomial is the constant lambda.
    const absent = mul(this.#lambda, sub(ONE, eqBelow(rest, used / 2)));
    const xi = this.point.at(-1) as Quintic;
    return roundFrom(claim, this.#bound, xi, add(atZero, absent), leading);
  }

  /** Binds the last variable: the layer is replaced by one of half its size. */
  async bind(challenge: Quintic): Promise<void> {
    this.#bound = mul(this.#bound, eq([this.point.at(-1) as Quintic], [challenge]));
    this.point = this.point.slice(0, -1);
    const source = this.#layer;
    const { isLeaves, used } = source;
    const target = allocateLayer(this.#pool, halfSize(source));
    const [from, to] = [source.region.offset, target.region.offset];
    await this.#withElement(this.#lambda, (lambda) =>
      this.#withElement(challenge, (words) =>
        this.#pool.run(
          split(used / GRAIN, 4 * this.#pool.threads, 1).map(([first, end]) =>
            isLeaves
              ? ['foldLeaves', from, lambda, to, words, first, end]
              : ['foldLayer', from, to, words, first, end],
          ),
          FOLD_WORK * used,
        ),
      ),
    );
    padLayer(this.#pool, target, used / 2, this.#lambda);
    this.#pool.arena.free(source.region);
    this.#layer = target;
  }

  /** Lends the address of an element. */
  async #withElement<Result>(
    value: Quintic,
    task: (offset: number) => Promise<Result>,
  ): Promise<Result> {
    const region = allocateElements(this.#pool, 'element', [value]);
    const result = await task(region.offset);
    this.#pool.arena.free(region);
    return result;
  }

  /** The pairs that are left, at most a block; frees the layer. */
  take(): FourVectors {
    const vectors = readLayer(this.#pool, this.#layer);
    this.#pool.arena.free(this.#layer.region);
    return vectors;
  }
}

/** Sum of eq(point, x) over the cube's points x with an index below `end`. */
function eqBelow(point: Point, end: number): Quintic {
  if (end >= 2 ** point.length) return ONE;
  let sum = ZERO;
  let prefix = ONE;
  for (const [i, x] of point.entries()) {
    const bit = Math.floor(end / 2 ** (point.length - 1 - i)) % 2;
    const atZero = mul(prefix, sub(ONE, x));
    if (bit === 1) sum = add(sum, atZero);
    prefix = bit === 1 ? mul(prefix, x) : atZero;
  }
  return sum;
}

/** The last rounds, on plain arrays; right numerators are mixed with lambda. */
export class TailSumcheck {
  #vectors: FourVectors;
  #point: Point;
  #bound: Quintic;

  constructor(vectors: FourVectors, point: Point, bound: Quintic) {
    this.#vectors = vectors;
    this.#point = point;
    this.#bound = bound;
  }

  get size(): number {
    return this.#vectors[0].length;
  }

  round(claim: Quintic): Round {
    const xi = this.#point.at(-1) as Quintic;
    let atZero: Quintic = ZERO;
    let leading: Quintic = ZERO;
    for (const [i, weight] of eqTable(this.#point.slice(0, -1)).entries()) {
      const low = this.#vectors.map((v) => v[2 * i] as Quintic);
      const difference = this.#vectors.map((v, k) =>
        sub(v[2 * i + 1] as Quintic, low[k] as Quintic),
      );
      atZero = add(atZero, mul(weight, crossProduct(low)));
      leading = add(leading, mul(weight, crossProduct(difference)));
    }
    return roundFrom(claim, this.#bound, xi, atZero, leading);
  }

  bind(challenge: Quintic): void {
    this.#vectors = this.#vectors.map((v) => bindTrailing(v, challenge)) as FourVectors;
    this.#bound = mul(this.#bound, eq([this.#point.at(-1) as Quintic], [challenge]));
    this.#point = this.#point.slice(0, -1);
  }

  children(lambda: Quintic): ChildClaims {
    const [p0, mixed, q0, q1] = this.#vectors.map((v) => v[0] as Quintic) as [
      Quintic,
      Quintic,
      Quintic,
      Quintic,
    ];
    return {
      leftNumerator: p0,
      rightNumerator: sub(mixed, mul(lambda, q1)),
      leftDenominator: q0,
      rightDenominator: q1,
    };
  }
}

/** p0 q1 + q0 (p1 + lambda q1), with the bracket given. */
function crossProduct(values: readonly Quintic[]): Quintic {
  const [p0, mixed, q0, q1] = values as [Quintic, Quintic, Quintic, Quintic];
  return add(mul(p0, q1), mul(q0, mixed));
}
