/** The provable security of a receipt, from its parameters and its shape. */
import type { Chip } from './constraint-program.ts';
import { messageCounts } from './instances.ts';
import type { Machine } from './machine.ts';
import { DEGREE } from './quintic.ts';
import type { CheckedHead } from './receipt.ts';
import {
  FIELD_DIGEST_BITS,
  type ProofShape,
  provableSecurity,
  type SecurityReport,
  type SecurityTerm,
} from './security.ts';
import type { SegmentShape } from './shape.ts';
import { boundaryMessages } from './statement.ts';

/** Of a receipt with these segments. Each term is the least over the segments. */
export function receiptSecurity(
  machine: Machine,
  head: CheckedHead,
  shapes: readonly SegmentShape[],
): SecurityReport {
  const messages = totalMessages(machine, head);
  const reports = shapes.map((shape) => segmentSecurity(machine, head, messages, shape));
  return { bits: Math.min(...reports.map(({ bits }) => bits)), terms: leastTerms(reports) };
}

/**
 * Of one segment of a receipt.
 *
 * @param messages those of `totalMessages`
 */
export function segmentSecurity(
  machine: Machine,
  { parameters, segments }: CheckedHead,
  messages: number,
  shape: SegmentShape,
): SecurityReport {
  const { rounds } = parameters.schedule(shape.logChunks, shape.logRows);
  const { lookupWork } = parameters;
  return provableSecurity(
    { extensionDegree: DEGREE, digestBits: FIELD_DIGEST_BITS, lookupWork, rounds },
    { ...proofShape(machine, shape), segments: segments.length, messages },
  );
}

function proofShape(
  machine: Machine,
  shape: SegmentShape,
): Omit<ProofShape, 'segments' | 'messages'> {
  const { chips, messageWidth, constraintDegree } = machine.constraints;
  const constraints = shape.instances.reduce(
    (sum, { chip }) => sum + (chips[chip] as Chip).constraints.length,
    0,
  );
  return {
    messageLength: messageWidth,
    constraints: Math.max(1, constraints),
    instances: shape.instances.length,
    constraintDegree,
    maxLogHeight: shape.maxLogHeight,
    columns: shape.mainColumns.length + shape.preprocessedColumns.length,
    variables: shape.logChunks + shape.logRows,
  };
}

/** Messages of all segments and of the verifier. */
export function totalMessages(machine: Machine, { claim, segments }: CheckedHead): number {
  const boundary = boundaryMessages(machine, claim);
  let total = 0;
  for (const [bus, { scope }] of machine.constraints.buses.entries()) {
    total += (boundary[bus] as number) * (scope === 'local' ? segments.length : 1);
  }
  for (const { instances } of segments) {
    for (const count of messageCounts(machine.constraints, instances)) total += count;
  }
  return total;
}

function leastTerms(reports: readonly SecurityReport[]): SecurityTerm[] {
  const least = new Map<string, number>();
  for (const { terms } of reports) {
    for (const { name, bits } of terms) least.set(name, Math.min(bits, least.get(name) ?? bits));
  }
  return [...least].map(([name, bits]) => ({ name, bits }));
}
