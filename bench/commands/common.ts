/** What the commands share: options, progress on stderr, output on stdout. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Prover, startProver } from '../../api/index.ts';
import { type Guest, readManifest, TIERS } from '../../guests/index.ts';
import { describeEnvironment, environmentText } from '../environment.ts';
import { lineText, type ResultRecord } from '../records.ts';

/** Runs of each measurement of a proof, unless the command line says otherwise. */
const PROOF_RUNS = 3;

export interface ProofOptions {
  readonly only?: readonly string[];
  readonly runs?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

/** The options that all commands that prove have. */
export function addProofOptions(command: Command): Command {
  return command
    .option('--only <names>', 'guests, separated by commas: C3,fibonacci', list)
    .option('--runs <count>', `runs of each, at least 3 (default: ${PROOF_RUNS})`, runCount)
    .option('--threads <count>', "threads of the prover (default: the processor's cores)", count)
    .option('--json', 'one JSON value a line');
}

export function list(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

export function runCount(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 3 && runs <= 1000) return runs;
  throw new InvalidArgumentError('give an integer from 3 to 1000');
}

export function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError('give an integer from 1 to 1000');
}

/** The guests of the manifest; ends the process if a name is not theirs. */
export async function knownGuests(only: readonly string[] = []): Promise<readonly Guest[]> {
  const { guests } = await readManifest();
  const names = new Set(guests.map(({ name }) => name));
  for (const name of only) if (!names.has(name)) usage(`no guest ${name}`, [...names]);
  return guests;
}

/** The guests of some tiers, or the named ones. */
export async function chosenGuests(
  only: readonly string[] | undefined,
  tiers: readonly string[] = TIERS,
): Promise<Guest[]> {
  const guests = await knownGuests(only);
  const known: readonly string[] = TIERS;
  for (const tier of tiers) if (!known.includes(tier)) usage(`no tier ${tier}`, known);
  return guests.filter(({ name, tier }) => only?.includes(name) ?? tiers.includes(tier));
}

function usage(problem: string, known: readonly string[]): never {
  process.stderr.write(`${problem}; there are ${known.join(', ')}\n`);
  process.exit(2);
}

/** Measures one item after the other and says on stderr which. */
export async function collect<Item extends { readonly name: string }, Row>(
  items: readonly Item[],
  measure: (item: Item, say: (text: string) => void) => Promise<Row>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, item] of items.entries()) {
    const say = (text: string): void => {
      process.stderr.write(`[${index + 1}/${items.length}] ${item.name} ${text}\n`);
    };
    const start = performance.now();
    rows.push(await measure(item, say));
    say(`${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  return rows;
}

/** Says which proof is being made. */
export function sayProof(say: (text: string) => void, runs: number): (number: number) => void {
  return (number) => say(number === 0 ? 'first proof' : `proof ${number} of ${runs}`);
}

/** A failure to stderr; with --json every record to stdout. */
export function printRecord(
  record: ResultRecord,
  say: (text: string) => void,
  json: boolean | undefined,
): void {
  if (json) process.stdout.write(`${lineText(record)}\n`);
  if (record.failure !== undefined) say(`FAILED: ${record.failure}`);
}

/** Lends the task a prover, and prints its result as a table or as JSON with the machine. */
export async function withProver<Row>(
  { threads, runs = PROOF_RUNS, json }: ProofOptions,
  name: string,
  measure: (prover: Prover, runs: number) => Promise<readonly Row[]>,
  table: (rows: readonly Row[]) => string,
): Promise<void> {
  const prover = await startProver({ ...(threads !== undefined && { threads }) });
  try {
    const rows = await measure(prover, runs);
    await print({ json, threads: prover.threads, runs }, { [name]: rows }, () => table(rows));
  } finally {
    await prover.close();
  }
}

/** A table below the machine, or one line of JSON with both. */
export async function print(
  { json, ...how }: { json: boolean | undefined; threads: number; runs: number },
  fields: object,
  table: () => string,
): Promise<void> {
  const machine = await describeEnvironment();
  if (json) {
    const result = { type: 'result', ok: true, machine, ...how, ...fields };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const head = `${environmentText(machine)}, ${how.threads} threads, ${how.runs} runs`;
  process.stdout.write(`${head}\n\n${table()}`);
}
