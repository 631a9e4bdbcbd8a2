/** The tables, as they are in the database. Times are milliseconds since 1970. */
import type { ColumnType, Generated } from 'kysely';
import type { StageTime } from '../../proving/progress.ts';
import type {
  Job,
  JobFailure,
  JobProgress,
  JobRequest,
  JobState,
  JobStatistics,
  JobTask,
  RunOutcome,
  Scope,
} from '../service.ts';

/** Read as a value, written as its text. */
type Json<T> = ColumnType<T, string, string>;

export interface ProgramTable {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly created_at: number;
  /** To the hour. */
  readonly used_at: number;
}

export interface JobTable {
  readonly id: string;
  readonly key_id: string;
  readonly state: JobState;
  readonly request: Json<JobRequest>;
  readonly priority: number;
  readonly deadline: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly progress: Json<JobProgress>;
  readonly outcome: Json<RunOutcome> | null;
  /** Digest of the journal's blob. */
  readonly journal: string | null;
  readonly cycles: number | null;
  /** Known with the plan. */
  readonly segments: number | null;
  readonly receipt_sha256: string | null;
  readonly receipt_bytes: number | null;
  readonly statistics: Json<JobFigures> | null;
  /** Time of the stages so far. */
  readonly stages: Json<readonly StageTime[]>;
  readonly tasks: Json<readonly JobTask[]>;
  readonly under_way: Json<TasksUnderWay>;
  readonly failure: Json<JobFailure> | null;
  /** Number of its last event. */
  readonly events: Generated<number>;
}

/** Tasks that have begun and not ended, by kind and segment. */
export type TasksUnderWay = Readonly<
  Record<
    string,
    {
      /** How often a worker has begun with it. */
      readonly begun: number;
      /** Share that is done, from 0 to 1. */
      readonly done: number;
    }
  >
>;

/** What a finished proof adds to the times of stages and tasks. */
export type JobFigures = Omit<JobStatistics, 'tasks' | 'stages'>;

/** What a step of a proof has made. */
export interface PartTable {
  readonly job_id: string;
  readonly kind: 'plan' | 'start' | 'header' | 'challenge' | 'proof';
  /** From 1; 0 for the whole run. */
  readonly segment: number;
  readonly sha256: string;
}

export interface EventTable {
  readonly job_id: string;
  readonly number: number;
  readonly at: number;
  readonly kind: 'state' | 'progress' | 'task';
  /** The job as it was, without its journal. */
  readonly job: Json<Job>;
}

export interface IdempotencyTable {
  readonly key_id: string;
  readonly client_key: string;
  readonly request_sha256: string;
  readonly job_id: string;
  readonly created_at: number;
}

export interface KeyTable {
  readonly id: string;
  readonly name: string;
  readonly scopes: Json<readonly Scope[]>;
  readonly secret_sha256: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

export interface WebhookTable {
  readonly id: string;
  readonly job_id: string;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
  /** When to try next; null when that is over. */
  readonly due_at: number | null;
  readonly delivered_at: number | null;
  readonly problem: string | null;
}

/** Bytes that an API key may name by their digest. */
export interface UploadTable {
  readonly sha256: string;
  readonly key_id: string;
  readonly at: number;
}

export interface WorkerTable {
  readonly id: string;
  readonly seen_at: number;
}

export interface SettingTable {
  readonly name: string;
  readonly value: string;
}

export interface Schema {
  readonly programs: ProgramTable;
  readonly jobs: JobTable;
  readonly parts: PartTable;
  readonly events: EventTable;
  readonly idempotency: IdempotencyTable;
  readonly api_keys: KeyTable;
  readonly webhooks: WebhookTable;
  readonly uploads: UploadTable;
  readonly workers: WorkerTable;
  readonly settings: SettingTable;
}
