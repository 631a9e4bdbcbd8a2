/** The prover's side of verifier/src/logup.ts, with the kernels of kernels/logup.ts. */
import {
  childList,
  QuinticField as E,
  interpolateLine,
  type LeafClaim,
  type LogupLayer,
  type LogupProof,
  type Quintic,
  type Transcript,
} from '@vouch/verifier';
import { LOG_BLOCK } from './eq-tables.ts';
import { BLOCK } from './kernel-layout.ts';
import { allocateLayer, halfSize, type Layer, padLayer, readLayer } from './logup-layer.ts';
import { LayerSumcheck, type Round, TailSumcheck } from './logup-sumcheck.ts';
import { type Pool, split } from './pool.ts';
import { addPairs, type Fractions, proveLayer } from './scalar/logup.ts';
import { ADD_WORK } from './work.ts';

const { add, mul } = E;

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
  const [lowest, ...large] = layers as [Layer, ...Layer[]];
  const [root, ...small] = smallLayers(readFractions(pool, lowest)) as [Fractions, ...Fractions[]];
  pool.arena.free(lowest.region);
  const numerator = root.numerators[0] as Quintic;
  const denominator = root.denominators[0] as Quintic;
  transcript.absorbExtensions('logup root', [numerator, denominator]);
  let claim: LeafClaim = { point: [], numerator, denominator };
  const proofs: LogupLayer[] = [];
  const keep = (next: { proof: LogupLayer; claim: LeafClaim }): void => {
    proofs.push(next.proof);
    claim = next.claim;
  };
  for (const layer of small) keep(proveLayer(transcript, claim.point, layer));
  for (const layer of large) keep(await proveLargeLayer(pool, transcript, claim, layer));
  return { proof: { numerator, denominator, layers: proofs }, claim };
}

/** The layer above: its pairs are the sums of pairs 2i and 2i + 1. */
async function addLayer(pool: Pool, layer: Layer): Promise<Layer> {
  const target = allocateLayer(pool, halfSize(layer));
  await pool.run(
    split(layer.used, 4 * pool.threads, BLOCK).map(([from, to]) => [
      layer.isLeaves ? 'addLeaves' : 'addFractions',
      layer.region.offset,
      target.region.offset,
      from,
      to,
    ]),
    ADD_WORK * layer.used,
  );
  padLayer(pool, target, layer.used / 2);
  return target;
}

/** All layers from the root down to the given one. */
function smallLayers(lowest: Fractions): Fractions[] {
  const layers = [lowest];
  while ((layers[0] as Fractions).numerators.length > 1)
    layers.unshift(addPairs(layers[0] as Fractions));
  return layers;
}

/** A whole layer of at most BLOCK pairs as single fractions, left and right in turn. */
function readFractions(pool: Pool, layer: Layer): Fractions {
  const [p0, p1, q0, q1] = readLayer(pool, layer);
  const interleave = (left: Quintic[], right: Quintic[]): Quintic[] =>
    left.flatMap((value, i) => [value, right[i] as Quintic]);
  return { numerators: interleave(p0, p1), denominators: interleave(q0, q1) };
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
  const finishRound = ({ message, evaluate }: Round): Quintic => {
    transcript.absorbExtensions('logup round', message);
    const challenge = transcript.squeezeExtension('logup challenge');
    rounds.push(message);
    point.unshift(challenge);
    claim = evaluate(challenge);
    return challenge;
  };
  while (sumcheck.logPairs > LOG_BLOCK) {
    await sumcheck.bind(finishRound(await sumcheck.round(claim)));
  }
  const tail = new TailSumcheck(sumcheck.take(), sumcheck.point, sumcheck.bound);
  while (tail.size > 1) tail.bind(finishRound(tail.round(claim)));
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
