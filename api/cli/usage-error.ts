/** The command line, or a file that it names, cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Stable identifier, e.g. `usage/file`. */
  readonly code: `usage/${string}`;
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  constructor(code: `usage/${string}`, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}
