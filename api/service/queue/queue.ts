/** The queue as the service sees it: tasks that any worker may take. Nothing here knows BullMQ. */

/** What a worker is to do. */
export interface Task {
  /** Letters, digits, `_` and `-`, not digits alone. A task whose id the queue holds is not added again. */
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
}

/** A task that a worker has. */
export interface TakenTask {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
  /** From 1. */
  readonly attempt: number;
  /** No further attempt follows if this one fails. */
  readonly last: boolean;
  /** Aborted when the task is no longer this worker's. */
  readonly signal: AbortSignal;
}

export interface QueueWorker {
  /** Takes no more tasks, waits for those it has, at most so long, and lets go of them. */
  close(milliseconds: number): Promise<void>;
}

export interface WorkerSettings {
  readonly name: string;
  /** Tasks at a time. */
  readonly concurrency: number;
  /** A task goes to another worker when its own has been silent for so long. */
  readonly lockMilliseconds: number;
}

export interface TaskQueue {
  /** Tasks are handed out in the order in which they were added. */
  add(task: Task): Promise<void>;
  /** Ids of the tasks that wait or that workers have: not of those that are done, or were tried in vain. */
  held(): Promise<string[]>;
  /** After an error of the handler the task is tried again, later each time. */
  work(handler: (task: TakenTask) => Promise<void>, settings: WorkerSettings): QueueWorker;
  /** Throws away all tasks. */
  clear(): Promise<void>;
  /** Rejects if the queue does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** How often a task is tried, and how long after a failure: doubled after each further one. */
export const ATTEMPTS = 3;
export const BACKOFF_MILLISECONDS = 1000;
