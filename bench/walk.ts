/** What a newcomer does by the README, from a clone to a receipt that a page has verified, with its time. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrowserContext, chromium } from 'playwright-core';
import { textTable } from '../api/index.ts';
import { firstLine } from './first-line.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = 'guests/hello/hello.elf';
const PRIVATE_INPUT = 'Ada';
const JOURNAL = 'Hello, Ada!';
const PROOF_MILLISECONDS = 120_000;

export interface Step {
  readonly name: string;
  readonly seconds: number;
}

export interface WalkOptions {
  /** Path of Chromium. */
  readonly browser: string;
  /** A folder for pictures of the pages. */
  readonly pictures?: string;
}

/**
 * Walks in temporary folders; the server is on loopback. Throws an Error where a step fails.
 *
 * @param onStep called with each step when it is done
 */
export async function walk(
  { browser, pictures }: WalkOptions,
  onStep: (step: Step) => void,
): Promise<Step[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-walk-'));
  const clone = join(folder, 'vouch');
  const steps: Step[] = [];
  const step = async <Result>(name: string, task: () => Promise<Result>): Promise<Result> => {
    const start = performance.now();
    const result = await task();
    const done = { name, seconds: (performance.now() - start) / 1000 };
    steps.push(done);
    onStep(done);
    return result;
  };
  const run = async (command: string, ...parameters: string[]): Promise<string> => {
    const options = { cwd: clone, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(command, parameters, options)).stdout.trim();
  };
  let server: ChildProcess | undefined;
  let context: BrowserContext | undefined;
  try {
    await step('git clone', () => promisify(execFile)('git', ['clone', '-q', ROOT, clone]));
    await step('npm ci', () => run('npm', 'ci'));
    const shown = await step('npm start', () => run('npm', 'start'));
    if (!/^solved$/m.test(shown)) throw new Error(`npm start printed ${shown}`);
    const id = await step('npx vouch program-id', () => run('npx', 'vouch', 'program-id', PROGRAM));

    server = spawn('npx', ['vouch', 'serve', '--port', '0', '--log-level', 'error'], {
      ...{ cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] },
      // A group of its own: npx and what it starts.
      detached: true,
    });
    const url = await step('npx vouch serve', () => firstLine(server as ChildProcess));
    context = await step('a browser opens', () =>
      chromium.launchPersistentContext(join(folder, 'profile'), {
        executablePath: browser,
        args: ['--no-sandbox', '--disable-gpu'],
      }),
    );
    const page = await context.newPage();
    page.setDefaultTimeout(PROOF_MILLISECONDS);
    const picture = async (name: string): Promise<void> => {
      if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    };
    await step('in the page: New, hello.elf, Ada, Prove, until the job is done', async () => {
      await page.goto(url);
      await page.click('text=New');
      await page.setInputFiles('#file', join(clone, PROGRAM));
      await page.fill('#private', PRIVATE_INPUT);
      await picture('new');
      await page.click('#prove');
      await page.waitForSelector('.badge.succeeded');
      await picture('job');
    });
    await step('in the page: Verify in this browser', async () => {
      await page.click('text=Verify in this browser');
      await page.fill('#program', id);
      await page.click('#verify');
      await page.waitForSelector('#result .card.good');
      await picture('receipt');
    });
    const journal = await page.locator('#result #journal').innerText();
    if (!journal.startsWith(JOURNAL)) throw new Error(`the page shows the journal ${journal}`);
  } finally {
    await context?.close();
    if (server !== undefined) await stopGroup(server);
    await rm(folder, { recursive: true, force: true });
  }
  return steps;
}

async function stopGroup(leader: ChildProcess): Promise<void> {
  const { pid, exitCode, signalCode, stdout } = leader;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  // When nobody has its output open any more: npx may end before the server.
  const ended = once(leader, 'close');
  stdout?.resume();
  process.kill(-pid, 'SIGTERM');
  await ended;
}

export function walkText(steps: readonly Step[]): string {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = [...steps, { name: 'all', seconds: total }];
  return textTable(
    ['seconds', 'step'],
    rows.map(({ name, seconds }) => [seconds.toFixed(1), name]),
    1,
  );
}
