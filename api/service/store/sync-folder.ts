/** Brings folders to the disk: the names in them, which a file's own sync leaves out. */
import * as nodeFiles from 'node:fs/promises';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** At a time: file systems bring several to the disk at once. */
const PARALLEL = 16;

/** What is used of `node:fs/promises`. */
type Files = Pick<typeof nodeFiles, 'open'>;

/** The names in a folder. */
export async function syncFolder(path: string, files: Files = nodeFiles): Promise<void> {
  // Windows knows no handle of a folder; its file system keeps a log of names.
  if (process.platform !== 'win32') await syncPath(path, 'r', files);
}

/** Makes a folder and those above it, as far as there are none. */
export async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made === undefined) return;
  const top = dirname(resolve(made));
  for (let each = resolve(path); each !== top; each = dirname(each)) {
    await syncFolder(dirname(each));
  }
}

/** All files and folders below a folder, and itself. */
export async function syncTree(path: string): Promise<void> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sync = async (): Promise<void> => {
    for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
      const each = join(entry.parentPath, entry.name);
      await (entry.isDirectory() ? syncFolder(each) : syncPath(each, 'r+'));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, sync));
  await syncFolder(path);
}

async function syncPath(path: string, flags: string, files: Files = nodeFiles): Promise<void> {
  const handle = await files.open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
