import { basename } from 'node:path';
import { Command } from 'commander';
import { ProveError } from '../proving/errors.ts';
import type { ProofOptions, ProverOptions } from '../proving/options.ts';
import { PROOF_STAGES, type ProofProgress } from '../proving/progress.ts';
import { prove } from '../proving/prove.ts';
import type { ProvedRun } from '../proving/prover.ts';
import { EXIT_GUEST, EXIT_OK } from './exit-code.ts';
import { checkOutput, writeOutput } from './files.ts';
import {
  addGuestOptions,
  type GuestOptions,
  INPUT_HELP,
  journalFields,
  type PreparedGuest,
  prepareGuest,
  reportTrap,
  trapFields,
} from './guest-run.ts';
import { interruptSignal } from './interrupt.ts';
import { addProofOptions, type ProofCommandOptions, proofOptions } from './proof-options.ts';
import { type Pace, type Reporter, reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { byteSize, grouped, journalText } from './text.ts';
import { UsageError } from './usage-error.ts';
import { parseCount } from './values.ts';

interface ProveOptions extends GuestOptions, ProofCommandOptions {
  readonly output: string;
  readonly parallelSegments?: string;
  readonly workDir?: string;
  readonly json?: boolean;
}

/** `vouch prove`: runs a program and writes a receipt. */
export function proveCommand(): Command {
  const command = new Command('prove').argument('<elf>', 'program to prove, - for stdin');
  return addProofOptions(addGuestOptions(command))
    .description('run a program and prove that it ran; its journal goes to stdout')
    .requiredOption('-o, --output <file>', 'write the receipt to a file, - for stdout')
    .option(
      '--parallel-segments <count>',
      'prove so many segments at a time, each in memory of its own; for many cores (default: 1)',
    )
    .option('--work-dir <folder>', 'keep finished segments here; a proof that was stopped goes on')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `${INPUT_HELP}

The receipt has been verified when the command ends. It is not zero-knowledge yet: see the README.

Exit codes: 0 ok, 1 internal error, 2 wrong usage, 4 the guest trapped, or exited with another code
than 0 (which the receipt proves), 5 limit exceeded, 130 interrupted.

Example:
  vouch prove guests/hello/hello.elf --private-input text:Ada -o hello.receipt`,
    )
    .action(proveAction);
}

async function proveAction(elf: string, options: ProveOptions): Promise<void> {
  await checkOutput('--output', options.output);
  if (options.json && options.output === '-') {
    const problem = '--json and --output both write to stdout';
    throw new UsageError('usage/stdout', problem, 'write the receipt to a file');
  }
  const reporter = reporterFor(options.json === true);
  const guest = await prepareGuest(elf, options);
  const { parallelSegments, workDir } = options;
  const proved = await runProof(guest, reporter, {
    ...proofOptions(guest, options),
    ...(parallelSegments && {
      parallelSegments: parseCount('--parallel-segments', parallelSegments),
    }),
    ...(workDir && { workDirectory: workDir }),
  });
  if (proved === undefined) return;
  await writeOutput('--output', options.output, proved.receipt);
  report(proved, elf, options, guest, reporter);
}

/** Undefined if the guest trapped, which is reported. */
async function runProof(
  guest: PreparedGuest,
  reporter: Reporter,
  options: ProofOptions & ProverOptions,
): Promise<ProvedRun | undefined> {
  const pace = paceMeter();
  try {
    return await prove(guest.program, {
      ...options,
      signal: interruptSignal(),
      onDebug: (text) => reporter.debug(text),
      onProgress: (progress) => {
        reporter.bar('prove', stageLabel(progress), progress.done, pace(progress));
      },
    });
  } catch (error) {
    if (!(error instanceof ProveError) || error.trap === undefined) throw error;
    process.exitCode = EXIT_GUEST;
    reportTrap(guest.program, error.trap, reporter);
    const outcome = trapFields(guest.program, error.trap);
    reporter.result({ ...commandFields('prove', EXIT_GUEST), outcome });
    return undefined;
  }
}

function stageLabel({ stage, segment, segments }: ProofProgress): string {
  return segments > 1 && segment > 0 ? `segment ${segment} of ${segments}: ${stage}` : stage;
}

/** How the proof goes, by the share that is done; undefined in the first seconds. */
function paceMeter(): (progress: ProofProgress) => Pace | undefined {
  const start = performance.now();
  return ({ cycles, done }) => {
    const seconds = (performance.now() - start) / 1000;
    if (seconds < 2 || done <= 0) return undefined;
    return {
      secondsLeft: (seconds * (1 - done)) / done,
      cyclesPerSecond: (done * cycles) / seconds,
      peakBytes: 1024 * process.resourceUsage().maxRSS,
    };
  };
}

function report(
  proved: ProvedRun,
  elf: string,
  options: ProveOptions,
  guest: PreparedGuest,
  reporter: Reporter,
): void {
  const { receipt, programId, journal, exitCode: code, cycles, stats } = proved;
  const exitCode = code === 0 ? EXIT_OK : EXIT_GUEST;
  process.exitCode = exitCode;
  const shown = options.output === '-' ? '-' : options.output;
  if (options.output !== '-' && journal.length > 0) reporter.data(journalText(journal));
  const seconds = stats.milliseconds / 1000;
  const speed = cycles < 1e5 ? '' : ` (${(cycles / 1000 / seconds).toFixed(1)} kHz)`;
  const segments = stats.segments === 1 ? '' : `${stats.segments} segments, `;
  reporter.stage(
    'prove',
    `exit code ${code}, ${grouped(cycles)} cycles in ${seconds.toFixed(1)} s${speed}, ${segments}` +
      `${stats.threads} thread${stats.threads === 1 ? '' : 's'}, ${byteSize(roundUp(stats.peakBytes))}`,
  );
  reporter.stage(
    'receipt',
    `${byteSize(receipt.length)}, ${stats.securityBits.toFixed(1)} provable bits, verified`,
  );
  if (options.programMode === 'id') reporter.stage('program id', programId);
  if (code !== 0) reporter.error({ message: `the guest exited with code ${code}` });
  const publicInput = guest.options.publicInput?.length
    ? ` --public-input ${options.publicInput}`
    : '';
  const program = options.programMode === 'id' ? programId : elf;
  const exit = code === 0 ? '' : ` --exit-code ${code}`;
  const minimum = options.security === 'S120' ? '' : ' --min-security 100';
  reporter.say(
    `verify it: vouch verify ${shown} --program ${program}${publicInput}${exit}${minimum}`,
  );
  const { estimatedBytes: _, stages, ...numbers } = stats;
  reporter.result({
    ...commandFields('prove', exitCode),
    ...{ outcome: { kind: 'exit', code }, journal: journalFields(journal), cycles, programId },
    receipt: { bytes: receipt.length, file: options.output },
    parameters: options.security,
    ...{ ...numbers, processBytes: 1024 * process.resourceUsage().maxRSS },
    stages: Object.fromEntries(
      PROOF_STAGES.flatMap((stage) => {
        const found = stages.find((time) => time.stage === stage);
        return found === undefined ? [] : [[stage, Math.round(found.milliseconds)]];
      }),
    ),
    program: basename(elf),
  });
}

/** Bytes in whole MiB. */
function roundUp(bytes: number): number {
  return 2 ** 20 * Math.ceil(bytes / 2 ** 20);
}
