import { Command } from 'commander';
import {
  Profiler,
  profileTable,
  type Statistics,
  StatisticsCollector,
  speedscope,
  textTable,
} from '../../vm/index.ts';
import { estimate, type ProofEstimate } from '../proving/estimate.ts';
import type { ProofOptions, ProverOptions } from '../proving/options.ts';
import { estimateFields, estimateSummary } from './estimate.ts';
import { checkOutput, writeOutput } from './files.ts';
import {
  addGuestOptions,
  type GuestOptions,
  type GuestRun,
  guestExitCode,
  INPUT_HELP,
  prepareGuest,
  reportFailure,
  runFields,
  runGuest,
  summary,
} from './guest-run.ts';
import { interruptSignal } from './interrupt.ts';
import { addProofOptions, type ProofCommandOptions, proofOptions } from './proof-options.ts';
import { type Reporter, reporterFor } from './reporter.ts';
import { commandFields, topFunctions } from './result.ts';
import { grouped, journalText } from './text.ts';
import { UsageError } from './usage-error.ts';

const TOP_FUNCTIONS = 20;

interface RunOptions extends GuestOptions, ProofCommandOptions {
  readonly estimate?: boolean;
  readonly journal?: string;
  readonly profile?: string | true;
  readonly stats?: boolean;
  readonly json?: boolean;
}

/** `vouch run`: executes a program without a proof. */
export function runCommand(): Command {
  const command = new Command('run').argument('<elf>', 'program to run, - for stdin');
  return addProofOptions(addGuestOptions(command))
    .description('execute a program without proving it; its journal goes to stdout')
    .option('--journal <file>', 'write the journal as it is to a file, - for stdout')
    .option(
      '--profile [file]',
      'show where the cycles went, or write it for speedscope; comes after <elf>',
    )
    .option('--stats', 'show what the instructions were')
    .option('--estimate', 'show what a proof with the options of `vouch prove` would take')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `${INPUT_HELP}

Exit codes: 0 ok, 1 internal error, 2 wrong usage, 4 the guest trapped or failed,
5 limit exceeded, 130 interrupted.

Example:
  vouch run guests/hello/hello.elf --private-input text:Ada --profile
  vouch run guests/hello/hello.elf --private-input text:Ada --estimate`,
    )
    .action(run);
}

async function run(elf: string, options: RunOptions): Promise<void> {
  await checkOptions(options);
  const reporter = reporterFor(options.json === true);
  const guest = await prepareGuest(elf, options);
  const profiler = options.profile === undefined ? undefined : new Profiler(guest.program);
  const collector = options.stats ? new StatisticsCollector(guest.program) : undefined;
  const observers = [profiler, collector].filter((observer) => observer !== undefined);
  const proof = proofOptions(guest, options);
  const run = await runGuest(guest, reporter, observers);
  const exitCode = guestExitCode(run.execution.outcome);
  process.exitCode = exitCode;
  await writeJournal(run, options, reporter);
  const profile = profiler?.finish();
  const statistics = collector?.finish();
  if (profile !== undefined && typeof options.profile === 'string') {
    const file = JSON.stringify(speedscope(profile, elf));
    await writeOutput('--profile', options.profile, file);
  }
  reportFailure(run, reporter);
  reporter.stage('execute', summary(run));
  if (profile !== undefined) reporter.show(profileTable(profile, TOP_FUNCTIONS));
  if (statistics !== undefined) reporter.show(statisticsTable(statistics));
  const estimated = options.estimate ? await estimateOf(run, proof, reporter) : undefined;
  reporter.result({
    ...commandFields('run', exitCode),
    ...runFields(run),
    ...(estimated && { estimate: estimateFields(estimated) }),
    ...(profile && { profile: topFunctions(profile, TOP_FUNCTIONS) }),
    ...(statistics && { statistics }),
  });
}

/** Undefined if the guest trapped: then there is nothing to prove. */
async function estimateOf(
  { program, execution }: GuestRun,
  options: ProofOptions & ProverOptions,
  reporter: Reporter,
): Promise<ProofEstimate | undefined> {
  if (execution.outcome.kind === 'trap') return undefined;
  const found = await estimate(program, { ...options, signal: interruptSignal() });
  reporter.stage('estimate', estimateSummary(found));
  return found;
}

async function checkOptions(options: RunOptions): Promise<void> {
  const { journal, profile } = options;
  if (options.json && (journal === '-' || profile === '-')) {
    const problem = '--json and another option both write to stdout';
    throw new UsageError('usage/stdout', problem, 'write the other to a file');
  }
  if (journal === '-' && profile === '-') {
    const problem = '--journal and --profile both write to stdout';
    throw new UsageError('usage/stdout', problem, 'write one of them to a file');
  }
  if (journal !== undefined) await checkOutput('--journal', journal);
  if (typeof profile === 'string') await checkOutput('--profile', profile);
}

/** The journal goes to its file as it is; without one, to stdout in a form for people. */
async function writeJournal(run: GuestRun, options: RunOptions, reporter: Reporter): Promise<void> {
  const { journal } = run.execution;
  if (options.journal !== undefined) {
    await writeOutput('--journal', options.journal, journal);
  } else if (journal.length > 0 && options.profile !== '-') {
    reporter.data(journalText(journal));
  }
}

function statisticsTable(statistics: Statistics): string {
  const rows = Object.entries(statistics.classes).map(([name, cycles]) => [
    grouped(cycles),
    `${((100 * cycles) / Math.max(1, statistics.cycles)).toFixed(1)}%`,
    name,
    statistics.operations
      .filter((operation) => operation.class === name)
      .map((operation) => `${operation.name} ${grouped(operation.cycles)}`)
      .join(', '),
  ]);
  return textTable(['cycles', '', 'class', 'operations'], rows, 2);
}
