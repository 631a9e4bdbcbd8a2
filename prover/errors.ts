/** What stopped the prover. */
export type ProverErrorCode =
  /** No shared memory of any size can be had. */
  | 'memory/unavailable'
  /** The memory has no room for a region. */
  | 'memory/exhausted'
  /** A kernel failed: its arguments were wrong. */
  | 'pool/job'
  /** A worker thread did not start, crashed or stopped. */
  | 'pool/worker'
  /** The pool was closed. */
  | 'pool/closed'
  /** A segment's tables are not those that were committed to. */
  | 'segment/changed';

/** The prover could not go on, for a reason that lies outside the statement to prove. */
export class ProverError extends Error {
  override readonly name = 'ProverError';
  readonly code: ProverErrorCode;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  constructor(code: ProverErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}
