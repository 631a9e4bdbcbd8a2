/** `bench kernels`: where a regression of the speed is. */
import { Command } from 'commander';
import { environmentText } from '../environment.ts';
import { kernelText, measureKernels, readKernelReferences } from '../kernels.ts';
import { lineText, type ResultRecord, Results } from '../records.ts';
import { knownGuests } from './common.ts';

interface KernelOptions {
  readonly json?: boolean;
}

export function kernelsCommand(): Command {
  return new Command('kernels')
    .description(
      'nanoseconds of field, NTT, hashes, sumchecks, LogUp, interpreter; by design beside',
    )
    .option('--resume <file>', 'results that are not measured again; new ones are appended')
    .option('--json', 'one JSON value a line')
    .action(async ({ resume, ...options }: KernelOptions & { resume?: string }) => {
      await benchKernels(await Results.open(resume), options);
    });
}

export async function benchKernels(
  results: Results,
  { json }: KernelOptions,
): Promise<ResultRecord[]> {
  const records = await measureKernels(results, await knownGuests());
  const text = json
    ? records.map((record) => `${lineText(record)}\n`).join('')
    : `${environmentText(results.environment)}, one thread, least of several runs\n\n` +
      kernelText(records, await readKernelReferences());
  process.stdout.write(text);
  return records;
}
