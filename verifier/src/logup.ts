/**
 * LogUp by GKR: the sum of multiplicity / (alpha - fingerprint) over all messages of a segment is
 * the fraction at the root of a binary tree of additions (Papini and Haboeck, 2023/1284, section 3).
 * Nodes 2i and 2i + 1 are added to node i of the layer above.
 */
import { VerificationError } from './errors.ts';
import { eq, type Point, sumcheckRound } from './polynomials.ts';
import { add, equals, isZero, mul, ONE, type Quintic, sub } from './quintic.ts';
import type { Transcript } from './transcript.ts';

/** Values of the two children of the claimed nodes: numerators and denominators. */
export interface ChildClaims {
  readonly leftNumerator: Quintic;
  readonly rightNumerator: Quintic;
  readonly leftDenominator: Quintic;
  readonly rightDenominator: Quintic;
}

export interface LogupLayer {
  /** s(0), s(2), s(3) of each round; layer k has k rounds. */
  readonly rounds: readonly (readonly Quintic[])[];
  readonly children: ChildClaims;
}

export interface LogupProof {
  /** The fraction at the root: the sum over all messages of the segment. */
  readonly numerator: Quintic;
  readonly denominator: Quintic;
  /** From the root down: one for each of the n_L levels of the tree. */
  readonly layers: readonly LogupLayer[];
}

/** What remains to be shown about the leaves. */
export interface LeafClaim {
  readonly point: Point;
  readonly numerator: Quintic;
  readonly denominator: Quintic;
}

/** Degree of a round's polynomial: eq times a product of two. */
export const LOGUP_DEGREE = 3;

/**
 * Checks the tree down to its 2^logLeaves leaves. Fails `logup/layers`, `logup/denominator` (zero
 * at the root), `logup/layer` (a layer's last claim) or `sumcheck/length`.
 */
export function verifyLogup(
  transcript: Transcript,
  logLeaves: number,
  proof: LogupProof,
): LeafClaim {
  if (proof.layers.length !== logLeaves) {
    const details = { expected: logLeaves, found: proof.layers.length };
    throw new VerificationError('logup/layers', 'the tree has another depth', details);
  }
  if (isZero(proof.denominator)) {
    throw new VerificationError('logup/denominator', 'the denominator at the root is zero');
  }
  transcript.absorbExtensions('logup root', [proof.numerator, proof.denominator]);
  let claim: LeafClaim = {
    point: [],
    numerator: proof.numerator,
    denominator: proof.denominator,
  };
  for (const layer of proof.layers) claim = verifyLayer(transcript, claim, layer);
  return claim;
}

function verifyLayer(transcript: Transcript, above: LeafClaim, layer: LogupLayer): LeafClaim {
  const lambda = transcript.squeezeExtension('logup lambda');
  let claim = add(above.numerator, mul(lambda, above.denominator));
  if (layer.rounds.length !== above.point.length) {
    const details = { expected: above.point.length, found: layer.rounds.length };
    throw new VerificationError('logup/layers', 'a layer has another number of rounds', details);
  }
  const point: Quintic[] = [];
  for (const round of layer.rounds) {
    transcript.absorbExtensions('logup round', round);
    const challenge = transcript.squeezeExtension('logup challenge');
    claim = sumcheckRound(claim, round, LOGUP_DEGREE, challenge);
    // The last variable is bound first, so that nodes beyond the used ones cost the prover nothing.
    point.unshift(challenge);
  }
  const { children } = layer;
  const sum = mul(eq(above.point, point), combineChildren(children, lambda));
  if (!equals(sum, claim)) {
    throw new VerificationError('logup/layer', 'children do not add up to their parent', {
      layer: above.point.length,
    });
  }
  transcript.absorbExtensions('logup children', childList(children));
  const mu = transcript.squeezeExtension('logup mu');
  return {
    point: [...point, mu],
    numerator: interpolateLine(children.leftNumerator, children.rightNumerator, mu),
    denominator: interpolateLine(children.leftDenominator, children.rightDenominator, mu),
  };
}

/** p0 q1 + p1 q0 + lambda q0 q1: numerator and denominator of a sum of two fractions. */
export function combineChildren(children: ChildClaims, lambda: Quintic): Quintic {
  const { leftNumerator, rightNumerator, leftDenominator, rightDenominator } = children;
  const numerator = add(mul(leftNumerator, rightDenominator), mul(rightNumerator, leftDenominator));
  return add(numerator, mul(lambda, mul(leftDenominator, rightDenominator)));
}

/** The order in which the four values are absorbed and encoded. */
export function childList(children: ChildClaims): Quintic[] {
  const { leftNumerator, rightNumerator, leftDenominator, rightDenominator } = children;
  return [leftNumerator, rightNumerator, leftDenominator, rightDenominator];
}

/** The line through (0, a) and (1, b) at x. */
export function interpolateLine(a: Quintic, b: Quintic, x: Quintic): Quintic {
  return add(mul(sub(ONE, x), a), mul(x, b));
}
