/** Waiting for a database that is away and for room on a full disk: neither is a failure of a job. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from './service.ts';

/** Milliseconds between two tries: the first, doubled after each, and the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** SQLSTATE classes: connection, rolled back, short of resources, shut down, system error. */
const PASSING_STATE = /^(?:(?:08|40|53|58)[0-9A-Z]{3}|57P[0-9A-Z]{2})$/;
/** What `pg` says without a code of a connection that it has lost. */
const LOST_CONNECTION = /^Connection terminated|not queryable|^timeout/;
/** What the system says of a server that is away. Other codes, as `ERR_...` of Node.js, are faults. */
const AWAY: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'],
]);

/** Whether a call failed because of something that passes, however long it takes. */
export function isOutage(error: unknown): boolean {
  if (error instanceof ServiceError) return error.code === 'storage/full';
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return LOST_CONNECTION.test(error.message);
  return PASSING_STATE.test(code) || AWAY.has(code);
}

/**
 * Does something again, later each time, as long as it fails for an outage.
 *
 * @param onWait told why it waits
 * @throws what the task throws otherwise; AbortError when the signal is aborted
 */
export async function outlast<T>(
  task: () => Promise<T>,
  signal: AbortSignal,
  onWait: (error: unknown) => void,
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await task();
    } catch (error) {
      if (!isOutage(error)) throw error;
      onWait(error);
      await sleep(pause, undefined, { signal });
    }
  }
}
