/**
 * A sign of life that other processes see, those in other containers of the same machine too, where
 * process numbers and host names say nothing: a Unix socket. The kernel answers for a listener that lives,
 * however busy it is, and refuses for one that is dead.
 */
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

export interface LifeSign {
  close(): Promise<void>;
}

/**
 * - `lives`: a process listens, or that cannot be told
 * - `refused`: nobody listens, as far as this kernel knows
 * - `missing`: there is no such sign
 */
export type LifeSignAnswer = 'lives' | 'refused' | 'missing';

/** @returns undefined where the system, or the file system of the folder, has nothing of the kind */
export async function giveLifeSign(folder: string, name: string): Promise<LifeSign | undefined> {
  const { path, close } = await shortPath(folder, name);
  const server = createServer((socket) => socket.destroy());
  const listens = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false));
    // Processes of all users may ask.
    server.listen({ path, readableAll: true, writableAll: true }, () => resolve(true));
  });
  if (!listens) {
    await close();
    return undefined;
  }
  server.unref();
  return {
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await close();
    },
  };
}

export async function askLifeSign(folder: string, name: string): Promise<LifeSignAnswer> {
  const { path, close } = await shortPath(folder, name);
  const answer = await new Promise<LifeSignAnswer>((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve('lives');
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') resolve('refused');
      else if (code === 'ENOENT') resolve('missing');
      else resolve('lives');
    });
  });
  await close();
  return answer;
}

/** Paths of sockets have 100 bytes or so. Linux knows a short one for each open folder. */
async function shortPath(
  folder: string,
  name: string,
): Promise<{ readonly path: string; close(): Promise<void> }> {
  if (process.platform !== 'linux') {
    return { path: join(folder, name), close: () => Promise.resolve() };
  }
  const handle = await open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}
