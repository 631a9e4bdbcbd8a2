import type { Program } from '../../vm/index.ts';
import type { ProofOptions, ProverOptions } from './options.ts';
import { type ProvedRun, startProver } from './prover.ts';

/**
 * Runs a program, proves that it ran, and verifies the receipt. Starts threads and stops them again;
 * for several proofs, start a prover once: `startProver`.
 *
 * @param program a loaded program or an ELF file
 * @throws as `startProver` and `Prover.prove`
 * @example
 * const { receipt, programId, journal } = await prove(elf, { privateInput });
 */
export async function prove(
  program: Program | Uint8Array,
  options: ProofOptions & ProverOptions = {},
): Promise<ProvedRun> {
  const { threads, ...proofOptions } = options;
  const prover = await startProver({ ...(threads !== undefined && { threads }) });
  try {
    return await prover.prove(program, proofOptions);
  } finally {
    await prover.close();
  }
}

/**
 * The id of a program, in 64 hexadecimal digits: what a light client pins. It is the hash of a
 * commitment to the program's tables and of the machine's digest; takes about half a second.
 *
 * @param program a loaded program or an ELF file
 * @throws ElfError, ProverError
 */
export async function programId(
  program: Program | Uint8Array,
  options: ProverOptions = {},
): Promise<string> {
  const prover = await startProver(options);
  try {
    return await prover.programId(program);
  } finally {
    await prover.close();
  }
}
