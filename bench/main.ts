/** `npm run bench`: measures the machine, proofs, and the programs of the papers. */
import { Command } from 'commander';
import { allCommand } from './commands/all.ts';
import { compareCommand } from './commands/compare.ts';
import { kernelsCommand } from './commands/kernels.ts';
import { loadCommand } from './commands/load.ts';
import { pageCommand } from './commands/page.ts';
import { peersCommand } from './commands/peers.ts';
import {
  calibrateCommand,
  estimateCommand,
  proveCommand,
  segmentsCommand,
  startsCommand,
} from './commands/proofs.ts';
import { scalingCommand } from './commands/scaling.ts';
import { speedCommand } from './commands/speed.ts';
import { tableCommand } from './commands/table.ts';
import { walkCommand } from './commands/walk.ts';

const bench = new Command('bench')
  .description('measure the machine, proofs, and the programs of the papers')
  .addHelpText('after', '\nExample:\n  npm run bench -- table --only C3,A2 --runs 9')
  .addCommand(tableCommand(), { isDefault: true });
for (const command of [
  allCommand(),
  scalingCommand(),
  kernelsCommand(),
  peersCommand(),
  speedCommand(),
  proveCommand(),
  segmentsCommand(),
  startsCommand(),
  estimateCommand(),
  calibrateCommand(),
  loadCommand(),
  walkCommand(),
  compareCommand(),
  pageCommand(),
]) {
  bench.addCommand(command);
}
await bench.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 2;
});
