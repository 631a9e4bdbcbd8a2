import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { prove } from '../proving/prove.ts';
import { verify } from '../proving/verify.ts';
import { EXIT_OK } from './exit-code.ts';
import { checkOutput, writeOutput } from './files.ts';
import { interruptSignal } from './interrupt.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { byteSize, grouped, journalText } from './text.ts';

const GUEST = 'sudoku';
/** Compiled code lies in `dist/api/cli`. */
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

interface DemoOptions {
  readonly output: string;
  readonly json?: boolean;
}

/** `vouch demo`: proves a committed program and verifies the receipt. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('prove that somebody knows the solution of a sudoku, and verify the receipt')
    .option(
      '-o, --output <file>',
      'write the receipt to a file',
      join(REPOSITORY, 'dist', 'sudoku.receipt'),
    )
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText('after', '\nExample:\n  vouch demo')
    .action(demo);
}

async function demo({ output, json }: DemoOptions): Promise<void> {
  await checkOutput('--output', output);
  const reporter = reporterFor(json === true);
  const { guests } = await readManifest();
  const guest = guests.find(({ name }) => name === GUEST);
  if (guest === undefined) throw new Error(`there is no guest ${GUEST}`);
  const { publicInput, privateInput } = guestInputs(guest);
  const puzzle = new TextDecoder().decode(publicInput);
  reporter.say('The program guests/sudoku, compiled from C for RISC-V, gets a puzzle as public');
  reporter.say('input and a solution as private input.\n');
  reporter.say(grid(puzzle));
  const { receipt, programId, cycles, stats } = await prove(await readGuestElf(guest), {
    ...{ publicInput, privateInput, signal: interruptSignal() },
    onProgress: ({ stage, done }) => reporter.bar('prove', stage, done),
  });
  await writeOutput('--output', output, receipt);
  const file = relative(process.cwd(), output);
  const seconds = (stats.milliseconds / 1000).toFixed(1);
  const threads = `${stats.threads} thread${stats.threads === 1 ? '' : 's'}`;
  reporter.stage('prove', `${grouped(cycles)} cycles in ${seconds} s with ${threads}`);
  reporter.stage('receipt', `${file}, ${byteSize(receipt.length)}`);
  const start = performance.now();
  const run = await verify(receipt, { program: programId, publicInput });
  const milliseconds = Math.round(performance.now() - start);
  reporter.stage(
    'verify',
    `valid in ${milliseconds} ms: exit code ${run.exitCode}, ` +
      `${run.securityBits.toFixed(1)} provable bits, and the journal is`,
  );
  reporter.data(journalText(run.journal));
  reporter.say(
    '\nWhoever has the receipt can check it without the program and without the solution:',
  );
  reporter.say(`  npx vouch verify ${file} --public-input text:${puzzle} \\`);
  reporter.say(`    --program ${programId}`);
  reporter.say('Receipts are not zero-knowledge yet: they can reveal parts of a private input.');
  reporter.say('Look into it, or prove something else:');
  reporter.say(`  npx vouch inspect ${file}`);
  reporter.say(
    '  npx vouch prove guests/hello/hello.elf --private-input text:Ada -o hello.receipt',
  );
  reporter.result({
    ...commandFields('demo', EXIT_OK),
    ...{ programId, cycles, receipt: { bytes: receipt.length, file } },
    ...{ milliseconds: { prove: Math.round(stats.milliseconds), verify: milliseconds } },
  });
}

/** The puzzle in rows of three boxes. */
function grid(puzzle: string): string {
  const rows = puzzle.match(/.{9}/g) ?? [];
  const lines = rows.map((row) =>
    (row.match(/.{3}/g) ?? []).map((box) => [...box.replaceAll('0', '.')].join(' ')).join(' | '),
  );
  const line = '------+-------+------';
  return [...lines.slice(0, 3), line, ...lines.slice(3, 6), line, ...lines.slice(6)]
    .map((text) => `    ${text}\n`)
    .join('');
}
