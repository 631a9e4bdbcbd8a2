import { Command } from 'commander';
import { loadProgram, programId as programDigest } from '../../vm/index.ts';
import { programId } from '../proving/prove.ts';
import { EXIT_OK } from './exit-code.ts';
import { readElf } from './files.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';

interface ProgramIdOptions {
  readonly digest?: boolean;
  readonly json?: boolean;
}

/** `vouch program-id`: what a verifier pins. */
export function programIdCommand(): Command {
  return new Command('program-id')
    .argument('<elf>', 'program, - for stdin')
    .description('print the id of a program that verifiers pin; symbols do not matter')
    .option(
      '--digest',
      'print the SHA-256 of the loaded program instead, which no machine is part of',
    )
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText('after', '\nExample:\n  vouch program-id guests/hello/hello.elf')
    .action(async (elf: string, options: ProgramIdOptions) => {
      const reporter = reporterFor(options.json === true);
      const program = loadProgram(await readElf(elf));
      const digest = programDigest(program);
      const id = options.digest ? {} : { programId: await programId(program) };
      reporter.data(`${id.programId ?? digest}\n`);
      reporter.result({ ...commandFields('program-id', EXIT_OK), ...id, digest });
    });
}
