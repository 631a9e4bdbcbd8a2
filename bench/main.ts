import { cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { FITTED_THREADS, startProver, textTable } from '../api/index.ts';
import { type Guest, readManifest } from '../guests/index.ts';
import { calibration, measureCalibration } from './calibrate.ts';
import { type EstimateRow, estimateTable, measureEstimate } from './estimate.ts';
import { measureProof, type ProofRow, proofTables } from './prove.ts';
import { formatSample } from './sample.ts';
import { measureSegments, segmentsTable } from './segments.ts';
import { measureSpeed, SPEED_GUESTS, type SpeedRow } from './speed.ts';
import { measureStarts, startsTable } from './starts.ts';
import {
  cutSubjects,
  estimateSubjects,
  longSubjects,
  proofSubjects,
  type Subject,
  singleSubjects,
} from './subjects.ts';
import { measureSuite, type SuiteRow } from './suite.ts';

interface BenchOptions {
  readonly only?: readonly string[];
  readonly runs?: number;
  readonly prove?: boolean;
  readonly long?: boolean;
  readonly estimate?: boolean;
  readonly calibrate?: boolean;
  readonly segments?: boolean;
  readonly starts?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

await new Command('bench')
  .description('measure the executor and run the benchmark suite, or measure proofs')
  .option('--prove', 'measure proofs instead')
  .option('--long', 'measure proofs of 4 to 70 million cycles instead, one of each')
  .option('--estimate', 'compare estimates of proofs with what the proofs take')
  .option('--calibrate', "fit the estimate's model of the time to proofs")
  .option('--segments', 'measure what it costs to prove runs in several segments')
  .option('--starts', 'measure what it saves to write down where segments start')
  .option('--only <names>', 'guests, separated by commas: C3,fibonacci', names)
  .option('--runs <count>', 'runs of each measurement, at least 3 (default: 5, of proofs 3)', count)
  .option('--threads <count>', "threads of the prover (default: the processor's cores)", Number)
  .option('--json', 'one JSON value a line, the last of type "result"')
  .addHelpText('after', '\nExample:\n  npm run bench -- --only C3,A2 --runs 9')
  .action(bench)
  .parseAsync();

async function bench(options: BenchOptions): Promise<void> {
  const { guests } = await readManifest();
  checkNames(options.only, guests);
  const chosen = (guest: Guest): boolean => options.only?.includes(guest.name) ?? true;
  const { prove, long, only } = options;
  if (long) return await benchProofs(await longSubjects(guests, only), { runs: 1, ...options });
  if (prove) return await benchProofs(await proofSubjects(guests, only), options);
  if (options.calibrate) return await calibrate(guests, options);
  if (options.estimate) return await benchEstimates(guests, options);
  if (options.segments) return await benchSegments(guests, options);
  if (options.starts) return await benchStarts(await longSubjects(guests, only), options);
  const fast = guests.filter((guest) =>
    options.only ? chosen(guest) : SPEED_GUESTS.includes(guest.name),
  );
  const machine = describeMachine();
  if (!options.json) process.stdout.write(`${machine.cpu}, Node.js ${machine.node}\n\n`);
  const emit = (type: string, fields: object): void => {
    if (options.json) process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
    else process.stderr.write(`${(fields as { name: string }).name} `);
  };
  const suite = await collect(guests.filter(chosen), measureSuite, (row) => emit('suite', row));
  const wrong = suite.filter((row) => row.failure !== undefined);
  const broken = new Set(wrong.map((row) => row.name));
  const speed = await collect(
    fast.filter((guest) => !broken.has(guest.name)),
    (guest) => measureSpeed(guest, options.runs ?? 5),
    (row) => emit('speed', row),
  );
  if (options.json) emit('result', { ok: wrong.length === 0, machine, speed, suite });
  else process.stdout.write(`\n${speedTable(speed)}\n${suiteTable(suite)}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

async function benchProofs(subjects: readonly Subject[], options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const { threads, runs = 3 } = options;
  const prover = await startProver({ ...(threads !== undefined && { threads }) });
  try {
    const rows: ProofRow[] = await collect(
      subjects,
      (subject) => measureProof(prover, subject, runs),
      ({ name }) => process.stderr.write(`${name} `),
    );
    const result = { type: 'result', ok: true, machine, runs, proofs: rows };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const { cpu, node } = machine;
      const head = `${cpu}, Node.js ${node}, ${prover.threads} threads, medians of ${runs} runs`;
      process.stdout.write(`\n${head}\n\n${proofTables(rows)}`);
    }
  } finally {
    await prover.close();
  }
}

async function benchEstimates(guests: readonly Guest[], options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const { runs = 3, threads = machine.cores } = options;
  const subjects = await estimateSubjects(guests, options.only);
  const rows: EstimateRow[] = await collect(
    subjects,
    (subject) => measureEstimate(subject, threads, runs),
    ({ name }) => process.stderr.write(`${name} `),
  );
  const result = { type: 'result', ok: true, machine, runs, threads, estimates: rows };
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`\n${headline(threads, runs)}\n\n${estimateTable(rows)}`);
}

async function calibrate(guests: readonly Guest[], options: BenchOptions): Promise<void> {
  const { runs = 3, threads = FITTED_THREADS } = options;
  const subjects = await singleSubjects(guests, options.only);
  const prover = await startProver({ threads });
  try {
    const rows = await collect(
      subjects,
      (subject) => measureCalibration(prover, subject, runs),
      ({ name }) => process.stderr.write(`${name} `),
    );
    process.stdout.write(`\n${headline(threads, runs)}\n\n${await calibration(rows)}`);
  } finally {
    await prover.close();
  }
}

async function benchSegments(guests: readonly Guest[], options: BenchOptions): Promise<void> {
  const { threads, runs = 3 } = options;
  const subjects = await cutSubjects(guests, options.only);
  const prover = await startProver({ ...(threads !== undefined && { threads }) });
  try {
    const rows = await collect(
      subjects,
      (subject) => measureSegments(prover, subject, runs),
      ([row]) => process.stderr.write(`${row?.name} `),
    );
    const machine = describeMachine();
    const result = { type: 'result', ok: true, machine, runs, segments: rows.flat() };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const head = headline(prover.threads, runs);
      process.stdout.write(`\n${head}\n\n${segmentsTable(rows.flat())}`);
    }
  } finally {
    await prover.close();
  }
}

async function benchStarts(subjects: readonly Subject[], options: BenchOptions): Promise<void> {
  const { threads, runs = 3 } = options;
  const prover = await startProver({ ...(threads !== undefined && { threads }) });
  try {
    const rows = await collect(
      subjects,
      (subject) => measureStarts(prover.steps, subject, runs),
      ([row]) => process.stderr.write(`${row?.name} `),
    );
    const machine = describeMachine();
    const result = { type: 'result', ok: true, machine, runs, starts: rows.flat() };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      const head = headline(prover.threads, runs);
      process.stdout.write(`\n${head}\n\n${startsTable(rows.flat())}`);
    }
  } finally {
    await prover.close();
  }
}

function headline(threads: number, runs: number): string {
  const { cpu, node } = describeMachine();
  return `${cpu}, Node.js ${node}, ${threads} threads, ${runs} runs`;
}

async function collect<Item, Row>(
  items: readonly Item[],
  measure: (item: Item) => Promise<Row>,
  done: (row: Row) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const item of items) {
    const row = await measure(item);
    rows.push(row);
    done(row);
  }
  return rows;
}

function speedTable(rows: readonly SpeedRow[]): string {
  return textTable(
    ['cycles', 'execute M/s', 'record M/s', 'record B/cycle', 'load ms', 'guest', ''],
    rows.map((row) => [
      row.cycles.toLocaleString('en-US'),
      formatSample(row.execute),
      formatSample(row.record),
      row.recordBytesPerCycle.toFixed(1),
      formatSample(row.load),
      row.name,
      row.title,
    ]),
    5,
  );
}

function suiteTable(rows: readonly SuiteRow[]): string {
  return textTable(
    ['tier', 'cycles', 'reference', 'ratio', 'output', 'guest', ''],
    rows.map((row) => [
      row.tier,
      row.cycles?.toLocaleString('en-US') ?? '-',
      row.referenceCycles?.toLocaleString('en-US') ?? '-',
      row.ratio?.toFixed(3) ?? '-',
      row.failure === undefined ? 'ok' : 'WRONG',
      row.name,
      row.failure ?? row.title,
    ]),
    4,
  );
}

function describeMachine(): { cpu: string; cores: number; node: string } {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const cores = processors.length;
  return { cpu: `${cores} x ${model}`, cores, node: process.versions.node };
}

function checkNames(only: readonly string[] | undefined, guests: readonly Guest[]): void {
  const known = new Set(guests.map((guest) => guest.name));
  const unknown = only?.find((name) => !known.has(name));
  if (unknown === undefined) return;
  process.stderr.write(`no guest ${unknown}; there are ${[...known].join(', ')}\n`);
  process.exit(2);
}

function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

function count(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 3 && runs <= 1000) return runs;
  throw new InvalidArgumentError('give an integer from 3 to 1000');
}
