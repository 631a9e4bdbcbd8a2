import type { Job } from '../service/service.ts';

/** What went wrong between client and server. */
export type ClientErrorCode =
  /** The server does not answer, or not completely, however often it is asked. */
  | 'client/unreachable'
  /** The answer is not one that a server of Vouch gives. */
  | 'client/protocol'
  /** The bytes are not those that were asked for. */
  | 'client/digest'
  /** The answer has more bytes than it may. */
  | 'client/too-large'
  /** The job ended without a receipt. */
  | 'client/job';

/** The client cannot do what was asked of it. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;
  /** With `client/job`. */
  readonly job: Job | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    remedy: string,
    more: { readonly cause?: unknown; readonly job?: Job } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
    this.job = more.job;
  }
}

/** The server has refused a request: `application/problem+json` as an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** From the closed set of the API's document. */
  readonly code: string;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;
  /** Leads to the server's log. */
  readonly requestId: string;
  /** Where the request is wrong, with `request/invalid`. */
  readonly errors: readonly { readonly at: string; readonly message: string }[];
  /** Seconds after which the server wants to be asked again, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Readonly<Record<string, unknown>>, retryAfter?: number) {
    super(String(problem.detail ?? problem.title ?? `status ${status}`));
    this.status = status;
    this.code = String(problem.code ?? 'unknown');
    this.remedy = String(problem.remedy ?? '');
    this.docs = `docs/errors.md#${this.code.replace('/', '-')}`;
    this.requestId = String(problem.requestId ?? '');
    this.errors = (problem.errors ?? []) as ApiError['errors'];
    this.retryAfter = retryAfter;
  }
}
