/** The prover's side of verifier/src/logup.ts. */
import {
  type ChildClaims,
  childList,
  combineChildren,
  QuinticField as E,
  eqTable,
  interpolateLine,
  type LeafClaim,
  LOGUP_DEGREE,
  type LogupLayer,
  type LogupProof,
  type Point,
  type Quintic,
  type Transcript,
} from '@vouch/verifier';
import { bindTrailing, proveSumcheck } from './sumcheck.ts';

const { add, mul, ZERO } = E;

/** One layer of the tree: fractions. */
export interface Fractions {
  readonly numerators: readonly Quintic[];
  readonly denominators: readonly Quintic[];
}

export function proveLogup(
  transcript: Transcript,
  leaves: Fractions,
): { proof: LogupProof; claim: LeafClaim } {
  const layers = [leaves];
  while ((layers[0] as Fractions).numerators.length > 1)
    layers.unshift(addPairs(layers[0] as Fractions));
  const root = layers[0] as Fractions;
  const numerator = root.numerators[0] as Quintic;
  const denominator = root.denominators[0] as Quintic;
  transcript.absorbExtensions('logup root', [numerator, denominator]);
  let claim: LeafClaim = { point: [], numerator, denominator };
  const proofs: LogupLayer[] = [];
  for (const layer of layers.slice(1)) {
    const next = proveLayer(transcript, claim.point, layer);
    proofs.push(next.proof);
    claim = next.claim;
  }
  return { proof: { numerator, denominator, layers: proofs }, claim };
}

/** The layer above: sums of leaves 2i and 2i + 1. */
export function addPairs({ numerators, denominators }: Fractions): Fractions {
  const left = (values: readonly Quintic[]): Quintic[] => values.filter((_, i) => i % 2 === 0);
  const right = (values: readonly Quintic[]): Quintic[] => values.filter((_, i) => i % 2 === 1);
  const [p0, p1, q0, q1] = [
    left(numerators),
    right(numerators),
    left(denominators),
    right(denominators),
  ];
  return {
    numerators: p0.map((p, i) =>
      add(mul(p, q1[i] as Quintic), mul(p1[i] as Quintic, q0[i] as Quintic)),
    ),
    denominators: q0.map((q, i) => mul(q, q1[i] as Quintic)),
  };
}

/** One layer of the tree, given the leaves' fractions of the layer below its nodes. */
export function proveLayer(
  transcript: Transcript,
  above: Point,
  layer: Fractions,
): { proof: LogupLayer; claim: LeafClaim } {
  const lambda = transcript.squeezeExtension('logup lambda');
  const even = (values: readonly Quintic[]): Quintic[] => values.filter((_, i) => i % 2 === 0);
  const odd = (values: readonly Quintic[]): Quintic[] => values.filter((_, i) => i % 2 === 1);
  let vectors: Quintic[][] = [
    eqTable(above),
    even(layer.numerators),
    odd(layer.numerators),
    even(layer.denominators),
    odd(layer.denominators),
  ];
  const bind = (challenge: Quintic): Quintic[][] =>
    vectors.map((vector) => bindTrailing(vector, challenge));
  const { rounds, point } = proveSumcheck(
    transcript,
    {
      variables: above.length,
      degree: LOGUP_DEGREE,
      sumAt: (x) => {
        const [eqs, ...children] = bind(x) as [Quintic[], ...Quintic[][]];
        return eqs.reduce((sum, eq, i) => {
          const values = children.map((vector) => vector[i] as Quintic);
          return add(sum, mul(eq, combineChildren(childClaims(values), lambda)));
        }, ZERO);
      },
      bind: (challenge) => {
        vectors = bind(challenge);
      },
    },
    { round: 'logup round', challenge: 'logup challenge' },
  );
  const children = childClaims(vectors.slice(1).map((vector) => vector[0] as Quintic));
  transcript.absorbExtensions('logup children', childList(children));
  const mu = transcript.squeezeExtension('logup mu');
  const claim = {
    point: [...point].reverse().concat([mu]),
    numerator: interpolateLine(children.leftNumerator, children.rightNumerator, mu),
    denominator: interpolateLine(children.leftDenominator, children.rightDenominator, mu),
  };
  return { proof: { rounds, children }, claim };
}

function childClaims(values: readonly Quintic[]): ChildClaims {
  const [leftNumerator, rightNumerator, leftDenominator, rightDenominator] = values as [
    Quintic,
    Quintic,
    Quintic,
    Quintic,
  ];
  return { leftNumerator, rightNumerator, leftDenominator, rightDenominator };
}
