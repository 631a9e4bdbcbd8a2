/**
 * One sumcheck for all tables: that every constraint is zero in every row, and that the messages'
 * numerators and denominators are those of the LogUp leaves (proof-spec 3).
 */
import { closedFormsAtPoint } from './closed-forms.ts';
import type { Chip, ConstraintProgram } from './constraint-program.ts';
import { VerificationError } from './errors.ts';
import { evaluateNodes } from './evaluate.ts';
import { inverse as baseInverse } from './koala-bear.ts';
import type { LeafClaim } from './logup.ts';
import { eq, type Point, placeSelector, sumcheckRound } from './polynomials.ts';
import {
  add,
  equals,
  fromBase,
  mul,
  neg,
  ONE,
  pow,
  type Quintic,
  scale,
  sub,
  ZERO,
} from './quintic.ts';
import type { Instance, SegmentShape } from './shape.ts';
import type { Transcript } from './transcript.ts';

/** Numerators and denominators of an instance's blocks, weighted by their place in the tree. */
export interface InstanceSums {
  readonly numerator: Quintic;
  readonly denominator: Quintic;
}

export interface ZerocheckProof {
  /** One for each instance. */
  readonly sums: readonly InstanceSums[];
  /** s(0), s(2), ..., s(5) of each of the H rounds. */
  readonly rounds: readonly (readonly Quintic[])[];
  /** Values of all main columns at the point, in the order of `SegmentShape.mainColumns`. */
  readonly mainValues: readonly Quintic[];
  /** The same for preprocessed columns, by instance; also if the verifier evaluates them itself. */
  readonly preprocessedValues: readonly Quintic[];
}

/** The two challenges of the LogUp argument. */
export interface LookupChallenges {
  readonly alpha: Quintic;
  readonly beta: Quintic;
}

/** eq times a constraint of degree 4. */
export const ZEROCHECK_DEGREE = 5;

/**
 * Checks the sums against the leaves and runs the sumcheck. Returns the point, at whose suffixes the
 * columns have the values of the proof if the claims about them hold.
 *
 * Fails `zerocheck/shape`, `zerocheck/leaves` or `zerocheck/values`.
 */
export function verifyZerocheck(
  transcript: Transcript,
  machine: ConstraintProgram,
  shape: SegmentShape,
  segment: number,
  challenges: LookupChallenges,
  leaves: LeafClaim,
  proof: ZerocheckProof,
): Point {
  checkCounts(machine, shape, proof);
  transcript.absorbExtensions(
    'zerocheck sums',
    proof.sums.flatMap(({ numerator, denominator }) => [numerator, denominator]),
  );
  const selectors = shape.blocks.map((block) => placeSelector(block, leaves.point));
  checkLeaves(selectors, leaves, proof);
  const lambda = transcript.squeezeExtension('zerocheck lambda');
  const powers = lambdaPowers(machine, shape, lambda);
  let claim = powers.reduce((sum, { numerator, denominator }, t) => {
    const sums = proof.sums[t] as InstanceSums;
    return add(sum, add(mul(numerator, sums.numerator), mul(denominator, sums.denominator)));
  }, ZERO);
  const point: Quintic[] = [];
  for (const round of proof.rounds) {
    transcript.absorbExtensions('zerocheck round', round);
    const challenge = transcript.squeezeExtension('zerocheck challenge');
    claim = sumcheckRound(claim, round, ZEROCHECK_DEGREE, challenge);
    point.push(challenge);
  }
  transcript.absorbExtensions('main values', proof.mainValues);
  transcript.absorbExtensions('preprocessed values', proof.preprocessedValues);
  const context = { machine, shape, segment, challenges, leaves, powers, selectors };
  if (!equals(claim, expectedClaim(context, point, proof))) {
    throw new VerificationError('zerocheck/values', 'constraints or messages do not hold');
  }
  return point;
}

function checkCounts(machine: ConstraintProgram, shape: SegmentShape, proof: ZerocheckProof): void {
  const preprocessed = shape.instances.reduce(
    (sum, { chip }) => sum + (machine.chips[chip] as Chip).preprocessedColumns.length,
    0,
  );
  const counts = [
    [shape.instances.length, proof.sums.length],
    [shape.maxLogHeight, proof.rounds.length],
    [shape.mainColumns.length, proof.mainValues.length],
    [preprocessed, proof.preprocessedValues.length],
  ] as const;
  for (const [expected, found] of counts) {
    if (expected !== found) {
      throw new VerificationError('zerocheck/shape', 'a list has another length', {
        expected,
        found,
      });
    }
  }
}

/** Sum of n_t = p(xi); sum of d_t, and 1 for each leaf that belongs to no block, = q(xi). */
function checkLeaves(
  selectors: readonly Quintic[],
  leaves: LeafClaim,
  proof: ZerocheckProof,
): void {
  const unused = selectors.reduce(sub, ONE);
  const numerator = proof.sums.reduce((sum, t) => add(sum, t.numerator), ZERO);
  const denominator = proof.sums.reduce((sum, t) => add(sum, t.denominator), unused);
  if (!equals(numerator, leaves.numerator) || !equals(denominator, leaves.denominator)) {
    throw new VerificationError('zerocheck/leaves', 'the sums are not those of the leaves');
  }
}

/** Powers of lambda of one instance: of its constraints, its numerators and its denominators. */
export interface InstancePowers {
  readonly constraints: readonly Quintic[];
  readonly numerator: Quintic;
  readonly denominator: Quintic;
}

/** One exponent counter runs over all instances, so that no two terms share a power. */
export function lambdaPowers(
  machine: ConstraintProgram,
  shape: SegmentShape,
  lambda: Quintic,
): InstancePowers[] {
  let next = ONE;
  const take = (): Quintic => {
    const power = next;
    next = mul(next, lambda);
    return power;
  };
  return shape.instances.map(({ chip }) => ({
    constraints: (machine.chips[chip] as Chip).constraints.map(take),
    numerator: take(),
    denominator: take(),
  }));
}

interface Context {
  readonly machine: ConstraintProgram;
  readonly shape: SegmentShape;
  readonly segment: number;
  readonly challenges: LookupChallenges;
  readonly leaves: LeafClaim;
  readonly powers: readonly InstancePowers[];
  /** Of `SegmentShape.blocks`: eq of the block's place in the tree and the leaf point. */
  readonly selectors: readonly Quintic[];
}

/** Sum over t of 2^-(H - h_t) eq(xi suffix, r suffix) F_t(values). */
function expectedClaim(context: Context, point: Point, proof: ZerocheckProof): Quintic {
  const { machine, shape, leaves } = context;
  const half = baseInverse(2);
  let main = 0;
  let preprocessed = 0;
  let sum = ZERO;
  for (const [t, { chip, logHeight }] of shape.instances.entries()) {
    const { mainColumns, preprocessedColumns } = machine.chips[chip] as Chip;
    const suffix = point.slice(point.length - logHeight);
    const row = {
      main: proof.mainValues.slice(main, main + mainColumns.length),
      preprocessed: proof.preprocessedValues.slice(
        preprocessed,
        preprocessed + preprocessedColumns.length,
      ),
      closedForms: closedFormsAtPoint(suffix),
      parameters: instanceParameters(shape, t, context.segment),
    };
    main += mainColumns.length;
    preprocessed += preprocessedColumns.length;
    const weight = eq(leaves.point.slice(leaves.point.length - logHeight), suffix);
    const halves = pow(fromBase(half), shape.maxLogHeight - logHeight);
    const value = instanceValue(context, t, row);
    sum = add(sum, mul(mul(weight, halves), value));
  }
  return sum;
}

/** Values of PARAMETERS for an instance. */
export function instanceParameters(
  shape: SegmentShape,
  instance: number,
  segment: number,
): Quintic[] {
  return [fromBase(segment), fromBase(shape.instanceStarts[instance] as number)];
}

/** F_t: constraints, numerators and denominators of an instance under their powers of lambda. */
function instanceValue(
  context: Context,
  t: number,
  row: Parameters<typeof evaluateNodes>[1],
): Quintic {
  const { machine, shape, segment, challenges, selectors } = context;
  const chip = machine.chips[(shape.instances[t] as Instance).chip] as Chip;
  const powers = context.powers[t] as InstancePowers;
  const nodes = evaluateNodes(chip, row);
  let sum = chip.constraints.reduce(
    (total, node, i) => add(total, mul(powers.constraints[i] as Quintic, nodes[node] as Quintic)),
    ZERO,
  );
  const betas = betaPowers(machine, challenges.beta);
  for (const [i, block] of shape.blocks.entries()) {
    if (block.instance !== t) continue;
    const selector = selectors[i] as Quintic;
    const { bus, sign, multiplicity, message } = chip.interactions[
      block.interaction
    ] as Chip['interactions'][number];
    const count = nodes[multiplicity] as Quintic;
    const numerator = sign === 1 ? count : neg(count);
    const values = message.map((node) => nodes[node] as Quintic);
    const denominator = sub(challenges.alpha, fingerprint(machine, betas, bus, segment, values));
    const weighted = add(mul(powers.numerator, numerator), mul(powers.denominator, denominator));
    sum = add(sum, mul(selector, weighted));
  }
  return sum;
}

/** beta^0 .. beta^(W+1). */
export function betaPowers(machine: ConstraintProgram, beta: Quintic): Quintic[] {
  const powers: Quintic[] = [ONE];
  for (let i = 0; i <= machine.messageWidth; i++) powers.push(mul(powers[i] as Quintic, beta));
  return powers;
}

/** bus + m_1 beta + ... + m_k beta^k + tag beta^(W+1); the tag of a local bus is segment + 1. */
export function fingerprint(
  machine: ConstraintProgram,
  betas: readonly Quintic[],
  bus: number,
  segment: number,
  message: readonly Quintic[],
): Quintic {
  const { id, scope } = machine.buses[bus] as ConstraintProgram['buses'][number];
  const tag = scope === 'local' ? segment + 1 : 0;
  const tagged = add(fromBase(id), scale(betas[machine.messageWidth + 1] as Quintic, tag));
  return message.reduce((sum, m, i) => add(sum, mul(betas[i + 1] as Quintic, m)), tagged);
}
