/** The log of servers and workers: JSON lines on stderr. */
import type { Logger } from 'pino';
import type { ServiceConfig } from '../service/config.ts';
import type { ErrorListener } from '../service/errors.ts';
import type { Job } from '../service/service.ts';

export interface ServiceLog {
  readonly logger: Logger;
  readonly onError: ErrorListener;
  readonly onJob: (job: Job) => void;
}

export async function openServiceLog({ logLevel }: ServiceConfig): Promise<ServiceLog> {
  const { pino } = await import('pino');
  const logger = pino({ level: logLevel }, pino.destination({ fd: 2, sync: true }));
  return {
    logger,
    onError: (err, about) => logger.error({ err, ...about }, 'background'),
    onJob: (job) => logJob(logger, job),
  };
}

/** Logs that a job was accepted, begins or has ended. */
export function logJob(logger: Pick<Logger, 'info'>, job: Job): void {
  const { id, key, state, createdAt, endedAt, failure } = job;
  if (state === 'queued') logger.info({ job: id, key }, 'job accepted');
  else if (endedAt === undefined) logger.info({ job: id, key }, 'job begins');
  else {
    const ended = { job: id, key, state, milliseconds: endedAt - createdAt };
    logger.info({ ...ended, ...(failure && { code: failure.code }) }, 'job ended');
  }
}
