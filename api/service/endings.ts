/** How jobs end without a receipt. */
import { ComputeError, ComputeLostError } from './compute/thread.ts';
import { StorageError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { type Job, type JobFailure, ServiceError } from './service.ts';
import type { JobChange } from './store/job-rows.ts';

/** Failures that another attempt would only repeat, by the first word of their code. */
const DETERMINISTIC = ['prove', 'limit', 'elf', 'option', 'trace', 'step', 'receipt'];

const DEADLINE: JobFailure = {
  code: 'job/deadline',
  message: 'the proof was not done by its deadline',
  remedy: 'give it more time, a smaller run, or a higher priority',
};

const LOST: JobFailure = {
  code: 'job/worker-lost',
  message: 'the process that worked on the job ended, again and again',
  remedy: 'see whether its memory is short: smaller segments (segmentCycles) take less',
};

/** Undefined if the job has ended already. */
export async function endJob(
  { jobs, parts, starts }: Runtime,
  id: string,
  change: JobChange & { readonly state: 'succeeded' | 'failed' | 'cancelled' },
): Promise<Job | undefined> {
  const endedAt = Date.now();
  const job = await jobs.change(id, ['queued', 'running'], { ...change, endedAt });
  if (job === undefined) return undefined;
  for (const sha256 of await parts.removeOf(id)) {
    // What is left over is swept later.
    await starts.remove(sha256).catch(() => {});
  }
  return job;
}

export async function failOverdue(runtime: Runtime): Promise<void> {
  for (const id of await runtime.jobs.overdue(Date.now())) {
    await endJob(runtime, id, { state: 'failed', failure: DEADLINE });
  }
}

export async function failLost(runtime: Runtime, id: string): Promise<void> {
  await endJob(runtime, id, { state: 'failed', failure: LOST });
}

/** Whether the same would happen again. */
export function isDeterministic(error: unknown): boolean {
  if (!(error instanceof ComputeError)) return false;
  const [word = ''] = (error.failure.code ?? '').split('/');
  return DETERMINISTIC.includes(word);
}

/** The change for a job whose task threw. */
export function failureOf(error: unknown): JobChange & { readonly state: 'failed' } {
  if (error instanceof ComputeError) {
    const { code = 'job/internal', message, remedy = REPORT, trap } = error.failure;
    return {
      ...{ state: 'failed', failure: { code, message, remedy } },
      ...(trap && { outcome: { kind: 'trap', trap } }),
    };
  }
  if (error instanceof ComputeLostError) return { state: 'failed', failure: LOST };
  if (error instanceof ServiceError || error instanceof StorageError) {
    const { code, message, remedy } = error;
    return { state: 'failed', failure: { code, message, remedy } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { state: 'failed', failure: { code: 'job/internal', message, remedy: REPORT } };
}

const REPORT = 'this is a fault of vouch: please report it';
