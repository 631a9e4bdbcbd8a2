/** A worker: takes tasks from the queue, lets its compute thread do them, and keeps what they make. */

import type { Calls, PlanResult, SegmentTask, StepProgress } from './compute/messages.ts';
import { ComputeThread } from './compute/thread.ts';
import { advance } from './dispatcher.ts';
import { endJob, failureOf, isDeterministic } from './endings.ts';
import type { TaskData, TaskKind } from './flow.ts';
import { TaskInputs } from './inputs.ts';
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

/** What a task works on. */
interface Work {
  readonly stored: StoredJob;
  readonly data: TaskData;
  readonly inputs: TaskInputs;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StepProgress) => void;
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
  readonly #onError: (error: unknown) => void;
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

  constructor(runtime: Runtime, onError: (error: unknown) => void) {
    const { threads, workerName: name } = runtime.config;
    this.#runtime = runtime;
    this.#onError = onError;
    this.#compute = new ComputeThread(threads);
    const settings = { name, concurrency: 1, lockMilliseconds: LOCK_MILLISECONDS };
    this.#queueWorker = runtime.queue.work((task) => this.#handle(task), settings);
    const beat = (): void => void runtime.workers.seen(name).catch(onError);
    this.#heartbeat = setInterval(beat, HEARTBEAT_MILLISECONDS);
    beat();
  }

  /** Takes no more tasks; gives back the one it has, if it does not end in time. */
  async close(milliseconds: number): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#queueWorker.close(milliseconds);
    await this.#compute.close();
    await this.#runtime.workers.gone(this.#runtime.config.workerName).catch(this.#onError);
  }

  async #handle(task: TakenTask): Promise<void> {
    const { jobs, parts } = this.#runtime;
    const data = task.data as TaskData;
    const startedAt = Date.now();
    const kind = task.kind as TaskKind;
    const begin = (job: StoredJob): JobChange => beforeTask(job, kind, data.segment);
    await jobs.change(data.job, ['running'], begin, 'progress');
    const begun = (job: StoredJob): JobChange => ({ ...begin(job), state: 'running', startedAt });
    await jobs.change(data.job, ['queued'], begun);
    const stored = await jobs.find(data.job);
    if (stored === undefined || stored.job.endedAt !== undefined) return;
    const ended = this.#watch(data.job);
    const progress = new ProgressRecorder(jobs, stored, data, kind, this.#onError);
    try {
      const signal = AbortSignal.any([task.signal, ended.signal]);
      const inputs = new TaskInputs({
        ...{ runtime: this.#runtime, compute: this.#compute, onError: this.#onError },
        ...{ stored, parts: await parts.of(data.job), signal },
      });
      const work = { stored, data, inputs, signal, onProgress: progress.report };
      const made = await this.#steps[kind](work);
      await progress.close();
      await this.#keep(task, data, startedAt, made);
    } catch (error) {
      await progress.close();
      await this.#fail(task, data, error, ended.signal.aborted);
    } finally {
      ended.stop();
    }
  }

  /** Aborts when the job has ended. */
  #watch(id: string): { readonly signal: AbortSignal; stop(): void } {
    const controller = new AbortController();
    const look = async (): Promise<void> => {
      const stored = await this.#runtime.jobs.find(id);
      if (stored?.job.endedAt !== undefined) controller.abort();
    };
    const timer = setInterval(() => void look().catch(this.#onError), WATCH_MILLISECONDS);
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
    else if (await jobs.change(data.job, ['running'], changed, 'task')) {
      if (kind === 'execute' || kind === 'challenge') await advance(this.#runtime, data.job);
    }
  }

  /** Ends the job where trying again is no use; throws to be tried again. */
  async #fail(task: TakenTask, data: TaskData, error: unknown, ended: boolean): Promise<void> {
    if (ended) return;
    if (task.signal.aborted) throw error;
    if (!isDeterministic(error)) {
      this.#onError(error);
      if (!task.last) throw error;
    }
    await endJob(this.#runtime, data.job, failureOf(error));
  }

  async #execute({ inputs, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.plan();
    const { result, stages } = await this.#compute.call('plan', task, { signal, onProgress });
    const { plan, journal, exitCode, cycles, segments, starts } = result;
    const parts = await this.#keepStarts(starts);
    parts.push({ kind: 'plan', segment: 0, sha256: await this.#runtime.blobs.put(plan) });
    return {
      parts,
      change: {
        ...{ stages, cycles, segments, outcome: { kind: 'exit', code: exitCode } },
        journal: await this.#runtime.blobs.put(journal),
      },
    };
  }

  async #whole({ inputs, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.plan();
    const proved = await this.#compute.call('whole', task, { signal, onProgress });
    return await this.#finished(proved, 1);
  }

  async #commit({ inputs, data, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.commit(data.segment);
    const made = await this.#compute.call('commit', task, { signal, onProgress });
    return await this.#madeOfSegment('header', task, made);
  }

  async #challenge({ inputs, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.challenge();
    const { result, stages } = await this.#compute.call('challenge', task, { signal, onProgress });
    const sha256 = await this.#runtime.blobs.put(result);
    return { parts: [{ kind: 'challenge', segment: 0, sha256 }], change: { stages } };
  }

  async #prove({ inputs, data, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.prove(data.segment);
    const made = await this.#compute.call('prove', task, { signal, onProgress });
    return await this.#madeOfSegment('proof', task, made);
  }

  async #finish({ stored, inputs, signal, onProgress }: Work): Promise<Made> {
    const task = await inputs.finish();
    const finished = await this.#compute.call('finish', task, { signal, onProgress });
    return await this.#finished(finished, stored.segments ?? 0);
  }

  async #madeOfSegment(
    kind: 'header' | 'proof',
    { segment, start }: SegmentTask,
    { result, stages }: Calls['commit']['result'],
  ): Promise<Made> {
    const { bytes, refusal } = result;
    if (refusal !== undefined) this.#onError(new Error(`${refusal}; it was done without`));
    const sha256 = await this.#runtime.blobs.put(bytes);
    return {
      ...{ parts: [{ kind, segment, sha256 }], change: { stages } },
      fromStart: start !== undefined && refusal === undefined,
    };
  }

  /** Keeps where segments start, as far as there is room: no step needs it. */
  async #keepStarts(starts: PlanResult['starts']): Promise<Omit<PartTable, 'job_id'>[]> {
    const parts: Omit<PartTable, 'job_id'>[] = [];
    try {
      for (const { number, bytes } of starts) {
        const sha256 = await this.#runtime.starts.put(bytes);
        parts.push({ kind: 'start', segment: number, sha256 });
      }
    } catch (error) {
      this.#onError(error);
    }
    return parts;
  }

  async #finished({ result, stages }: Calls['finish']['result'], segments: number): Promise<Made> {
    const { receipt, cells, interactions, securityBits } = result;
    return {
      isLast: true,
      change: {
        stages,
        receipt: { sha256: await this.#runtime.blobs.put(receipt), bytes: receipt.length },
        statistics: { segments, cells, interactions, securityBits },
        progress: { stage: 'verify', segment: 0, segments, proved: segments, done: 1 },
      },
    };
  }
}
