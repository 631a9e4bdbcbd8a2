/** What the service's surroundings can do to it: configuration and storage. */

export type ConfigErrorCode =
  /** A value cannot be read, or is outside its range. */
  | 'config/value'
  /** The file has a key that there is not. */
  | 'config/unknown-key'
  /** The file cannot be read, or is not JSON. */
  | 'config/file'
  /** Two values contradict each other. */
  | 'config/conflict'
  /** The server cannot listen at its address. */
  | 'config/address';

export type StorageErrorCode =
  /** Another process uses the data directory. */
  | 'storage/locked'
  /** The database or the queue does not answer. */
  | 'storage/unreachable'
  /** A file has other contents than its name says. */
  | 'storage/damaged'
  /** A file cannot be read or written. */
  | 'storage/file'
  /** The database has a newer schema than this version knows. */
  | 'storage/newer-schema';

/** What becomes of errors that no caller waits for; with the ids of the job and the task, if they are of one. */
export type ErrorListener = (
  error: unknown,
  about?: { readonly job: string; readonly task: string },
) => void;

abstract class ExplainedError<Code extends string> extends Error {
  readonly code: Code;
  /** What the user can do about it. */
  readonly remedy: string;
  /** Where the error is explained. */
  readonly docs: string;

  constructor(code: Code, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.remedy = remedy;
    this.docs = `docs/errors.md#${code.replace('/', '-')}`;
  }
}

/** The service cannot start with this configuration. */
export class ConfigError extends ExplainedError<ConfigErrorCode> {
  override readonly name = 'ConfigError';
}

/** Files or databases cannot be used. */
export class StorageError extends ExplainedError<StorageErrorCode> {
  override readonly name = 'StorageError';
}

/** @param cause what the system says about the file */
export function unusableFile(path: string, cause: unknown): StorageError {
  return new StorageError(
    'storage/file',
    `${path} cannot be used: ${cause instanceof Error ? cause.message : cause}`,
    'see to the permissions and the disk of the data directory',
    cause,
  );
}
