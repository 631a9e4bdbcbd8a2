/** A service without a disk: it really runs, proves and verifies, in this process, and forgets. */
import { createHash, randomBytes } from 'node:crypto';
import {
  collapsedStacks,
  ElfError,
  estimate,
  execute,
  LimitError,
  loadProgram,
  Profiler,
  ProveError,
  type Prover,
  record,
  StatisticsCollector,
  startProver,
  VerificationError,
  verify,
} from '../../../api/index.ts';
import {
  type ApiKey,
  type BlobSource,
  type Caller,
  type DryRunRequest,
  type ExecutionReport,
  type ExecutionRequest,
  JOB_STATES,
  type Job,
  type JobEvent,
  type JobFailure,
  type JobPage,
  type JobQuery,
  type JobState,
  type ProgramRecord,
  type ProofRequest,
  type RunOutcome,
  type Scope,
  type Service,
  ServiceError,
  type ServiceErrorCode,
  type ServiceHealth,
  type SubmitOptions,
  type VerificationReport,
  type VerificationRequest,
} from '../../../api/service/service.ts';

const MAX_CYCLES = 2 ** 20;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

interface Work {
  job: Job;
  readonly events: JobEvent[];
  readonly abort: AbortController;
  readonly listeners: Set<() => void>;
}

export class MemoryService implements Service {
  readonly #prover: Prover;
  readonly #mostWaiting: number;
  readonly #programs = new Map<
    string,
    { readonly record: ProgramRecord; readonly elf: Uint8Array }
  >();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #work = new Map<string, Work>();
  readonly #idempotent = new Map<string, { readonly request: string; readonly id: string }>();
  readonly #keys = new Map<string, { readonly hash: string; key: ApiKey }>();
  #tail: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** What `health` finds wrong. */
  problems: readonly string[] = [];

  private constructor(prover: Prover, mostWaiting: number) {
    this.#prover = prover;
    this.#mostWaiting = mostWaiting;
    this.#keep(new Uint8Array(0));
  }

  static async start(mostWaiting: number): Promise<MemoryService> {
    return new MemoryService(await startProver({ threads: 2 }), mostWaiting);
  }

  async addProgram(elf: Uint8Array): Promise<{ program: ProgramRecord; isNew: boolean }> {
    const sha256 = hash(elf);
    for (const { record: found } of this.#programs.values()) {
      if (found.sha256 === sha256) return { program: found, isNew: false };
    }
    try {
      loadProgram(elf);
    } catch (error) {
      if (!(error instanceof ElfError)) throw error;
      throw new ServiceError('program/invalid', error.message, error.remedy, { cause: error });
    }
    const copy = elf.slice();
    const id = await this.#prover.programId(copy);
    const program = { id, sha256, bytes: elf.length, createdAt: Date.now() };
    this.#programs.set(id, { record: program, elf: copy });
    return { program, isNew: true };
  }

  async program(id: string): Promise<ProgramRecord> {
    return this.#program(id).record;
  }

  async addBlob(bytes: Uint8Array): Promise<{ sha256: string; bytes: number }> {
    return { sha256: this.#keep(bytes), bytes: bytes.length };
  }

  async execute(
    request: DryRunRequest,
    _caller: Caller,
    signal?: AbortSignal,
  ): Promise<ExecutionReport> {
    const program = loadProgram(this.#program(request.program).elf);
    const options = {
      ...this.#inputs(request),
      limits: { cycles: request.maxCycles ?? MAX_CYCLES },
      ...(signal && { signal }),
    };
    try {
      const collector = new StatisticsCollector(program);
      const profiler = new Profiler(program);
      for await (const segment of record(program, options)) {
        collector.add(segment);
        profiler.add(segment);
      }
      const { outcome, journal, cycles } = await execute(program, options);
      const profile = request.profile ? { profile: collapsedStacks(profiler.finish()) } : {};
      const counted = { journal, cycles, statistics: collector.finish(), ...profile };
      if (outcome.kind === 'trap') return { outcome, ...counted };
      const { segments, milliseconds, memoryBytes, receiptBytes } = await estimate(
        program,
        options,
      );
      return {
        ...{ outcome: { kind: 'exit', code: outcome.code }, ...counted },
        estimate: { segments, milliseconds, memoryBytes, receiptBytes },
      };
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      throw new ServiceError('limit/cycles', error.message, error.remedy, { cause: error });
    }
  }

  async submit(
    request: ProofRequest,
    caller: Caller,
    { idempotencyKey }: SubmitOptions = {},
  ): Promise<{ job: Job; isNew: boolean }> {
    if (this.#isClosed) throw problem('service/closing', 'the service is closed');
    const { elf } = this.#program(request.program);
    const { publicInput, privateInput } = this.#inputs(request);
    const job: Job = {
      id: jobId(),
      key: caller.key,
      state: 'queued',
      request: {
        program: request.program,
        publicInput: this.#keep(publicInput),
        privateInput: this.#keep(privateInput),
        security: request.security ?? 'S120',
        programMode: request.programMode ?? 'id',
        ...(request.segmentCycles !== undefined && { segmentCycles: request.segmentCycles }),
        maxCycles: request.maxCycles ?? MAX_CYCLES,
        ...(request.deadline !== undefined && { deadline: request.deadline }),
        priority: request.priority ?? 5,
        ...(request.webhook && { webhook: request.webhook.url }),
      },
      createdAt: Date.now(),
      progress: { stage: undefined, segment: 0, segments: 0, proved: 0, done: 0 },
    };
    const known = this.#known(job, idempotencyKey);
    if (known !== undefined) return { job: known, isNew: false };
    const waiting = [...this.#work.values()].filter((work) => work.job.state === 'queued').length;
    if (waiting >= this.#mostWaiting) {
      throw problem('queue/full', `${waiting} jobs are waiting`, { retryAfter: 3 });
    }
    const work: Work = { job, events: [], abort: new AbortController(), listeners: new Set() };
    this.#work.set(job.id, work);
    change(work, {}, 'state');
    this.#tail = this.#tail.then(() => this.#prove(work, elf, publicInput, privateInput));
    return { job: work.job, isNew: true };
  }

  async job(id: string, caller: Caller): Promise<Job> {
    return this.#find(id, caller).job;
  }

  async jobs({ state, cursor, limit = 20 }: JobQuery, caller: Caller): Promise<JobPage> {
    const all = [...this.#work.values()]
      .map(({ job }) => job)
      .filter((job) => maySee(job, caller) && (state === undefined || job.state === state))
      .filter((job) => cursor === undefined || job.id < cursor)
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const jobs = all.slice(0, limit);
    const last = jobs.at(-1);
    return { jobs, ...(all.length > limit && last && { next: last.id }) };
  }

  async cancel(id: string, caller: Caller): Promise<Job> {
    const work = this.#find(id, caller);
    if (!hasEnded(work.job)) {
      change(work, { state: 'cancelled', endedAt: Date.now() }, 'state');
      work.abort.abort();
    }
    return work.job;
  }

  async *events(
    id: string,
    after: number,
    caller: Caller,
    signal?: AbortSignal,
  ): AsyncGenerator<JobEvent> {
    const { events, listeners } = this.#find(id, caller);
    let wake = (): void => {};
    const listener = (): void => wake();
    listeners.add(listener);
    signal?.addEventListener('abort', listener);
    try {
      for (let next = after; ; ) {
        const pending = new Promise<void>((resolve) => {
          wake = resolve;
        });
        for (let event = events[next]; event !== undefined; event = events[++next]) yield event;
        const last = events.at(-1);
        if (signal?.aborted || (last && hasEnded(last.job))) return;
        await pending;
      }
    } finally {
      listeners.delete(listener);
      signal?.removeEventListener('abort', listener);
    }
  }

  async ended(id: string, caller: Caller, signal?: AbortSignal): Promise<Job> {
    for await (const { job } of this.events(id, 0, caller, signal)) if (hasEnded(job)) return job;
    return this.job(id, caller);
  }

  async receipt(sha256: string): Promise<Uint8Array> {
    const bytes = this.#blobs.get(sha256);
    if (bytes === undefined) throw problem('receipt/unknown', `there is no receipt ${sha256}`);
    return bytes;
  }

  async verify(request: VerificationRequest): Promise<VerificationReport> {
    const { program, exitCode, minSecurityBits } = request;
    const publicInput = this.#bytes(request.publicInput);
    try {
      const run = await verify(this.#bytes(request.receipt), {
        ...{ program, publicInput },
        ...(exitCode !== undefined && { exitCode }),
        ...(minSecurityBits !== undefined && { minSecurityBits }),
      });
      const { journal, cycles, securityBits } = run;
      return { valid: true, journal, exitCode: run.exitCode, cycles, securityBits };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return { valid: false, check: error.check, reason: error.message };
    }
  }

  async createKey(
    name: string,
    scopes: readonly Scope[],
    expiresAt?: number,
  ): Promise<{ secret: string; key: ApiKey }> {
    const secret = `vch_${randomBytes(24).toString('base64url')}`;
    const id = `key_${randomBytes(8).toString('hex')}`;
    const created = { id, name, scopes, createdAt: Date.now() };
    const key = { ...created, ...(expiresAt !== undefined && { expiresAt }) };
    this.#keys.set(id, { hash: hash(Buffer.from(secret)), key });
    return { secret, key };
  }

  async keys(): Promise<readonly ApiKey[]> {
    return [...this.#keys.values()].map(({ key }) => key);
  }

  async revokeKey(id: string): Promise<ApiKey> {
    const found = this.#keys.get(id);
    if (found === undefined) throw problem('key/unknown', `there is no key ${id}`);
    found.key = { ...found.key, revokedAt: found.key.revokedAt ?? Date.now() };
    return found.key;
  }

  async webhookSecret({ key }: Caller): Promise<string> {
    return `whsec_${Buffer.from(hash(new TextEncoder().encode(key)), 'hex').toString('base64')}`;
  }

  async callerOf(secret: string): Promise<Caller | undefined> {
    const digest = hash(Buffer.from(secret));
    for (const { hash: kept, key } of this.#keys.values()) {
      const isValid = key.revokedAt === undefined && (key.expiresAt ?? Infinity) > Date.now();
      if (kept === digest && isValid) return { key: key.id, scopes: key.scopes };
    }
    return undefined;
  }

  async health(): Promise<ServiceHealth> {
    const jobs = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<
      JobState,
      number
    >;
    for (const { job } of this.#work.values()) jobs[job.state]++;
    const blobBytes = [...this.#blobs.values()].reduce((sum, { length }) => sum + length, 0);
    return {
      ready: this.problems.length === 0 && !this.#isClosed,
      problems: this.problems,
      ...{ jobs, waiting: jobs.queued, mostWaiting: this.#mostWaiting, workers: 1, blobBytes },
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const work of this.#work.values()) {
      if (!hasEnded(work.job)) change(work, { state: 'cancelled', endedAt: Date.now() }, 'state');
      work.abort.abort();
    }
    await this.#tail;
    await this.#prover.close();
  }

  /** The job of the same key and request, if there was one. */
  #known(job: Job, key: string | undefined): Job | undefined {
    if (key === undefined) return undefined;
    const name = `${job.key} ${key}`;
    const request = JSON.stringify(job.request);
    const known = this.#idempotent.get(name);
    if (known === undefined) {
      this.#idempotent.set(name, { request, id: job.id });
      return undefined;
    }
    if (known.request === request) return this.#work.get(known.id)?.job;
    throw problem('idempotency/other-request', 'the key was used for another request');
  }

  async #prove(
    work: Work,
    elf: Uint8Array,
    publicInput: Uint8Array,
    privateInput: Uint8Array,
  ): Promise<void> {
    if (hasEnded(work.job)) return;
    const startedAt = Date.now();
    const { security, programMode, maxCycles, segmentCycles } = work.job.request;
    change(work, { state: 'running', startedAt }, 'state');
    try {
      const { receipt, journal, exitCode, cycles, stats } = await this.#prover.prove(elf, {
        ...{ publicInput, privateInput, security, programMode },
        ...(segmentCycles !== undefined && { segmentCycles }),
        limits: { cycles: maxCycles },
        signal: work.abort.signal,
        onProgress: ({ stage, segment, segments, done }) =>
          change(work, { progress: { stage, segment, segments, proved: 0, done } }, 'progress'),
      });
      const { segments, cells, interactions, securityBits, stages } = stats;
      const endedAt = Date.now();
      const task = { kind: 'prove', segment: 0, worker: 'memory', attempt: 1 } as const;
      const outcome: RunOutcome = { kind: 'exit', code: exitCode };
      change(
        work,
        {
          ...{ state: 'succeeded', endedAt, outcome, journal, cycles },
          receipt: { sha256: this.#keep(receipt), bytes: receipt.length },
          statistics: {
            ...{ segments, cells, interactions, securityBits, stages },
            tasks: [{ ...task, startedAt, endedAt }],
          },
        },
        'state',
      );
    } catch (error) {
      if (hasEnded(work.job)) return;
      const trap = error instanceof ProveError ? error.trap : undefined;
      change(
        work,
        {
          ...{ state: 'failed', endedAt: Date.now(), failure: failureOf(error) },
          ...(trap && { outcome: { kind: 'trap', trap } }),
        },
        'state',
      );
    }
  }

  #program(id: string): { readonly record: ProgramRecord; readonly elf: Uint8Array } {
    const found = this.#programs.get(id);
    if (found === undefined) throw problem('program/unknown', `there is no program ${id}`);
    return found;
  }

  #find(id: string, caller: Caller): Work {
    const work = this.#work.get(id);
    if (work === undefined || !maySee(work.job, caller)) {
      throw problem('job/unknown', `there is no job ${id}`);
    }
    return work;
  }

  #inputs({ publicInput, privateInput }: ExecutionRequest): {
    publicInput: Uint8Array;
    privateInput: Uint8Array;
  } {
    return { publicInput: this.#bytes(publicInput), privateInput: this.#bytes(privateInput) };
  }

  #bytes(source: BlobSource = new Uint8Array(0)): Uint8Array {
    if (source instanceof Uint8Array) return source;
    const found = this.#blobs.get(source.sha256);
    if (found === undefined) throw problem('blob/unknown', `there are no bytes ${source.sha256}`);
    return found;
  }

  #keep(bytes: Uint8Array): string {
    const sha256 = hash(bytes);
    this.#blobs.set(sha256, bytes.slice());
    return sha256;
  }
}

function change(work: Work, changes: Partial<Job>, kind: JobEvent['kind']): void {
  if (hasEnded(work.job)) return;
  work.job = { ...work.job, ...changes };
  work.events.push({ number: work.events.length + 1, at: Date.now(), kind, job: work.job });
  for (const listener of work.listeners) listener();
}

function hasEnded({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running';
}

function maySee(job: Job, caller: Caller): boolean {
  return job.key === caller.key || caller.scopes.includes('admin');
}

function failureOf(error: unknown): JobFailure {
  const { code = 'internal', message = '', remedy = '' } = error as Partial<JobFailure>;
  return { code, message, remedy };
}

let lastId = 0;

/** Sortable by time: the last characters count up. */
function jobId(): string {
  let digits = '';
  for (let rest = ++lastId; digits.length < 26; rest = Math.floor(rest / 32)) {
    digits = `${CROCKFORD[rest % 32]}${digits}`;
  }
  return `prf_${digits}`;
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function problem(
  code: ServiceErrorCode,
  message: string,
  more: { readonly retryAfter?: number } = {},
): ServiceError {
  return new ServiceError(code, message, 'see the message', more);
}
