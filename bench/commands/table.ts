/** `bench table`: the survey's table for the programs of the papers. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { environmentText } from '../environment.ts';
import { readPapers } from '../papers.ts';
import { type ResultRecord, Results } from '../records.ts';
import { measureTable, tableText } from '../table.ts';
import {
  addProofOptions,
  chosenGuests,
  collect,
  list,
  type ProofOptions,
  printRecord,
  sayProof,
} from './common.ts';

export interface TableOptions extends ProofOptions {
  readonly tier?: readonly string[];
  readonly mostCycles?: number;
  readonly resume?: string;
}

export function tableCommand(): Command {
  return addProofOptions(new Command('table'))
    .description("the survey's table: native, interpreter, set-up, proof, verification, break-even")
    .option('--tier <tiers>', 'tiers, separated by commas (default: all)', list)
    .option('--most-cycles <count>', 'no longer runs', Number)
    .option('--resume <file>', 'results that are not measured again; new ones are appended')
    .action(async (options: TableOptions) => {
      const results = await Results.open(options.resume);
      const records = await benchTable(results, options);
      process.exitCode = records.some(({ failure }) => failure !== undefined) ? 1 : 0;
    });
}

/** Measures and prints; a failed row is printed and does not end the command. */
export async function benchTable(
  results: Results,
  { only, tier, json, threads = availableParallelism(), runs = 3, ...options }: TableOptions,
): Promise<ResultRecord[]> {
  const { mostCycles = Number.POSITIVE_INFINITY } = options;
  const chosen = await chosenGuests(only, tier);
  const guests = chosen.filter(({ cycles }) => cycles <= mostCycles);
  const records = await collect(guests, async (guest, say) => {
    const onProof = sayProof(say, runs);
    const record = await measureTable(results, guest, { threads, runs }, onProof);
    printRecord(record, say, json);
    return record;
  });
  if (!json) {
    const head = `${environmentText(results.environment)}, ${threads} threads`;
    const { rows } = await readPapers();
    process.stdout.write(`${head}\n\n${tableText(records, guests, rows)}`);
  }
  return records;
}
