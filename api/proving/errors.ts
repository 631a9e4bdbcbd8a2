import type { Trap } from '../../vm/index.ts';
import type { MessageKind } from '../messages/envelope.ts';

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

/** Why a message between the steps of a proof is refused. */
export type StepErrorCode =
  /** It has another version of the format, or is for another machine. */
  | 'step/version'
  /** It is not as it was written, or no message. */
  | 'step/damaged'
  /** It is a message of another kind. */
  | 'step/kind'
  /** It belongs to another proof: program, inputs, parameters or segments differ. */
  | 'step/other-proof'
  /** It is of another segment. */
  | 'step/number'
  /** There are not as many as segments. */
  | 'step/count'
  /** It is as it was written, but no step writes such contents. */
  | 'step/contents';

const STEP_REMEDIES: Readonly<Record<StepErrorCode, string>> = {
  'step/version': 'let all steps of a proof be made by the same version of vouch',
  'step/damaged': 'fetch it again; if it is lost, make its step again: that gives the same bytes',
  'step/kind': 'give each step what its parameters name',
  'step/other-proof': 'keep the messages of different proofs apart',
  'step/number':
    'give each step the messages of its segment, and lists in the order of the segments',
  'step/count': 'give one message for each segment of the plan, in order',
  'step/contents':
    'make the steps before it again; if that fails too, report it: a computer or vouch has a fault',
};

/** A message between the steps of a proof is not the one that is needed. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly code: StepErrorCode;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;
  /** What the refused message should have been; undefined where it is not about a single one. */
  readonly kind: MessageKind | undefined;

  constructor(
    code: StepErrorCode,
    message: string,
    more: { readonly cause?: unknown; readonly kind?: MessageKind } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.kind = more.kind;
    this.remedy = STEP_REMEDIES[code];
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}
