/** `vouch serve` and `vouch worker` as processes. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startCli } from './cli.ts';
import { hasExited } from './processes.ts';

export interface ServiceProcess {
  /** What it prints when it is ready: the address of a server, the name of a worker. */
  readonly line: string;
  /** Resolves with the exit code when the process has ended; null if it was killed. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Kills what a test has left, so that the process of the tests can end. */
export function killServiceProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts `vouch serve` or `vouch worker` and waits until it is ready. */
export async function startServiceProcess(
  command: 'serve' | 'worker',
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const child = startCli([command, ...flags], environment);
  running.add(child);
  child.once('exit', () => running.delete(child));
  let problems = '';
  child.stderr?.on('data', (chunk: Uint8Array) => {
    problems = (problems + Buffer.from(chunk).toString()).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const first = once(lines, 'line').then(([line]) => String(line));
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`vouch ${command} ended with ${code}: ${problems}`);
  });
  exit.catch(() => {});
  const line = await Promise.race([first, exit]);
  return { line, end: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (!hasExited(child)) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}
