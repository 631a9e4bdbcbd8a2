/** How far a job is: written to the database not too often, and never backwards. */
import { FITTED_THREADS, modelSlowness, workMilliseconds } from '../proving/model.ts';
import type { ProofStage } from '../proving/progress.ts';
import type { StepProgress } from './compute/messages.ts';
import type { TaskData, TaskKind } from './flow.ts';
import type { JobProgress, JobTask } from './service.ts';
import type { JobChange, StoredJob } from './store/job-rows.ts';
import type { JobStore } from './store/jobs.ts';

/** Between two writes of the same task. */
const WRITE_MILLISECONDS = 250;
/** Least share of the job that is worth a write: a job has no more than a thousand of them. */
const LEAST_STEP = 0.001;
/** Below it, the time that is left is a guess. */
const KNOWN_FROM = 0.05;

/** The stages of a task of one segment, in order. */
const STAGES: Readonly<Record<'commit' | 'prove', readonly ProofStage[]>> = {
  commit: ['fill', 'load', 'commit'],
  prove: ['fill', 'load', 'commit', 'logup', 'zerocheck', 'reduction', 'opening'],
};
/** A long segment: see docs/performance.md for cells and interactions of a cycle. */
const SEGMENT_WORK = {
  cycles: 2 ** 20,
  cells: 19 * 2 ** 20,
  interactions: 14 * 2 ** 20,
  elements: 19 * 2 ** 20,
};
const COMMIT = millisecondsOf(STAGES.commit);
const PROVE = millisecondsOf(STAGES.prove);

/** Share of each kind of task in a job. */
const SHARES: Readonly<Record<TaskKind, number>> = {
  execute: 0.02,
  commit: (0.94 * COMMIT) / (COMMIT + PROVE),
  challenge: 0.01,
  prove: (0.94 * PROVE) / (COMMIT + PROVE),
  finish: 0.03,
  whole: 0.98,
};

export class ProgressRecorder {
  readonly #jobs: JobStore;
  readonly #data: TaskData;
  readonly #kind: TaskKind;
  /** Of the task in the job. */
  readonly #share: number;
  readonly #onError: (error: unknown) => void;
  #written: Promise<unknown> = Promise.resolve();
  #last = 0;
  #lastAt = 0;

  constructor(
    jobs: JobStore,
    { segments = 0 }: StoredJob,
    data: TaskData,
    kind: TaskKind,
    onError: (error: unknown) => void,
  ) {
    this.#jobs = jobs;
    this.#data = data;
    this.#kind = kind;
    this.#share = shareOf(kind, segments);
    this.#onError = onError;
  }

  readonly report = (progress: StepProgress): void => {
    const part = partOf(this.#kind, progress);
    const isWorth = (part - this.#last) * this.#share >= LEAST_STEP;
    if (!isWorth || Date.now() - this.#lastAt < WRITE_MILLISECONDS) return;
    this.#last = part;
    this.#lastAt = Date.now();
    const { job, segment } = this.#data;
    const write = async (): Promise<void> => {
      await this.#jobs.change(
        job,
        ['running'],
        (stored) => duringTask(stored, this.#kind, segment, progress),
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

type ProgressChange = Required<Pick<JobChange, 'progress' | 'underWay'>>;

/** How a job changes when a worker begins with a task. */
export function beforeTask(
  { underWay }: StoredJob,
  kind: TaskKind,
  segment: number,
): Required<Pick<JobChange, 'underWay'>> {
  const name = taskName(kind, segment);
  const { begun = 0, done = 0 } = underWay[name] ?? {};
  return { underWay: { ...underWay, [name]: { begun: begun + 1, done } } };
}

/** How it changes when the task reports how far it is. */
export function duringTask(
  stored: StoredJob,
  kind: TaskKind,
  segment: number,
  progress: StepProgress,
): ProgressChange {
  const name = taskName(kind, segment);
  const { begun = 1 } = stored.underWay[name] ?? {};
  const underWay = { ...stored.underWay, [name]: { begun, done: partOf(kind, progress) } };
  const at = { stage: progress.stage, segment };
  return { underWay, progress: progressOf({ ...stored, underWay }, at) };
}

/** How it changes when a task has ended. */
export function afterTask(
  stored: StoredJob,
  { task, segments = stored.segments }: JobChange & { readonly task: JobTask },
): ProgressChange {
  const { [taskName(task.kind, task.segment)]: _, ...underWay } = stored.underWay;
  const after = { ...stored, segments, tasks: [...stored.tasks, task], underWay };
  const { stage, segment } = stored.job.progress;
  return { underWay, progress: progressOf(after, { stage, segment }) };
}

/** By the tasks that are done, and what the others have reported. */
function progressOf(
  { job, tasks, underWay, segments = 0 }: StoredJob,
  at: Pick<JobProgress, 'stage' | 'segment'>,
): JobProgress {
  // A task that two workers have done counts once.
  const parts = new Map(Object.entries(underWay).map(([name, { done }]) => [name, done]));
  for (const { kind, segment } of tasks) parts.set(taskName(kind, segment), 1);
  let sum = 0;
  for (const [name, part] of parts) sum += part * shareOf(kindOf(name), segments);
  const done = Math.min(1, Math.max(job.progress.done, sum));
  const elapsed = Date.now() - (job.startedAt ?? Date.now());
  const left = done < KNOWN_FROM ? undefined : Math.round((elapsed * (1 - done)) / done);
  const proved = [...parts].filter(([name, part]) => kindOf(name) === 'prove' && part === 1);
  return {
    ...{ ...at, segments, proved: proved.length, done },
    ...(left !== undefined && { left }),
  };
}

function taskName(kind: TaskKind, segment: number): string {
  return `${kind} ${segment}`;
}

function kindOf(name: string): TaskKind {
  return name.split(' ')[0] as TaskKind;
}

/** Share of a task that is done, from 0 to 1. */
function partOf(kind: TaskKind, { stage, done }: StepProgress): number {
  if (kind !== 'commit' && kind !== 'prove') return done;
  const stages = STAGES[kind];
  const at = stages.indexOf(stage);
  if (at < 0) return 0;
  const all = kind === 'commit' ? COMMIT : PROVE;
  return (millisecondsOf(stages.slice(0, at)) + done * millisecondsOf([stage])) / all;
}

function shareOf(kind: TaskKind, segments: number): number {
  return kind === 'commit' || kind === 'prove'
    ? SHARES[kind] / Math.max(1, segments)
    : SHARES[kind];
}

function millisecondsOf(stages: readonly ProofStage[]): number {
  const slowness = modelSlowness(FITTED_THREADS);
  return stages.reduce((sum, stage) => sum + workMilliseconds(stage, SEGMENT_WORK, slowness), 0);
}
