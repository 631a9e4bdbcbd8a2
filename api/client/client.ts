import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import { type VerifiedRun, type VerifyOptions, verify } from '@vouch/verifier';
import type {
  BlobSource,
  DryRunRequest,
  ExecutionReport,
  ExecutionRequest,
  Job,
  JobEvent,
  JobPage,
  JobQuery,
  ProgramRecord,
  ProofRequest,
} from '../service/service.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { ClientError } from './errors.ts';
import { readEvents } from './event-stream.ts';
import {
  type Call,
  type ClientOptions,
  pause,
  protocolError,
  Transport,
  unreachable,
} from './transport.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface SubmitOptions extends CallOptions {
  /** The same key with the same request is the same job. Default: a random one for each call. */
  readonly idempotencyKey?: string;
}

export interface ReceiptOptions extends CallOptions {
  /** Most bytes of the receipt. Default 2^28, some 2^30 cycles. */
  readonly mostBytes?: number;
}

export interface WatchOptions extends CallOptions {
  /** Number of the last event that was seen. Default 0. */
  readonly after?: number;
}

/** What must be known of a run to verify it, from another source than the server. */
export interface Expectations
  extends Pick<VerifyOptions, 'publicInput' | 'exitCode' | 'minSecurityBits'> {
  /** The program's id in 64 hexadecimal digits. */
  readonly program: string;
}

/** Inputs with more bytes are uploaded before the request that names them. */
const INLINE_BYTES = 2 ** 16;
const MOST_RECEIPT_BYTES = 2 ** 28;

/**
 * A client of the HTTP API, for Node.js and for pages. Each call is made again, at growing intervals,
 * as long as the network fails or the server says that it is busy; that is always safe.
 *
 * All calls throw ApiError when the server refuses, ClientError when it cannot be reached or does not
 * speak this protocol, and the signal's reason when that is aborted.
 */
export class Client {
  readonly #transport: Transport;

  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options);
  }

  /** Uploads an ELF file. The id in the answer is the server's word: pin one that you have computed. */
  async uploadProgram(elf: Uint8Array, { signal }: CallOptions = {}): Promise<ProgramRecord> {
    const call: Call = { method: 'POST', path: '/v1/programs', body: elf, signal };
    return (await this.#transport.json(call)) as ProgramRecord;
  }

  async program(id: string, { signal }: CallOptions = {}): Promise<ProgramRecord> {
    const call: Call = { method: 'GET', path: `/v1/programs/${segment(id)}`, signal };
    return (await this.#transport.json(call)) as ProgramRecord;
  }

  /** Uploads bytes; returns their hexadecimal SHA-256, by which later requests can name them. */
  async uploadBlob(bytes: Uint8Array, { signal }: CallOptions = {}): Promise<string> {
    const call: Call = { method: 'POST', path: '/v1/blobs', body: bytes, signal };
    const { sha256: found } = (await this.#transport.json(call)) as { readonly sha256: string };
    checkDigest(bytes, found);
    return found;
  }

  /** Runs a program without a proof. */
  async execute(request: DryRunRequest, { signal }: CallOptions = {}): Promise<ExecutionReport> {
    const body = await this.#withInputs(request, signal);
    const call: Call = { method: 'POST', path: '/v1/executions', body, signal };
    return withJournal((await this.#transport.json(call)) as ExecutionReport);
  }

  /** Submits a job and returns it as it is then: `watch` or `ended` tell how it goes on. */
  async prove(request: ProofRequest, options: SubmitOptions = {}): Promise<Job> {
    const { signal, idempotencyKey = bytesToHex(randomBytes(16)) } = options;
    const body = await this.#withInputs(request, signal);
    const headers = { 'Idempotency-Key': idempotencyKey };
    const call: Call = { method: 'POST', path: '/v1/proofs', headers, body, signal };
    return withJournal((await this.#transport.json(call)) as Job);
  }

  async job(id: string, { signal }: CallOptions = {}): Promise<Job> {
    const call: Call = { method: 'GET', path: `/v1/proofs/${segment(id)}`, signal };
    return withJournal((await this.#transport.json(call)) as Job);
  }

  /** A page of jobs, newest first. */
  async jobs(query: JobQuery = {}, { signal }: CallOptions = {}): Promise<JobPage> {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const call: Call = { method: 'GET', path: `/v1/proofs${search && `?${search}`}`, signal };
    const { jobs, ...rest } = (await this.#transport.json(call)) as JobPage;
    return { jobs: jobs.map(withJournal), ...rest };
  }

  /** Does nothing to a job that has ended. */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<Job> {
    const call: Call = { method: 'DELETE', path: `/v1/proofs/${segment(id)}`, signal };
    return withJournal((await this.#transport.json(call)) as Job);
  }

  /**
   * What happens to a job, from its beginning until it has ended. A connection that breaks is made
   * again, and goes on behind the last event.
   */
  async *watch(id: string, { after = 0, signal }: WatchOptions = {}): AsyncGenerator<JobEvent> {
    const path = `/v1/proofs/${segment(id)}/events`;
    let last = after;
    for (let failures = 0; ; failures++) {
      const call: Call = { method: 'GET', path, headers: { 'Last-Event-ID': `${last}` }, signal };
      const { body } = await this.#transport.send(call);
      if (body === null) throw protocolError(call, 'has no body');
      let isNew = false;
      let broken: unknown;
      try {
        for await (const { data } of readEvents(body)) {
          const event = eventOf(data, call);
          if (event.number <= last) continue;
          last = event.number;
          isNew = true;
          failures = 0;
          yield event;
          if (hasEnded(event.job)) return;
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ClientError) throw error;
        broken = error;
      }
      // A stream without events, read to its end, is that of a job of which all has been seen.
      const isWhole = broken === undefined && !isNew;
      if (isWhole && hasEnded(await this.job(id, { ...(signal && { signal }) }))) return;
      broken ??= new Error('the stream ended before the job');
      if (failures >= this.#transport.retries) throw unreachable(call, failures + 1, broken);
      await pause(failures, signal);
    }
  }

  /** The job when it has ended. */
  async ended(id: string, options: CallOptions = {}): Promise<Job> {
    for await (const { job } of this.watch(id, options)) if (hasEnded(job)) return job;
    return this.job(id, options);
  }

  /**
   * The bytes of a receipt, by their hexadecimal SHA-256, which is checked. They are not verified.
   *
   * @throws ClientError `client/digest`, `client/too-large`
   */
  async receipt(digest: string, options: ReceiptOptions = {}): Promise<Uint8Array> {
    const { signal, mostBytes = MOST_RECEIPT_BYTES } = options;
    const call: Call = { method: 'GET', path: `/v1/receipts/${segment(digest)}`, signal };
    const bytes = await this.#transport.bytes(call, mostBytes);
    checkDigest(bytes, digest);
    return bytes;
  }

  /**
   * Waits for a job, fetches its receipt and verifies it here, with nothing taken from the server's
   * word: what the run did is in the result.
   *
   * @throws VerificationError naming the failed check; ClientError `client/job` where the job ended
   *   without a receipt
   */
  async verifiedRun(
    id: string,
    expectations: Expectations,
    options: ReceiptOptions = {},
  ): Promise<VerifiedRun> {
    const job = await this.ended(id, options);
    if (job.receipt === undefined) throw jobError(job);
    return verify(await this.receipt(job.receipt.sha256, options), expectations);
  }

  async #withInputs(request: ExecutionRequest, signal: AbortSignal | undefined): Promise<object> {
    const { publicInput, privateInput, ...rest } = request;
    return {
      ...rest,
      ...(publicInput && { publicInput: await this.#source(publicInput, signal) }),
      ...(privateInput && { privateInput: await this.#source(privateInput, signal) }),
    };
  }

  async #source(source: BlobSource, signal: AbortSignal | undefined): Promise<unknown> {
    if (!(source instanceof Uint8Array)) return source;
    if (source.length <= INLINE_BYTES) return toBase64(source);
    return { sha256: await this.uploadBlob(source, { ...(signal && { signal }) }) };
  }
}

/** Whether a job's state is for ever. */
export function hasEnded({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running';
}

/** The journal is base 64 on the wire. */
function withJournal<Value extends { readonly journal?: Uint8Array }>(value: Value): Value {
  const { journal } = value as { readonly journal?: unknown };
  return typeof journal === 'string' ? { ...value, journal: fromBase64(journal) } : value;
}

function eventOf(data: string, call: Call): JobEvent {
  try {
    const event = JSON.parse(data) as JobEvent;
    return { ...event, job: withJournal(event.job) };
  } catch (cause) {
    throw protocolError(call, 'has an event that is not JSON', cause);
  }
}

function checkDigest(bytes: Uint8Array, expected: string): void {
  const found = bytesToHex(sha256(bytes));
  if (found === expected) return;
  throw new ClientError(
    'client/digest',
    `the server gave bytes with the SHA-256 ${found} for ${expected}`,
    'do not use them; ask another server',
  );
}

function jobError(job: Job): ClientError {
  const { id, state, failure } = job;
  const why = failure === undefined ? '' : `: ${failure.message}`;
  return new ClientError('client/job', `the job ${id} has ${state}${why}`, failure?.remedy ?? '', {
    job,
  });
}

/** Part of a path. */
function segment(text: string): string {
  return encodeURIComponent(text);
}
