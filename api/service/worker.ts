/** A worker: takes tasks from the queue, lets its compute thread do them, and keeps what they make. */

import type { Calls, PlanResult, SegmentTask, StepProgress } from './compute/messages.ts';
import { ComputeThread } from './compute/thread.ts';
import { endJob, failLost, failureOf, isDeterministic } from './endings.ts';
import type { ErrorListener } from './errors.ts';
import type { TaskData, TaskKind } from './flow.ts';
import { TaskInputs } from './inputs.ts';
import { isOutage, outlast } from './outage.ts';
import { afterTask, beforeTask, ProgressRecorder } from './progress.ts';
import type { QueueWorker, TakenTask } from './queue/queue.ts';
import type { Runtime } from './runtime.ts';
import type { JobTask } from './service.ts';
import type { JobChange, StoredJob } from './store/job-rows.ts';
import type { PartTable } from './store/schema.ts';
import { HEARTBEAT_MILLISECONDS } from './store/workers.ts';

/** A task goes to another worker when its own has been silent for so long. */
const LOCK_MILLISECONDS = 10_000;
/** How often a worker looks whether its job has been cancelled. */
const WATCH_MILLISECONDS = 200;

/** How often a task is begun, when those who work on it die. */
const MOST_BEGINS = 20;

/** What a task works on. */
interface Work {
  readonly stored: StoredJob;
  readonly data: TaskData;
  readonly inputs: TaskInputs;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StepProgress) => void;
  readonly onError: (error: unknown) => void;
}

/** What a task has made, and how it changes the job. */
interface Made {
  readonly change: JobChange;
  readonly parts?: readonly Omit<PartTable, 'job_id'>[];
  /** A segment was made from its start. */
  readonly fromStart?: boolean;
  /** The job has its receipt. */
  readonly isLast?: boolean;
}

export class JobWorker {
  readonly #runtime: Runtime;
  readonly #compute: ComputeThread;
  readonly #onError: ErrorListener;
  readonly #queueWorker: QueueWorker;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #steps: Readonly<Record<TaskKind, (work: Work) => Promise<Made>>> = {
    execute: (work) => this.#execute(work),
    whole: (work) => this.#whole(work),
    commit: (work) => this.#commit(work),
    challenge: (work) => this.#challenge(work),
    prove: (work) => this.#prove(work),
    finish: (work) => this.#finish(work),
  };

  constructor(runtime: Runtime, onError: ErrorListener) {
    const { threads, workerName: name } = runtime.config;
    this.#runtime = runtime;
    this.#onError = onError;
    this.#compute = new ComputeThread(threads);
    const settings = { name, concurrency: 1, lockMilliseconds: LOCK_MILLISECONDS };
    this.#queueWorker = runtime.queue.work((task) => this.#handle(task), settings);
    const beat = (): void => void runtime.workers.seen(name).catch((error) => onError(error));
    this.#heartbeat = setInterval(beat, HEARTBEAT_MILLISECONDS);
    beat();
  }

  /** Takes no more tasks; gives back the one it has, if it does not end in time. */
  async close(milliseconds: number): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#queueWorker.close(milliseconds);
    await this.#compute.close();
    await this.#runtime.workers
      .gone(this.#runtime.config.workerName)
      .catch((error) => this.#onError(error));
  }

  async #handle(task: TakenTask): Promise<void> {
    const data = task.data as TaskData;
    const kind = task.kind as TaskKind;
    const about = { job: data.job, task: task.id };
    const onError = (error: unknown): void => this.#onError(error, about);
    const startedAt = Date.now();
    const stored = await outlast(() => this.#begin(data, kind, startedAt), task.signal, onError);
    if (stored === undefined) return;
    const ended = this.#watch(data.job, onError);
    const signal = AbortSignal.any([task.signal, ended.signal]);
    const progress = new ProgressRecorder(this.#runtime.jobs, stored, data, kind, onError);
    try {
      const work = { stored, data, signal, onProgress: progress.report, onError };
      const made = await outlast(() => this.#make(kind, work), signal, onError);
      await progress.close();
      await outlast(() => this.#keep(task, data, startedAt, made), signal, onError);
    } catch (error) {
      await progress.close();
      if (ended.signal.aborted) return;
      await this.#fail(task, data, error, onError);
    } finally {
      ended.stop();
    }
  }

  /** Undefined where the job has ended. */
  async #begin(data: TaskData, kind: TaskKind, startedAt: number): Promise<StoredJob | undefined> {
    const { jobs } = this.#runtime;
    const begin = (job: StoredJob): JobChange => beforeTask(job, kind, data.segment);
    await jobs.change(data.job, ['running'], begin, 'progress');
    const begun = (job: StoredJob): JobChange => ({ ...begin(job), state: 'running', startedAt });
    await jobs.change(data.job, ['queued'], begun);
    const stored = await jobs.find(data.job);
    if (stored === undefined || stored.job.endedAt !== undefined) return undefined;
    const isTooOften = Object.values(stored.underWay).some(({ begun }) => begun > MOST_BEGINS);
    if (!isTooOften) return stored;
    await failLost(this.#runtime, data.job);
    return undefined;
  }

  async #make(kind: TaskKind, work: Omit<Work, 'inputs'>): Promise<Made> {
    const { stored, data, signal, onError } = work;
    const parts = await this.#runtime.parts.of(data.job);
    const from = { runtime: this.#runtime, compute: this.#compute, stored, parts, signal, onError };
    return await this.#steps[kind]({ ...work, inputs: new TaskInputs(from) });
  }

  async #put(bytes: Uint8Array, { signal, onError }: Work): Promise<string> {
    return await outlast(() => this.#runtime.blobs.put(bytes), signal, onError);
  }

  /** Aborts when the job has ended. */
  #watch(
    id: string,
    onError: (error: unknown) => void,
  ): { readonly signal: AbortSignal; stop(): void } {
    const controller = new AbortController();
    const look = async (): Promise<void> => {
      const stored = await this.#runtime.jobs.find(id);
      if (stored?.job.endedAt !== undefined) controller.abort();
    };
    let isLooking = false;
    const timer = setInterval(async () => {
      if (isLooking) return;
      isLooking = true;
      // Of an outage tells what the task waits for.
      await look().catch((error) => isOutage(error) || onError(error));
      isLooking = false;
    }, WATCH_MILLISECONDS);
    return { signal: controller.signal, stop: () => clearInterval(timer) };
  }

  async #keep(task: TakenTask, data: TaskData, startedAt: number, made: Made): Promise<void> {
    const { config, jobs, parts } = this.#runtime;
    const { change, parts: added = [], fromStart = false, isLast = false } = made;
    const kind = task.kind === 'whole' ? 'prove' : (task.kind as JobTask['kind']);
    const attempt = task.attempt;
    const timing = { kind, segment: data.segment, worker: config.workerName };
    const done = {
      ...{ ...timing, startedAt, endedAt: Date.now(), attempt },
      ...(fromStart && { fromStart }),
    };
    for (const part of added) await parts.add({ ...part, job_id: data.job });
    const whole = { ...change, task: done };
    const changed = (job: StoredJob): JobChange => ({ ...whole, ...afterTask(job, whole) });
    if (isLast) await endJob(this.#runtime, data.job, { ...whole, state: 'succeeded' });
    else await jobs.change(data.job, ['running'], changed, 'task');
  }

  /** Ends the job where trying again is no use; throws to be tried again. */
  async #fail(
    task: TakenTask,
    data: TaskData,
    error: unknown,
    onError: (error: unknown) => void,
  ): Promise<void> {
    if (task.signal.aborted) throw error;
    if (!isDeterministic(error)) {
      onError(error);
      if (!task.last) throw error;
    }
    const end = (): Promise<unknown> => endJob(this.#runtime, data.job, failureOf(error));
    await outlast(end, task.signal, onError);
  }

  async #execute(work: Work): Promise<Made> {
    const { inputs, signal, onProgress } = work;
    const task = await inputs.plan();
    const { result, stages } = await this.#compute.call('plan', task, { signal, onProgress });
    const { plan, journal, exitCode, cycles, segments, starts } = result;
    const parts = await this.#keepStarts(starts, work);
    parts.push({ kind: 'plan', segment: 0, sha256: await this.#put(plan, work) });
    return {
      parts,
      change: {
        ...{ stages, cycles, segments, outcome: { kind: 'exit', code: exitCode } },
        journal: await this.#put(journal, work),
      },
    };
  }

  async #whole(work: Work): Promise<Made> {
    const { inputs, signal, onProgress } = work;
    const task = await inputs.plan();
    const proved = await this.#compute.call('whole', task, { signal, onProgress });
    return await this.#finished(proved, 1, work);
  }

  async #commit(work: Work): Promise<Made> {
    const { inputs, data, signal, onProgress } = work;
    const task = await inputs.commit(data.segment);
    const made = await this.#compute.call('commit', task, { signal, onProgress });
    return await this.#madeOfSegment('header', task, made, work);
  }

  async #challenge(work: Work): Promise<Made> {
    const { inputs, signal, onProgress } = work;
    const task = await inputs.challenge();
    const { result, stages } = await this.#compute.call('challenge', task, { signal, onProgress });
    const sha256 = await this.#put(result, work);
    return { parts: [{ kind: 'challenge', segment: 0, sha256 }], change: { stages } };
  }

  async #prove(work: Work): Promise<Made> {
    const { inputs, data, signal, onProgress } = work;
    const task = await inputs.prove(data.segment);
    const made = await this.#compute.call('prove', task, { signal, onProgress });
    return await this.#madeOfSegment('proof', task, made, work);
  }

  async #finish(work: Work): Promise<Made> {
    const { stored, inputs, signal, onProgress } = work;
    const task = await inputs.finish();
    const finished = await this.#compute.call('finish', task, { signal, onProgress });
    return await this.#finished(finished, stored.segments ?? 0, work);
  }

  async #madeOfSegment(
    kind: 'header' | 'proof',
    { segment, start }: SegmentTask,
    { result, stages }: Calls['commit']['result'],
    work: Work,
  ): Promise<Made> {
    const { bytes, refusal } = result;
    if (refusal !== undefined) work.onError(new Error(`${refusal}; it was done without`));
    const sha256 = await this.#put(bytes, work);
    return {
      ...{ parts: [{ kind, segment, sha256 }], change: { stages } },
      fromStart: start !== undefined && refusal === undefined,
    };
  }

  /** Keeps where segments start, as far as there is room: no step needs it. */
  async #keepStarts(
    starts: PlanResult['starts'],
    { onError }: Work,
  ): Promise<Omit<PartTable, 'job_id'>[]> {
    const parts: Omit<PartTable, 'job_id'>[] = [];
    try {
      for (const { number, bytes } of starts) {
        const sha256 = await this.#runtime.starts.put(bytes);
        parts.push({ kind: 'start', segment: number, sha256 });
      }
    } catch (error) {
      onError(error);
    }
    return parts;
  }

  async #finished(
    { result, stages }: Calls['finish']['result'],
    segments: number,
    work: Work,
  ): Promise<Made> {
    const { receipt, cells, interactions, securityBits } = result;
    return {
      isLast: true,
      change: {
        stages,
        receipt: { sha256: await this.#put(receipt, work), bytes: receipt.length },
        statistics: { segments, cells, interactions, securityBits },
        progress: { stage: 'verify', segment: 0, segments, proved: segments, done: 1 },
      },
    };
  }
}
