/** A thread that fills the tables of the next segment while the one before is being proved. */
import { Worker } from 'node:worker_threads';
import { type Chip, riscvMachine } from '@vouch/verifier';
import { type FilledSegment, ProverError } from '../../prover/index.ts';
import type { FillReply, FillRequest } from './fill-worker.ts';
import { packRun } from './packed-run.ts';
import type { PlannedRun } from './planned-run.ts';
import { unpackError } from './worker-error.ts';

export class FillThread {
  readonly #run: PlannedRun;
  readonly #worker: Worker;
  #pass = 0;
  #failure: Error | undefined;
  #answer: ((reply: FillReply | Error) => void) | undefined;
  /** A pass that failed before its next segment was asked for. */
  #unread: FillReply | undefined;

  constructor(run: PlannedRun) {
    this.#run = run;
    // Options of the process such as --input-type are not for the worker's file.
    const options = { workerData: packRun(run), execArgv: [] };
    this.#worker = new Worker(new URL('./fill-worker.js', import.meta.url), options);
    this.#worker.unref();
    this.#worker.on('message', (reply: FillReply) => this.#take(reply));
    this.#worker.on('error', (cause) => this.#lost(String(cause), cause));
    this.#worker.on('exit', (code) => this.#lost(`it stopped with code ${code}`));
  }

  /**
   * The tables of these segments, as `PlannedRun.passed`; those of the next one are filled before they
   * are asked for. One pass at a time.
   *
   * @throws as `PlannedRun.passed`; ProverError `pool/worker` if the thread is lost
   */
  async *passed(
    numbers: readonly number[],
    { signal, onWait }: { readonly signal?: AbortSignal | undefined; onWait(number: number): void },
  ): AsyncGenerator<[number, FilledSegment], void, void> {
    const pass = ++this.#pass;
    this.#unread = undefined;
    this.#tell({ kind: 'begin', pass, numbers });
    try {
      for (const expected of numbers) {
        onWait(expected);
        const { number, filled } = await this.#next(signal);
        if (number !== expected) throw new Error(`segment ${expected} was to be filled`);
        yield [number, filled];
      }
    } finally {
      this.#tell({ kind: 'begin', pass: ++this.#pass, numbers: [] });
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new ProverError(
      'pool/closed',
      'the thread was closed',
      'start another proof',
    );
    await this.#worker.terminate();
  }

  /** The process stays alive until it is answered. */
  async #next(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly number: number; readonly filled: FilledSegment }> {
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const abort = (): void => this.#answer?.(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#worker.ref();
    try {
      const reply = await new Promise<FillReply | Error>((resolve) => {
        this.#answer = resolve;
        if (this.#unread !== undefined) resolve(this.#unread);
        else this.#tell({ kind: 'next' });
      });
      signal?.throwIfAborted();
      if (reply instanceof Error) throw reply;
      if (reply.kind === 'failed') throw unpackError(reply.error);
      return { number: reply.number, filled: this.#withProgram(reply.filled) };
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#answer = undefined;
      this.#worker.unref();
    }
  }

  #withProgram({ tables, ...filled }: FilledSegment): FilledSegment {
    const { chips } = riscvMachine().constraints;
    const { preprocessed } = this.#run.program.table;
    const whole = tables.map((table) => {
      const { name } = chips[table.chip] as Chip;
      return { ...table, preprocessed: preprocessed.get(name) ?? [] };
    });
    return { ...filled, tables: whole };
  }

  #take(reply: FillReply): void {
    if (reply.pass !== this.#pass) return;
    if (this.#answer === undefined) this.#unread = reply;
    else this.#answer(reply);
  }

  #lost(reason: string, cause?: unknown): void {
    this.#failure ??= new ProverError(
      'pool/worker',
      `the thread that fills tables was lost: ${reason}`,
      'start again; if it happens again, give the process more memory',
      cause,
    );
    this.#answer?.(this.#failure);
  }

  #tell(request: FillRequest): void {
    this.#worker.postMessage(request);
  }
}
