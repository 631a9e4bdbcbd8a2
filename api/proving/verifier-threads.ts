/** Threads that verify segments' proofs; they start when the first proof comes. */
import { Worker } from 'node:worker_threads';
import {
  type MessageSum,
  type SegmentTask,
  type StreamOptions,
  VerificationError,
  type VerifiedRun,
  verifyStream,
} from '@vouch/verifier';

/** To a thread. */
export interface SegmentMessage {
  readonly task: SegmentTask;
  readonly proof: Uint8Array;
}

/** From a thread: the sum, or what `verifySegmentProof` has thrown. */
export type SegmentAnswer =
  | { readonly sum: MessageSum }
  | { readonly failure: Pick<VerificationError, 'check' | 'reason' | 'details'> }
  | { readonly error: unknown };

/** Segments for which threads are worth their start. */
const LEAST_SEGMENTS = 8;

/** `verifyStream` on so many threads. Throws as it. */
export async function verifyOnThreads(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: Omit<StreamOptions, 'verifySegment' | 'parallel'>,
  parallel: number,
): Promise<VerifiedRun> {
  const threads = new VerifierThreads(parallel);
  const verifySegment = (task: SegmentTask, proof: Uint8Array): Promise<MessageSum> | undefined =>
    task.segments < LEAST_SEGMENTS || parallel === 1 ? undefined : threads.verify({ task, proof });
  try {
    return await verifyStream(source, { ...options, verifySegment, parallel });
  } finally {
    await threads.close();
  }
}

const WORKER = new URL('./verifier-worker.js', import.meta.url);

class VerifierThreads {
  readonly #threads: number;
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];

  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * At most as many proofs at a time as there are threads.
   *
   * @throws VerificationError; the error of a thread that has ended
   */
  async verify(message: SegmentMessage): Promise<MessageSum> {
    const worker = this.#idle.pop() ?? this.#start();
    const answer = await answerOf(worker, message);
    this.#idle.push(worker);
    if ('sum' in answer) return answer.sum;
    if ('error' in answer) throw answer.error;
    const { check, reason, details } = answer.failure;
    throw new VerificationError(check, reason, details);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    if (this.#all.length === this.#threads) throw new RangeError('all threads are busy');
    const worker = new Worker(WORKER);
    this.#all.push(worker);
    return worker;
  }
}

function answerOf(worker: Worker, message: SegmentMessage): Promise<SegmentAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number): void =>
      reject(new Error(`a verifying thread ended with ${code}`));
    worker.once('message', (answer: SegmentAnswer) => {
      worker.off('error', reject).off('exit', ended);
      resolve(answer);
    });
    worker.once('error', reject).once('exit', ended);
    worker.postMessage(message);
  });
}
