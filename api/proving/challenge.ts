/** The challenges that the segments of a run share, and what they are drawn from. */
import {
  type ReceiptHead,
  riscvMachine,
  type SegmentHeader,
  sharedChallenges,
  VerificationError,
} from '@vouch/verifier';
import {
  drawChallenges,
  type Pool,
  type SharedChallenges,
  type Statement,
} from '../../prover/index.ts';
import { impossible } from '../messages/envelope.ts';
import { readChallenge, writeChallenge } from '../messages/segment.ts';
import type { PlannedRun } from './planned-run.ts';

export interface DrawnChallenge {
  readonly head: ReceiptHead;
  readonly challenges: SharedChallenges;
}

/**
 * The message with the challenges behind these headers.
 *
 * @throws StepError `step/contents` if they are not those of this run
 */
export async function drawChallenge(
  pool: Pool,
  run: PlannedRun,
  mode: Statement['mode'],
  segments: readonly SegmentHeader[],
): Promise<Uint8Array> {
  const claim = run.claim(mode);
  run.checkHeaders(claim, segments);
  const { lookupNonce } = await drawChallenges(pool, { ...run.statement, mode }, claim, segments);
  return writeChallenge(run.label, { claim, lookupNonce, segments });
}

/** A challenge and what follows from it. @throws StepError */
export function readDrawn(run: PlannedRun, message: Uint8Array): DrawnChallenge {
  const head = readChallenge(message, run.label);
  const found = head.segments.length;
  if (found !== run.segments) throw wrong(`it has ${found} headers, not ${run.segments}`);
  const { parameters } = run.plan;
  if (head.parameters.id !== parameters.id) {
    throw wrong(`it is of ${head.parameters.name}, not of ${parameters.name}`);
  }
  try {
    const { statement, challenges } = sharedChallenges(riscvMachine(), head);
    return { head, challenges: { statement, lookupNonce: head.lookupNonce, lookup: challenges } };
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw wrong(cause.message, cause);
  }
}

function wrong(problem: string, cause?: unknown): Error {
  return impossible({ kind: 'challenge', number: 0 }, problem, cause);
}
