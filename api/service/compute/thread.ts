/**
 * A thread that computes for the service, so that the process goes on answering and renewing its locks.
 * An aborted call is asked to stop; a thread that does not stop in time is ended, its prover's threads
 * with it, and another one starts with the next call.
 */
import { Worker } from 'node:worker_threads';
import type {
  CallName,
  Calls,
  ComputeStart,
  Failure,
  Reply,
  Request,
  StepProgress,
} from './messages.ts';

/** How long an aborted call may go on. */
const STOP_MILLISECONDS = 500;

/** An error that was thrown in a compute thread. */
export class ComputeError extends Error {
  override readonly name = 'ComputeError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
    if (failure.stack !== undefined) this.stack = failure.stack;
  }
}

/** The thread has ended before the call: memory has run out, or it was stopped. */
export class ComputeLostError extends Error {
  override readonly name = 'ComputeLostError';
}

interface OpenCall {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((progress: StepProgress) => void) | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: StepProgress) => void;
}

export class ComputeThread {
  readonly #start: ComputeStart;
  readonly #calls = new Map<number, OpenCall>();
  #worker: Worker | undefined;
  #numbers = 0;
  #isClosed = false;

  /** @param threads of the prover in it */
  constructor(threads: number) {
    this.#start = { threads };
  }

  /**
   * Calls the thread, and starts it if there is none.
   *
   * @throws ComputeError; ComputeLostError; the signal's reason
   */
  async call<Name extends CallName>(
    name: Name,
    task: Calls[Name]['task'],
    { signal, onProgress }: CallOptions = {},
  ): Promise<Calls[Name]['result']> {
    signal?.throwIfAborted();
    const number = ++this.#numbers;
    const worker = this.#running();
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      worker.postMessage({ kind: 'abort', number } satisfies Request);
      timer = setTimeout(() => void worker.terminate(), STOP_MILLISECONDS);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<Calls[Name]['result']>((resolve, reject) => {
        this.#calls.set(number, { resolve, reject, onProgress });
        worker.postMessage({ kind: 'call', number, name, task });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      this.#calls.delete(number);
      if (this.#calls.size === 0) this.#worker?.unref();
    }
  }

  /** Ends the thread; calls that are open reject with ComputeLostError. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #running(): Worker {
    if (this.#isClosed) throw new ComputeLostError('the compute thread is closed');
    this.#worker ??= this.#launch();
    this.#worker.ref();
    return this.#worker;
  }

  #launch(): Worker {
    const options = { workerData: this.#start, execArgv: [] };
    const worker = new Worker(new URL('./main.js', import.meta.url), options);
    let reason = 'it was stopped';
    worker.on('message', (message: Reply) => this.#receive(message));
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      const lost = new ComputeLostError(`the compute thread has ended: ${reason}`);
      for (const { reject } of this.#calls.values()) reject(lost);
      this.#calls.clear();
    });
    return worker;
  }

  #receive(reply: Reply): void {
    const call = this.#calls.get(reply.number);
    if (reply.kind === 'progress') call?.onProgress?.(reply.progress);
    else if (reply.kind === 'done') call?.resolve(reply.result as never);
    else call?.reject(new ComputeError(reply.failure));
  }
}
