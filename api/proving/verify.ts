import {
  type ExpectedProgram,
  inspectReceipt,
  type VerifiedRun,
  verify as verifyReceipt,
} from '@vouch/verifier';
import type { Program } from '../../vm/index.ts';
import { provableProgram } from './program.ts';
import { programId } from './prove.ts';

export interface VerificationOptions {
  /** The program's id in 64 hexadecimal digits, the ELF file, or the loaded program. */
  readonly program: string | Uint8Array | Program;
  /** Default: empty. */
  readonly publicInput?: Uint8Array;
  /** Default 0. */
  readonly exitCode?: number;
  /** Default 120. */
  readonly minSecurityBits?: number;
}

/**
 * Verifies that a program, run on the public input and some private one, ended with the exit code and
 * wrote the journal that is returned. With an id nothing of the program is needed; with a program its
 * id is computed first where the receipt has one.
 *
 * @throws VerificationError naming the failed check; ElfError; RangeError for impossible options
 */
export async function verify(
  receipt: Uint8Array,
  { program, ...options }: VerificationOptions,
): Promise<VerifiedRun> {
  const expected = typeof program === 'string' ? program : await expectedProgram(receipt, program);
  return verifyReceipt(receipt, { ...options, program: expected });
}

/** The program in the way in which the receipt names one. */
async function expectedProgram(
  receipt: Uint8Array,
  program: Uint8Array | Program,
): Promise<string | ExpectedProgram> {
  const { mode } = inspectReceipt(receipt).claim.program;
  if (mode === 'id') return await programId(program);
  return { kind: 'program', ...provableProgram(program).statement };
}
