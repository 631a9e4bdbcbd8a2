import { VerificationError, type VerifiedRun } from '@vouch/verifier';
import { Command } from 'commander';
import { verify } from '../proving/verify.ts';
import { EXIT_INVALID, EXIT_OK } from './exit-code.ts';
import { checkOutput, checkSingleStdin, readElf, receiptPieces, writeOutput } from './files.ts';
import { INPUT_HELP, inputOf, journalFields } from './guest-run.ts';
import { remedyOf } from './remedies.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { grouped, journalText } from './text.ts';
import { UsageError } from './usage-error.ts';
import { parseBits, parseExitCode } from './values.ts';

interface VerifyCommandOptions {
  readonly program: string;
  readonly publicInput?: string;
  readonly exitCode: string;
  readonly minSecurity: string;
  readonly journal?: string;
  readonly json?: boolean;
}

/** `vouch verify`: checks a receipt. */
export function verifyCommand(): Command {
  return new Command('verify')
    .argument('<receipt>', 'receipt to verify, - for stdin')
    .description('verify a receipt; the journal that it proves goes to stdout')
    .requiredOption('--program <id|elf>', 'the program: its id (64 digits) or its ELF file')
    .option('--public-input <input>', 'the public input of the run (default: empty)')
    .option('--exit-code <code>', 'the exit code of the run', '0')
    .option('--min-security <bits>', 'least provable bits of security', '120')
    .option('--journal <file>', 'write the journal as it is to a file, - for stdout')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `${INPUT_HELP}

Exit codes: 0 the receipt is valid, 1 internal error, 2 wrong usage, 3 the receipt is not valid.

Example:
  vouch verify hello.receipt --program "$(vouch program-id guests/hello/hello.elf)"`,
    )
    .action(verifyAction);
}

async function verifyAction(path: string, options: VerifyCommandOptions): Promise<void> {
  checkSingleStdin([path, options.program, options.publicInput]);
  if (options.json && options.journal === '-') {
    const problem = '--json and --journal both write to stdout';
    throw new UsageError('usage/stdout', problem, 'write the journal to a file');
  }
  if (options.journal !== undefined) await checkOutput('--journal', options.journal);
  const exitCode = parseExitCode('--exit-code', options.exitCode);
  const minSecurityBits = parseBits('--min-security', options.minSecurity);
  const reporter = reporterFor(options.json === true);
  const publicInput = await inputOf('--public-input', options.publicInput);
  const program = await programOf(options.program);
  const start = performance.now();
  let run: VerifiedRun;
  try {
    run = await verify(receiptPieces(path), { program, publicInput, exitCode, minSecurityBits });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    process.exitCode = EXIT_INVALID;
    const { check, message, details, docs } = error;
    const remedy = remedyOf(error);
    reporter.error({ message: `the receipt is not valid: ${message}`, remedy });
    const failure = { code: check, message, remedy, docs, details: printableDetails(details) };
    reporter.result({ ...commandFields('verify', EXIT_INVALID), valid: false, error: failure });
    return;
  }
  const milliseconds = performance.now() - start;
  if (options.journal !== undefined) await writeOutput('--journal', options.journal, run.journal);
  else if (run.journal.length > 0) reporter.data(journalText(run.journal));
  reporter.stage(
    'verify',
    `valid: exit code ${run.exitCode}, ${grouped(run.cycles)} cycles, ` +
      `${run.securityBits.toFixed(1)} provable bits (${run.parameters}), ${milliseconds.toFixed(0)} ms`,
  );
  const { journal, ...fields } = run;
  reporter.result({
    ...commandFields('verify', EXIT_OK),
    ...{ valid: true, ...fields, exitCode: EXIT_OK, outcome: { kind: 'exit', code: run.exitCode } },
    journal: journalFields(journal),
    milliseconds: Math.round(milliseconds),
  });
}

/** An id as it is, a file's bytes. */
async function programOf(text: string): Promise<string | Uint8Array> {
  const remedy = 'give a program id of 64 hexadecimal digits, or the path of an ELF file';
  return /^[0-9a-f]{64}$/i.test(text) ? text : await readElf(text, remedy);
}

function printableDetails(details: VerificationError['details']): object {
  const entries = Object.entries(details);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]),
  );
}
