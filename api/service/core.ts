/** The service over database, queue and blobs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicFactory } from 'ulid';
import { digestOf } from './blobs.ts';
import type { CallName, Calls } from './compute/messages.ts';
import { ComputeError, ComputeLostError, ComputeThread } from './compute/thread.ts';
import { endJob } from './endings.ts';
import { StorageError } from './errors.ts';
import { JobChanges } from './job-changes.ts';
import { checkedRequest, requestDigest } from './requests.ts';
import type { Runtime } from './runtime.ts';
import {
  type ApiKey,
  type BlobSource,
  type Caller,
  type DryRunRequest,
  type ExecutionReport,
  type Job,
  type JobEvent,
  type JobPage,
  type JobQuery,
  type ProgramRecord,
  type ProofRequest,
  type Scope,
  type Service,
  ServiceError,
  type ServiceHealth,
  type SubmitOptions,
  type VerificationReport,
  type VerificationRequest,
} from './service.ts';
import { findIdempotent } from './store/idempotency.ts';
import type { StoredJob } from './store/job-rows.ts';
import { addUpload, mayName } from './store/uploads.ts';
import { webhookSecret } from './webhook-secrets.ts';

const EVENTS_AT_ONCE = 100;
/** After which a full queue may have room. */
const FULL_RETRY_SECONDS = 5;
const PING_MILLISECONDS = 3000;
const NOTHING = new Uint8Array(0);
/** In the order of submission, also within a millisecond: lists are sorted by it. */
const nextUlid = monotonicFactory();

export class CoreService implements Service {
  readonly #runtime: Runtime;
  readonly #compute: ComputeThread;
  readonly #onClose: () => Promise<void>;
  readonly #changes: JobChanges;
  readonly #closing = new AbortController();

  /** @param onClose closes what the service was started with */
  constructor(runtime: Runtime, onClose: () => Promise<void>) {
    this.#runtime = runtime;
    this.#compute = new ComputeThread(runtime.config.threads);
    this.#onClose = onClose;
    this.#changes = new JobChanges(runtime);
  }

  async addProgram(
    elf: Uint8Array,
    caller: Caller,
  ): Promise<{ program: ProgramRecord; isNew: boolean }> {
    this.#check(caller, 'prove');
    const { programs, blobs } = this.#runtime;
    const sha256 = digestOf(elf);
    const known = await programs.useFile(sha256);
    if (known !== undefined) {
      // Its file may have been lost.
      await blobs.put(elf);
      return { program: known, isNew: false };
    }
    const id = await this.#call('programId', elf).catch((error: unknown) => {
      throw explained(error, { elf: 'program/invalid' });
    });
    await blobs.put(elf);
    const program = { id, sha256, bytes: elf.length, createdAt: Date.now() };
    const isNew = await programs.add(program);
    return { program: isNew ? program : await programs.use(id), isNew };
  }

  async program(id: string): Promise<ProgramRecord> {
    return await this.#runtime.programs.find(id);
  }

  async addBlob(bytes: Uint8Array, caller: Caller): Promise<{ sha256: string; bytes: number }> {
    this.#check(caller, 'prove');
    const { blobs, database } = this.#runtime;
    const sha256 = await blobs.put(bytes);
    await addUpload(database, sha256, caller.key, Date.now());
    return { sha256, bytes: bytes.length };
  }

  async execute(
    request: DryRunRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<ExecutionReport> {
    this.#check(caller, 'prove');
    const { maxCycles } = checkedRequest(request, this.#runtime.config);
    const { programs } = this.#runtime;
    const task = {
      elf: await this.#stored((await programs.use(request.program)).sha256),
      publicInput: await this.#bytes(request.publicInput, caller),
      privateInput: await this.#bytes(request.privateInput, caller),
      limits: { cycles: maxCycles },
      profile: request.profile === true,
    };
    return await this.#call('execute', task, signal).catch((error: unknown) => {
      throw explained(error, { limit: 'limit/cycles', prove: 'request/invalid' });
    });
  }

  async submit(
    request: ProofRequest,
    caller: Caller,
    { idempotencyKey }: SubmitOptions = {},
  ): Promise<{ job: Job; isNew: boolean }> {
    this.#check(caller, 'prove');
    const { config, jobs, programs } = this.#runtime;
    const requestSha256 = requestDigest(request);
    // What was accepted is answered again, even where it would be refused by now.
    const known = await this.#known(caller, idempotencyKey, requestSha256);
    if (known !== undefined) return { job: known, isNew: false };
    const checked = checkedRequest(request, config);
    await programs.use(request.program);
    const stored = {
      ...checked,
      publicInput: await this.#digest(request.publicInput, caller),
      privateInput: await this.#digest(request.privateInput, caller),
    };
    const result = await jobs.insert(
      {
        ...{ id: `prf_${nextUlid()}`, key: caller.key, request: stored, createdAt: Date.now() },
        ...(idempotencyKey !== undefined && {
          idempotency: { clientKey: idempotencyKey, requestSha256 },
        }),
      },
      { waiting: config.maxWaiting, ofKey: config.maxJobsPerKey },
    );
    if ('job' in result) return { job: result.job, isNew: result.kind === 'made' };
    throw REFUSALS[result.kind]();
  }

  async job(id: string, caller: Caller): Promise<Job> {
    return await this.#withJournal(await this.#find(id, caller));
  }

  async jobs({ state, cursor, limit = 20 }: JobQuery, caller: Caller): Promise<JobPage> {
    this.#check(caller, 'read');
    const key = caller.scopes.includes('admin') ? undefined : caller.key;
    const page = { key, state, before: cursor, limit: limit + 1 };
    const found = await this.#runtime.jobs.page(page);
    const jobs = found.slice(0, limit);
    const last = jobs.at(-1);
    return { jobs, ...(found.length > limit && last !== undefined && { next: last.id }) };
  }

  async cancel(id: string, caller: Caller): Promise<Job> {
    this.#check(caller, 'prove');
    await this.#find(id, caller);
    await endJob(this.#runtime, id, { state: 'cancelled' });
    return await this.job(id, caller);
  }

  async *events(
    id: string,
    after: number,
    caller: Caller,
    signal?: AbortSignal,
  ): AsyncGenerator<JobEvent, void, void> {
    await this.#find(id, caller);
    const { jobs } = this.#runtime;
    const end = this.#endOf(signal);
    const follower = this.#changes.follow(id, end);
    try {
      for (let last = after; !end.aborted; ) {
        const found = await jobs.events(id, last, EVENTS_AT_ONCE);
        for (const event of found) {
          yield { ...event, job: await this.#journalOfEnded(event.job) };
          last = event.number;
          if (event.job.endedAt !== undefined) return;
        }
        if (found.length > 0) continue;
        const stored = await jobs.find(id);
        if (stored === undefined) return;
        // Everything behind the end was asked for.
        if (stored.job.endedAt !== undefined) {
          if ((await jobs.events(id, last, 1)).length === 0) return;
          continue;
        }
        await follower.next();
      }
    } finally {
      follower.stop();
    }
  }

  async ended(id: string, caller: Caller, signal?: AbortSignal): Promise<Job> {
    const end = this.#endOf(signal);
    const follower = this.#changes.follow(id, end);
    try {
      for (;;) {
        const stored = await this.#find(id, caller);
        if (stored.job.endedAt !== undefined || end.aborted) return await this.#withJournal(stored);
        await follower.next();
      }
    } finally {
      follower.stop();
    }
  }

  async receipt(sha256: string): Promise<Uint8Array> {
    const { jobs, blobs } = this.#runtime;
    const found = (await jobs.hasReceipt(sha256)) ? await blobs.get(sha256) : undefined;
    if (found !== undefined) return found;
    const message = `there is no receipt ${sha256}`;
    throw new ServiceError('receipt/unknown', message, 'ask for the job: it names its receipt');
  }

  async verify(request: VerificationRequest, caller: Caller): Promise<VerificationReport> {
    const { program, exitCode, minSecurityBits } = request;
    const task = {
      receipt: await this.#receiptBytes(request.receipt, caller),
      ...{ program, publicInput: await this.#bytes(request.publicInput, caller) },
      ...(exitCode !== undefined && { exitCode }),
      ...(minSecurityBits !== undefined && { minSecurityBits }),
    };
    return await this.#call('verify', task).catch((error: unknown) => {
      if (error instanceof ComputeError && error.failure.name === 'RangeError') {
        throw new ServiceError('request/invalid', error.message, 'see the message');
      }
      throw error;
    });
  }

  async createKey(
    name: string,
    scopes: readonly Scope[],
    expiresAt?: number,
  ): Promise<{ secret: string; key: ApiKey }> {
    return await this.#runtime.keys.create(name, scopes, expiresAt);
  }

  async keys(): Promise<readonly ApiKey[]> {
    return await this.#runtime.keys.all();
  }

  async revokeKey(id: string): Promise<ApiKey> {
    return await this.#runtime.keys.revoke(id);
  }

  async webhookSecret({ key }: Caller): Promise<string> {
    return await webhookSecret(this.#runtime, key);
  }

  async callerOf(secret: string): Promise<Caller | undefined> {
    return await this.#runtime.keys.callerOf(secret);
  }

  async health(): Promise<ServiceHealth> {
    const { config, jobs, workers, blobs, queue } = this.#runtime;
    const problems: string[] = this.#isClosing ? ['the service is closing'] : [];
    const ask = async <T>(what: string, fallback: T, task: Promise<T>): Promise<T> => {
      const late = sleep(PING_MILLISECONDS, undefined, { ref: false }).then(() => {
        throw new Error('no answer');
      });
      return await Promise.race([task, late]).catch((error: Error) => {
        problems.push(`${what}: ${error.message}`);
        return fallback;
      });
    };
    const none = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    const counts = await ask('the database does not answer', none, jobs.counts());
    await ask('the queue does not answer', undefined, queue.ping());
    await ask('the disk does not take bytes', undefined, blobs.probe());
    const seen = await ask('workers cannot be counted', 0, workers.count());
    return {
      ...{ ready: problems.length === 0, problems, jobs: counts, workers: seen },
      ...{ waiting: counts.queued, mostWaiting: config.maxWaiting, blobBytes: blobs.bytes },
    };
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#closing.abort();
    await this.#compute.close();
    await this.#onClose();
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Aborted with the signal, or when the service closes. */
  #endOf(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  #check(caller: Caller, scope: Scope): void {
    if (this.#isClosing) {
      const remedy = 'try again in a moment';
      throw new ServiceError('service/closing', 'the service is closing', remedy, {
        retryAfter: FULL_RETRY_SECONDS,
      });
    }
    if (caller.scopes.includes(scope) || caller.scopes.includes('admin')) return;
    const message = `the key ${caller.key} may not ${scope}`;
    throw new ServiceError('scope/missing', message, `use a key with the scope ${scope}`);
  }

  async #known(
    { key }: Caller,
    clientKey: string | undefined,
    requestSha256: string,
  ): Promise<Job | undefined> {
    if (clientKey === undefined) return undefined;
    const found = await findIdempotent(this.#runtime.database, key, clientKey);
    if (found === undefined) return undefined;
    if (found.request_sha256 !== requestSha256) throw REFUSALS['other-request']();
    return (await this.#runtime.jobs.find(found.job_id))?.job;
  }

  /** @throws ServiceError `job/unknown`, also for a job of somebody else */
  async #find(id: string, caller: Caller): Promise<StoredJob> {
    const stored = await this.#runtime.jobs.find(id);
    const isOwn = stored?.job.key === caller.key || caller.scopes.includes('admin');
    if (stored !== undefined && isOwn) return stored;
    throw new ServiceError('job/unknown', `there is no job ${id}`, 'look at the list of jobs');
  }

  /** A journal that is gone or damaged is left out; the receipt has it too. */
  async #withJournal({ job, journal }: StoredJob): Promise<Job> {
    const bytes = journal && (await this.#runtime.blobs.get(journal).catch(ifDamaged));
    return bytes ? { ...job, journal: bytes } : job;
  }

  /** Only the last event has the journal. */
  async #journalOfEnded(job: Job): Promise<Job> {
    if (job.endedAt === undefined) return job;
    const stored = await this.#runtime.jobs.find(job.id);
    return stored === undefined ? job : await this.#withJournal({ ...stored, job });
  }

  async #digest(source: BlobSource = NOTHING, caller: Caller): Promise<string> {
    const { blobs } = this.#runtime;
    if (source instanceof Uint8Array) return await blobs.put(source);
    const { sha256 } = source;
    if ((await this.#mayName(sha256, caller)) && (await blobs.use(sha256))) return sha256;
    throw unknownBlob(sha256);
  }

  async #bytes(source: BlobSource = NOTHING, caller: Caller): Promise<Uint8Array> {
    if (source instanceof Uint8Array) return source;
    if (await this.#mayName(source.sha256, caller)) return await this.#stored(source.sha256);
    throw unknownBlob(source.sha256);
  }

  async #stored(sha256: string): Promise<Uint8Array> {
    const found = await this.#runtime.blobs.get(sha256);
    if (found !== undefined) return found;
    throw unknownBlob(sha256);
  }

  /** Receipts are for everybody who knows their digest. */
  async #receiptBytes(source: BlobSource, caller: Caller): Promise<Uint8Array> {
    const isReceipt =
      !(source instanceof Uint8Array) && (await this.#runtime.jobs.hasReceipt(source.sha256));
    return isReceipt ? await this.receipt(source.sha256) : await this.#bytes(source, caller);
  }

  async #mayName(sha256: string, { key, scopes }: Caller): Promise<boolean> {
    return scopes.includes('admin') || (await mayName(this.#runtime.database, sha256, key));
  }

  /** Another call that was aborted may have taken the thread with it: then once more. */
  async #call<Name extends CallName>(
    name: Name,
    task: Calls[Name]['task'],
    signal?: AbortSignal,
  ): Promise<Calls[Name]['result']> {
    try {
      return await this.#compute.call(name, task, { signal });
    } catch (error) {
      if (!(error instanceof ComputeLostError) || this.#isClosing) throw error;
      return await this.#compute.call(name, task, { signal });
    }
  }
}

const REFUSALS: Readonly<Record<'other-request' | 'queue-full' | 'key-full', () => ServiceError>> =
  {
    'other-request': () =>
      new ServiceError(
        'idempotency/other-request',
        'the idempotency key was used for another request',
        'use a new key for a new request',
      ),
    'queue-full': () => full('queue/full', 'as many jobs wait as may'),
    'key-full': () => full('quota/exceeded', 'the key has as many unfinished jobs as it may'),
  };

function full(code: 'queue/full' | 'quota/exceeded', message: string): ServiceError {
  const remedy = 'submit again when some jobs are done';
  return new ServiceError(code, message, remedy, { retryAfter: FULL_RETRY_SECONDS });
}

function unknownBlob(sha256: string): ServiceError {
  const message = `there are no bytes with the SHA-256 ${sha256}`;
  return new ServiceError('blob/unknown', message, 'upload them, or give the bytes themselves');
}

/** What a compute thread threw, as the caller's error where the first word of its code says so. */
function explained(
  error: unknown,
  codes: Readonly<Record<string, 'program/invalid' | 'limit/cycles' | 'request/invalid'>>,
): unknown {
  if (!(error instanceof ComputeError)) return error;
  const { code = '', message, remedy = 'see the message' } = error.failure;
  const own = codes[code.split('/')[0] ?? ''];
  return own === undefined ? error : new ServiceError(own, message, remedy, { cause: error });
}

function ifDamaged(error: unknown): undefined {
  if (!(error instanceof StorageError && error.code === 'storage/damaged')) throw error;
}
