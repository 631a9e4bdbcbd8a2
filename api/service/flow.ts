/**
 * A job as tasks of the queue. Which tasks come next follows from what the job has, so that a queue which
 * has lost some, or all, gets them again.
 *
 * ```
 * execute ──▶ commit 1..n ──▶ challenge ──▶ prove 1..n ──▶ finish     several segments
 * execute ──▶ whole                                                   one segment
 * ```
 *
 * `execute` also keeps where segments start, so that the others need not run the program up to theirs;
 * what is not kept, or has been lost, costs time and nothing else.
 */
import type { Task } from './queue/queue.ts';
import type { StoredJob } from './store/job-rows.ts';
import type { Parts } from './store/parts.ts';

export type TaskKind = 'execute' | 'whole' | 'commit' | 'challenge' | 'prove' | 'finish';

/** What a task of the queue carries. */
export interface TaskData {
  readonly job: string;
  /** From 1; 0 for the whole run. */
  readonly segment: number;
}

/** What can be done next for a job that has not ended, by any number of workers at a time. */
export function nextTasks({ job, segments }: StoredJob, parts: Parts): readonly Task[] {
  const task = (kind: TaskKind, segment = 0): Task => taskOf(job.id, kind, segment);
  if (segments === undefined || parts.digest('plan', 0) === undefined) return [task('execute')];
  if (segments === 1) return [task('whole')];
  const missing = (kind: 'header' | 'proof', step: TaskKind): Task[] =>
    Array.from({ length: segments }, (_, i) => i + 1)
      .filter((segment) => parts.digest(kind, segment) === undefined)
      .map((segment) => task(step, segment));
  const isDrawn = parts.digest('challenge', 0) !== undefined;
  const segmentTasks = isDrawn ? missing('proof', 'prove') : missing('header', 'commit');
  return segmentTasks.length > 0 ? segmentTasks : [task(isDrawn ? 'finish' : 'challenge')];
}

/** The job that a task is of, by the task's id. */
export function jobOfTask(id: string): string {
  return id.slice(0, id.indexOf('-'));
}

function taskOf(job: string, kind: TaskKind, segment: number): Task {
  const suffix = segment === 0 ? '' : `-${String(segment).padStart(6, '0')}`;
  const data: TaskData = { job, segment };
  return { id: `${job}-${kind}${suffix}`, kind, data };
}
