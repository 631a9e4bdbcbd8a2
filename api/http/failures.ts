/** Turns whatever a handler throws into a problem. */
import type { ErrorRequestHandler } from 'express';
import { ServiceError } from '../service/service.ts';
import { localsOf } from './observe.ts';
import { HttpError, problemOf } from './problem.ts';

export const answerFailure: ErrorRequestHandler = (error, _request, response, _next) => {
  const known = knownError(error);
  const locals = localsOf(response);
  if (known.code === 'http/internal') locals.error = error;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = problemOf(known, locals.requestId);
  if (known instanceof HttpError) response.set(known.headers);
  else if (known.retryAfter !== undefined) {
    response.set('Retry-After', String(Math.ceil(known.retryAfter)));
  }
  for (const header of ['ETag', 'Accept-Ranges', 'Content-Disposition', 'Preference-Applied']) {
    response.removeHeader(header);
  }
  response.set('Cache-Control', 'no-store').status(problem.status);
  response.type('application/problem+json').send(JSON.stringify(problem));
};

function knownError(error: unknown): HttpError | ServiceError {
  if (error instanceof HttpError || error instanceof ServiceError) return error;
  const { type, status, message } = error as {
    readonly type?: string;
    readonly status?: number;
    readonly message?: string;
  };
  if (error instanceof URIError) {
    return new HttpError('http/path', 'the path is not percent-encoded UTF-8', 'encode it', {
      cause: error,
    });
  }
  if (type === 'entity.too.large') {
    const { limit } = error as { readonly limit?: number };
    return new HttpError(
      'http/too-large',
      `the body has more than ${limit} bytes`,
      'upload inputs to /v1/blobs, and name them by their digest',
    );
  }
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    const remedy = 'send the body in UTF-8 and without Content-Encoding';
    return new HttpError('http/content-type', String(message), remedy);
  }
  if (type !== undefined && status === 400) {
    return new HttpError('http/body', `the body cannot be read: ${message}`, 'send it again');
  }
  return new HttpError(
    'http/internal',
    'the request could not be answered',
    'try again later; the id of the request leads to the log of the server',
    { cause: error },
  );
}
