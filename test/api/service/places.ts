/** Where the service can keep its state, for suites that hold everywhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPool } from '../../../api/service/store/embedded-pool.ts';
import type { Pool } from '../../../api/service/store/pool.ts';
import { openServerPool } from '../../../api/service/store/server-pool.ts';
import { copyNewDatabase } from '../../tools/embedded-database.ts';
import { startPostgres, startRedis, type TestServer } from '../../tools/servers.ts';
import { toolAvailable } from '../../tools/tools.ts';

/** A database that a suite has for itself. */
export interface Place<Opened> {
  readonly name: string;
  open(): Promise<Opened>;
  close(): Promise<void>;
}

export function databases(): Place<Pool>[] {
  return [embedded(), ...(toolAvailable('initdb') ? [server()] : [])];
}

/** The URL of a server of its own. */
export function redis(): Place<string> {
  let running: TestServer | undefined;
  return {
    name: 'Redis',
    open: async () => {
      running = await startRedis();
      return running.url;
    },
    close: async () => running?.stop(),
  };
}

function embedded(): Place<Pool> {
  let pool: Pool | undefined;
  let folder = '';
  return {
    name: 'the embedded database',
    open: async () => {
      folder = mkdtempSync(join(tmpdir(), 'vouch-embedded-'));
      await copyNewDatabase(folder);
      pool = await openEmbeddedPool(folder);
      return pool;
    },
    close: async () => {
      await pool?.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function server(): Place<Pool> {
  let pool: Pool | undefined;
  let running: TestServer | undefined;
  return {
    name: 'PostgreSQL',
    open: async () => {
      running = await startPostgres();
      pool = openServerPool(running.url);
      return pool;
    },
    close: async () => {
      await pool?.end();
      await running?.stop();
    },
  };
}
