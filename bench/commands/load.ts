/** `bench load`: a service under more jobs than it can prove. */
import { Command } from 'commander';
import { readGuestElf } from '../../guests/index.ts';
import { describeEnvironment, environmentText } from '../environment.ts';
import { type LoadOptions, loadTable, measureLoad } from '../load.ts';
import { chosenGuests, count } from './common.ts';

/** The guest that is proved. */
const PROGRAM = 'hello';

export function loadCommand(): Command {
  return new Command('load')
    .description('a service with the embedded database under more small jobs than it can prove')
    .option('--seconds <count>', 'for how long jobs are submitted', count, 60)
    .option('--clients <count>', 'clients that submit at the same time', count, 8)
    .option('--waiting <count>', 'jobs that may wait', count, 50)
    .option('--json', 'one JSON value')
    .action(async ({ json, ...options }: LoadOptions & { readonly json?: boolean }) => {
      const [guest] = await chosenGuests([PROGRAM]);
      if (guest === undefined) throw new Error(`there is no guest ${PROGRAM}`);
      const report = await measureLoad(await readGuestElf(guest), options);
      const environment = await describeEnvironment();
      if (json)
        process.stdout.write(`${JSON.stringify({ type: 'load', environment, ...report })}\n`);
      else process.stdout.write(`${environmentText(environment)}\n\n${loadTable(report)}`);
      process.exitCode = report.failed > 0 ? 1 : 0;
    });
}
