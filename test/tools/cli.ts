import { type ChildProcess, spawn } from 'node:child_process';
import { repositoryPath } from './paths.ts';

/** What a command of `vouch` did. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as it was. */
  readonly bytes: Uint8Array;
}

/** A JSON value that a command printed. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string };

/** Starts `vouch` with stdin open. */
export function startCli(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [repositoryPath('dist/api/cli/main.js'), ...parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
}

/** Waits for the end of a process and collects what it printed. */
export function finished(child: ChildProcess): Promise<CliRun> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  child.stdout?.on('data', (chunk: Uint8Array) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Uint8Array) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const bytes = Buffer.concat(stdout);
      resolve({ code, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString(), bytes });
    });
  });
}

/** Runs `vouch` to its end, with `input` on stdin. */
export function runCli(
  parameters: readonly string[],
  input: string | Uint8Array = '',
): Promise<CliRun> {
  const child = startCli(parameters);
  // The command may end without reading its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return finished(child);
}

/** Every line of a `--json` run. */
export function jsonLines(run: CliRun): JsonLine[] {
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);
}

/** The last line of a `--json` run. */
export function jsonResult(run: CliRun): JsonLine {
  const last = jsonLines(run).at(-1);
  if (last?.type !== 'result') throw new Error(`no result in ${run.stdout}${run.stderr}`);
  return last;
}
