/** The service as its users start it, in each set-up for which the tools are there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, startRedis, type TestServer } from './servers.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';
import { toolAvailable } from './tools.ts';

export interface RunningSetUp {
  readonly url: string;
  /** Ends all processes. The exit codes, that of the server first. */
  stop(): Promise<(number | null)[]>;
}

export interface SetUp {
  readonly name: string;
  /** Names of workers in processes of their own; empty where the server has one. */
  readonly workers: readonly string[];
  start(): Promise<RunningSetUp>;
}

export function setUps(): SetUp[] {
  const all: SetUp[] = [{ name: 'the embedded database', workers: [], start: () => start([], []) }];
  const workers = ['first', 'second'];
  if (toolAvailable('initdb')) {
    const name = 'PostgreSQL and two workers';
    all.push({ name, workers, start: () => start(workers, ['DATABASE_URL']) });
    if (toolAvailable('redis-server')) {
      const places = ['DATABASE_URL', 'QUEUE_URL'] as const;
      const both = 'PostgreSQL, Redis and two workers';
      all.push({ name: both, workers, start: () => start(workers, places) });
    }
  }
  return all;
}

async function start(
  workers: readonly string[],
  places: readonly ('DATABASE_URL' | 'QUEUE_URL')[],
): Promise<RunningSetUp> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-set-up-'));
  const servers: TestServer[] = [];
  const processes: ServiceProcess[] = [];
  const stop = async (): Promise<(number | null)[]> => {
    const codes: (number | null)[] = [];
    for (const running of processes.splice(0)) codes.push(await running.end('SIGTERM'));
    for (const server of servers.splice(0)) await server.stop();
    await rm(folder, { recursive: true, force: true });
    return codes;
  };
  try {
    const environment: Record<string, string> = {};
    for (const place of places) {
      const server = await (place === 'QUEUE_URL' ? startRedis() : startPostgres());
      servers.push(server);
      environment[place] = server.url;
    }
    const flags = ['--data-dir', folder, '--threads', '1'];
    const local = workers.length === 0 ? [] : ['--local-workers', '0'];
    const server = await startServiceProcess(
      'serve',
      [...flags, '--port', '0', ...local],
      environment,
    );
    processes.push(server);
    for (const name of workers) {
      const named = [...flags, '--worker-name', name];
      processes.push(await startServiceProcess('worker', named, environment));
    }
    return { url: server.line, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
