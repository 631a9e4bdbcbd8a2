/** The prover's side of verifier/src/opening.ts, with the kernels. */
import {
  QuinticField as E,
  eqTable,
  foldedContext,
  type OpenedLeaves,
  type OpeningProof,
  type OpeningRoundProof,
  type OpeningSchedule,
  type Point,
  type Quintic,
  type SegmentShape,
  type StackClaim,
  sortedDistinct,
  type Transcript,
  type WhirRound,
} from '@vouch/verifier';
import {
  type CommittedMatrix,
  commitColumns,
  freeMatrix,
  openRows,
  type Twiddles,
} from './commit.ts';
import { tabulateEq } from './eq-tables.ts';
import { combineChunks, evaluateChunks } from './opening-chunks.ts';
import {
  addQueryWeights,
  addScaled,
  dot,
  type Queries,
  tabulatePowers,
} from './opening-weights.ts';
import type { Pool } from './pool.ts';
import { PlainProduct, productRound } from './product-sumcheck.ts';
import { bindVectors, scaleVector } from './quintic-jobs.ts';
import { ELEMENT_BYTES, type OwnedVector, readVector } from './quintic-vector.ts';
import { grindWork } from './work.ts';

const { mul } = E;

/** Finds the least nonce for a seed. */
export type Grinder = (seed: readonly number[], bits: number) => Promise<bigint>;

/** What is opened. */
export interface StackedColumns {
  /** Byte offset of S, in Montgomery form. */
  readonly stack: number;
  readonly shape: SegmentShape;
  /** Main columns, then preprocessed ones if they are committed. */
  readonly matrices: readonly CommittedMatrix[];
}

interface Tools {
  readonly pool: Pool;
  readonly transcript: Transcript;
  readonly twiddles: Twiddles;
  readonly grind: Grinder;
}

/** f and its weights: the claim is the sum of their products. */
interface State {
  readonly vector: OwnedVector;
  readonly weights: OwnedVector;
  length: number;
  matrices: readonly CommittedMatrix[];
}

/**
 * Proves that S has the claimed value at the claimed point.
 *
 * @param tools twiddles reach for the longest code of the schedule
 */
export async function proveOpening(
  tools: Tools,
  columns: StackedColumns,
  schedule: OpeningSchedule,
  claim: StackClaim,
): Promise<OpeningProof> {
  const { pool } = tools;
  const [first, ...others] = schedule.rounds as [WhirRound, ...WhirRound[]];
  const { state, folded } = await foldChunks(tools, columns, first, claim.point);
  const rounds = [await finishRound(tools, state, folded, first, others[0], 1)];
  for (const [i, round] of others.entries()) {
    const next = await foldVectors(tools, state, round);
    rounds.push(await finishRound(tools, state, next, round, others[i + 1], i + 2));
  }
  const finalCoefficients = readVector(pool.arena, state.vector, 0, state.length);
  for (const { region } of [state.vector, state.weights]) pool.arena.free(region);
  return { rounds, finalCoefficients };
}

type Folded = Pick<OpeningRoundProof, 'sumcheck' | 'foldingNonces'>;

/** Round 0: the chunks of S are folded by way of their evaluations at the point's last variables. */
async function foldChunks(
  tools: Tools,
  { stack, shape, matrices }: StackedColumns,
  round: WhirRound,
  point: Point,
): Promise<{ state: State; folded: Folded }> {
  const { pool } = tools;
  const { logRows, logChunks } = shape;
  const weights = await tabulateEq(pool, point.slice(logChunks));
  const values = await evaluateChunks(pool, stack, shape, weights);
  const product = new PlainProduct(values, eqTable(point.slice(0, logChunks)));
  const { folded, challenges } = await fold(tools, round, product);
  const vector = await combineChunks(pool, stack, shape, eqTable(challenges));
  const [, factor] = product.first;
  await scaleVector(pool, weights, factor);
  return { state: { vector, weights, length: 2 ** logRows, matrices }, folded };
}

interface FoldingSteps {
  message(): Quintic[] | Promise<Quintic[]>;
  bind(challenge: Quintic): void | Promise<void>;
}

/** The sumcheck rounds of one opening round. */
async function fold(
  { pool, transcript, grind }: Tools,
  round: WhirRound,
  steps: FoldingSteps,
): Promise<{ folded: Folded; challenges: Quintic[] }> {
  const sumcheck: Quintic[][] = [];
  const foldingNonces: bigint[] = [];
  const challenges: Quintic[] = [];
  for (let j = 0; j < round.foldedVariables; j++) {
    const message = await steps.message();
    transcript.absorbExtensions('opening round', message);
    const { foldWork } = round;
    foldingNonces.push(await doWork(pool, transcript, 'folding work', foldWork, grind));
    const challenge = transcript.squeezeExtension('folding challenge');
    await steps.bind(challenge);
    sumcheck.push(message);
    challenges.push(challenge);
  }
  return { folded: { sumcheck, foldingNonces }, challenges };
}

async function doWork(
  pool: Pool,
  transcript: Transcript,
  label: string,
  bits: number,
  grind: Grinder,
): Promise<bigint> {
  const seed = transcript.beginWork(label);
  const nonce = await grind(seed, bits);
  transcript.finishWork(label, bits, seed, nonce);
  await pool.run([], grindWork(bits));
  return nonce;
}

async function foldVectors(tools: Tools, state: State, round: WhirRound): Promise<Folded> {
  const { pool } = tools;
  const { vector, weights } = state;
  const { folded } = await fold(tools, round, {
    message: () => productRound(pool, vector, weights, state.length / 2),
    bind: async (challenge) => {
      state.length /= 2;
      await bindVectors(pool, [vector, weights], state.length, challenge);
    },
  });
  return folded;
}

/** Commits to the folded vector or sends it, answers the queries, and adds their claims. */
async function finishRound(
  tools: Tools,
  state: State,
  folded: Folded,
  round: WhirRound,
  next: WhirRound | undefined,
  nextIndex: number,
): Promise<OpeningRoundProof> {
  const { pool, transcript, grind } = tools;
  const { vector, length } = state;
  const nextMatrix = next && (await commitVector(tools, state, next, nextIndex));
  if (nextMatrix === undefined) {
    transcript.absorbExtensions('final coefficients', readVector(pool.arena, vector, 0, length));
  } else transcript.absorbDigest('folded root', nextMatrix.root);
  const outside: OwnedVector[] = [];
  const outOfDomainValues: Quintic[] = [];
  for (let j = 0; j < (next?.outOfDomainSamples ?? 0); j++) {
    const point = transcript.squeezeExtension('out-of-domain point');
    const powers = await tabulatePowers(pool, point, length);
    const value = await dot(pool, vector, powers, length);
    transcript.absorbExtensions('out-of-domain value', [value]);
    outside.push(powers);
    outOfDomainValues.push(value);
  }
  const queryNonce = await doWork(pool, transcript, 'query work', round.queryWork, grind);
  const { logLength } = state.matrices[0] as CommittedMatrix;
  const indices = sortedDistinct(transcript.squeezeIndices('query', round.queries, logLength));
  const opened: OpenedLeaves[] = state.matrices.map((matrix) => openRows(pool, matrix, indices));
  const gamma = transcript.squeezeExtension('query combination');
  // After the last round nobody asks for weights.
  if (next !== undefined) await addClaims(tools, state, outside, { indices, logLength }, gamma);
  // The first round's matrices belong to the segment.
  if (nextIndex > 1) for (const matrix of state.matrices) freeMatrix(pool, matrix);
  state.matrices = nextMatrix === undefined ? [] : [nextMatrix];
  return {
    ...folded,
    ...(nextMatrix !== undefined && { nextRoot: nextMatrix.root }),
    outOfDomainValues,
    queryNonce,
    opened,
  };
}

/** Adds the claims about points outside the domain, then the queries', by powers of gamma. */
async function addClaims(
  { pool, twiddles }: Tools,
  { weights, length }: State,
  outside: readonly OwnedVector[],
  queries: Queries,
  gamma: Quintic,
): Promise<void> {
  let power = gamma;
  for (const powers of outside) {
    await addScaled(pool, powers, power, weights, length);
    pool.arena.free(powers.region);
    power = mul(power, gamma);
  }
  await addQueryWeights(pool, twiddles, queries, power, gamma, weights, length);
}

/** Commits to the vector's chunks by the next round's variables, each as five columns. */
async function commitVector(
  { pool, twiddles }: Tools,
  { vector, length }: State,
  next: WhirRound,
  index: number,
): Promise<CommittedMatrix> {
  const { arena } = pool;
  const chunks = 2 ** next.foldedVariables;
  const size = length / chunks;
  const columns = arena.allocate('chunks of the folded vector', ELEMENT_BYTES * length);
  const target = arena.words(columns);
  for (let j = 0; j < 5; j++) {
    const plane = arena.words(vector.offset + j * vector.stride, length);
    for (let y = 0; y < chunks; y++) {
      target.set(plane.subarray(y * size, (y + 1) * size), (5 * y + j) * size);
    }
  }
  const coefficients = {
    offset: columns.offset,
    stride: 4 * size,
    count: 5 * chunks,
    logRows: Math.log2(size),
  };
  const context = foldedContext(index);
  const matrix = await commitColumns(pool, twiddles, coefficients, next.logInverseRate, context);
  arena.free(columns);
  return matrix;
}
