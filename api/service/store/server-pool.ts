/** Connections to a PostgreSQL server. */
import pg from 'pg';
import { QUEUE_SCHEMA } from '../queue/backends.ts';
import type { Pool } from './pool.ts';

/** Connections at a time; a waiting worker and a listener have one each for good. */
const CONNECTIONS = 10;

/** @param url `postgres://user:password@host:port/name` */
export function openServerPool(url: string): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    keepAlive: true,
    options: `-c search_path=${QUEUE_SCHEMA},public`,
  });
  // Each user of the pool listens for its errors.
  pool.setMaxListeners(0);
  // An idle connection that breaks is replaced with the next query.
  pool.on('error', () => {});
  // One that breaks in use fails its query; the event alone would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool as unknown as Pool;
}
