/** `bench speed`: the executor, and whether the programs compute what they should. */
import { Command } from 'commander';
import { textTable } from '../../api/index.ts';
import { describeEnvironment, environmentText } from '../environment.ts';
import { formatSample } from '../sample.ts';
import { measureSpeed, SPEED_GUESTS, type SpeedRow } from '../speed.ts';
import { measureSuite, type SuiteRow } from '../suite.ts';
import { collect, knownGuests, list, runCount } from './common.ts';

interface SpeedOptions {
  readonly only?: readonly string[];
  readonly runs: number;
  readonly json?: boolean;
}

export function speedCommand(): Command {
  return new Command('speed')
    .description('speed of the executor, and the output and cycles of all guests')
    .option('--only <names>', 'guests, separated by commas: C3,fibonacci', list)
    .option('--runs <count>', 'runs of each measurement, at least 3', runCount, 5)
    .option('--json', 'one JSON value a line, the last of type "result"')
    .action(speed);
}

async function speed({ only, runs, json }: SpeedOptions): Promise<void> {
  const guests = await knownGuests(only);
  const chosen = guests.filter(({ name }) => only?.includes(name) ?? true);
  const machine = await describeEnvironment();
  if (!json) process.stdout.write(`${environmentText(machine)}\n\n`);
  const emit = (type: string, fields: object): void => {
    if (json) process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
  };
  const suite = await collect(chosen, async (guest) => {
    const row = await measureSuite(guest);
    emit('suite', row);
    return row;
  });
  const broken = suite.flatMap(({ name, failure }) => (failure === undefined ? [] : [name]));
  const fast = chosen.filter(
    ({ name }) => !broken.includes(name) && (only !== undefined || SPEED_GUESTS.includes(name)),
  );
  const rows = await collect(fast, async (guest) => {
    const row = await measureSpeed(guest, runs);
    emit('speed', row);
    return row;
  });
  emit('result', { ok: broken.length === 0, machine, speed: rows, suite });
  if (!json) process.stdout.write(`${speedTable(rows)}\n${suiteTable(suite)}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
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
