/** What every attack needs: a prover, honest runs, and a caller who believes what he is told. */
import assert from 'node:assert/strict';
import { type Check, VerificationError, type VerifyOptions, verify } from '@vouch/verifier';
import type { SegmentEnds, SegmentTables } from '../../trace-arith/index.ts';
import type { RecordedRun } from '../trace-arith/support.ts';
import { expectations, type FalseRun, type ProverSettings, RealProver } from './real-prover.ts';
import { honest, subject } from './subject.ts';

/** Segments of the second run. */
export const SEGMENTS = 3;

export interface Attack {
  readonly prover: RealProver;
  /** A run of one segment, and one of three; what is true of them. */
  readonly one: RecordedRun;
  readonly many: RecordedRun;
  readonly truth: FalseRun;
  readonly truths: FalseRun;
  /** Cycles of the first two segments. */
  readonly short: number;
}

export async function startAttack(): Promise<Attack> {
  const prover = await RealProver.start();
  const one = await subject();
  const short = Math.ceil(one.execution.cycles / SEGMENTS);
  const many = await subject({ segmentCycles: short });
  return { prover, one, many, truth: honest(one), truths: honest(many), short };
}

/** Fails unless the receipt is refused by one of the checks. */
export function assertRefused(
  bytes: Uint8Array,
  options: VerifyOptions,
  checks: readonly Check[],
): void {
  assert.throws(
    () => verify(bytes, options),
    (error) => {
      assert.ok(error instanceof VerificationError, String(error));
      assert.ok(checks.includes(error.check), error.message);
      return true;
    },
  );
}

/** The caller of `verify` asks for what the prover claims, whatever that is. */
export async function refuse(
  { prover }: Attack,
  forged: FalseRun,
  checks: readonly Check[],
  settings: ProverSettings = {},
): Promise<void> {
  assertRefused(await prover.prove(forged, settings), expectations(forged), checks);
}

/** Little-endian words. */
export const words = (...values: number[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)),
  );

export const onlyTables = (run: FalseRun): SegmentTables => run.tables[0] as SegmentTables;

export const withTables = (run: FalseRun, index: number, tables: SegmentTables): FalseRun => ({
  ...run,
  tables: run.tables.map((one, i) => (i === index ? tables : one)),
});

export const withEnds = (run: FalseRun, index: number, ends: Partial<SegmentEnds>): FalseRun => ({
  ...run,
  segments: run.segments.map((one, i) => (i === index ? { ...one, ...ends } : one)),
});
