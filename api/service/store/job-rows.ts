/** Jobs as rows of the database, and back. */
import type { Selectable } from 'kysely';
import { PROOF_STAGES, type ProofStage, type StageTime } from '../../proving/progress.ts';
import type { Job, JobFailure, JobProgress, JobState, JobTask, RunOutcome } from '../service.ts';
import type { JobFigures, JobTable, TasksUnderWay } from './schema.ts';

export type JobRow = Selectable<JobTable>;

/** A job that has all but its journal, whose digest it has. */
export interface StoredJob {
  readonly job: Job;
  readonly journal: string | undefined;
  /** Undefined before the run is planned. */
  readonly segments: number | undefined;
  readonly tasks: readonly JobTask[];
  readonly underWay: TasksUnderWay;
}

/** What may change of a job. */
export interface JobChange {
  readonly state?: JobState;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly progress?: JobProgress;
  readonly underWay?: TasksUnderWay;
  readonly outcome?: RunOutcome;
  /** Digest of its blob. */
  readonly journal?: string;
  readonly cycles?: number;
  readonly segments?: number;
  readonly receipt?: { readonly sha256: string; readonly bytes: number };
  readonly statistics?: JobFigures;
  /** Added to the times so far. */
  readonly stages?: readonly StageTime[];
  readonly failure?: JobFailure;
  /** One more. */
  readonly task?: JobTask;
}

export function jobOf(row: JobRow): StoredJob {
  const { statistics, stages, tasks } = row;
  const job: Job = {
    id: row.id,
    key: row.key_id,
    state: row.state,
    request: row.request,
    createdAt: row.created_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    progress: row.progress,
    ...(row.outcome !== null && { outcome: row.outcome }),
    ...(row.cycles !== null && { cycles: row.cycles }),
    ...(row.receipt_sha256 !== null && {
      receipt: { sha256: row.receipt_sha256, bytes: row.receipt_bytes ?? 0 },
    }),
    ...(statistics !== null && { statistics: { ...statistics, stages, tasks } }),
    ...(row.failure !== null && { failure: row.failure }),
  };
  return {
    job,
    journal: row.journal ?? undefined,
    segments: row.segments ?? undefined,
    tasks,
    underWay: row.under_way,
  };
}

/** The columns that a change sets. */
export function columnsOf(change: JobChange, row: JobRow): Partial<Record<keyof JobRow, unknown>> {
  const { state, startedAt, endedAt, progress, outcome, journal, cycles, receipt } = change;
  const { statistics, stages, failure, task, underWay } = change;
  return {
    ...(state !== undefined && { state }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(endedAt !== undefined && { ended_at: endedAt }),
    ...(progress !== undefined && { progress: JSON.stringify(progress) }),
    ...(outcome !== undefined && { outcome: JSON.stringify(outcome) }),
    ...(journal !== undefined && { journal }),
    ...(cycles !== undefined && { cycles }),
    ...(change.segments !== undefined && { segments: change.segments }),
    ...(receipt !== undefined && { receipt_sha256: receipt.sha256, receipt_bytes: receipt.bytes }),
    ...(statistics !== undefined && { statistics: JSON.stringify(statistics) }),
    ...(stages !== undefined && { stages: JSON.stringify(addTimes(row.stages, stages)) }),
    ...(failure !== undefined && { failure: JSON.stringify(failure) }),
    ...(task !== undefined && { tasks: JSON.stringify([...row.tasks, task]) }),
    ...(underWay !== undefined && { under_way: JSON.stringify(underWay) }),
  };
}

/** Times of the same stage together, in the order of the stages. */
function addTimes(before: readonly StageTime[], more: readonly StageTime[]): StageTime[] {
  const times = new Map<ProofStage, number>();
  for (const { stage, milliseconds } of [...before, ...more]) {
    times.set(stage, (times.get(stage) ?? 0) + milliseconds);
  }
  return PROOF_STAGES.flatMap((stage) => {
    const milliseconds = times.get(stage);
    return milliseconds === undefined ? [] : [{ stage, milliseconds }];
  });
}
