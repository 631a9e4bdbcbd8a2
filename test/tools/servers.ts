/** Private servers for tests: on loopback, in a temporary folder, gone with the process that started them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { hasExited } from './processes.ts';
import { pathOf } from './tools.ts';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

const START_MILLISECONDS = 30_000;

export async function startRedis(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-redis-'));
  const port = await freePort();
  const options = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const child = spawn('redis-server', [...options, '--appendonly', 'yes'], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  await answered(child, async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  });
  return { url, stop: () => stop(child, folder) };
}

export async function startPostgres(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-postgres-'));
  const port = await freePort();
  // PostgreSQL does not run as root.
  const user = process.getuid?.() === 0 ? accountOf('postgres') : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = pathOf('initdb') ?? 'initdb';
  const options = ['-D', data, '-U', 'vouch', '-A', 'trust', '--no-sync', '-E', 'UTF8'];
  const made = spawnSync(initdb, options, { ...user, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const child = spawn(
    pathOf('postgres') ?? 'postgres',
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const url = `postgres://vouch@127.0.0.1:${port}/postgres`;
  await answered(child, async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.end();
  });
  return { url, stop: () => stop(child, folder) };
}

function accountOf(name: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function answered(child: ChildProcess, ask: () => Promise<void>): Promise<void> {
  const end = Date.now() + START_MILLISECONDS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (hasExited(child) || Date.now() > end) throw error;
      await sleep(50);
    }
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (!hasExited(child)) {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}
