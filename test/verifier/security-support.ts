/** What the tests of the security calculator share. */
import assert from 'node:assert/strict';
import type { ProofShape, Regime } from '@vouch/verifier';

export const UNIQUE: Regime = { kind: 'unique' };
export const johnson = (m: number): Regime => ({ kind: 'johnson', m });

export function assertNear(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected}`);
}

/** A machine of the size that the design assumes, 2^20 cycles a segment. */
export const shape: ProofShape = {
  segments: 1,
  messages: 2 ** 24,
  messageLength: 9,
  constraints: 2000,
  instances: 40,
  constraintDegree: 4,
  maxLogHeight: 20,
  columns: 1000,
  variables: 25,
};
