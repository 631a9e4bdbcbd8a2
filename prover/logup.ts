/**
 * The prover's side of verifier/src/logup.ts, with the kernels of kernels/logup.ts.
 *
 * A round's polynomial is eq(xi_i, X) c t(X), where c is eq of the bound coordinates and t has degree
 * 2 (Gruen, 2024/108): the kernels give t(0) and its leading coefficient, t(1) follows from the claim.
 * Variables are bound from the last to the first.
 */
import {
  type ChildClaims,
  childList,
  QuinticField as E,
  eq,
  eqTable,
  interpolateLine,
  type LeafClaim,
  type LogupLayer,
  type LogupProof,
  type Point,
  type Quintic,
  type Transcript,
} from '@vouch/verifier';
import { freeEq, LOG_BLOCK, splitEq } from './eq-tables.ts';
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from './kernel-layout.ts';
import type { Region } from './memory.ts';
import { toMontgomery } from './montgomery.ts';
import { type Pool, split } from './pool.ts';
import { readElements, readVector, writeElements } from './quintic-vector.ts';
import { type Fractions, proveLayer } from './scalar/logup.ts';
import { bindTrailing } from './scalar/sumcheck.ts';

const { add, inverse, mul, ONE, sub, ZERO } = E;

/** A layer in memory: 2^logPairs pairs, of which `used` are stored; see kernels/logup.ts. */
export interface Layer {
  readonly region: Region;
  readonly logPairs: number;
  readonly used: number;
  /** Numerators have only their first plane. */
  readonly baseNumerators: boolean;
}

/** Pairs are stored in twos of blocks: a block of the folded layer. */
const GRAIN: number = 2 * BLOCK;

/** A layer whose pairs are all (0, 0, 1, 1). */
export function allocateLayer(
  pool: Pool,
  logPairs: number,
  pairs: number,
  baseNumerators: boolean,
): Layer {
  const used = Math.min(2 ** logPairs, GRAIN * Math.ceil(pairs / GRAIN));
  const blocks = Math.max(1, used / BLOCK);
  const region = pool.arena.allocate('LogUp layer', blocks * LAYER_BLOCK_BYTES);
  return { region, logPairs, used, baseNumerators };
}

/** Byte offset of plane 0 of a pair. */
export function pairOffset(layer: Layer, pair: number): number {
  const block = Math.floor(pair / BLOCK);
  return layer.region.offset + block * LAYER_BLOCK_BYTES + 4 * (pair % BLOCK);
}

/** Fills pairs [from, used) with (0, right numerator, 1, 1). */
export function padLayer(
  pool: Pool,
  layer: Layer,
  from: number,
  rightNumerator: Quintic = ZERO,
): void {
  const neutral = [ZERO, rightNumerator, ONE, ONE].flat().map(toMontgomery);
  for (let pair = from; pair < layer.used; pair++) {
    const at = pairOffset(layer, pair);
    for (const [plane, word] of neutral.entries()) {
      pool.arena.words(at + plane * BLOCK_BYTES, 1)[0] = word;
    }
  }
}

/**
 * Proves the sum of the leaves: the pairs of `leaves` are leaves 2i and 2i + 1. Frees the layer.
 */
export async function proveLogup(
  pool: Pool,
  transcript: Transcript,
  leaves: Layer,
): Promise<{ proof: LogupProof; claim: LeafClaim }> {
  const layers = [leaves];
  while ((layers[0] as Layer).logPairs > LOG_BLOCK)
    layers.unshift(await addLayer(pool, layers[0] as Layer));
  const small = smallLayers(readFractions(pool, layers[0] as Layer));
  const { numerators, denominators } = small[0] as Fractions;
  const numerator = numerators[0] as Quintic;
  const denominator = denominators[0] as Quintic;
  transcript.absorbExtensions('logup root', [numerator, denominator]);
  let claim: LeafClaim = { point: [], numerator, denominator };
  const proofs: LogupLayer[] = [];
  const keep = (next: { proof: LogupLayer; claim: LeafClaim }): void => {
    proofs.push(next.proof);
    claim = next.claim;
  };
  for (const layer of small.slice(1)) keep(proveLayer(transcript, claim.point, layer));
  pool.arena.free((layers[0] as Layer).region);
  for (const layer of layers.slice(1)) keep(await proveLargeLayer(pool, transcript, claim, layer));
  return { proof: { numerator, denominator, layers: proofs }, claim };
}

/** The layer above: its pairs are the sums of pairs 2i and 2i + 1. */
async function addLayer(pool: Pool, layer: Layer): Promise<Layer> {
  const target = allocateLayer(pool, layer.logPairs - 1, layer.used / 2, false);
  await pool.run(
    split(layer.used, 4 * pool.threads, BLOCK).map(([from, to]) => [
      'addFractions',
      layer.region.offset,
      Number(layer.baseNumerators),
      target.region.offset,
      from,
      to,
    ]),
  );
  padLayer(pool, target, layer.used / 2);
  return target;
}

/** All layers from the root down to the given one. */
function smallLayers(lowest: Fractions): Fractions[] {
  const layers = [lowest];
  for (let below = lowest; below.numerators.length > 1; ) {
    const { numerators, denominators } = below;
    const half = numerators.length / 2;
    const at = (values: readonly Quintic[], i: number): Quintic => values[i] as Quintic;
    const rows = Array.from({ length: half }, (_, i) => i);
    below = {
      numerators: rows.map((i) =>
        add(
          mul(at(numerators, 2 * i), at(denominators, 2 * i + 1)),
          mul(at(numerators, 2 * i + 1), at(denominators, 2 * i)),
        ),
      ),
      denominators: rows.map((i) => mul(at(denominators, 2 * i), at(denominators, 2 * i + 1))),
    };
    layers.unshift(below);
  }
  return layers;
}

/** A whole layer of at most BLOCK pairs as single fractions, left and right in turn. */
function readFractions(pool: Pool, layer: Layer): Fractions {
  const [p0, p1, q0, q1] = readLayer(pool, layer, 2 ** layer.logPairs);
  const interleave = (left: Quintic[], right: Quintic[]): Quintic[] =>
    left.flatMap((value, i) => [value, right[i] as Quintic]);
  return { numerators: interleave(p0, p1), denominators: interleave(q0, q1) };
}

type FourVectors = [Quintic[], Quintic[], Quintic[], Quintic[]];

/** The first `count` pairs, at most a block. */
function readLayer(pool: Pool, layer: Layer, count: number): FourVectors {
  return [0, 1, 2, 3].map((v) => {
    const offset = layer.region.offset + 5 * v * BLOCK_BYTES;
    const values = readVector(pool.arena, { offset, stride: BLOCK_BYTES, length: count });
    const isBase = layer.baseNumerators && v < 2;
    return isBase ? values.map((value) => E.fromBase(value[0])) : values;
  }) as FourVectors;
}

/** All rounds of a layer of more than a block; frees it. */
async function proveLargeLayer(
  pool: Pool,
  transcript: Transcript,
  above: LeafClaim,
  layer: Layer,
): Promise<{ proof: LogupLayer; claim: LeafClaim }> {
  const lambda = transcript.squeezeExtension('logup lambda');
  const sumcheck = new LayerSumcheck(pool, layer, above.point, lambda);
  await sumcheck.mix();
  let claim = add(above.numerator, mul(lambda, above.denominator));
  const rounds: Quintic[][] = [];
  const point: Quintic[] = [];
  const finishRound = (message: Quintic[], next: (challenge: Quintic) => Quintic): Quintic => {
    transcript.absorbExtensions('logup round', message);
    const challenge = transcript.squeezeExtension('logup challenge');
    rounds.push(message);
    point.unshift(challenge);
    claim = next(challenge);
    return challenge;
  };
  while (sumcheck.logPairs > LOG_BLOCK) {
    const round = await sumcheck.round(claim);
    await sumcheck.bind(finishRound(round.message, round.evaluate));
  }
  const tail = new TailSumcheck(sumcheck.read(), sumcheck.point, sumcheck.bound);
  sumcheck.free();
  while (tail.size > 1) {
    const round = tail.round(claim);
    tail.bind(finishRound(round.message, round.evaluate));
  }
  const children = tail.children(lambda);
  transcript.absorbExtensions('logup children', childList(children));
  const mu = transcript.squeezeExtension('logup mu');
  const next = {
    point: [...point, mu],
    numerator: interpolateLine(children.leftNumerator, children.rightNumerator, mu),
    denominator: interpolateLine(children.leftDenominator, children.rightDenominator, mu),
  };
  return { proof: { rounds, children }, claim: next };
}

interface Round {
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
class LayerSumcheck {
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

  async mix(): Promise<void> {
    const { arena, threads } = this.#pool;
    const words = arena.allocate('lambda', 64);
    writeElements(arena, words.offset, [this.#lambda]);
    const { region, baseNumerators, used } = this.#layer;
    await this.#pool.run(
      split(used, 4 * threads, BLOCK).map(([from, to]) => [
        'mixNumerators',
        region.offset,
        Number(baseNumerators),
        words.offset,
        from,
        to,
      ]),
    );
    arena.free(words);
  }

  async round(claim: Quintic): Promise<Round> {
    const { arena, threads } = this.#pool;
    const { region, used } = this.#layer;
    const rest = this.point.slice(0, -1);
    const tables = await splitEq(this.#pool, rest);
    const ranges = split(used / GRAIN, 4 * threads, 1);
    const sums = arena.allocate('sums', 40 * ranges.length);
    arena.words(sums).fill(0);
    await this.#pool.run(
      ranges.map(([from, to], i) => [
        'logupRound',
        region.offset,
        tables.low.offset,
        tables.high.offset,
        tables.high.stride,
        from,
        to,
        sums.offset + 40 * i,
      ]),
    );
    const values = readElements(arena, sums.offset, 2 * ranges.length);
    arena.free(sums);
    freeEq(this.#pool, tables);
    const total = (first: number): Quintic =>
      values.filter((_, i) => i % 2 === first).reduce(add, ZERO);
    // A pair that is not stored is (0, lambda, 1, 1): its polynomial is the constant lambda.
    const absent = mul(this.#lambda, sub(ONE, eqBelow(rest, used / 2)));
    const xi = this.point.at(-1) as Quintic;
    return roundFrom(claim, this.#bound, xi, add(total(0), absent), total(1));
  }

  async bind(challenge: Quintic): Promise<void> {
    const { arena, threads } = this.#pool;
    this.#bound = mul(this.#bound, eq([this.point.at(-1) as Quintic], [challenge]));
    this.point = this.point.slice(0, -1);
    const source = this.#layer;
    const target = allocateLayer(this.#pool, source.logPairs - 1, source.used / 2, false);
    const words = arena.allocate('challenge', 64);
    writeElements(arena, words.offset, [challenge]);
    await this.#pool.run(
      split(source.used / GRAIN, 4 * threads, 1).map(([from, to]) => [
        'foldLayer',
        source.region.offset,
        target.region.offset,
        words.offset,
        from,
        to,
      ]),
    );
    padLayer(this.#pool, target, source.used / 2, this.#lambda);
    arena.free(words);
    arena.free(source.region);
    this.#layer = target;
  }

  read(): FourVectors {
    return readLayer(this.#pool, this.#layer, 2 ** this.logPairs);
  }

  free(): void {
    this.#pool.arena.free(this.#layer.region);
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
class TailSumcheck {
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
