/** Where a server that was started as a process is: the first line that it prints. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Throws an Error if the process ends before. */
export async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface(stdout)) return line;
  throw new Error('the server ended before it said where it is');
}
