/** Entry of a compute thread: runs, proves and verifies, whatever it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Trap } from '../../../vm/index.ts';
import { type CallContext, HANDLERS } from './handlers.ts';
import type { ComputeStart, Failure, Reply, Request, StepProgress } from './messages.ts';

/** Milliseconds between two reports of progress. */
const REPORT_MILLISECONDS = 100;

const { threads } = workerData as ComputeStart;
const aborts = new Map<number, AbortController>();

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'abort') aborts.get(request.number)?.abort();
  else void answer(request);
});

async function answer(request: Extract<Request, { kind: 'call' }>): Promise<void> {
  const { number, name, task } = request;
  const controller = new AbortController();
  aborts.set(number, controller);
  try {
    const handler = HANDLERS[name] as (task: unknown, context: CallContext) => Promise<unknown>;
    const { signal } = controller;
    const result = await handler(task, { threads, signal, onProgress: reporter(number) });
    reply({ kind: 'done', number, result });
  } catch (error) {
    reply({ kind: 'failed', number, failure: failureOf(error) });
  } finally {
    aborts.delete(number);
  }
}

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}

/** Reports each new stage, and within a stage from time to time. */
function reporter(number: number): (progress: StepProgress) => void {
  let stage: string | undefined;
  let reported = 0;
  return (progress) => {
    const now = performance.now();
    if (progress.stage === stage && now - reported < REPORT_MILLISECONDS) return;
    stage = progress.stage;
    reported = now;
    reply({ kind: 'progress', number, progress });
  };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  const { code, remedy, trap } = error as {
    readonly code?: unknown;
    readonly remedy?: unknown;
    readonly trap?: Trap;
  };
  return {
    ...{ name, message },
    ...(stack !== undefined && { stack }),
    ...(typeof code === 'string' && { code }),
    ...(typeof remedy === 'string' && { remedy }),
    ...(trap !== undefined && { trap }),
  };
}
