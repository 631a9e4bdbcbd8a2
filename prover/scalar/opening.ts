/** The prover's side of verifier/src/opening.ts. */
import {
  bindWeight,
  type Digest,
  domainPoint,
  QuinticField as E,
  eqWeight,
  evaluateUnivariate,
  foldedContext,
  hasWork,
  type OpenedLeaves,
  type OpeningProof,
  type OpeningRoundProof,
  type OpeningSchedule,
  powerWeight,
  type Quintic,
  type StackClaim,
  sortedDistinct,
  type Transcript,
  type Weight,
  type WhirRound,
} from '@vouch/verifier';
import { type CommittedMatrix, commitColumns, openRows, rootOf } from './commit.ts';
import { bindLeading, roundMessage, sumRows } from './sumcheck.ts';

const { add, mul, ZERO } = E;

interface State {
  vector: Quintic[];
  weights: Weight[];
  matrices: readonly CommittedMatrix[];
}

/** Finds the least nonce. */
export type Grinder = (seed: Digest, bits: number) => bigint;

export function proveOpening(
  transcript: Transcript,
  matrices: readonly CommittedMatrix[],
  schedule: OpeningSchedule,
  stack: Uint32Array,
  claim: StackClaim,
  grind: Grinder,
): OpeningProof {
  const state: State = {
    vector: Array.from(stack, (x) => E.fromBase(x)),
    weights: [eqWeight(claim.point)],
    matrices,
  };
  const rounds: OpeningRoundProof[] = [];
  for (const [i, round] of schedule.rounds.entries()) {
    rounds.push(proveRound(transcript, state, round, schedule.rounds[i + 1], i, grind));
  }
  return { rounds, finalCoefficients: state.vector };
}

function proveRound(
  transcript: Transcript,
  state: State,
  round: WhirRound,
  next: WhirRound | undefined,
  index: number,
  grind: Grinder,
): OpeningRoundProof {
  const folded = foldVariables(transcript, state, round, grind);
  const variables = Math.log2(state.vector.length);
  const nextMatrix = next === undefined ? undefined : commitVector(state.vector, next, index + 1);
  if (nextMatrix === undefined) transcript.absorbExtensions('final coefficients', state.vector);
  else transcript.absorbDigest('folded root', rootOf(nextMatrix));
  const claims: Quintic[] = [];
  const outOfDomainValues: Quintic[] = [];
  for (let j = 0; j < (next?.outOfDomainSamples ?? 0); j++) {
    const x = transcript.squeezeExtension('out-of-domain point');
    const value = evaluateUnivariate(state.vector, x);
    transcript.absorbExtensions('out-of-domain value', [value]);
    outOfDomainValues.push(value);
    claims.push(x);
  }
  const queryNonce = transcript.proofOfWork('query work', round.queryWork, (seed) =>
    grind(seed, round.queryWork),
  );
  const logLength = Math.log2((state.matrices[0] as CommittedMatrix).rows.length);
  const indices = sortedDistinct(transcript.squeezeIndices('query', round.queries, logLength));
  const opened: OpenedLeaves[] = state.matrices.map((matrix) => openRows(matrix, indices));
  for (const i of indices) claims.push(E.fromBase(domainPoint(i, logLength)));
  const gamma = transcript.squeezeExtension('query combination');
  let power = gamma;
  for (const x of claims) {
    state.weights.push(powerWeight(power, x, variables));
    power = mul(power, gamma);
  }
  if (nextMatrix !== undefined) state.matrices = [nextMatrix];
  return {
    ...folded,
    ...(nextMatrix !== undefined && { nextRoot: rootOf(nextMatrix) }),
    outOfDomainValues,
    queryNonce,
    opened,
  };
}

/** Binds the round's variables by sumcheck. */
function foldVariables(
  transcript: Transcript,
  state: State,
  round: WhirRound,
  grind: Grinder,
): Pick<OpeningRoundProof, 'sumcheck' | 'foldingNonces'> {
  const sumcheck: Quintic[][] = [];
  const foldingNonces: bigint[] = [];
  let weightTable = tabulate(state.weights, state.vector.length);
  for (let j = 0; j < round.foldedVariables; j++) {
    const vectors = [state.vector, weightTable];
    const message = roundMessage({
      variables: 1,
      degree: 2,
      sumAt: (x) => sumRows(vectors, x, ([f, w]) => mul(f as Quintic, w as Quintic)),
      bind: () => {},
    });
    transcript.absorbExtensions('opening round', message);
    foldingNonces.push(
      transcript.proofOfWork('folding work', round.foldWork, (seed) => grind(seed, round.foldWork)),
    );
    const challenge = transcript.squeezeExtension('folding challenge');
    state.vector = bindLeading(state.vector, challenge);
    weightTable = bindLeading(weightTable, challenge);
    state.weights = state.weights.map((weight) => bindWeight(weight, [challenge]));
    sumcheck.push(message);
  }
  return { sumcheck, foldingNonces };
}

/** Sum of all weights at every position of the cube. */
function tabulate(weights: readonly Weight[], size: number): Quintic[] {
  const table = new Array<Quintic>(size).fill(ZERO);
  for (const { coefficient, factors } of weights) {
    let values: Quintic[] = [coefficient];
    for (const [zero, one] of factors) {
      values = values.flatMap((value) => [mul(value, zero), mul(value, one)]);
    }
    for (const [i, value] of values.entries()) table[i] = add(table[i] as Quintic, value);
  }
  return table;
}

/** Commits to a vector over E: its chunks by the next round's variables, each as five columns. */
function commitVector(vector: readonly Quintic[], next: WhirRound, index: number): CommittedMatrix {
  const chunks = 2 ** next.foldedVariables;
  const size = vector.length / chunks;
  const columns: number[][] = [];
  for (let y = 0; y < chunks; y++) {
    const chunk = vector.slice(y * size, (y + 1) * size);
    for (let j = 0; j < 5; j++) columns.push(chunk.map((value) => value[j] as number));
  }
  return commitColumns(columns, next.logInverseRate, foldedContext(index));
}

/** A grinder that tries nonces one after another; the hash is the transcript's. */
export function sequentialGrinder(hash: Parameters<typeof hasWork>[0]): Grinder {
  return (seed, bits) => {
    if (bits === 0) return 0n;
    let nonce = 0n;
    while (!hasWork(hash, seed, nonce, bits)) nonce++;
    return nonce;
  };
}
