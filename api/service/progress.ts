/** How far a job is: written to the database not too often, and never backwards. */
import type { StepProgress } from './compute/messages.ts';
import type { TaskData, TaskKind } from './flow.ts';
import type { JobProgress, JobTask } from './service.ts';
import type { StoredJob } from './store/job-rows.ts';
import type { JobStore } from './store/jobs.ts';

/** Between two writes of the same task. */
const WRITE_MILLISECONDS = 250;
/** Least share that is worth a write within a stage. */
const LEAST_STEP = 0.01;
/** Below it, the time that is left is a guess. */
const KNOWN_FROM = 0.05;

/** Share of each kind of task in a job: a proof commits again before it proves. */
const SHARES: Readonly<Record<TaskKind, number>> = {
  execute: 0.02,
  commit: 0.3,
  challenge: 0.01,
  prove: 0.64,
  finish: 0.03,
  whole: 0.98,
};

export class ProgressRecorder {
  readonly #jobs: JobStore;
  readonly #data: TaskData;
  readonly #kind: TaskKind;
  readonly #onError: (error: unknown) => void;
  #written: Promise<unknown> = Promise.resolve();
  #last: StepProgress | undefined;
  #lastAt = 0;

  constructor(jobs: JobStore, data: TaskData, kind: TaskKind, onError: (error: unknown) => void) {
    this.#jobs = jobs;
    this.#data = data;
    this.#kind = kind;
    this.#onError = onError;
  }

  readonly report = (progress: StepProgress): void => {
    const last = this.#last;
    if (Date.now() - this.#lastAt < WRITE_MILLISECONDS) return;
    if (last?.stage === progress.stage && progress.done - last.done < LEAST_STEP) return;
    this.#last = progress;
    this.#lastAt = Date.now();
    const write = async (): Promise<void> => {
      await this.#jobs.change(
        this.#data.job,
        ['running'],
        (job) => ({ progress: progressOf(job, this.#kind, this.#data.segment, progress) }),
        'progress',
      );
    };
    this.#written = this.#written.then(write).catch(this.#onError);
  };

  /** Waits for what was reported. */
  async close(): Promise<void> {
    await this.#written;
  }
}

/** The progress of a job by the tasks that are done and what one reports. */
function progressOf(
  { job, tasks, segments = 0 }: StoredJob,
  kind: TaskKind,
  segment: number,
  { stage, done: part }: StepProgress,
): JobProgress {
  const count = Math.max(1, segments);
  const before = tasks.reduce((sum, task) => sum + shareOf(task.kind, count), 0);
  // The steps of one segment know how far each of their stages is, not how far they are.
  const own = kind === 'whole' ? part * shareOf(kind, count) : 0;
  const done = Math.min(1, Math.max(job.progress.done, before + own));
  const elapsed = Date.now() - (job.startedAt ?? Date.now());
  const left = done < KNOWN_FROM ? undefined : Math.round((elapsed * (1 - done)) / done);
  return { stage, segment, segments, done, ...(left !== undefined && { left }) };
}

function shareOf(kind: TaskKind | JobTask['kind'], segments: number): number {
  return kind === 'commit' || kind === 'prove' ? SHARES[kind] / segments : SHARES[kind];
}
