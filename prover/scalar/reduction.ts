/** The prover's side of verifier/src/reduction.ts. */
import {
  claimedColumns,
  QuinticField as E,
  eqTable,
  type Point,
  type Quintic,
  REDUCTION_DEGREE,
  type ReductionProof,
  type SegmentShape,
  type StackClaim,
  type Transcript,
} from '@vouch/verifier';
import { bindLeading, proveSumcheck, sumRows } from './sumcheck.ts';

const { add, mul, ONE, ZERO } = E;

/** @param stack the 2^(logChunks + logRows) elements of S */
export function proveReduction(
  transcript: Transcript,
  shape: SegmentShape,
  stack: Uint32Array,
  columnPoint: Point,
): { proof: ReductionProof; claim: StackClaim } {
  const lambda = transcript.squeezeExtension('reduction lambda');
  const weights = new Array<Quintic>(stack.length).fill(ZERO);
  let power = ONE;
  for (const { offset, logHeight } of claimedColumns(shape)) {
    const suffix = eqTable(columnPoint.slice(columnPoint.length - logHeight));
    for (const [i, weight] of suffix.entries()) {
      weights[offset + i] = add(weights[offset + i] as Quintic, mul(power, weight));
    }
    power = mul(power, lambda);
  }
  let vectors = [Array.from(stack, (x) => E.fromBase(x)), weights];
  const { rounds, point } = proveSumcheck(
    transcript,
    {
      variables: shape.logChunks + shape.logRows,
      degree: REDUCTION_DEGREE,
      sumAt: (x) => sumRows(vectors, x, ([s, a]) => mul(s as Quintic, a as Quintic)),
      bind: (challenge) => {
        vectors = vectors.map((vector) => bindLeading(vector, challenge));
      },
    },
    { round: 'reduction round', challenge: 'reduction challenge' },
  );
  const value = (vectors[0] as Quintic[])[0] as Quintic;
  transcript.absorbExtensions('reduction value', [value]);
  return { proof: { rounds, value }, claim: { point, value } };
}
