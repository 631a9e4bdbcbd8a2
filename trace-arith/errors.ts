/** The definition of a machine breaks a rule: a mistake in the source of a chip. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  /** Chip at fault. */
  readonly chip: string;

  constructor(chip: string, problem: string) {
    super(`chip ${chip}: ${problem}`);
    this.chip = chip;
  }
}

/** Why a recorded segment has no tables. */
export type FillErrorCode =
  | 'trace/no-program-row'
  | 'trace/segment-order'
  | 'trace/host-call'
  | 'trace/heap-too-large'
  | 'trace/too-many-rows';

const OTHER_RECORD = 'fill the tables from the record, and the program, that `record` made';
const LESS = 'let the program use less of this, or do its work in several runs';
const REMEDIES: Readonly<Record<FillErrorCode, string>> = {
  'trace/no-program-row': OTHER_RECORD,
  'trace/segment-order': 'give one filler all segments of one run, in their order',
  'trace/host-call': OTHER_RECORD,
  'trace/heap-too-large': LESS,
  'trace/too-many-rows': LESS,
};

/** A recorded segment cannot be turned into tables. */
export class FillError extends Error {
  override readonly name = 'FillError';
  readonly code: FillErrorCode;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  constructor(code: FillErrorCode, problem: string) {
    super(problem);
    this.code = code;
    this.remedy = REMEDIES[code];
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}
