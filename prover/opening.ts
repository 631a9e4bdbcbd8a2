/** The prover's side of verifier/src/opening.ts, with the kernels. */
import {
  QuinticField as E,
  eqTable,
  foldedContext,
  type OpenedRows,
  type OpeningProof,
  type OpeningRoundProof,
  type OpeningSchedule,
  type Point,
  type Quintic,
  reverseBits,
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
import type { Job } from './kernel.ts';
import { toMontgomery } from './montgomery.ts';
import { type Pool, split } from './pool.ts';
import {
  allocateVector,
  type OwnedVector,
  readElements,
  readVector,
  writeElements,
} from './quintic-vector.ts';
import { productRound } from './reduction.ts';
import { bindLeading, roundMessage, sumRows } from './scalar/sumcheck.ts';

const { add, DEGREE, mul, ZERO } = E;

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
  vector: OwnedVector;
  weights: OwnedVector;
  length: number;
  matrices: readonly CommittedMatrix[];
}

export async function proveOpening(
  tools: Tools,
  columns: StackedColumns,
  schedule: OpeningSchedule,
  claim: StackClaim,
): Promise<OpeningProof> {
  const { pool } = tools;
  const [first, ...others] = schedule.rounds as [WhirRound, ...WhirRound[]];
  const start = await foldChunks(tools, columns, first, claim.point);
  const { state } = start;
  const rounds = [await finishRound(tools, state, start.folded, first, others[0], 1)];
  for (const [i, round] of others.entries()) {
    const folded = await foldVectors(tools, state, round);
    rounds.push(await finishRound(tools, state, folded, round, others[i + 1], i + 2));
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
  let vectors = [values, eqTable(point.slice(0, logChunks))];
  const { folded, challenges } = await foldPlain(tools, round, {
    message: () => productMessage(vectors),
    bind: (challenge) => {
      vectors = vectors.map((vector) => bindLeading(vector, challenge));
    },
  });
  const vector = await combineChunks(pool, stack, shape, eqTable(challenges));
  await scaleVector(pool, weights, (vectors[1] as Quintic[])[0] as Quintic);
  return { state: { vector, weights, length: 2 ** logRows, matrices }, folded };
}

function productMessage(vectors: readonly Quintic[][]): Quintic[] {
  return roundMessage({
    variables: 1,
    degree: 2,
    sumAt: (x) => sumRows(vectors, x, ([f, w]) => mul(f as Quintic, w as Quintic)),
    bind: () => {},
  });
}

/** Chunks of S that hold something; the others are zero. */
function chunkCount({ mainChunks, preprocessedChunks }: SegmentShape): number {
  const { start, count } = preprocessedChunks;
  return count === 0 ? mainChunks.count : start + count;
}

async function evaluateChunks(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  weights: OwnedVector,
): Promise<Quintic[]> {
  const { arena, threads } = pool;
  const rows = 2 ** shape.logRows;
  const count = chunkCount(shape);
  const ranges = split(rows, 4 * threads, 64);
  const results = arena.allocate('chunk values', 20 * count * ranges.length);
  await pool.run(
    ranges.map(
      ([from, to], i): Job => [
        'dotColumns',
        stack,
        4 * rows,
        count,
        weights.offset,
        weights.stride,
        results.offset + 20 * count * i,
        from,
        to,
      ],
    ),
  );
  const parts = readElements(arena, results.offset, count * ranges.length);
  arena.free(results);
  return Array.from({ length: 2 ** shape.logChunks }, (_, c) =>
    c < count ? parts.filter((_part, i) => i % count === c).reduce(add, ZERO) : ZERO,
  );
}

/** Sum of the chunks under their weights. */
async function combineChunks(
  pool: Pool,
  stack: number,
  shape: SegmentShape,
  weights: readonly Quintic[],
): Promise<OwnedVector> {
  const { arena, threads } = pool;
  const rows = 2 ** shape.logRows;
  const vector = allocateVector(arena, 'folded chunks', rows);
  const words = arena.allocate('chunk weights', 20 * weights.length);
  writeElements(arena, words.offset, weights);
  await pool.run(
    split(rows, 4 * threads, 64).map(
      ([from, to]): Job => [
        'addWeightedColumns',
        stack,
        4 * rows,
        chunkCount(shape),
        words.offset,
        1,
        vector.offset,
        vector.stride,
        from,
        to,
      ],
    ),
  );
  arena.free(words);
  return vector;
}

async function scaleVector(pool: Pool, vector: OwnedVector, factor: Quintic): Promise<void> {
  const words = pool.arena.allocate('factor', 64);
  writeElements(pool.arena, words.offset, [factor]);
  const { offset, stride, length } = vector;
  await pool.run(
    split(length, 2 * pool.threads, 64).map(
      ([from, to]): Job => [
        'scaleQuintics',
        offset,
        stride,
        words.offset,
        offset,
        stride,
        from,
        to,
      ],
    ),
  );
  pool.arena.free(words);
}

interface FoldingSteps {
  message(): Quintic[] | Promise<Quintic[]>;
  bind(challenge: Quintic): void | Promise<void>;
}

/** The sumcheck rounds of one opening round. */
async function foldPlain(
  { transcript, grind }: Tools,
  round: WhirRound,
  steps: FoldingSteps,
): Promise<{ folded: Folded; challenges: Quintic[] }> {
  const sumcheck: Quintic[][] = [];
  const foldingNonces: bigint[] = [];
  const challenges: Quintic[] = [];
  for (let j = 0; j < round.foldedVariables; j++) {
    const message = await steps.message();
    transcript.absorbExtensions('opening round', message);
    foldingNonces.push(await doWork(transcript, 'folding work', round.foldWork, grind));
    const challenge = transcript.squeezeExtension('folding challenge');
    await steps.bind(challenge);
    sumcheck.push(message);
    challenges.push(challenge);
  }
  return { folded: { sumcheck, foldingNonces }, challenges };
}

async function doWork(
  transcript: Transcript,
  label: string,
  bits: number,
  grind: Grinder,
): Promise<bigint> {
  const seed = transcript.beginWork(label);
  const nonce = await grind(seed, bits);
  transcript.finishWork(label, bits, seed, nonce);
  return nonce;
}

async function foldVectors(tools: Tools, state: State, round: WhirRound): Promise<Folded> {
  const { pool } = tools;
  const words = pool.arena.allocate('challenge', 64);
  const { folded } = await foldPlain(tools, round, {
    message: () => productRound(pool, state.vector, state.weights, state.length / 2),
    bind: async (challenge) => {
      writeElements(pool.arena, words.offset, [challenge]);
      const half = state.length / 2;
      const jobs: Job[] = [];
      for (const { offset, stride } of [state.vector, state.weights]) {
        for (const [from, to] of split(half, 2 * pool.threads, 64)) {
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
      state.length = half;
    },
  });
  pool.arena.free(words);
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
  const { arena } = pool;
  const nextMatrix = next && (await commitVector(tools, state, next, nextIndex));
  if (nextMatrix === undefined) {
    transcript.absorbExtensions(
      'final coefficients',
      readVector(arena, state.vector, 0, state.length),
    );
  } else transcript.absorbDigest('folded root', nextMatrix.root);
  const outside: { powers: OwnedVector; value: Quintic }[] = [];
  for (let j = 0; j < (next?.outOfDomainSamples ?? 0); j++) {
    const powers = await tabulatePowers(
      pool,
      transcript.squeezeExtension('out-of-domain point'),
      state.length,
    );
    const value = await dot(pool, state.vector, powers, state.length);
    transcript.absorbExtensions('out-of-domain value', [value]);
    outside.push({ powers, value });
  }
  const queryNonce = await doWork(transcript, 'query work', round.queryWork, grind);
  const { logLength } = state.matrices[0] as CommittedMatrix;
  const indices = sortedDistinct(transcript.squeezeIndices('query', round.queries, logLength));
  const opened: OpenedRows[] = state.matrices.map((matrix) => openRows(pool, matrix, indices));
  const gamma = transcript.squeezeExtension('query combination');
  let power = gamma;
  for (const { powers } of outside) {
    await addScaled(pool, powers, power, state);
    arena.free(powers.region);
    power = mul(power, gamma);
  }
  await addQueryWeights(tools, state, indices, logLength, power, gamma);
  const proof = {
    ...folded,
    ...(nextMatrix !== undefined && { nextRoot: nextMatrix.root }),
    outOfDomainValues: outside.map(({ value }) => value),
    queryNonce,
    opened,
  };
  if (nextIndex > 1) for (const matrix of state.matrices) freeMatrix(pool, matrix);
  state.matrices = nextMatrix === undefined ? [] : [nextMatrix];
  return proof;
}

/** Commits to the vector's chunks by the next round's variables, each as five columns. */
async function commitVector(
  { pool, twiddles }: Tools,
  state: State,
  next: WhirRound,
  index: number,
): Promise<CommittedMatrix> {
  const { arena } = pool;
  const chunks = 2 ** next.foldedVariables;
  const size = state.length / chunks;
  const columns = arena.allocate('chunks of the folded vector', 20 * state.length);
  const target = arena.words(columns);
  for (let j = 0; j < 5; j++) {
    const plane = arena.words(state.vector.offset + j * state.vector.stride, state.length);
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

/** 1, x, x^2, ..., by doubling. */
async function tabulatePowers(pool: Pool, x: Quintic, length: number): Promise<OwnedVector> {
  const { arena } = pool;
  const vector = allocateVector(arena, 'powers', length);
  for (let j = 0; j < 5; j++) {
    arena.words(vector.offset + j * vector.stride, 1)[0] = j === 0 ? toMontgomery(1) : 0;
  }
  const words = arena.allocate('power', 64);
  let power = x;
  for (let known = 1; known < length; known *= 2) {
    writeElements(arena, words.offset, [power]);
    const target = vector.offset + 4 * known;
    await pool.run(
      split(known, 2 * pool.threads, 64).map(
        ([from, to]): Job => [
          'scaleQuintics',
          vector.offset,
          vector.stride,
          words.offset,
          target,
          vector.stride,
          from,
          to,
        ],
      ),
    );
    power = mul(power, power);
  }
  arena.free(words);
  return vector;
}

async function dot(pool: Pool, a: OwnedVector, b: OwnedVector, length: number): Promise<Quintic> {
  const { arena, threads } = pool;
  const ranges = split(length, 2 * threads, 64);
  const sums = arena.allocate('sums', 20 * ranges.length);
  arena.words(sums).fill(0);
  await pool.run(
    ranges.map(
      ([from, to], i): Job => [
        'dotQuintics',
        a.offset,
        a.stride,
        b.offset,
        b.stride,
        from,
        to,
        sums.offset + 20 * i,
      ],
    ),
  );
  const parts = readElements(arena, sums.offset, ranges.length);
  arena.free(sums);
  return parts.reduce(add, ZERO);
}

/** weights += factor powers; the powers are overwritten. */
async function addScaled(
  pool: Pool,
  powers: OwnedVector,
  factor: Quintic,
  { weights, length }: State,
): Promise<void> {
  await scaleVector(pool, { ...powers, length }, factor);
  await pool.run(
    split(length, 2 * pool.threads, 64).map(
      ([from, to]): Job => [
        'addQuintics',
        weights.offset,
        weights.stride,
        powers.offset,
        powers.stride,
        weights.offset,
        weights.stride,
        from,
        to,
      ],
    ),
  );
}

/**
 * weights_z += sum over k of gamma^k first x_k^z, where x_k is the point of row indices_k of a code of
 * length 2^logLength. As x_k = w^e_k, this is the transform of the vector with gamma^k first at e_k.
 */
async function addQueryWeights(
  { pool, twiddles }: Tools,
  { weights, length }: State,
  indices: readonly number[],
  logLength: number,
  first: Quintic,
  gamma: Quintic,
): Promise<void> {
  const { arena, threads } = pool;
  const sparse = allocateVector(arena, 'query weights', 2 ** logLength);
  const planes = Array.from({ length: DEGREE }, (_, j) =>
    arena.words(sparse.offset + j * sparse.stride, sparse.length).fill(0),
  );
  let power = first;
  for (const index of indices) {
    const exponent = reverseBits(index, logLength);
    for (const [j, plane] of planes.entries()) plane[exponent] = toMontgomery(power[j] as number);
    power = mul(power, gamma);
  }
  const dense = allocateVector(arena, 'transformed query weights', 2 ** logLength);
  await pool.run(
    planes.map(
      (_, j): Job => [
        'extendColumns',
        sparse.offset + j * sparse.stride,
        sparse.stride,
        dense.offset + j * dense.stride,
        dense.stride,
        logLength,
        0,
        twiddles.region.offset,
        twiddles.logSize,
        0,
        1,
      ],
    ),
  );
  arena.free(sparse.region);
  await pool.run(
    split(length, 4 * threads, 1024).map(
      ([from, to]): Job => [
        'addReversed',
        dense.offset,
        dense.stride,
        logLength,
        weights.offset,
        weights.stride,
        from,
        to,
      ],
    ),
  );
  arena.free(dense.region);
}
