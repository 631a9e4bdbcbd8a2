/**
 * One process at a time in a data directory: two would destroy an embedded database.
 *
 * ```
 * vouch.lock                who has it
 * vouch.lock.<token>.sign   the sign of life of a process
 * vouch.lock.<token>.dead   who removes the lock of that dead process
 * vouch.lock.<token>        being written
 * ```
 */
import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError, unusableFile } from '../errors.ts';
import { askLifeSign, giveLifeSign } from './life-sign.ts';
import { giveLock, type LockFiles, takeLock } from './lock-file.ts';
import {
  lives,
  type ProcessHolder,
  parseHolder,
  runs,
  startOf,
  thisHolder,
} from './lock-holder.ts';

const FILE = 'vouch.lock';
const WAIT_MILLISECONDS = 20;
/** Longer than a process takes to start. */
const LEFTOVER_MILLISECONDS = 3_600_000;
/** `f_type` of statfs(2): ext2 to ext4, xfs, btrfs, f2fs, zfs, overlay, tmpfs. */
const LOCAL_FILE_SYSTEMS: readonly number[] = [
  ...[0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x794c7630, 0x01021994],
];

/**
 * Takes the lock of a folder.
 *
 * @returns what gives it back
 * @throws StorageError `storage/locked` if a process has it that is not certainly dead; `storage/file`
 */
export async function lockDirectory(folder: string): Promise<() => Promise<void>> {
  const own = await thisHolder(randomUUID(), await isLocal(folder));
  const files = new DirectoryFiles(folder, own);
  const sign = await guard(folder, giveLifeSign(folder, signOf(own)));
  try {
    const holder = await takeLock(FILE, own, files);
    if (holder !== undefined) throw locked(folder, holder);
  } catch (error) {
    await sign?.close();
    throw error;
  }
  await removeLeftovers(folder).catch(() => {});
  return async () => {
    await giveLock(FILE, own, files).catch(() => {});
    await sign?.close();
  };
}

class DirectoryFiles implements LockFiles<ProcessHolder> {
  readonly #folder: string;
  readonly #own: ProcessHolder;

  constructor(folder: string, own: ProcessHolder) {
    this.#folder = folder;
    this.#own = own;
  }

  async create(name: string, holder: ProcessHolder): Promise<boolean> {
    const temporary = this.#path(`${FILE}.${holder.token}`);
    try {
      const file = await guard(temporary, open(temporary, 'wx'));
      try {
        await guard(temporary, file.writeFile(JSON.stringify(holder)));
        await guard(temporary, file.sync());
      } finally {
        await file.close();
      }
      const path = this.#path(name);
      return await guard(path, unless('EEXIST', link(temporary, path)));
    } finally {
      await unlink(temporary).catch(() => {});
    }
  }

  async read(name: string): Promise<ProcessHolder | undefined> {
    const path = this.#path(name);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw unusableFile(path, error);
    });
    if (text === undefined) return undefined;
    const holder = parseHolder(text);
    if (holder !== undefined) return holder;
    const remedy = 'see that no process uses the data directory, then remove that file';
    throw new StorageError('storage/locked', `${path} does not say who has the lock`, remedy);
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await guard(path, unless('ENOENT', unlink(path)));
  }

  async lives(holder: ProcessHolder): Promise<boolean> {
    return lives(holder, this.#own, {
      sign: await guard(this.#folder, askLifeSign(this.#folder, signOf(holder))),
      runs: runs(holder.process),
      started: await startOf(holder.process),
    });
  }

  removalOf({ token }: ProcessHolder): string {
    return `${FILE}.${token}.dead`;
  }

  async forget(holder: ProcessHolder): Promise<void> {
    await unlink(this.#path(signOf(holder))).catch(() => {});
  }

  async wait(): Promise<void> {
    await sleep(WAIT_MILLISECONDS);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function signOf({ token }: ProcessHolder): string {
  return `${FILE}.${token}.sign`;
}

/** Whether one kernel alone has the file system: what was there before it started is dead. */
async function isLocal(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return LOCAL_FILE_SYSTEMS.includes((await guard(folder, statfs(folder))).type);
}

/** Of processes that were killed while they started. Whoever has the lock may remove them. */
async function removeLeftovers(folder: string): Promise<void> {
  const before = Date.now() - LEFTOVER_MILLISECONDS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(`${FILE}.`) || (await stat(path)).mtimeMs >= before) continue;
    if (name.endsWith('.sign') && (await askLifeSign(folder, name)) === 'lives') continue;
    await unlink(path);
  }
}

/** False if it fails with that code. */
async function unless(code: string, task: Promise<void>): Promise<boolean> {
  try {
    await task;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

async function guard<T>(path: string, task: Promise<T>): Promise<T> {
  return await task.catch((error: unknown) => {
    throw unusableFile(path, error);
  });
}

function locked(folder: string, holder: ProcessHolder): StorageError {
  return new StorageError(
    'storage/locked',
    `${folder} is in use by process ${holder.process} on ${holder.host}`,
    'stop that process, name another data directory, or use DATABASE_URL for several processes',
  );
}
