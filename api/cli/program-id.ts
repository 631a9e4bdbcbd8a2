import { Command } from 'commander';
import { loadProgram, programId } from '../../vm/index.ts';
import { EXIT_OK } from './exit-code.ts';
import { readElf } from './files.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';

/** `vouch program-id`: what a verifier pins. */
export function programIdCommand(): Command {
  return new Command('program-id')
    .argument('<elf>', 'program, - for stdin')
    .description('print the identifier of a program: what it does, whatever its symbols are')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText('after', '\nExample:\n  vouch program-id guests/hello/hello.elf')
    .action(async (elf: string, options: { readonly json?: boolean }) => {
      const reporter = reporterFor(options.json === true);
      const id = programId(loadProgram(await readElf(elf)));
      reporter.data(`${id}\n`);
      reporter.result({ ...commandFields('program-id', EXIT_OK), programId: id });
    });
}
