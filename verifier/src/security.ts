/**
 * Provable soundness of the protocol, in bits: round by round, the least -log2 of the error over
 * all verifier challenges, in the regimes where proximity gaps are proven (unique decoding and up
 * to the Johnson bound).
 *
 * Sources: BCHKS25 (eprint 2025/2055) theorem 1.3 for unique decoding and theorem 4.2, with its
 * erratum, up to the Johnson bound; WHIR (eprint 2024/1586) theorem 5.2; LogUp-GKR (eprint
 * 2023/1284); the terms are those of ethereum/soundcalc. Errors are kept as base-2 logarithms.
 */
import { MODULUS } from './koala-bear.ts';

/** How far from the code a word may be for the argument to hold. */
export type Regime =
  | { readonly kind: 'unique' }
  /** Radius 1 - sqrt(rate) (1 + 1/(2m)) for a multiplicity m >= 1. */
  | { readonly kind: 'johnson'; readonly m: number };

/** One WHIR round: a committed codeword, the folding of its columns, the queries into it. */
export interface WhirRound {
  readonly regime: Regime;
  /** -log2 of the rate of the code. */
  readonly logInverseRate: number;
  /** Variables folded in the round: a leaf is a row of 2^foldedVariables entries. */
  readonly foldedVariables: number;
  readonly queries: number;
  /** Bits of work before the queries. */
  readonly queryWork: number;
  /** Bits of work before each folding challenge. */
  readonly foldWork: number;
  /** Evaluations outside the domain that bind the codeword; none for the first round. */
  readonly outOfDomainSamples: number;
}

/** What a parameter set fixes. */
export interface SecurityParameters {
  /** Degree of the challenge field over F. */
  readonly extensionDegree: number;
  /** Bits of the digests in the trees and the transcript: `FIELD_DIGEST_BITS` or 256. */
  readonly digestBits: number;
  /** Bits of work before the challenges of LogUp. */
  readonly lookupWork: number;
  readonly rounds: readonly WhirRound[];
}

/** What a statement and its instances fix. */
export interface ProofShape {
  /** Segments that share the challenges of LogUp. */
  readonly segments: number;
  /** Messages of all segments and of the verifier. */
  readonly messages: number;
  /** Entries of the longest message. */
  readonly messageLength: number;
  /** Constraints of all instances of a segment. */
  readonly constraints: number;
  /** Instances of a segment. */
  readonly instances: number;
  /** Largest degree of a constraint. */
  readonly constraintDegree: number;
  /** log2 of the largest height. */
  readonly maxLogHeight: number;
  /** Columns of all instances of a segment. */
  readonly columns: number;
  /** Variables of the committed polynomial. */
  readonly variables: number;
}

/** The error of one challenge. */
export interface SecurityTerm {
  readonly name: string;
  readonly bits: number;
}

export interface SecurityReport {
  /** The least of all terms. */
  readonly bits: number;
  readonly terms: readonly SecurityTerm[];
}

/** Bits of a digest of eight elements of F: 247.9. */
export const FIELD_DIGEST_BITS: number = 8 * Math.log2(MODULUS);

/** log2 of the size of the extension of F of this degree. */
export function extensionBits(degree: number): number {
  return degree * Math.log2(MODULUS);
}

/** -log2(1 - radius): what one query adds. A rate too high for the regime is a RangeError. */
export function bitsPerQuery(regime: Regime, logInverseRate: number): number {
  const agreement = 1 - radius(regime, logInverseRate);
  if (!(agreement < 1))
    throw new RangeError(`rate 2^-${logInverseRate} is too high for the regime`);
  return -Math.log2(agreement);
}

/** log2 of the most codewords within the radius of a word. */
export function listBits(regime: Regime, logInverseRate: number): number {
  return regime.kind === 'unique' ? 0 : Math.log2(regime.m + 0.5) + logInverseRate / 2;
}

/**
 * log2 of the number of challenges, at most, for which a random combination of two words is closer
 * to the code than the words are; the code has dimension 2^logDimension.
 */
export function lineErrorLog(regime: Regime, logInverseRate: number, logDimension: number): number {
  const length = 2 ** (logDimension + logInverseRate);
  const delta = radius(regime, logInverseRate);
  if (regime.kind === 'unique') return Math.log2(delta * length + 1);
  const rate = 2 ** -logInverseRate;
  const h = regime.m + 0.5;
  const perPoint = (2 * h ** 5 + 3 * h * delta * rate) / (3 * rate ** 1.5);
  return Math.log2(perPoint * length + h / Math.sqrt(rate));
}

/** Bits of batching with the powers of one challenge. */
export function powersBatchingBits(
  fieldBits: number,
  lineError: number,
  functions: number,
): number {
  return fieldBits - lineError - Math.log2(functions - 1);
}

/** Bits of one folding challenge: the sumcheck round of degree 3 and the combination. */
export function foldBits(fieldBits: number, list: number, lineError: number): number {
  return fieldBits - addLogs(Math.log2(3) + list, lineError);
}

/** Bits of the evaluations outside the domain of a polynomial of so many variables. */
export function outOfDomainBits(
  fieldBits: number,
  list: number,
  variables: number,
  samples: number,
): number {
  return samples * (fieldBits + 1 - variables) - 2 * list;
}

/** Bits of the queries of a round, with the challenge that batches them into the next claim. */
export function shiftBits(
  fieldBits: number,
  queryBits: number,
  queries: number,
  nextList: number,
): number {
  return -addLogs(-queryBits, nextList + Math.log2(queries + 1) - fieldBits);
}

/**
 * Bits of LogUp. The challenges are drawn when every segment has committed: each of its witnesses
 * can be any of the codewords in reach, so their numbers multiply.
 */
export function logUpBits(
  fieldBits: number,
  list: number,
  { segments, messages, messageLength }: ProofShape,
): number {
  return fieldBits - segments * list - Math.log2(messages) - Math.log2(messageLength + 2);
}

/** All terms of a parameter set on a shape. Parameters out of range are a RangeError. */
export function provableSecurity(
  parameters: SecurityParameters,
  shape: ProofShape,
): SecurityReport {
  checkParameters(parameters, shape);
  const terms = [
    ...iopTerms(parameters, shape),
    ...commitmentTerms(parameters, shape.variables),
    { name: 'digest collisions', bits: parameters.digestBits / 2 },
    { name: 'leaf hash collisions', bits: 128 },
  ];
  return { bits: Math.min(...terms.map((term) => term.bits)), terms };
}

/** Terms of LogUp, GKR, zerocheck and claim reduction, for every codeword near the commitment. */
function iopTerms(parameters: SecurityParameters, shape: ProofShape): SecurityTerm[] {
  const field = extensionBits(parameters.extensionDegree);
  const first = parameters.rounds[0] as WhirRound;
  const list = listBits(first.regime, first.logInverseRate);
  const one = (name: string, roots: number): SecurityTerm => ({
    name,
    bits: field - list - Math.log2(roots),
  });
  return [
    { name: 'LogUp', bits: logUpBits(field, list, shape) + parameters.lookupWork },
    one('GKR rounds', 3),
    one('GKR batching', 1),
    one('zerocheck batching', shape.constraints + 2 * shape.instances),
    one('zerocheck rounds', shape.constraintDegree + 1),
    one('zerocheck claim point', shape.maxLogHeight),
    one('claim reduction batching', shape.columns),
    one('claim reduction rounds', 2),
  ];
}

/**
 * Terms of WHIR on interleaved codes: the 2^variables coefficients of a round are
 * 2^foldedVariables columns of a code of dimension 2^(variables - foldedVariables). Folding combines
 * columns and leaves the domain as it is, so all folding challenges of a round have one error.
 */
function commitmentTerms(
  { extensionDegree, rounds }: SecurityParameters,
  variables: number,
): SecurityTerm[] {
  const field = extensionBits(extensionDegree);
  const terms: SecurityTerm[] = [];
  let left = variables;
  rounds.forEach((round, i) => {
    const { regime, logInverseRate, queries, outOfDomainSamples } = round;
    const list = listBits(regime, logInverseRate);
    if (outOfDomainSamples > 0) {
      const bits = outOfDomainBits(field, list, left, outOfDomainSamples);
      terms.push({ name: `WHIR ${i} out of domain`, bits });
    }
    left -= round.foldedVariables;
    const lineError = lineErrorLog(regime, logInverseRate, left);
    const fold = foldBits(field, list, lineError) + round.foldWork;
    terms.push({ name: `WHIR ${i} fold`, bits: fold });
    const queryBits = queries * bitsPerQuery(regime, logInverseRate) + round.queryWork;
    const next = rounds[i + 1];
    const nextList = next === undefined ? 0 : listBits(next.regime, next.logInverseRate);
    const bits = shiftBits(field, queryBits, queries, nextList);
    terms.push({ name: `WHIR ${i} queries`, bits });
  });
  return terms;
}

function radius(regime: Regime, logInverseRate: number): number {
  const rate = 2 ** -logInverseRate;
  if (regime.kind === 'unique') return (1 - rate) / 2;
  return 1 - Math.sqrt(rate) * (1 + 1 / (2 * regime.m));
}

/** log2(2^a + 2^b). */
function addLogs(a: number, b: number): number {
  const high = Math.max(a, b);
  return high + Math.log2(1 + 2 ** (Math.min(a, b) - high));
}

function checkParameters(
  { extensionDegree, rounds, ...rest }: SecurityParameters,
  shape: ProofShape,
): void {
  const require = (holds: boolean, what: string): void => {
    if (!holds) throw new RangeError(`security parameters: ${what}`);
  };
  const positive = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  const bits = (value: number): boolean => Number.isInteger(value) && value >= 0;
  require(positive(extensionDegree) && bits(rest.lookupWork), 'field and work of LogUp');
  require(rest.digestBits > 0, 'bits of a digest');
  for (const [name, value] of Object.entries(shape)) require(positive(value), name);
  require(rounds.length > 0, 'at least one round');
  let left = shape.variables;
  rounds.forEach((round, i) => {
    const { regime, outOfDomainSamples } = round;
    require(regime.kind === 'unique' || positive(regime.m), `multiplicity of round ${i}`);
    require(positive(round.logInverseRate), `rate of round ${i}`);
    require(positive(round.foldedVariables) && positive(round.queries), `sizes of round ${i}`);
    require(bits(round.queryWork) && bits(round.foldWork), `work of round ${i}`);
    const bound = i === 0 || regime.kind === 'unique' ? bits : positive;
    require(bound(outOfDomainSamples), `samples outside the domain of round ${i}`);
    left -= round.foldedVariables;
  });
  require(left >= 0, 'more variables folded than there are');
}
