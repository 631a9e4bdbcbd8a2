/** What the service does, for its HTTP routes, its pages and its tests: nothing here knows HTTP. */
import type { Statistics, Trap } from '../../vm/index.ts';
import type { ProgramMode, ProofStage, SecurityLevel, StageTime } from '../index.ts';

/** Where a job is; the last three are for ever. */
export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * What a caller may do: `read` its own jobs, and programs and receipts of which it knows id or digest;
 * `prove`; `admin` everything of everybody.
 */
export const SCOPES = ['read', 'prove', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The key of everybody where no API key is needed. */
export const ANONYMOUS = 'anonymous';

/** Who asks. Without API keys everybody is `anonymous`, with all scopes. */
export interface Caller {
  /** Id of the API key. */
  readonly key: string;
  readonly scopes: readonly Scope[];
}

/** Bytes, or the hexadecimal SHA-256 of bytes that the caller has uploaded or a job of its own has. */
export type BlobSource = Uint8Array | { readonly sha256: string };

export interface ProgramRecord {
  /** What a light client pins, in 64 hexadecimal digits. */
  readonly id: string;
  /** Hexadecimal SHA-256 of the ELF file, and its size. */
  readonly sha256: string;
  readonly bytes: number;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
}

export interface ExecutionRequest {
  readonly program: string;
  readonly publicInput?: BlobSource;
  readonly privateInput?: BlobSource;
  /** Default: the service's limit. */
  readonly maxCycles?: number;
}

export interface DryRunRequest extends ExecutionRequest {
  /** Whether the report has a profile. Default false. */
  readonly profile?: boolean;
}

/** How a run ended. */
export type RunOutcome =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'trap'; readonly trap: Trap };

/** What `vouch run --stats --estimate` says, for a program that the service has. */
export interface ExecutionReport {
  readonly outcome: RunOutcome;
  readonly journal: Uint8Array;
  readonly cycles: number;
  readonly statistics: Statistics;
  /** Cycles by call stack, one line for each as `main;f 123`. */
  readonly profile?: string;
  /** Undefined where the run trapped: it cannot be proved. */
  readonly estimate?: {
    readonly segments: number;
    readonly milliseconds: number;
    readonly memoryBytes: number;
    readonly receiptBytes: number;
  };
}

export interface ProofRequest extends ExecutionRequest {
  readonly security?: SecurityLevel;
  readonly programMode?: ProgramMode;
  /** Most cycles of a segment. */
  readonly segmentCycles?: number;
  /** The job fails when it is not done by then. */
  readonly deadline?: number;
  /** 0 to 9, among the jobs of the caller: the smallest goes first. Default 5. */
  readonly priority?: number;
  readonly webhook?: { readonly url: string };
}

export interface JobProgress {
  readonly stage: ProofStage | undefined;
  /** What the stage is of, from 1; 0 for the whole run. */
  readonly segment: number;
  /** Of the run; 0 as long as it is not planned. */
  readonly segments: number;
  /** Segments whose proof is made. */
  readonly proved: number;
  /** 0 to 1, never falls. */
  readonly done: number;
  /** Milliseconds that are left, in the model of proofs; undefined as long as that is unknown. */
  readonly left?: number;
}

/** Why a job has no receipt. */
export interface JobFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Job {
  /** `prf_` and 26 characters of Crockford's base 32: sortable by time. */
  readonly id: string;
  /** The API key that submitted it. */
  readonly key: string;
  readonly state: JobState;
  readonly request: JobRequest;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly progress: JobProgress;
  /** How the run ended, as soon as that is known: apart from whether the proof succeeded. */
  readonly outcome?: RunOutcome;
  readonly journal?: Uint8Array;
  readonly cycles?: number;
  /** With `succeeded`. */
  readonly receipt?: { readonly sha256: string; readonly bytes: number };
  readonly statistics?: JobStatistics;
  /** With `failed`. */
  readonly failure?: JobFailure;
}

/** What was asked for, with digests for bytes and all defaults. */
export interface JobRequest {
  readonly program: string;
  readonly publicInput: string;
  readonly privateInput: string;
  readonly security: SecurityLevel;
  readonly programMode: ProgramMode;
  readonly segmentCycles?: number;
  readonly maxCycles: number;
  readonly deadline?: number;
  readonly priority: number;
  readonly webhook?: string;
}

export interface JobStatistics {
  readonly segments: number;
  readonly cells: number;
  readonly interactions: number;
  readonly securityBits: number;
  readonly stages: readonly StageTime[];
  /** Tasks of the job: when and where each was worked on, for a timeline. */
  readonly tasks: readonly JobTask[];
}

export interface JobTask {
  readonly kind: 'execute' | 'commit' | 'challenge' | 'prove' | 'finish';
  /** From 1; 0 for the whole run. */
  readonly segment: number;
  readonly worker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attempt: number;
  /** The segment was made from where it starts, without a run of the program up to it. */
  readonly fromStart?: boolean;
}

/** One change of a job; numbers go up from 1. */
export interface JobEvent {
  readonly number: number;
  readonly at: number;
  readonly kind: 'state' | 'progress' | 'task';
  /** The job as it was then. */
  readonly job: Job;
}

export interface JobQuery {
  readonly state?: JobState;
  /** What the page before gave. */
  readonly cursor?: string;
  /** 1 to 100, default 20. */
  readonly limit?: number;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly next?: string;
}

export interface VerificationRequest {
  readonly receipt: BlobSource;
  /** An id that is pinned. */
  readonly program: string;
  readonly publicInput?: BlobSource;
  readonly exitCode?: number;
  readonly minSecurityBits?: number;
}

export type VerificationReport =
  | {
      readonly valid: true;
      readonly journal: Uint8Array;
      readonly exitCode: number;
      readonly cycles: number;
      readonly securityBits: number;
    }
  | { readonly valid: false; readonly check: string; readonly reason: string };

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

export interface SubmitOptions {
  /** The client's key: the same key with the same request is the same job. */
  readonly idempotencyKey?: string;
}

/** Every method throws ServiceError for what a caller can bring about. */
export interface Service {
  addProgram(elf: Uint8Array, caller: Caller): Promise<{ program: ProgramRecord; isNew: boolean }>;
  program(id: string): Promise<ProgramRecord>;
  addBlob(bytes: Uint8Array, caller: Caller): Promise<{ sha256: string; bytes: number }>;
  /** Runs a program without a proof; stops when the signal is aborted. */
  execute(request: DryRunRequest, caller: Caller, signal?: AbortSignal): Promise<ExecutionReport>;
  submit(
    request: ProofRequest,
    caller: Caller,
    options?: SubmitOptions,
  ): Promise<{ job: Job; isNew: boolean }>;
  job(id: string, caller: Caller): Promise<Job>;
  jobs(query: JobQuery, caller: Caller): Promise<JobPage>;
  /** Does nothing to a job that has ended. */
  cancel(id: string, caller: Caller): Promise<Job>;
  /** The events behind `after`, then those to come, until the job has ended or the signal is aborted. */
  events(id: string, after: number, caller: Caller, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** The job when it has ended or the signal is aborted. */
  ended(id: string, caller: Caller, signal?: AbortSignal): Promise<Job>;
  /** The receipt's bytes, by its hexadecimal SHA-256. */
  receipt(sha256: string): Promise<Uint8Array>;
  verify(request: VerificationRequest, caller: Caller): Promise<VerificationReport>;
  /** The text of a new key, which is not kept, and its record. */
  createKey(
    name: string,
    scopes: readonly Scope[],
    expiresAt?: number,
  ): Promise<{ secret: string; key: ApiKey }>;
  keys(): Promise<readonly ApiKey[]>;
  revokeKey(id: string): Promise<ApiKey>;
  /** What the webhooks of the caller's jobs are signed with, in the form of Standard Webhooks. */
  webhookSecret(caller: Caller): Promise<string>;
  /** Undefined for a text that is no key, or one that has expired or was revoked. */
  callerOf(secret: string): Promise<Caller | undefined>;
  /** Jobs by state, length and age of the queue, workers seen lately, bytes on disk. */
  health(): Promise<ServiceHealth>;
  close(): Promise<void>;
}

export interface ServiceHealth {
  readonly ready: boolean;
  /** Empty where everything answers. */
  readonly problems: readonly string[];
  readonly jobs: Readonly<Record<JobState, number>>;
  readonly waiting: number;
  readonly mostWaiting: number;
  readonly workers: number;
  readonly blobBytes: number;
}

/** What a caller did, or what happened to what it asked for. */
export const SERVICE_ERRORS = {
  'program/unknown': 404,
  'program/invalid': 422,
  'job/unknown': 404,
  'key/unknown': 404,
  'receipt/unknown': 404,
  'blob/unknown': 422,
  'request/invalid': 422,
  'idempotency/other-request': 422,
  'queue/full': 429,
  'quota/exceeded': 429,
  'storage/full': 507,
  'limit/cycles': 422,
  'scope/missing': 403,
  'service/closing': 503,
} as const;
export type ServiceErrorCode = keyof typeof SERVICE_ERRORS;

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Seconds after which to try again, where that helps. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ServiceErrorCode,
    message: string,
    remedy: string,
    more: { readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.remedy = remedy;
    this.retryAfter = more.retryAfter;
  }
}
