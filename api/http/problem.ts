/** Errors as RFC 9457 has them, with a closed set of codes. */
import { SERVICE_ERRORS, type ServiceError, type ServiceErrorCode } from '../service/service.ts';

/** What is wrong with a request before the service has seen it. */
const HTTP_ERRORS = {
  'auth/missing': 401,
  'auth/invalid': 401,
  'http/body': 400,
  'http/path': 400,
  'http/not-found': 404,
  'http/method': 405,
  'http/too-large': 413,
  'http/content-type': 415,
  'http/range': 416,
  'http/host': 421,
  'http/rate': 429,
  'http/internal': 500,
  'http/closing': 503,
} as const;

export type ProblemCode = ServiceErrorCode | keyof typeof HTTP_ERRORS;

const STATUS: Readonly<Record<ProblemCode, number>> = { ...SERVICE_ERRORS, ...HTTP_ERRORS };
export const PROBLEM_CODES = Object.keys(STATUS) as readonly ProblemCode[];

/** What each code means, whatever the request. */
export const TITLES: Readonly<Record<ProblemCode, string>> = {
  'auth/missing': 'The request has no API key',
  'auth/invalid': 'The API key is unknown, has expired or was revoked',
  'blob/unknown': 'The service has no bytes with this digest',
  'http/body': 'The body cannot be read',
  'http/closing': 'The server is shutting down',
  'http/content-type': 'The body has another content type than the operation takes',
  'http/host': 'The server does not answer for this host name',
  'http/internal': 'The server has a fault',
  'http/method': 'The path has no such method',
  'http/not-found': 'There is nothing at this path',
  'http/path': 'The path cannot be decoded',
  'http/range': 'The range lies outside the receipt',
  'http/rate': 'Too many requests in this time',
  'http/too-large': 'The body is too large',
  'idempotency/other-request': 'The idempotency key was used for another request',
  'job/unknown': 'There is no such job',
  'key/unknown': 'There is no API key with this id',
  'limit/cycles': 'The run takes more cycles than are allowed',
  'program/invalid': 'The file is no program for this machine',
  'program/unknown': 'The service does not have this program',
  'queue/full': 'The queue is full',
  'quota/exceeded': 'The API key has reached its quota',
  'receipt/unknown': 'The service has no such receipt',
  'request/invalid': 'The request is not as the document says',
  'scope/missing': 'The API key may not do this',
  'service/closing': 'The service is shutting down',
  'storage/full': 'The service has no room for more bytes',
};

/** Where in a request something is wrong, and what. */
export interface RequestFault {
  /** As `body/priority`, `query/limit`. */
  readonly at: string;
  readonly message: string;
}

/** A request that the service never sees. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ProblemCode;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly RequestFault[];

  constructor(
    code: ProblemCode,
    message: string,
    remedy: string,
    more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly faults?: readonly RequestFault[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.remedy = remedy;
    this.headers = more.headers ?? {};
    this.faults = more.faults ?? [];
  }
}

/** The body of `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly remedy: string;
  readonly requestId: string;
  readonly errors?: readonly RequestFault[];
}

export function problemOf(error: HttpError | ServiceError, requestId: string): Problem {
  const { code, message, remedy } = error;
  const errors = 'faults' in error && error.faults.length > 0 ? error.faults : undefined;
  return {
    type: `/docs#${anchor(code)}`,
    title: TITLES[code],
    status: statusOf(code),
    detail: message,
    ...{ code, remedy, requestId },
    ...(errors && { errors }),
  };
}

export function statusOf(code: ProblemCode): number {
  return STATUS[code];
}

/** The section of the page `/docs` that explains a code. */
export function anchor(code: ProblemCode): string {
  return code.replace('/', '-');
}
