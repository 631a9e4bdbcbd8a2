import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { type CompileOptions, type CompilerKind, compileGuest } from '../../guests/index.ts';
import { EXIT_OK } from './exit-code.ts';
import { checkOutput } from './files.ts';
import { interruptSignal } from './interrupt.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { UsageError } from './usage-error.ts';

interface BuildOptions {
  readonly output: string;
  readonly O: NonNullable<CompileOptions['optimisation']>;
  readonly D: readonly string[];
  readonly compiler?: CompilerKind;
  readonly json?: boolean;
}

/** `vouch build`: compiles C sources with the SDK. */
export function buildCommand(): Command {
  return new Command('build')
    .argument('<sources...>', 'C and assembler files')
    .description('compile C sources and the guest SDK into a program')
    .requiredOption('-o, --output <file>', 'ELF file to write')
    .addOption(
      new Option('-O <level>', 'optimisation').choices(['0', '1', '2', '3', 's']).default('2'),
    )
    .option('-D <name[=value]>', 'define a macro; may be repeated', collect, [])
    .addOption(
      new Option('--compiler <kind>', 'default: gcc if installed, else clang').choices([
        'gcc',
        'clang',
      ]),
    )
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `
The sources include vouch.h: read_input, read_public_input, write_output, debug_printf.

Example:
  vouch build guests/hello/main.c -o hello.elf -O2 -DGREETING=1`,
    )
    .action(build);
}

async function build(sources: string[], options: BuildOptions): Promise<void> {
  const reporter = reporterFor(options.json === true);
  for (const source of sources) await checkSource(source);
  await checkOutput('--output', options.output);
  const { compiler, warnings } = await compileGuest({
    sources,
    output: options.output,
    optimisation: options.O,
    defines: Object.fromEntries(options.D.map(parseDefinition)),
    signal: interruptSignal(),
    ...(options.compiler && { compiler: options.compiler }),
  });
  if (warnings !== '') reporter.show(`${warnings}\n`);
  reporter.stage('build', `${options.output} by ${compiler.command} ${compiler.version}`);
  reporter.result({
    ...commandFields('build', EXIT_OK),
    output: options.output,
    compiler,
    warnings,
  });
}

async function checkSource(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  const problem = found === undefined ? 'does not exist' : 'is not a file';
  throw new UsageError('usage/file', `source ${path} ${problem}`, 'give the path of a C file');
}

function parseDefinition(text: string): readonly [string, string | true] {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name !== undefined) return [name, value ?? true];
  throw new UsageError('usage/define', `-D${text} defines no macro`, 'give -DNAME or -DNAME=value');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
