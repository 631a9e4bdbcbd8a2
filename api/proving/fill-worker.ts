/** Entry of the thread of a `FillThread`: passes the run and fills tables, one segment ahead. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FilledSegment } from '../../prover/index.ts';
import { type PackedRun, unpackRun } from './packed-run.ts';
import { type PackedError, packError } from './worker-error.ts';

export type FillRequest =
  /** Segments that will be asked for, in ascending order, instead of those before. */
  | { readonly kind: 'begin'; readonly pass: number; readonly numbers: readonly number[] }
  | { readonly kind: 'next' };

/** The answer to `next`, or the end of a pass. */
export type FillReply = { readonly pass: number } & (
  | {
      readonly kind: 'filled';
      readonly number: number;
      /** Without the columns of the program, which the other side has. */
      readonly filled: FilledSegment;
    }
  | { readonly kind: 'failed'; readonly error: PackedError }
);

const run = unpackRun(workerData as PackedRun);
let stop = new AbortController();
/** Requests that are not answered, and what to call when there is one. */
let requests = 0;
let onRequest: () => void = () => {};

parentPort?.on('message', (request: FillRequest) => {
  if (request.kind === 'next') {
    requests++;
    onRequest();
    return;
  }
  stop.abort();
  stop = new AbortController();
  requests = 0;
  onRequest();
  void makePass(request.pass, request.numbers, stop.signal);
});

async function makePass(
  pass: number,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const [number, filled] of run.passed(numbers, { signal })) {
      // A pass that is over must not take the requests of the next one.
      if (requests === 0 && !signal.aborted) await nextRequest();
      if (signal.aborted) return;
      requests--;
      send(pass, number, filled);
    }
  } catch (error) {
    if (!signal.aborted) reply({ kind: 'failed', pass, error: packError(error) });
  }
}

/** Until there is a request, or another pass begins. */
function nextRequest(): Promise<void> {
  return new Promise((resolve) => {
    onRequest = resolve;
  });
}

/** The columns move to the other thread; nothing is copied. */
function send(pass: number, number: number, filled: FilledSegment): void {
  const tables = filled.tables.map((table) => ({ ...table, preprocessed: [] }));
  const columns = tables.flatMap(({ main }) => main.map(({ buffer }) => buffer as ArrayBuffer));
  reply({ kind: 'filled', pass, number, filled: { ...filled, tables } }, columns);
}

function reply(message: FillReply, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}
