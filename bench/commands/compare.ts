/** `bench compare`: has anything become worse? */
import { Command } from 'commander';
import { compareResults, comparisonText } from '../compare.ts';
import { readExistingResults } from '../records.ts';

export function compareCommand(): Command {
  return new Command('compare')
    .description('ratios of two results files; exit code 1 if a figure has grown by more than 10 %')
    .argument('<before>', 'results as JSON lines')
    .argument('<after>', 'results as JSON lines')
    .option('--json', 'one JSON value a line')
    .action(async (before: string, after: string, { json }: { json?: boolean }) => {
      const files = [await readExistingResults(before), await readExistingResults(after)] as const;
      const rows = compareResults(...files);
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      process.stdout.write(json ? lines : comparisonText(rows, ...files));
      process.exitCode = rows.some(({ isRegression }) => isRegression) ? 1 : 0;
    });
}
