/** Nobody gets a receipt that the verifier refuses. */
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  type ExpectedProgram,
  type ParameterSet,
  programId,
  riscvMachine,
  type VerifiedRun,
} from '@vouch/verifier';
import type { Statement } from '../../prover/index.ts';
import { ProveError } from './errors.ts';
import type { ProvableProgram } from './program.ts';
import { verifyOnThreads } from './verifier-threads.ts';

/** What the prover knows of a run. */
export interface KnownRun {
  readonly program: ProvableProgram;
  readonly mode: Statement['mode'];
  readonly parameters: ParameterSet;
  readonly publicInput: Uint8Array;
  readonly exitCode: number;
  readonly journal: Uint8Array;
  readonly cycles: number;
}

/**
 * What the verifier says of a receipt, if that is what the prover knows.
 *
 * @throws ProveError `prove/self-check`
 */
export async function selfCheck(
  receipt: Uint8Array,
  known: KnownRun,
  threads: number,
): Promise<VerifiedRun> {
  const { publicInput, exitCode, parameters, journal, cycles } = known;
  const { securityBits: minSecurityBits } = parameters;
  const program = expectedProgram(known);
  let run: VerifiedRun | undefined;
  let cause: unknown;
  try {
    const expected = { program, publicInput, exitCode, minSecurityBits };
    run = await verifyOnThreads([receipt], expected, threads);
  } catch (error) {
    cause = error;
  }
  const isSame =
    run !== undefined && run.cycles === cycles && bytesToHex(run.journal) === bytesToHex(journal);
  if (run !== undefined && isSame) return run;
  throw new ProveError(
    'prove/self-check',
    `the receipt was refused by the prover's own verifier${cause instanceof Error ? `: ${cause.message}` : ''}`,
    'this is a fault of vouch: please report it with the program',
    { cause },
  );
}

/** What a verifier pins, in hexadecimal digits: the program's id, or the digest where there is none. */
export function pinnedId({ mode, program }: Pick<KnownRun, 'mode' | 'program'>): string {
  return bytesToHex(
    mode.kind === 'id' ? programId(riscvMachine(), mode.commitment) : program.statement.digest,
  );
}

function expectedProgram({ mode, program }: KnownRun): ExpectedProgram {
  return mode.kind === 'id'
    ? { kind: 'id', id: programId(riscvMachine(), mode.commitment) }
    : { kind: 'program', ...program.statement };
}
