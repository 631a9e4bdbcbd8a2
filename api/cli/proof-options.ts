/** Options of the commands that prove, or say what a proof takes. */
import { type Command, Option } from 'commander';
import type {
  ProgramMode,
  ProofOptions,
  ProverOptions,
  SecurityLevel,
} from '../proving/options.ts';
import type { PreparedGuest } from './guest-run.ts';
import { parseBytes, parseCount } from './values.ts';

export interface ProofCommandOptions {
  readonly security: SecurityLevel;
  readonly programMode: ProgramMode;
  readonly threads?: string;
  readonly segmentCycles?: string;
  readonly maxProverMemory?: string;
}

/** Adds the options that `proofOptions` understands. */
export function addProofOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--security <level>', 'S120: 120 provable bits; S100: 100 bits, quicker')
        .choices(['S120', 'S100'])
        .default('S120'),
    )
    .addOption(
      new Option(
        '--program-mode <mode>',
        'id: verified with an id; program: only with the ELF file',
      )
        .choices(['id', 'program'])
        .default('id'),
    )
    .option('--threads <count>', "threads (default: the processor's cores)")
    .option(
      '--segment-cycles <count>',
      'most cycles of a segment: 500000, 1M (default: as many as fit the memory, at most 2097152)',
    )
    .option(
      '--max-prover-memory <bytes>',
      'most memory for the proof (default: 3G for a segment, if there is so much)',
    );
}

/** Throws UsageError for what cannot be read. */
export function proofOptions(
  { options: run }: PreparedGuest,
  options: ProofCommandOptions,
): ProofOptions & ProverOptions {
  const { security, programMode, threads, segmentCycles, maxProverMemory } = options;
  const { publicInput, privateInput, limits } = run;
  const memory = maxProverMemory && parseBytes('--max-prover-memory', maxProverMemory);
  return {
    ...(publicInput && { publicInput }),
    ...(privateInput && { privateInput }),
    ...{ security, programMode },
    ...(threads && { threads: parseCount('--threads', threads) }),
    ...(segmentCycles && { segmentCycles: parseCount('--segment-cycles', segmentCycles) }),
    limits: { ...limits, ...(memory && { proverBytes: memory }) },
  };
}
