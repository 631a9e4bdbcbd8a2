/** `bench scaling`: time, memory and size against cycles and threads. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { environmentText } from '../environment.ts';
import { type ResultRecord, Results } from '../records.ts';
import { measureScaling, type ScalingTask, scalingText } from '../scaling.ts';
import { SCALED } from '../subjects.ts';
import { chosenGuests, collect, count, printRecord, runCount, sayProof } from './common.ts';

/** Threads that are measured, where there are as many cores. */
const THREADS: readonly number[] = [1, 2, 4];
const FIRST_LOG = 14;
const LAST_LOG = 24;

export interface ScalingOptions {
  readonly from?: number;
  readonly to?: number;
  readonly runs?: number;
  readonly mostCycles?: number;
  readonly json?: boolean;
}

export function scalingCommand(): Command {
  return new Command('scaling')
    .description('one program with more and more cycles, with 1, 2 and 4 threads')
    .option('--from <log>', 'the shortest run has 2^log cycles', count, FIRST_LOG)
    .option('--to <log>', 'the longest run has 2^log cycles', count, LAST_LOG)
    .option('--runs <count>', 'proofs of each, at least 3', runCount, 3)
    .option('--resume <file>', 'results that are not measured again; new ones are appended')
    .option('--json', 'one JSON value a line')
    .action(async ({ resume, ...options }: ScalingOptions & { resume?: string }) => {
      const records = await benchScaling(await Results.open(resume), options);
      process.exitCode = records.some(({ failure }) => failure !== undefined) ? 1 : 0;
    });
}

/** Measures and prints, short runs first. */
export async function benchScaling(
  results: Results,
  { from = FIRST_LOG, to = LAST_LOG, runs = 3, json, ...options }: ScalingOptions,
): Promise<ResultRecord[]> {
  const { mostCycles = Number.POSITIVE_INFINITY } = options;
  const [guest] = await chosenGuests([SCALED]);
  const tasks: ScalingTask[] = [];
  for (let log = from; log <= to && 2 ** log <= mostCycles; log++) {
    for (const threads of THREADS.filter((threads) => threads <= availableParallelism())) {
      const name = `fib${log}`;
      tasks.push({ name, log, threads, runs });
    }
  }
  const records = await collect(tasks, async (task, say) => {
    const onProof = sayProof(say, task.runs);
    const record = await measureScaling(results, guest?.sha256 ?? '', task, onProof);
    printRecord(record, say, json);
    return record;
  });
  if (!json) {
    process.stdout.write(`${environmentText(results.environment)}\n\n${scalingText(records)}`);
  }
  return records;
}
