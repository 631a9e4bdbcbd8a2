/** `bench walk`: a newcomer's first minutes. */
import { Command } from 'commander';
import { describeEnvironment, environmentText } from '../environment.ts';
import { type WalkOptions, walk, walkText } from '../walk.ts';

export function walkCommand(): Command {
  return new Command('walk')
    .description("a newcomer's first minutes: from a clone to a receipt that a page has verified")
    .option('--browser <path>', 'Chromium', '/usr/bin/chromium')
    .option('--pictures <folder>', 'writes pictures of the pages there')
    .option('--json', 'one JSON value')
    .action(async ({ json, ...options }: WalkOptions & { readonly json?: boolean }) => {
      const steps = await walk(options, ({ name, seconds }) =>
        process.stderr.write(`${name} ${seconds.toFixed(1)} s\n`),
      );
      const environment = await describeEnvironment();
      if (json) process.stdout.write(`${JSON.stringify({ type: 'walk', environment, steps })}\n`);
      else process.stdout.write(`${environmentText(environment)}\n\n${walkText(steps)}`);
    });
}
