/**
 * A second prover of the opening (verifier/src/opening.ts), who from some moment on speaks of another
 * vector than the one he has committed to. He chooses it so that every sum he has claimed holds for
 * it, and so that its code word agrees with the committed one in as many positions as a polynomial
 * can: only a query elsewhere gives him away. Everything is written out on vectors of values, without
 * the weights in product form that prover and verifier share.
 */
import {
  domainPoint,
  evaluateUnivariate,
  foldedContext,
  KoalaBear,
  leafLayout,
  leavesOfRows,
  MAIN_CONTEXT,
  type OpeningProof,
  type OpeningRoundProof,
  type OpeningSchedule,
  type Point,
  type Quintic,
  QuinticField,
  type StackClaim,
  sortedDistinct,
  type Transcript,
  type WhirRound,
} from '@vouch/verifier';
import {
  type CommittedMatrix,
  commitColumns,
  openRows,
  rootOf,
} from '../../prover/scalar/commit.ts';
import type { Random } from '../tools/random.ts';

const { add, inverse, mul, ONE, scale, sub, ZERO } = QuinticField;

/** When the liar goes over to another vector. */
export interface Moment {
  readonly round: number;
  /**
   * In front of a message of the folding, of the next root (in the last round, of the final
   * coefficients), or of the value outside the domain of the root that he has just sent.
   */
  readonly at: number | 'root' | 'outOfDomain';
}

export interface Lie {
  /** Never, if absent. */
  readonly moment?: Moment;
  /** Added to the first claim. */
  readonly error?: Quintic;
  /** Opened rows of matrices over E are changed so that they fold to the vector that he speaks of. */
  readonly forgesRows?: boolean;
}

/** What is opened: a vector over F in chunks, committed at the rate of round 0. */
export interface Opened {
  readonly vector: readonly number[];
  readonly matrix: CommittedMatrix;
}

export function commitVector(
  vector: readonly number[],
  { logInverseRate, foldedVariables }: WhirRound,
): Opened {
  const columns = chunksOf(vector, 2 ** foldedVariables);
  return { vector, matrix: commitColumns(columns, logInverseRate, MAIN_CONTEXT) };
}

/** Opens at a point, with work of 0 bits. */
export function openFalsely(
  transcript: Transcript,
  { vector, matrix }: Opened,
  { rounds }: OpeningSchedule,
  point: Point,
  lie: Lie,
  random: Random,
): { readonly claim: StackClaim; readonly proof: OpeningProof } {
  const liar = new Liar(transcript, vector, matrix, point, lie, random);
  const value = add(liar.sum(), lie.error ?? ZERO);
  const proofs = rounds.map((round, i) => liar.round(round, rounds[i + 1], i));
  return { claim: { point, value }, proof: { rounds: proofs, finalCoefficients: liar.vector } };
}

class Liar {
  vector: readonly Quintic[];
  /** By position: what the carried claim multiplies the vector's entry with. */
  #weights: readonly Quintic[];
  #matrix: CommittedMatrix;
  readonly #transcript: Transcript;
  readonly #lie: Lie;
  readonly #random: Random;

  constructor(
    transcript: Transcript,
    vector: readonly number[],
    matrix: CommittedMatrix,
    point: Point,
    lie: Lie,
    random: Random,
  ) {
    this.#transcript = transcript;
    this.vector = vector.map(QuinticField.fromBase);
    this.#weights = point.reduce<readonly Quintic[]>(
      (table, x) => table.flatMap((entry) => [mul(entry, sub(ONE, x)), mul(entry, x)]),
      [ONE],
    );
    this.#matrix = matrix;
    this.#lie = lie;
    this.#random = random;
  }

  /** The weighted sum of the vector. */
  sum(): Quintic {
    return this.vector.reduce(
      (total, entry, z) => add(total, mul(entry, this.#weights[z] as Quintic)),
      ZERO,
    );
  }

  round(round: WhirRound, next: WhirRound | undefined, index: number): OpeningRoundProof {
    const transcript = this.#transcript;
    const domain = domainOf(this.#logLength);
    const { sumcheck, challenges } = this.#fold(round.foldedVariables, index, domain);
    this.#perhapsSwitch({ round: index, at: 'root' }, 1, domain);
    const { matrix: committed, values: outOfDomainValues, points } = this.#send(next, index);
    transcript.proofOfWork('query work', 0, () => 0n);
    const drawn = transcript.squeezeIndices('query', round.queries, this.#logLength);
    const indices = sortedDistinct(drawn);
    const opened = openRows(this.#matrix, indices);
    const xs = indices.map((i) => QuinticField.fromBase(domain[i] as number));
    const leaves = opened.leaves.map((leaf) => [...leaf]);
    if (this.#lie.forgesRows) {
      for (const [q, index] of indices.entries()) {
        this.#forgeRow(leaves, indices, index, challenges, xs[q] as Quintic);
      }
    }
    this.#weigh([...points, ...xs], transcript.squeezeExtension('query combination'));
    if (committed !== undefined) this.#matrix = committed;
    return {
      sumcheck,
      foldingNonces: sumcheck.map(() => 0n),
      ...(committed !== undefined && { nextRoot: rootOf(committed) }),
      outOfDomainValues,
      queryNonce: 0n,
      opened: [{ ...opened, leaves }],
    };
  }

  get #logLength(): number {
    return Math.log2(this.#matrix.rows.length);
  }

  #fold(
    variables: number,
    index: number,
    domain: readonly number[],
  ): { sumcheck: Quintic[][]; challenges: Quintic[] } {
    const sumcheck: Quintic[][] = [];
    const challenges: Quintic[] = [];
    for (let j = 0; j < variables; j++) {
      this.#perhapsSwitch({ round: index, at: j }, 2 ** (variables - j), domain);
      const message = [this.#boundSum(ZERO), this.#boundSum([2, 0, 0, 0, 0])];
      sumcheck.push(message);
      this.#transcript.absorbExtensions('opening round', message);
      this.#transcript.proofOfWork('folding work', 0, () => 0n);
      const challenge = this.#transcript.squeezeExtension('folding challenge');
      challenges.push(challenge);
      this.vector = bind(this.vector, challenge);
      this.#weights = bind(this.#weights, challenge);
    }
    return { sumcheck, challenges };
  }

  /** Commits to the vector, or sends it, and answers outside the domain. */
  #send(
    next: WhirRound | undefined,
    index: number,
  ): { matrix: CommittedMatrix | undefined; values: Quintic[]; points: Quintic[] } {
    if (next === undefined) {
      this.#transcript.absorbExtensions('final coefficients', this.vector);
      return { matrix: undefined, values: [], points: [] };
    }
    const chunks = 2 ** next.foldedVariables;
    const columns = chunksOf(this.vector, chunks).flatMap((chunk) =>
      [0, 1, 2, 3, 4].map((j) => chunk.map((value) => value[j] as number)),
    );
    const matrix = commitColumns(columns, next.logInverseRate, foldedContext(index + 1));
    this.#transcript.absorbDigest('folded root', rootOf(matrix));
    const domain = domainOf(Math.log2(matrix.rows.length));
    this.#perhapsSwitch({ round: index, at: 'outOfDomain' }, chunks, domain);
    const points: Quintic[] = [];
    const values: Quintic[] = [];
    for (let i = 0; i < next.outOfDomainSamples; i++) {
      const x = this.#transcript.squeezeExtension('out-of-domain point');
      const value = evaluateUnivariate(this.vector, x);
      this.#transcript.absorbExtensions('out-of-domain value', [value]);
      points.push(x);
      values.push(value);
    }
    return { matrix, values, points };
  }

  /** The sum with the leading variable bound. */
  #boundSum(x: Quintic): Quintic {
    const weights = bind(this.#weights, x);
    return bind(this.vector, x).reduce(
      (total, entry, z) => add(total, mul(entry, weights[z] as Quintic)),
      ZERO,
    );
  }

  /** Adds the claims that the vector's polynomial has its values at these points. */
  #weigh(points: readonly Quintic[], gamma: Quintic): void {
    let power = gamma;
    for (const x of points) {
      let term = power;
      this.#weights = this.#weights.map((weight) => {
        const sum = add(weight, term);
        term = mul(term, x);
        return sum;
      });
      power = mul(power, gamma);
    }
  }

  /**
   * At the moment of the lie, adds to each chunk a polynomial that is zero at all points of the domain
   * but two fewer than it has coefficients, such that the weighted sum grows by the claim's error. A
   * fold of the chunks agrees with the old one at those points.
   */
  #perhapsSwitch({ round, at }: Moment, chunks: number, domain: readonly number[]): void {
    const { moment, error = ZERO } = this.#lie;
    if (moment?.round !== round || moment.at !== at) return;
    const size = this.vector.length / chunks;
    const zeros = vanishing(this.#sample(domain, size - 2));
    const shifted = [0, ...zeros];
    const change: Quintic[] = [];
    for (let y = 0; y < chunks; y++) {
      const factors = [this.#element(), this.#element()] as const;
      for (let z = 0; z < size; z++) {
        const low = scale(factors[0], zeros[z] ?? 0);
        change.push(add(low, scale(factors[1], shifted[z] ?? 0)));
      }
    }
    const weighted = (from: number, values: readonly Quintic[]): Quintic =>
      values.reduce(
        (total, value, z) => add(total, mul(value, this.#weights[from + z] as Quintic)),
        ZERO,
      );
    const last = this.vector.length - size;
    const missing = sub(error, weighted(0, change));
    const unit = shifted.map(QuinticField.fromBase);
    const factor = mul(missing, inverse(weighted(last, unit)));
    this.vector = this.vector.map((value, z) => {
      const correction = z < last ? ZERO : scale(factor, shifted[z - last] ?? 0);
      return add(value, add(change[z] as Quintic, correction));
    });
  }

  /** A row over E that folds to the vector's value at x. */
  /** Changes one opened row in its leaf. */
  #forgeRow(
    leaves: number[][],
    indices: readonly number[],
    index: number,
    challenges: readonly Quintic[],
    x: Quintic,
  ): void {
    const row = this.#matrix.rows[index] as readonly number[];
    const layout = leafLayout(row.length, this.#logLength);
    const place = index % 2 ** layout.depth;
    const leaf = leaves[leavesOfRows(layout, indices).indexOf(place)] as number[];
    const first = Math.floor(index / 2 ** layout.depth);
    for (const [column, element] of this.#forgedRow(row, challenges, x).entries()) {
      leaf[column * 2 ** layout.logRows + first] = element;
    }
  }

  #forgedRow(row: readonly number[], challenges: readonly Quintic[], x: Quintic): number[] {
    const width = 2 ** challenges.length;
    if (row.length !== 5 * width) return [...row];
    let entries: readonly Quintic[] = Array.from(
      { length: width },
      (_, y) => row.slice(5 * y, 5 * y + 5) as unknown as Quintic,
    );
    for (const challenge of challenges) entries = bind(entries, challenge);
    const missing = sub(evaluateUnivariate(this.vector, x), entries[0] as Quintic);
    const weight = challenges.reduce((product, r) => mul(product, sub(ONE, r)), ONE);
    const first = row.slice(0, 5) as unknown as Quintic;
    return [...add(first, mul(missing, inverse(weight))), ...row.slice(5)];
  }

  #element(): Quintic {
    const coordinate = (): number => this.#random.below(KoalaBear.MODULUS);
    return [coordinate(), coordinate(), coordinate(), coordinate(), coordinate()];
  }

  /** Some of the values, each at most once. */
  #sample(values: readonly number[], count: number): number[] {
    const left = [...values];
    return Array.from(
      { length: count },
      () => left.splice(this.#random.below(left.length), 1)[0] as number,
    );
  }
}

function domainOf(logLength: number): number[] {
  return Array.from({ length: 2 ** logLength }, (_, i) => domainPoint(i, logLength));
}

/** Coefficients of the polynomial that is zero at these points, constant term first. */
function vanishing(points: readonly number[]): number[] {
  let coefficients = [1];
  for (const point of points) {
    const before = coefficients;
    coefficients = [0, ...before].map((above, i) =>
      KoalaBear.sub(above, KoalaBear.mul(point, before[i] ?? 0)),
    );
  }
  return coefficients;
}

/** Binds the leading variable. */
function bind(values: readonly Quintic[], x: Quintic): Quintic[] {
  const half = values.length / 2;
  return values.slice(0, half).map((zero, z) => {
    const one = values[half + z] as Quintic;
    return add(zero, mul(x, sub(one, zero)));
  });
}

function chunksOf<Item>(values: readonly Item[], count: number): Item[][] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, y) => values.slice(y * size, (y + 1) * size));
}
