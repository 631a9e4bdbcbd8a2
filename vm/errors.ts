const DOCS = 'docs/errors.md';

/** Base of every error that the machine throws: a stable code, what happened, what to do. */
export abstract class VmError extends Error {
  /** Stable identifier, e.g. `elf/segment-overlap`. */
  readonly code: string;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  protected constructor(code: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.docs = `${DOCS}#${code.replace('/', '-')}`;
  }
}

/** What is wrong with an ELF file. */
export type ElfErrorCode =
  | 'elf/truncated'
  | 'elf/magic'
  | 'elf/class'
  | 'elf/byte-order'
  | 'elf/version'
  | 'elf/type'
  | 'elf/machine'
  | 'elf/flags'
  | 'elf/header'
  | 'elf/dynamic'
  | 'elf/segment-bounds'
  | 'elf/segment-size'
  | 'elf/segment-address'
  | 'elf/segment-flags'
  | 'elf/segment-overlap'
  | 'elf/no-code'
  | 'elf/entry'
  | 'elf/too-large';

/** The ELF file cannot be loaded. */
export class ElfError extends VmError {
  override readonly name = 'ElfError';
  declare readonly code: ElfErrorCode;
  /** Header field at fault, as the ELF specification names it: `e_machine`, `p_vaddr[2]`. */
  readonly field: string;
  /** Value found there. */
  readonly value: number | string;

  constructor(
    code: ElfErrorCode,
    field: string,
    value: number | string,
    problem: string,
    remedy: string,
  ) {
    const shown = typeof value === 'number' ? `0x${value.toString(16)}` : value;
    super(code, `${problem} (${field} = ${shown})`, remedy);
    this.field = field;
    this.value = value;
  }
}

/** A limit that a run can reach. */
export type LimitErrorCode =
  | 'limit/cycles'
  | 'limit/segments'
  | 'limit/memory'
  | 'limit/journal'
  | 'limit/public-input'
  | 'limit/private-input';

/** The run needs more than it was allowed. */
export class LimitError extends VmError {
  override readonly name = 'LimitError';
  declare readonly code: LimitErrorCode;
  readonly limit: number;

  constructor(code: LimitErrorCode, limit: number, message: string, remedy: string) {
    super(code, message, remedy);
    this.limit = limit;
  }
}

/** An option has a value outside its range. */
export class OptionError extends VmError {
  override readonly name = 'OptionError';

  constructor(option: string, value: unknown, expected: string) {
    super(
      'option/range',
      `${option} is ${String(value)}, expected ${expected}`,
      `pass ${expected}`,
    );
  }
}
