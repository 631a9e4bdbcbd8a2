/** Sumchecks over the product of two vectors over E, for the reduction and the opening. */
import { QuinticField as E, type Point, type Quintic, type Transcript } from '@vouch/verifier';
import { sumParts } from './partial-sums.ts';
import { type Pool, split } from './pool.ts';
import { bindVectors } from './quintic-jobs.ts';
import { type QuinticVector, readVector } from './quintic-vector.ts';
import {
  bindLeading,
  proveSumcheck,
  roundMessage,
  type SumcheckLabels,
  type SumOfProducts,
  sumRows,
} from './scalar/sumcheck.ts';

const { mul } = E;

/** Vectors up to this many variables are summed on plain arrays. */
const LOG_SMALL = 6;
const GRAIN = 64;
/** Degree of the product in each variable. */
const DEGREE = 2;

/** s(0) and s(2) of the sum of products of two vectors of `2 * half` elements. */
export async function productRound(
  pool: Pool,
  a: QuinticVector,
  b: QuinticVector,
  half: number,
): Promise<Quintic[]> {
  return sumParts(pool, split(half, 4 * pool.threads, GRAIN), 2, (from, to, target) => [
    'productRound',
    a.offset,
    a.stride,
    b.offset,
    b.stride,
    half,
    from,
    to,
    target,
  ]);
}

/** The product of two plain vectors, variable by variable. */
export class PlainProduct implements SumOfProducts {
  readonly degree: number = DEGREE;
  #vectors: readonly [readonly Quintic[], readonly Quintic[]];

  constructor(a: readonly Quintic[], b: readonly Quintic[]) {
    this.#vectors = [a, b];
  }

  get variables(): number {
    return Math.log2(this.#vectors[0].length);
  }

  /** First elements of the vectors: their values when all variables are bound. */
  get first(): [Quintic, Quintic] {
    return this.#vectors.map((vector) => vector[0] as Quintic) as [Quintic, Quintic];
  }

  sumAt(x: Quintic): Quintic {
    return sumRows(this.#vectors, x, ([a, b]) => mul(a as Quintic, b as Quintic));
  }

  bind(challenge: Quintic): void {
    const [a, b] = this.#vectors;
    this.#vectors = [bindLeading(a, challenge), bindLeading(b, challenge)];
  }

  message(): Quintic[] {
    return roundMessage(this);
  }
}

/** Proves the sum of a b over all variables, and binds them in place; gives b at the point. */
export async function proveProduct(
  pool: Pool,
  transcript: Transcript,
  a: QuinticVector,
  b: QuinticVector,
  labels: SumcheckLabels,
): Promise<{ rounds: Quintic[][]; point: Point; weight: Quintic }> {
  const rounds: Quintic[][] = [];
  const point: Quintic[] = [];
  let length = a.length;
  for (; length > 2 ** LOG_SMALL; length /= 2) {
    const message = await productRound(pool, a, b, length / 2);
    transcript.absorbExtensions(labels.round, message);
    const challenge = transcript.squeezeExtension(labels.challenge);
    await bindVectors(pool, [a, b], length / 2, challenge);
    rounds.push(message);
    point.push(challenge);
  }
  const read = (vector: QuinticVector): Quintic[] => readVector(pool.arena, vector, 0, length);
  const rest = new PlainProduct(read(a), read(b));
  const last = proveSumcheck(transcript, rest, labels);
  const [, weight] = rest.first;
  return { rounds: [...rounds, ...last.rounds], point: [...point, ...last.point], weight };
}
