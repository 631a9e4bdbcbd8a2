#!/usr/bin/env node
import { VerificationError } from '@vouch/verifier';
import { Command, CommanderError } from 'commander';
import { buildCommand } from './build.ts';
import { demoCommand } from './demo.ts';
import { disassembleCommand } from './disassemble.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, exitCodeOf } from './exit-code.ts';
import { inspectCommand } from './inspect.ts';
import { keyCommand } from './key.ts';
import { profileCommand } from './profile.ts';
import { programIdCommand } from './program-id.ts';
import { proveCommand } from './prove.ts';
import { remedyOf, withFlags } from './remedies.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { verifyCommand } from './verify.ts';
import { version } from './version.ts';
import { workerCommand } from './worker.ts';

const parameters = process.argv.slice(2);
// A reader that has seen enough closes the pipe: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
try {
  await createProgram().parseAsync(parameters, { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
}

function createProgram(): Command {
  const program = new Command('vouch')
    .description('Proves that a RISC-V program ran as claimed.')
    .version(version(), '-V, --version')
    .addHelpText(
      'after',
      '\nExample:\n  vouch prove guests/hello/hello.elf --private-input text:Ada -o hello.receipt',
    );
  const commands = [
    proveCommand(),
    verifyCommand(),
    inspectCommand(),
    programIdCommand(),
    runCommand(),
    profileCommand(),
    disassembleCommand(),
    buildCommand(),
    demoCommand(),
    serveCommand(),
    workerCommand(),
    keyCommand(),
    doctorCommand(),
  ];
  for (const command of commands) {
    program.addCommand(command);
    throwErrors(command, `vouch ${command.name()}`);
  }
  program.showHelpAfterError('(vouch --help lists the commands)').exitOverride();
  return program;
}

/** A command and its parts throw errors instead of ending the process, and point to their help. */
function throwErrors(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help says how to use it)`).exitOverride();
  for (const part of command.commands) throwErrors(part, `${path} ${part.name()}`);
}

/** Tells people and programs why the command failed; returns the exit code. */
function report(error: unknown): number {
  const json = parameters.includes('--json');
  const reporter = reporterFor(json);
  if (error instanceof CommanderError) {
    // Help and the version have exit code 0; commander has already written what it has to say.
    if (error.exitCode === 0) return EXIT_OK;
    reporter.result(failure(EXIT_USAGE, { code: 'usage/arguments', message: error.message }));
    return EXIT_USAGE;
  }
  const exitCode = exitCodeOf(error);
  const { code, message, remedy, docs } = describe(error, exitCode);
  reporter.error({ message, remedy });
  reporter.result(failure(exitCode, { code, message, remedy, docs }));
  return exitCode;
}

interface Description {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly docs?: string | undefined;
}

function describe(error: unknown, exitCode: number): Description {
  if (exitCode === EXIT_INTERRUPTED) return { code: 'interrupted', message: 'interrupted' };
  if (exitCode === EXIT_INTERNAL) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: 'internal', message, remedy: 'this is a fault of vouch: please report it' };
  }
  if (error instanceof VerificationError) {
    const { check: code, message, docs } = error;
    return {
      code,
      message: `the receipt cannot be read: ${message}`,
      remedy: remedyOf(error),
      docs,
    };
  }
  const { code, message, remedy, docs } = error as Description;
  return { code, message: withFlags(message), remedy: remedy && withFlags(remedy), docs };
}

function failure(exitCode: number, error: Description): object {
  return { ...commandFields(parameters[0] ?? '', exitCode), error };
}
