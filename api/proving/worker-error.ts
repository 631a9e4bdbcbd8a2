/** Errors on their way from one thread to another, which would lose their class. */
import { ProverError, type ProverErrorCode } from '../../prover/index.ts';
import type { MessageKind } from '../messages/envelope.ts';
import { ProveError, type ProveErrorCode, StepError, type StepErrorCode } from './errors.ts';

export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
  /** Of a StepError. */
  readonly kind?: MessageKind | undefined;
  readonly stack?: string | undefined;
}

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { code, remedy } = error as Partial<ProveError>;
  const { name, message, stack } = error;
  const kind = error instanceof StepError ? error.kind : undefined;
  return { ...{ name, message, stack, kind }, ...(code && { code }), ...(remedy && { remedy }) };
}

/** The error; its cause is what the other thread knows of it. */
export function unpackError(packed: PackedError): Error {
  const { name, message, code = '', remedy = '', stack, kind } = packed;
  if (name === 'ProveError') {
    return new ProveError(code as ProveErrorCode, message, remedy, { cause: stack });
  }
  if (name === 'ProverError') {
    return new ProverError(code as ProverErrorCode, message, remedy, stack);
  }
  if (name === 'StepError') {
    return new StepError(code as StepErrorCode, message, { cause: stack, ...(kind && { kind }) });
  }
  return new Error(`${name}: ${message}`, { cause: stack });
}
