/** A thread that is asked one thing at a time: its two ends, and what becomes of errors between them. */
import { parentPort, Worker } from 'node:worker_threads';
import { ProverError } from '../../prover/index.ts';
import { type PackedError, packError, unpackError } from './worker-error.ts';

/** To the thread. */
interface Question<Request> {
  readonly id: number;
  readonly request: Request;
}

/** From the thread: any number of notes, then one of the others. */
type Reply<Answer, Note> = { readonly id: number } & (
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly error: PackedError }
);

/** Names a thread in the error of its loss. */
export interface ThreadName {
  readonly name: string;
  readonly remedy: string;
}

export interface AskOptions<Note> {
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: (note: Note) => void;
}

interface Pending<Answer, Note> {
  readonly id: number;
  readonly onNote: ((note: Note) => void) | undefined;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** The asking end. */
export class ThreadLink<Request, Answer, Note = never> {
  readonly #worker: Worker;
  readonly #name: ThreadName;
  #count = 0;
  #pending: Pending<Answer, Note> | undefined;
  #failure: Error | undefined;

  /** @param file whose code calls `answerQuestions` */
  constructor(file: URL, workerData: unknown, name: ThreadName) {
    this.#name = name;
    // Options of the process such as --input-type are not for the thread's file.
    this.#worker = new Worker(file, { workerData, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply<Answer, Note>) => this.#take(reply));
    this.#worker.on('error', (cause) => this.#lost(String(cause), cause));
    this.#worker.on('exit', (code) => this.#lost(`it stopped with code ${code}`));
  }

  /** Whether the thread was closed or lost. */
  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * The process stays alive until there is an answer.
   *
   * @throws what the thread answers with; the signal's reason when it is aborted, though the thread goes
   *   on; ProverError `pool/worker` if the thread is lost, `pool/closed` if it was closed
   */
  async ask(request: Request, { signal, onNote }: AskOptions<Note> = {}): Promise<Answer> {
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const abort = (): void => this.#pending?.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#worker.ref();
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending = { id: this.tell(request), onNote, resolve, reject };
      });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending = undefined;
      this.#worker.unref();
    }
  }

  /** Sends what needs no answer. */
  tell(request: Request): number {
    const question: Question<Request> = { id: ++this.#count, request };
    this.#worker.postMessage(question);
    return question.id;
  }

  async close(): Promise<void> {
    const { name } = this.#name;
    this.#fail(new ProverError('pool/closed', `${name} was closed`, 'start another proof'));
    await this.#worker.terminate();
  }

  /** Answers to questions that nobody waits for any more are passed over. */
  #take(reply: Reply<Answer, Note>): void {
    const pending = this.#pending;
    if (pending?.id !== reply.id) return;
    if (reply.kind === 'note') pending.onNote?.(reply.note);
    else if (reply.kind === 'answer') pending.resolve(reply.answer);
    else pending.reject(unpackError(reply.error));
  }

  #lost(reason: string, cause?: unknown): void {
    const { name, remedy } = this.#name;
    this.#fail(new ProverError('pool/worker', `${name} was lost: ${reason}`, remedy, cause));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#pending?.reject(this.#failure);
  }
}

/** An answer whose buffers move to the other thread instead of being copied. */
export interface Moving<Answer> {
  readonly answer: Answer;
  readonly moved?: readonly ArrayBuffer[];
}

/**
 * The answering end, in the thread's file.
 *
 * @param answer is called for each question as it comes; what it throws is the answer too
 */
export function answerQuestions<Request, Answer, Note = never>(
  answer: (request: Request, note: (note: Note) => void) => Promise<Moving<Answer>>,
): void {
  const send = (reply: Reply<Answer, Note>, moved: readonly ArrayBuffer[] = []): void =>
    parentPort?.postMessage(reply, moved);
  parentPort?.on('message', async ({ id, request }: Question<Request>) => {
    try {
      const result = await answer(request, (note) => send({ id, kind: 'note', note }));
      send({ id, kind: 'answer', answer: result.answer }, result.moved);
    } catch (error) {
      send({ id, kind: 'failed', error: packError(error) });
    }
  });
}
