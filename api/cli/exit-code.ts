import { VerificationError } from '@vouch/verifier';
import { ProverError } from '../../prover/index.ts';
import { LimitError, VmError } from '../../vm/index.ts';
import { ProveError, type ProveErrorCode, WorkDirectoryError } from '../proving/errors.ts';
import { ConfigError, StorageError } from '../service/errors.ts';
import { ServiceError } from '../service/service.ts';
import { UsageError } from './usage-error.ts';

/** What the process's exit code says. */
export const EXIT_OK = 0;
/** Vouch itself failed. */
export const EXIT_INTERNAL = 1;
/** The command line, or a file that it names, cannot be used. */
export const EXIT_USAGE = 2;
/** A receipt is not to be believed. */
export const EXIT_INVALID = 3;
/** The guest trapped or exited with a code other than 0. */
export const EXIT_GUEST = 4;
/** The guest or the prover reached a limit. */
export const EXIT_LIMIT = 5;
/** The database or the queue does not answer (`EX_UNAVAILABLE` of sysexits.h). */
export const EXIT_UNAVAILABLE = 69;
/** Interrupted by SIGINT: 128 + 2. */
export const EXIT_INTERRUPTED = 130;

/** The exit code for a command that threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof VerificationError) return EXIT_INVALID;
  if (error instanceof ProveError) return PROVE_EXIT_CODES[error.code];
  if (error instanceof WorkDirectoryError) return EXIT_USAGE;
  if (error instanceof ConfigError) return EXIT_USAGE;
  if (error instanceof StorageError) {
    return error.code === 'storage/unreachable' ? EXIT_UNAVAILABLE : EXIT_USAGE;
  }
  if (error instanceof ServiceError) return EXIT_USAGE;
  if (error instanceof ProverError && error.code.startsWith('memory/')) return EXIT_LIMIT;
  if (error instanceof LimitError) return EXIT_LIMIT;
  if (error instanceof VmError) return EXIT_USAGE;
  if (error instanceof Error && error.name === 'AbortError') return EXIT_INTERRUPTED;
  return EXIT_INTERNAL;
}

const PROVE_EXIT_CODES: Readonly<Record<ProveErrorCode, number>> = {
  'prove/trap': EXIT_GUEST,
  'prove/too-long': EXIT_LIMIT,
  'prove/memory': EXIT_LIMIT,
  'prove/tables': EXIT_LIMIT,
  'prove/self-check': EXIT_INTERNAL,
};
