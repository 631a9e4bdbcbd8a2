/**
 * From claims about many columns at suffixes of one point to one claim about the stacked vector S:
 * sum over columns of lambda^c v_c = sum over z of S(z) A(z) (proof-system C', step 6).
 */
import { VerificationError } from './errors.ts';
import { eq, type Point, placeSelector, sumcheckRound } from './polynomials.ts';
import { add, equals, mul, ONE, type Quintic, ZERO } from './quintic.ts';
import type { PlacedColumn, SegmentShape } from './shape.ts';
import type { Transcript } from './transcript.ts';

export interface ReductionProof {
  /** s(0), s(2) of each round, one for each variable of S. */
  readonly rounds: readonly (readonly Quintic[])[];
  /** S at the final point. */
  readonly value: Quintic;
}

/** S(point) = value. */
export interface StackClaim {
  readonly point: Point;
  readonly value: Quintic;
}

export const REDUCTION_DEGREE = 2;

/** Fails `reduction/shape` or `reduction/value`. */
export function verifyReduction(
  transcript: Transcript,
  shape: SegmentShape,
  columnPoint: Point,
  values: readonly Quintic[],
  proof: ReductionProof,
): StackClaim {
  const logSize = shape.logChunks + shape.logRows;
  if (proof.rounds.length !== logSize) {
    const details = { expected: logSize, found: proof.rounds.length };
    throw new VerificationError('reduction/shape', 'another number of rounds', details);
  }
  const lambda = transcript.squeezeExtension('reduction lambda');
  let claim = [...values].reverse().reduce((sum, value) => add(mul(sum, lambda), value), ZERO);
  const point: Quintic[] = [];
  for (const round of proof.rounds) {
    transcript.absorbExtensions('reduction round', round);
    const challenge = transcript.squeezeExtension('reduction challenge');
    claim = sumcheckRound(claim, round, REDUCTION_DEGREE, challenge);
    point.push(challenge);
  }
  transcript.absorbExtensions('reduction value', [proof.value]);
  if (!equals(claim, mul(proof.value, columnWeights(shape, columnPoint, lambda, point)))) {
    throw new VerificationError('reduction/value', 'the columns do not have the claimed values');
  }
  return { point, value: proof.value };
}

/** Columns in the order in which their claims are batched: main ones, then preprocessed ones. */
export function claimedColumns(shape: SegmentShape): PlacedColumn[] {
  return [...shape.mainColumns, ...shape.preprocessedColumns];
}

/** A(u) = sum over columns of lambda^c eq(place of the column, u prefix) eq(point suffix, u suffix). */
function columnWeights(
  shape: SegmentShape,
  columnPoint: Point,
  lambda: Quintic,
  point: Point,
): Quintic {
  const suffixes = new Map<number, Quintic>();
  const suffixWeight = (logHeight: number): Quintic => {
    let weight = suffixes.get(logHeight);
    if (weight === undefined) {
      weight = eq(
        columnPoint.slice(columnPoint.length - logHeight),
        point.slice(point.length - logHeight),
      );
      suffixes.set(logHeight, weight);
    }
    return weight;
  };
  let power = ONE;
  let sum = ZERO;
  for (const column of claimedColumns(shape)) {
    const place = placeSelector(column, point);
    sum = add(sum, mul(power, mul(place, suffixWeight(column.logHeight))));
    power = mul(power, lambda);
  }
  return sum;
}
