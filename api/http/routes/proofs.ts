import type { Job, JobQuery, ProofRequest } from '../../service/service.ts';
import { answer, type Exchange, text } from '../exchange.ts';
import { executionRequest } from './programs.ts';

/** Most seconds that `Prefer: wait` counts. */
const MOST_WAIT = 60;
/** Seconds after which a client asks again. */
const RETRY_AFTER = 1;

export async function submit(exchange: Exchange): Promise<void> {
  const { service, caller, body, parameters, response } = exchange;
  const idempotencyKey = parameters['Idempotency-Key'];
  const { job } = await service.submit(
    executionRequest<ProofRequest>(body),
    caller,
    idempotencyKey === undefined ? {} : { idempotencyKey: String(idempotencyKey) },
  );
  response.location(`/v1/proofs/${job.id}`);
  const found = await waited(exchange, job);
  if (!hasEnded(found)) response.set('Retry-After', String(RETRY_AFTER));
  answer(response, hasEnded(found) ? 200 : 202, found);
}

export async function jobs({ service, caller, parameters, response }: Exchange): Promise<void> {
  const page = await service.jobs(parameters as JobQuery, caller);
  if (page.next !== undefined) {
    const { state, limit } = parameters;
    const query = new URLSearchParams({
      ...(state !== undefined && { state: String(state) }),
      ...(limit !== undefined && { limit: String(limit) }),
      cursor: page.next,
    });
    response.set('Link', `</v1/proofs?${query}>; rel="next"`);
  }
  answer(response, 200, page);
}

export async function job(exchange: Exchange): Promise<void> {
  const { service, caller, response } = exchange;
  const found = await waited(exchange, await service.job(text(exchange, 'id'), caller));
  if (!hasEnded(found)) response.set('Retry-After', String(RETRY_AFTER));
  answer(response, 200, found);
}

export async function cancel(exchange: Exchange): Promise<void> {
  const { service, caller, response } = exchange;
  answer(response, 200, await service.cancel(text(exchange, 'id'), caller));
}

/** The job when it has ended or the seconds that the client prefers to wait have gone. */
async function waited(exchange: Exchange, job: Job): Promise<Job> {
  const { service, caller, parameters, response, signal } = exchange;
  const preferred = /(?:^|[,;\s])wait=(\d{1,9})\s*(?:$|[,;])/.exec(String(parameters.Prefer ?? ''));
  if (preferred === null) return job;
  const seconds = Math.min(Number(preferred[1]), MOST_WAIT);
  response.set('Preference-Applied', `wait=${seconds}`);
  if (hasEnded(job)) return job;
  const enough = AbortSignal.any([signal, AbortSignal.timeout(1000 * seconds)]);
  return await service.ended(job.id, caller, enough);
}

function hasEnded({ state }: Job): boolean {
  return state !== 'queued' && state !== 'running';
}
