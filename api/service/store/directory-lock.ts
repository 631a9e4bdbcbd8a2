/**
 * One process at a time in a data directory: two would destroy an embedded database. The lock is a
 * file that says who has it. A process that was killed leaves no lock behind: its sign of life is gone
 * then, or, where there is no such sign, its number, or that is now another process's, which began later.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../errors.ts';
import { giveLifeSign, seesLifeSign } from './life-sign.ts';

const FILE = 'vouch.lock';
/** Several processes may find a dead lock at the same time. */
const TRIES = 10;
/** Longer than another process takes from reading a dead lock to moving it away. */
const CONFIRM_MILLISECONDS = 100;

interface Holder {
  readonly process: number;
  readonly host: string;
  /** Of the process, in the system's own units; undefined where the system does not say. */
  readonly started: string | undefined;
  /** Of its sign of life, where it gives one. */
  readonly boot?: string;
  /** No two locks have the same contents. */
  readonly token: string;
}

/**
 * Takes the lock of a folder.
 *
 * @returns what gives it back
 * @throws StorageError `storage/locked` if a living process has it
 */
export async function lockDirectory(folder: string): Promise<() => Promise<void>> {
  const token = randomUUID();
  const sign = await giveLifeSign(signPath(folder, token));
  const free = async (): Promise<void> => await sign?.close();
  try {
    const path = await take(folder, token, sign?.boot);
    return () =>
      unlink(path)
        .catch(() => {})
        .then(free);
  } catch (error) {
    await free();
    throw error;
  }
}

async function take(folder: string, token: string, boot: string | undefined): Promise<string> {
  const path = join(folder, FILE);
  const own: Holder = {
    ...{ process: process.pid, host: hostname(), started: await startOf(process.pid), token },
    ...(boot !== undefined && { boot }),
  };
  const contents = JSON.stringify(own);
  let found = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await create(path, contents, token)) {
      if (attempt > 0) await sleep(CONFIRM_MILLISECONDS);
      if (attempt === 0 || (await textOf(path)) === contents) return path;
      continue;
    }
    found = await textOf(path);
    const holder = parse(found);
    if (holder !== undefined && (await isAlive(folder, holder))) throw locked(folder, holder);
    await removeDead(path, found, token);
    if (holder !== undefined) await unlink(signPath(folder, holder.token)).catch(() => {});
  }
  throw locked(folder, parse(found));
}

function signPath(folder: string, token: string): string {
  return join(folder, `${FILE}.${basename(token)}.sign`);
}

/** The file is there with all its contents, or not at all. False if there is one already. */
async function create(path: string, contents: string, token: string): Promise<boolean> {
  const temporary = `${path}.${token}`;
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

async function isAlive(folder: string, holder: Holder): Promise<boolean> {
  if (holder.boot !== undefined) {
    const seen = await seesLifeSign(signPath(folder, holder.token), holder.boot);
    if (seen !== undefined) return seen;
  }
  // Nobody can see the processes of another host.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.process, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.started === undefined || holder.started === (await startOf(holder.process));
}

/** When a process began (Linux: proc(5), field 22 of `stat`). */
async function startOf(id: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** Moves the file away first, and back if another process has put its own there meanwhile. */
async function removeDead(path: string, dead: string, token: string): Promise<void> {
  const moved = `${path}.${token}`;
  try {
    await rename(path, moved);
    if ((await textOf(moved)) === dead) await unlink(moved);
    else await rename(moved, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function locked(folder: string, holder: Holder | undefined): StorageError {
  const who = holder === undefined ? 'a process' : `process ${holder.process} on ${holder.host}`;
  return new StorageError(
    'storage/locked',
    `${folder} is in use by ${who}`,
    'stop that process, name another data directory, or use DATABASE_URL for several processes',
  );
}
