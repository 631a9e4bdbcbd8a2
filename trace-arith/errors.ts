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

export type FillErrorCode =
  | 'trace/no-program-row'
  | 'trace/not-finished'
  | 'trace/segment-order'
  | 'trace/host-call'
  | 'trace/heap-too-large'
  | 'trace/too-many-rows';

/** A recorded segment cannot be turned into tables. */
export class FillError extends Error {
  override readonly name = 'FillError';
  readonly code: FillErrorCode;

  constructor(code: FillErrorCode, problem: string) {
    super(problem);
    this.code = code;
  }
}
