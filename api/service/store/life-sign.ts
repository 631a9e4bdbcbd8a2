/**
 * A sign of life that other processes see, those in other containers of the same machine too, where
 * process numbers and host names say nothing: a Unix socket. The kernel answers for a listener that lives,
 * however busy it is, and refuses for one that is dead.
 */
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { relative } from 'node:path';

/** Bytes of a socket's path that all systems take. */
const MOST_BYTES = 100;

export interface LifeSign {
  /** Names the running system: nobody beyond it can ask. */
  readonly boot: string;
  close(): Promise<void>;
}

/** @returns undefined where the system, or the file system of that path, has nothing of the kind */
export async function giveLifeSign(path: string): Promise<LifeSign | undefined> {
  const [boot, short] = [await bootId(), shortPath(path)];
  if (boot === undefined || short === undefined) return undefined;
  const server = createServer((socket) => socket.destroy());
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ path: short }, () => resolve(true));
  });
  if (!listens) return undefined;
  server.unref();
  return { boot, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/**
 * @param boot of the life sign that is looked for
 * @returns undefined where that cannot be told
 */
export async function seesLifeSign(path: string, boot: string): Promise<boolean | undefined> {
  const short = shortPath(path);
  if (boot !== (await bootId()) || short === undefined) return undefined;
  return await new Promise((resolve) => {
    const socket = connect({ path: short });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'ECONNREFUSED' ? false : code === 'EAGAIN' || undefined);
    });
  });
}

/** Of the kernel since it started (Linux: random(4)). */
async function bootId(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  return text?.trim();
}

function shortPath(path: string): string | undefined {
  return [path, relative('', path)].find((each) => Buffer.byteLength(each) <= MOST_BYTES);
}
