/** The encoding of a segment's proof, part by part in the order of the protocol. */
import type { Chip } from './constraint-program.ts';
import type { Reader } from './decode.ts';
import type { Writer } from './encode.ts';
import { VerificationError } from './errors.ts';
import { leafLayout } from './leaf-layout.ts';
import { childList, LOGUP_DEGREE, type LogupLayer, type LogupProof } from './logup.ts';
import type { Machine } from './machine.ts';
import type { OpenedLeaves, OpeningProof, OpeningRoundProof } from './opening.ts';
import type { OpeningSchedule, ParameterSet } from './parameters.ts';
import type { Quintic } from './quintic.ts';
import { REDUCTION_DEGREE, type ReductionProof } from './reduction.ts';
import type { WhirRound } from './security.ts';
import type { SegmentProof } from './segment.ts';
import type { SegmentShape } from './shape.ts';
import { ZEROCHECK_DEGREE, type ZerocheckProof } from './zerocheck.ts';

export function writeSegmentProof(writer: Writer, proof: SegmentProof): void {
  writeLogup(writer, proof.logup);
  writeZerocheck(writer, proof.zerocheck);
  writeReduction(writer, proof.reduction);
  writeOpening(writer, proof.opening);
}

/**
 * Every length is that of the shape, except those of the opened leaves, which are the verifier's
 * choice: they are stated, bounded here and checked when the choice is known.
 */
export function readSegmentProof(
  reader: Reader,
  machine: Machine,
  shape: SegmentShape,
  parameters: ParameterSet,
): SegmentProof {
  const logup = readLogup(reader, shape);
  const zerocheck = readZerocheck(reader, machine, shape);
  const reduction = readReduction(reader, shape);
  const opening = readOpening(reader, shape, parameters.schedule(shape.logChunks, shape.logRows));
  return { logup, zerocheck, reduction, opening };
}

/** Rounds of a sumcheck; a message is the polynomial's values but the one at 1. */
function readRounds(reader: Reader, count: number, degree: number): Quintic[][] {
  return Array.from({ length: count }, () => reader.extensions(degree));
}

export function writeLogup(writer: Writer, proof: LogupProof): void {
  writer.extensions([proof.numerator, proof.denominator]);
  for (const { rounds, children } of proof.layers) {
    writer.extensions(rounds.flat());
    writer.extensions(childList(children));
  }
}

function readLogup(reader: Reader, { logLeaves }: SegmentShape): LogupProof {
  const numerator = reader.extension();
  const denominator = reader.extension();
  const layers = Array.from({ length: logLeaves }, (_, layer): LogupLayer => {
    const rounds = readRounds(reader, layer, LOGUP_DEGREE);
    const leftNumerator = reader.extension();
    const rightNumerator = reader.extension();
    const leftDenominator = reader.extension();
    const rightDenominator = reader.extension();
    const children = { leftNumerator, rightNumerator, leftDenominator, rightDenominator };
    return { rounds, children };
  });
  return { numerator, denominator, layers };
}

export function writeZerocheck(writer: Writer, proof: ZerocheckProof): void {
  for (const { numerator, denominator } of proof.sums) writer.extensions([numerator, denominator]);
  writer.extensions(proof.rounds.flat());
  writer.extensions(proof.mainValues);
  writer.extensions(proof.preprocessedValues);
}

function readZerocheck(reader: Reader, machine: Machine, shape: SegmentShape): ZerocheckProof {
  const sums = shape.instances.map(() => {
    const numerator = reader.extension();
    return { numerator, denominator: reader.extension() };
  });
  const rounds = readRounds(reader, shape.maxLogHeight, ZEROCHECK_DEGREE);
  const mainValues = reader.extensions(shape.mainColumns.length);
  const { chips } = machine.constraints;
  const preprocessed = shape.instances.reduce(
    (sum, { chip }) => sum + (chips[chip] as Chip).preprocessedColumns.length,
    0,
  );
  return { sums, rounds, mainValues, preprocessedValues: reader.extensions(preprocessed) };
}

export function writeReduction(writer: Writer, proof: ReductionProof): void {
  writer.extensions(proof.rounds.flat());
  writer.extensions([proof.value]);
}

function readReduction(reader: Reader, { logChunks, logRows }: SegmentShape): ReductionProof {
  const rounds = readRounds(reader, logChunks + logRows, REDUCTION_DEGREE);
  return { rounds, value: reader.extension() };
}

export function writeOpening(writer: Writer, { rounds, finalCoefficients }: OpeningProof): void {
  for (const round of rounds) writeOpeningRound(writer, round);
  writer.extensions(finalCoefficients);
}

export function writeOpeningRound(writer: Writer, round: OpeningRoundProof): void {
  for (const message of round.sumcheck) writer.extensions(message);
  for (const nonce of round.foldingNonces) writer.u64(nonce);
  if (round.nextRoot !== undefined) writer.elements(round.nextRoot);
  writer.extensions(round.outOfDomainValues);
  writer.u64(round.queryNonce);
  for (const { leaves, siblings } of round.opened) {
    writer.u16(leaves.length);
    writer.u16(siblings.length);
    for (const leaf of leaves) writer.elements(leaf);
    writer.digests(siblings);
  }
}

function readOpening(
  reader: Reader,
  shape: SegmentShape,
  { rounds, finalVariables }: OpeningSchedule,
): OpeningProof {
  const { mainChunks, preprocessedChunks } = shape;
  const trees = [mainChunks, preprocessedChunks].filter(({ count }) => count > 0);
  let widths = trees.map(({ count }) => count);
  let variables = shape.logChunks + shape.logRows;
  const proofs = rounds.map((round, i) => {
    variables -= round.foldedVariables;
    const next = rounds[i + 1];
    const proof = readOpeningRound(reader, round, next, variables + round.logInverseRate, widths);
    if (next !== undefined) widths = [5 * 2 ** next.foldedVariables];
    return proof;
  });
  return { rounds: proofs, finalCoefficients: reader.extensions(2 ** finalVariables) };
}

/**
 * @param logLength log of the rows of the matrix
 * @param widths elements of a row in each tree
 */
function readOpeningRound(
  reader: Reader,
  round: WhirRound,
  next: WhirRound | undefined,
  logLength: number,
  widths: readonly number[],
): OpeningRoundProof {
  const sumcheck = readRounds(reader, round.foldedVariables, 2);
  const foldingNonces = sumcheck.map(() => reader.u64());
  const nextRoot = next === undefined ? undefined : reader.digest();
  const outOfDomainValues = reader.extensions(next?.outOfDomainSamples ?? 0);
  const queryNonce = reader.u64();
  const opened = widths.map((width): OpenedLeaves => {
    const { depth, elements } = leafLayout(width, logLength);
    const count = limited(reader.u16(), round.queries, 'too many leaves');
    const siblings = limited(reader.u16(), count * depth, 'too many siblings');
    return {
      leaves: Array.from({ length: count }, () => reader.elements(elements)),
      siblings: reader.digests(siblings),
    };
  });
  return {
    sumcheck,
    foldingNonces,
    ...(nextRoot !== undefined && { nextRoot }),
    outOfDomainValues,
    queryNonce,
    opened,
  };
}

function limited(found: number, limit: number, what: string): number {
  if (found > limit) throw new VerificationError('decode/limit', what, { limit, found });
  return found;
}
