/** Where BullMQ keeps the tasks: in PostgreSQL, the embedded one or a server, or in Redis. */
import {
  type BackendFactory,
  createPostgresBackend,
  type IQueueBackend,
  type PgPool,
  runMigrations,
} from 'bullmq';
import type { Pool } from '../store/pool.ts';

/** BullMQ's tables live in this schema of the database. */
export const QUEUE_SCHEMA = 'bullmq';

export interface Backend {
  readonly connection: unknown;
  /** Undefined for Redis, which is what BullMQ takes by itself. */
  readonly factory: BackendFactory<IQueueBackend> | undefined;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** @param pool with `bullmq` on its search path; stays the caller's */
export async function postgresBackend(pool: Pool): Promise<Backend> {
  const client = await pool.connect();
  try {
    await runMigrations(client as never, QUEUE_SCHEMA);
  } finally {
    client.release();
  }
  return {
    connection: pool as unknown as PgPool,
    factory: createPostgresBackend as unknown as BackendFactory<IQueueBackend>,
    ping: async () => {
      await pool.query('select 1');
    },
    close: () => Promise.resolve(),
  };
}

/** @param url `redis://` or `rediss://` */
export async function redisBackend(url: string): Promise<Backend> {
  const { Redis } = await import('ioredis');
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  // Lost connections are mended; whoever waits for an answer is told by `ping`.
  connection.on('error', () => {});
  return {
    connection,
    factory: undefined,
    ping: async () => {
      await connection.ping();
    },
    close: async () => {
      await connection.quit();
    },
  };
}

/**
 * What a Redis server says of itself (command INFO), by name. Rejects at once if nobody answers, where a
 * connection of the queue would try again for ever.
 */
export async function askRedis(url: string): Promise<ReadonlyMap<string, string>> {
  const { Redis } = await import('ioredis');
  const connection = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  connection.on('error', () => {});
  try {
    await connection.connect();
    const lines = (await connection.info()).matchAll(/^(\w+):(.*?)\r?$/gm);
    return new Map(Array.from(lines, ([, name = '', value = '']) => [name, value]));
  } finally {
    connection.disconnect();
  }
}
