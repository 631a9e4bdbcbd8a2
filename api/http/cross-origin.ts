import type { RequestHandler } from 'express';

const REQUEST_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, Prefer, Last-Event-ID, Range, If-None-Match';
const ANSWER_HEADERS = 'Location, Retry-After, ETag, Link, X-Request-Id, Content-Range';

/**
 * Which pages of other origins may read answers. Where keys are required a page can do only what its
 * key allows, so all may. Without keys a page could use the service of whoever looks at it: it may
 * read receipts only, whose names nobody can guess.
 */
export function answerCrossOrigin(keys: boolean): RequestHandler {
  return (request, response, next) => {
    const isReceipt = request.path.startsWith('/v1/receipts/');
    if (!keys && !isReceipt) {
      next();
      return;
    }
    response.set({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': ANSWER_HEADERS,
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.set({
      'Access-Control-Allow-Methods': keys ? 'GET, HEAD, POST, DELETE' : 'GET, HEAD',
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': '600',
    });
    response.status(204).end();
  };
}
