import { QuinticField as E, type Point, type Quintic, type Transcript } from '@vouch/verifier';

const { add, mul, sub, ZERO } = E;

/** Binds the leading variable: f(r, .) = f(0, .) + r (f(1, .) - f(0, .)). */
export function bindLeading(values: readonly Quintic[], challenge: Quintic): Quintic[] {
  const half = values.length / 2;
  return Array.from({ length: half }, (_, i) => {
    const low = values[i] as Quintic;
    return add(low, mul(challenge, sub(values[half + i] as Quintic, low)));
  });
}

/** Binds the last variable: f(., r) = f(., 0) + r (f(., 1) - f(., 0)). */
export function bindTrailing(values: readonly Quintic[], challenge: Quintic): Quintic[] {
  return Array.from({ length: values.length / 2 }, (_, i) => {
    const low = values[2 * i] as Quintic;
    return add(low, mul(challenge, sub(values[2 * i + 1] as Quintic, low)));
  });
}

/** A sum over the cube of a polynomial in some multilinear vectors, bound variable by variable. */
export interface SumOfProducts {
  /** Variables that are not bound yet. */
  readonly variables: number;
  readonly degree: number;
  /** The sum when the next variable is bound to x. */
  sumAt(x: Quintic): Quintic;
  bind(challenge: Quintic): void;
}

export interface SumcheckLabels {
  readonly round: string;
  readonly challenge: string;
}

/** The prover's side of `sumcheckRound`: messages s(0), s(2), ..., s(degree). */
export function proveSumcheck(
  transcript: Transcript,
  sum: SumOfProducts,
  labels: SumcheckLabels,
): { rounds: Quintic[][]; point: Point } {
  const rounds: Quintic[][] = [];
  const point: Quintic[] = [];
  const { variables } = sum;
  for (let i = 0; i < variables; i++) {
    const message = roundMessage(sum);
    transcript.absorbExtensions(labels.round, message);
    const challenge = transcript.squeezeExtension(labels.challenge);
    sum.bind(challenge);
    rounds.push(message);
    point.push(challenge);
  }
  return { rounds, point };
}

export function roundMessage(sum: SumOfProducts): Quintic[] {
  const message: Quintic[] = [];
  for (let x = 0; x <= sum.degree; x++) if (x !== 1) message.push(sum.sumAt(E.fromBase(x)));
  return message;
}

/** The sum over rows of `term(row)` where every vector's leading variable is bound to x. */
export function sumRows(
  vectors: readonly (readonly Quintic[])[],
  x: Quintic,
  term: (row: readonly Quintic[]) => Quintic,
): Quintic {
  const half = (vectors[0] as readonly Quintic[]).length / 2;
  let sum = ZERO;
  for (let i = 0; i < half; i++) {
    const row = vectors.map((vector) => {
      const low = vector[i] as Quintic;
      return add(low, mul(x, sub(vector[half + i] as Quintic, low)));
    });
    sum = add(sum, term(row));
  }
  return sum;
}
