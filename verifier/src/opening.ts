/**
 * Opens the stacked vector S at a point: WHIR (2024/1586) on interleaved Reed-Solomon codes.
 *
 * Round i holds a matrix of 2^k columns, the chunks of a vector f by its k leading variables; column
 * y is the polynomial sum over z of f(y, z) X^z on a subgroup. The round binds the k variables by
 * sumcheck, which folds the columns into the next vector. That one is committed at a lower rate, or
 * sent in the clear in the last round. Random rows of the round's matrix, folded, are values of the
 * next vector's polynomial: further claims about it, of the same kind as the one that is carried on.
 */
import { leafHash } from './blake3.ts';
import { VerificationError } from './errors.ts';
import {
  mul as baseMul,
  pow as basePower,
  sub as baseSub,
  twoAdicGenerator,
} from './koala-bear.ts';
import { leafLayout, leavesOfRows, rowOfLeaf } from './leaf-layout.ts';
import { sortedDistinct, verifyMultiproof } from './merkle.ts';
import type { OpeningSchedule } from './parameters.ts';
import { eqTable, evaluateAtBase, type Point, sumcheckRound, weightedSum } from './polynomials.ts';
import type { Digest } from './poseidon2.ts';
import { add, equals, mul, ONE, type Quintic, scale, square, sub, ZERO } from './quintic.ts';
import type { StackClaim } from './reduction.ts';
import type { WhirRound } from './security.ts';
import type { ChunkRange } from './shape.ts';
import type { Transcript } from './transcript.ts';

/** A commitment to some of the chunks of S. */
export interface ChunkCommitment {
  readonly root: Digest;
  readonly chunks: ChunkRange;
  /** Context of its leaves. */
  readonly context: string;
}

/** The leaves that hold the queried rows of one matrix, by place, and their Merkle proof. */
export interface OpenedLeaves {
  /** Elements of F, in the order of leaf-layout.ts; an element of E is five columns. */
  readonly leaves: readonly (readonly number[])[];
  readonly siblings: readonly Digest[];
}

export interface OpeningRoundProof {
  /** s(0), s(2) of each sumcheck round. */
  readonly sumcheck: readonly (readonly Quintic[])[];
  /** One nonce for each sumcheck round. */
  readonly foldingNonces: readonly bigint[];
  /** Root of the next matrix; absent in the last round. */
  readonly nextRoot?: Digest;
  readonly outOfDomainValues: readonly Quintic[];
  readonly queryNonce: bigint;
  /** One for each tree of the matrix: in round 0 one for each commitment, then one. */
  readonly opened: readonly OpenedLeaves[];
}

export interface OpeningProof {
  readonly rounds: readonly OpeningRoundProof[];
  /** The last vector. */
  readonly finalCoefficients: readonly Quintic[];
}

/** Context of the leaves of the matrix committed in round i - 1, for i >= 1. */
export function foldedContext(round: number): string {
  return `Vouch folded matrix ${round} v1`;
}

/**
 * A weighted sum over a vector: coefficient times the product over variables of zero or one, by the
 * variable's value. Both eq(u, .) and the powers of a point are of this kind.
 */
export interface Weight {
  readonly coefficient: Quintic;
  /** Factors at 0 and 1 of each variable that is not bound yet, most significant first. */
  readonly factors: readonly (readonly [Quintic, Quintic])[];
}

/** eq(point, .) */
export function eqWeight(point: Point): Weight {
  return { coefficient: ONE, factors: point.map((x) => [sub(ONE, x), x]) };
}

/** Evaluation of the univariate polynomial sum over z of f(z) X^z at x. */
export function powerWeight(coefficient: Quintic, x: Quintic, variables: number): Weight {
  const factors: [Quintic, Quintic][] = [];
  let power = x;
  for (let i = 0; i < variables; i++) {
    factors.unshift([ONE, power]);
    power = square(power);
  }
  return { coefficient, factors };
}

/** Binds the leading variables of a weight. */
export function bindWeight(weight: Weight, challenges: readonly Quintic[]): Weight {
  const coefficient = challenges.reduce((product, challenge, i) => {
    const [zero, one] = weight.factors[i] as readonly [Quintic, Quintic];
    return mul(product, add(zero, mul(challenge, sub(one, zero))));
  }, weight.coefficient);
  return { coefficient, factors: weight.factors.slice(challenges.length) };
}

/** The point of row `index` of a code of length 2^logLength: rows lie in bit-reversed order. */
export function domainPoint(index: number, logLength: number): number {
  return basePower(twoAdicGenerator(logLength), reverseBits(index, logLength));
}

/** The number whose `bits` low bits are those of `value` in the other order. */
export function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((value >>> i) & 1) << (bits - 1 - i);
  return reversed;
}

/** coefficient times x^z, for z below 2^variables: what a query asks of the rest of the vector. */
interface QueryWeight {
  readonly coefficient: Quintic;
  /** A point of the domain, in F. */
  readonly x: number;
  readonly variables: number;
}

/** As `bindWeight` of the `powerWeight`, with products by elements of F. */
function bindQueryWeight(
  { coefficient, x, variables }: QueryWeight,
  challenges: readonly Quintic[],
): QueryWeight {
  const left = variables - challenges.length;
  let power = x;
  for (let i = 0; i < left; i++) power = baseMul(power, power);
  const bound = challenges.reduceRight((product, challenge) => {
    const factor = add(ONE, scale(challenge, baseSub(power, 1)));
    power = baseMul(power, power);
    return mul(product, factor);
  }, coefficient);
  return { coefficient: bound, x, variables: left };
}

interface Carried {
  readonly claim: Quintic;
  readonly weights: readonly Weight[];
  readonly queryWeights: readonly QueryWeight[];
}

/**
 * Fails `opening/shape`, `opening/final` or a check of the transcript, the sumcheck or the trees.
 */
export function verifyOpening(
  transcript: Transcript,
  commitments: readonly ChunkCommitment[],
  schedule: OpeningSchedule,
  stack: StackClaim,
  proof: OpeningProof,
): void {
  const { rounds, finalVariables } = schedule;
  checkLength(rounds.length, proof.rounds.length, 'rounds');
  checkLength(2 ** finalVariables, proof.finalCoefficients.length, 'final coefficients');
  let variables = stack.point.length;
  let carried: Carried = {
    claim: stack.value,
    weights: [eqWeight(stack.point)],
    queryWeights: [],
  };
  let committed = commitments;
  for (const [i, round] of rounds.entries()) {
    const roundProof = proof.rounds[i] as OpeningRoundProof;
    const matrix = {
      committed,
      logLength: variables - round.foldedVariables + round.logInverseRate,
    };
    variables -= round.foldedVariables;
    const isLast = i + 1 === rounds.length;
    const final = isLast ? proof.finalCoefficients : undefined;
    const next = rounds[i + 1];
    carried = verifyRound(
      transcript,
      { round, next, index: i },
      matrix,
      variables,
      carried,
      roundProof,
      final,
    );
    if (roundProof.nextRoot !== undefined) {
      const chunks = { start: 0, count: 2 ** (next?.foldedVariables ?? 0) };
      committed = [{ root: roundProof.nextRoot, chunks, context: foldedContext(i + 1) }];
    }
  }
  const found = finalSum(carried, proof.finalCoefficients);
  if (!equals(found, carried.claim)) {
    throw new VerificationError('opening/final', 'the final vector does not have the claimed sum');
  }
}

interface RoundStep {
  readonly round: WhirRound;
  /** The round of the matrix that is committed now; undefined in the last round. */
  readonly next: WhirRound | undefined;
  readonly index: number;
}

interface Matrix {
  readonly committed: readonly ChunkCommitment[];
  readonly logLength: number;
}

function verifyRound(
  transcript: Transcript,
  { round, next, index }: RoundStep,
  matrix: Matrix,
  variables: number,
  carried: Carried,
  proof: OpeningRoundProof,
  final: readonly Quintic[] | undefined,
): Carried {
  checkLength(round.foldedVariables, proof.sumcheck.length, 'folding rounds');
  checkLength(round.foldedVariables, proof.foldingNonces.length, 'folding nonces');
  checkLength(final === undefined ? 1 : 0, proof.nextRoot === undefined ? 0 : 1, 'roots');
  let claim = carried.claim;
  const challenges: Quintic[] = [];
  for (const [j, message] of proof.sumcheck.entries()) {
    transcript.absorbExtensions('opening round', message);
    transcript.proofOfWork('folding work', round.foldWork, () => proof.foldingNonces[j] as bigint);
    const challenge = transcript.squeezeExtension('folding challenge');
    claim = sumcheckRound(claim, message, 2, challenge);
    challenges.push(challenge);
  }
  const weights = carried.weights.map((weight) => bindWeight(weight, challenges));
  const queryWeights = carried.queryWeights.map((weight) => bindQueryWeight(weight, challenges));
  if (final === undefined) transcript.absorbDigest('folded root', proof.nextRoot as Digest);
  else transcript.absorbExtensions('final coefficients', final);
  const outside = outOfDomainClaims(transcript, next?.outOfDomainSamples ?? 0, proof);
  transcript.proofOfWork('query work', round.queryWork, () => proof.queryNonce);
  const drawn = transcript.squeezeIndices('query', round.queries, matrix.logLength);
  const indices = sortedDistinct(drawn);
  const values = foldRows(matrix, indices, challenges, proof, index === 0);
  const gamma = transcript.squeezeExtension('query combination');
  let power = gamma;
  for (const { x, value } of outside) {
    weights.push(powerWeight(power, x, variables));
    claim = add(claim, mul(power, value));
    power = mul(power, gamma);
  }
  for (const [q, value] of values.entries()) {
    const x = domainPoint(indices[q] as number, matrix.logLength);
    queryWeights.push({ coefficient: power, x, variables });
    claim = add(claim, mul(power, value));
    power = mul(power, gamma);
  }
  return { claim, weights, queryWeights };
}

interface PointClaim {
  readonly x: Quintic;
  readonly value: Quintic;
}

function outOfDomainClaims(
  transcript: Transcript,
  samples: number,
  proof: OpeningRoundProof,
): PointClaim[] {
  checkLength(samples, proof.outOfDomainValues.length, 'out-of-domain values');
  return proof.outOfDomainValues.map((value) => {
    const x = transcript.squeezeExtension('out-of-domain point');
    transcript.absorbExtensions('out-of-domain value', [value]);
    return { x, value };
  });
}

/** Checks the leaves against their trees and folds each queried row into one element of E. */
function foldRows(
  matrix: Matrix,
  indices: readonly number[],
  challenges: readonly Quintic[],
  proof: OpeningRoundProof,
  overBase: boolean,
): Quintic[] {
  checkLength(matrix.committed.length, proof.opened.length, 'trees');
  const eqs = eqTable(challenges);
  const sums = indices.map(() => ZERO);
  for (const [t, { root, chunks, context }] of matrix.committed.entries()) {
    const { leaves, siblings } = proof.opened[t] as OpenedLeaves;
    const layout = leafLayout(overBase ? chunks.count : 5 * chunks.count, matrix.logLength);
    const { depth, elements } = layout;
    const places = leavesOfRows(layout, indices);
    checkLength(places.length, leaves.length, 'leaves');
    const hash = leafHash(context);
    const digests = leaves.map((leaf) => {
      checkLength(elements, leaf.length, 'elements of a leaf');
      return hash(leaf);
    });
    verifyMultiproof(root, { depth, indices: places, leaves: digests, siblings });
    const weights = eqs.slice(chunks.start, chunks.start + chunks.count);
    const leafAt = new Map(places.map((place, i) => [place, leaves[i] as readonly number[]]));
    for (const [q, index] of indices.entries()) {
      const leaf = leafAt.get(index % 2 ** depth) as readonly number[];
      const row = rowOfLeaf(layout, leaf, index);
      const folded = overBase ? weightedSum(weights, row) : foldExtensionRow(row, weights);
      sums[q] = add(sums[q] as Quintic, folded);
    }
  }
  return sums;
}

function foldExtensionRow(row: readonly number[], weights: readonly Quintic[]): Quintic {
  return weights.reduce<Quintic>((sum, weight, y) => {
    const element = row.slice(5 * y, 5 * y + 5) as unknown as Quintic;
    return add(sum, mul(weight, element));
  }, ZERO);
}

/** Sum over z of f(z) times all weights. */
function finalSum({ weights, queryWeights }: Carried, coefficients: readonly Quintic[]): Quintic {
  const queried = queryWeights.reduce(
    (sum, { coefficient, x }) => add(sum, mul(coefficient, evaluateAtBase(coefficients, x))),
    ZERO,
  );
  return weights.reduce((sum, { coefficient, factors }) => {
    let values = coefficients;
    for (const [zero, one] of factors) {
      const half = values.length / 2;
      values = Array.from({ length: half }, (_, z) =>
        add(mul(zero, values[z] as Quintic), mul(one, values[half + z] as Quintic)),
      );
    }
    return add(sum, mul(coefficient, values[0] as Quintic));
  }, queried);
}

function checkLength(expected: number, found: number, what: string): void {
  if (expected !== found) {
    throw new VerificationError('opening/shape', `another number of ${what}`, { expected, found });
  }
}
