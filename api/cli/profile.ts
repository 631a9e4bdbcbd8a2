import { Command } from 'commander';
import { collapsedStacks, Profiler, profileTable, speedscope } from '../../vm/index.ts';
import { checkOutput, writeOutput } from './files.ts';
import {
  addGuestOptions,
  type GuestOptions,
  guestExitCode,
  INPUT_HELP,
  prepareGuest,
  reportFailure,
  runFields,
  runGuest,
  summary,
} from './guest-run.ts';
import { reporterFor } from './reporter.ts';
import { commandFields, topFunctions } from './result.ts';
import { UsageError } from './usage-error.ts';
import { parseCount } from './values.ts';

interface ProfileOptions extends GuestOptions {
  readonly speedscope?: string;
  readonly collapsed?: string;
  readonly top: string;
  readonly json?: boolean;
}

/** `vouch profile`: executes a program and shows where its cycles went. */
export function profileCommand(): Command {
  return addGuestOptions(new Command('profile').argument('<elf>', 'program to run, - for stdin'))
    .description('execute a program and show the cycles of each function')
    .option('--speedscope <file>', 'write the call tree for https://www.speedscope.app')
    .option('--collapsed <file>', 'write collapsed stacks for flame-graph tools')
    .option('--top <count>', 'functions in the table', '30')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `${INPUT_HELP}

Example:
  vouch profile guests/hello/hello.elf --private-input text:Ada --speedscope hello.json`,
    )
    .action(profile);
}

async function profile(elf: string, options: ProfileOptions): Promise<void> {
  const top = parseCount('--top', options.top);
  const usesStdout = await checkFiles(options);
  const reporter = reporterFor(options.json === true);
  const guest = await prepareGuest(elf, options);
  const profiler = new Profiler(guest.program);
  const run = await runGuest(guest, reporter, [profiler]);
  const exitCode = guestExitCode(run.execution.outcome);
  process.exitCode = exitCode;
  const found = profiler.finish();
  if (options.speedscope !== undefined) {
    const file = JSON.stringify(speedscope(found, elf));
    await writeOutput('--speedscope', options.speedscope, file);
  }
  if (options.collapsed !== undefined) {
    await writeOutput('--collapsed', options.collapsed, collapsedStacks(found));
  }
  reportFailure(run, reporter);
  reporter.stage('execute', summary(run));
  if (!usesStdout) reporter.data(profileTable(found, top));
  reporter.result({
    ...commandFields('profile', exitCode),
    ...runFields(run),
    profile: topFunctions(found, top),
  });
}

/** Whether stdout belongs to one of the files. Throws UsageError. */
async function checkFiles(options: ProfileOptions): Promise<boolean> {
  const files = [
    ['--speedscope', options.speedscope],
    ['--collapsed', options.collapsed],
  ] as const;
  for (const [option, path] of files) {
    if (path !== undefined) await checkOutput(option, path);
  }
  const writers = files.filter(([, path]) => path === '-').length + (options.json ? 1 : 0);
  if (writers > 1) {
    const problem = 'more than one option writes to stdout';
    throw new UsageError('usage/stdout', problem, 'write all but one to files');
  }
  return files.some(([, path]) => path === '-');
}
