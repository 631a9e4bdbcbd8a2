/** The worker that looks into receipts and verifies them. */
import { inspectReceipt, VerificationError, verifyStream } from '@vouch/verifier';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => void answer(data));

async function answer(request: WorkerRequest): Promise<void> {
  const { number } = request;
  try {
    if (request.kind === 'inspect') {
      reply({ kind: 'inspected', number, found: inspectReceipt(request.receipt) });
    } else {
      const run = await verifyStream([request.receipt], {
        ...request.expected,
        verifySegment: ({ number: segment, segments }) => {
          reply({ kind: 'segment', number, segment, segments });
          return undefined;
        },
      });
      reply({ kind: 'verified', number, run });
    }
  } catch (error) {
    if (error instanceof VerificationError) {
      const { check, reason, details } = error;
      reply({ kind: 'invalid', number, failure: { check, reason, details } });
    } else reply({ kind: 'failed', number, message: String(error) });
  }
}

function reply(message: WorkerReply): void {
  postMessage(message);
}
