/** A thread of `VerifierThreads`. */
import { parentPort } from 'node:worker_threads';
import { VerificationError, verifySegmentProof } from '@vouch/verifier';
import type { SegmentAnswer, SegmentMessage } from './verifier-threads.ts';

parentPort?.on('message', (message: SegmentMessage) => parentPort?.postMessage(answer(message)));

function answer({ task, proof }: SegmentMessage): SegmentAnswer {
  try {
    return { sum: verifySegmentProof(task, proof) };
  } catch (error) {
    if (!(error instanceof VerificationError)) return { error };
    const { check, reason, details } = error;
    return { failure: { check, reason, details } };
  }
}
