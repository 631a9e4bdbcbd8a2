import type { ExpectedProgram, VerifiedRun } from '@vouch/verifier';
import type { Program } from '../../vm/index.ts';
import { checkedThreads, type ProverOptions } from './options.ts';
import { provableProgram } from './program.ts';
import { programId } from './prove.ts';
import { verifyOnThreads } from './verifier-threads.ts';

export interface VerificationOptions extends ProverOptions {
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
 * id is computed first where the receipt has one. A receipt of several segments is verified on several
 * threads, in the memory of some segments: it can be a stream.
 *
 * @param receipt its bytes, or pieces of them
 * @throws VerificationError naming the failed check; ElfError; OptionError; RangeError for impossible
 *   options; what the stream throws
 */
export async function verify(
  receipt: Uint8Array | AsyncIterable<Uint8Array>,
  { program, threads: count, ...options }: VerificationOptions,
): Promise<VerifiedRun> {
  const parallel = checkedThreads(count === undefined ? {} : { threads: count });
  const source = receipt instanceof Uint8Array ? [receipt] : receipt;
  const expected =
    typeof program === 'string'
      ? program
      : (mode: 'id' | 'program'): Promise<string | ExpectedProgram> =>
          expectedProgram(mode, program);
  return await verifyOnThreads(source, { ...options, program: expected }, parallel);
}

/** The program in the way in which the receipt names one. */
async function expectedProgram(
  mode: 'id' | 'program',
  program: Uint8Array | Program,
): Promise<string | ExpectedProgram> {
  if (mode === 'id') return await programId(program);
  return { kind: 'program', ...provableProgram(program).statement };
}
