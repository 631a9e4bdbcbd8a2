import type { Trap } from '../../vm/index.ts';

/** Why a run has no receipt. */
export type ProveErrorCode =
  /** The program trapped: no such run can be proved. */
  | 'prove/trap'
  /** The run has more cycles than one segment holds. */
  | 'prove/too-long'
  /** The proof needs more memory than there is. */
  | 'prove/memory'
  /** The run does not fit the tables of a segment. */
  | 'prove/tables'
  /** The prover's own verifier refused the receipt. */
  | 'prove/self-check';

/** A run cannot be proved. */
export class ProveError extends Error {
  override readonly name = 'ProveError';
  readonly code: ProveErrorCode;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;
  /** With `prove/trap`, what stopped the program. */
  readonly trap: Trap | undefined;

  constructor(
    code: ProveErrorCode,
    message: string,
    remedy: string,
    more: { readonly cause?: unknown; readonly trap?: Trap } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
    this.trap = more.trap;
  }
}

/** Why a folder cannot keep the work of a proof. */
export type WorkDirectoryErrorCode =
  /** It keeps that of another run. */
  | 'work/other-run'
  /** It has files of other kinds. */
  | 'work/not-empty'
  /** A file has other contents than were written. */
  | 'work/damaged'
  /** A file cannot be read or written. */
  | 'work/file';

/** The folder given for a proof's work cannot be used. */
export class WorkDirectoryError extends Error {
  override readonly name = 'WorkDirectoryError';
  readonly code: WorkDirectoryErrorCode;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  constructor(code: WorkDirectoryErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}
