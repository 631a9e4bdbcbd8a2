/** Request ids, one log line for each request, and its time. */
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Caller } from '../service/service.ts';
import type { Metrics } from './metrics.ts';

/** What the handlers tell the log. */
interface Locals {
  readonly requestId: string;
  route?: string;
  caller?: Caller;
  error?: unknown;
}

export function localsOf(response: Response): Locals {
  return response.locals as Locals;
}

/** Gives each request an id, or takes that of a proxy in front. Headers and bodies are never logged. */
export function observe(logger: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const requestId = requestIdOf(request);
    response.locals = { requestId };
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      const { route, caller, error } = localsOf(response);
      const { statusCode: status } = response;
      const milliseconds = Math.round(performance.now() - start);
      const { method, path } = request;
      const location = response.getHeader('Location');
      const isStream = response.getHeader('Content-Type') === 'text/event-stream';
      if (!isStream) metrics.observe(method, route ?? 'other', status, milliseconds / 1000);
      const line = {
        ...{ requestId, method, path, status, milliseconds, key: caller?.key },
        ...(location !== undefined && { location }),
        ...(!response.writableFinished && { aborted: true }),
        ...(error !== undefined && { err: error }),
      };
      if (status >= 500) logger.error(line, 'request');
      else logger.info(line, 'request');
    });
    next();
  };
}

function requestIdOf(request: Request): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
