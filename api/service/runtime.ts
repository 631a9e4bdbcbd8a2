/** What a process of the service holds open: database, queue and blobs, as the configuration says. */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Blobs } from './blobs.ts';
import type { ServiceConfig } from './config.ts';
import { StorageError } from './errors.ts';
import { askRedis, type Backend, postgresBackend, redisBackend } from './queue/backends.ts';
import { openQueue } from './queue/bull-queue.ts';
import type { TaskQueue } from './queue/queue.ts';
import { type Database, openDatabase } from './store/database.ts';
import { lockDirectory } from './store/directory-lock.ts';
import { openEmbeddedPool } from './store/embedded-pool.ts';
import { JobStore } from './store/jobs.ts';
import { KeyStore } from './store/keys.ts';
import { PartStore } from './store/parts.ts';
import type { Pool } from './store/pool.ts';
import { ProgramStore } from './store/programs.ts';
import { openServerPool } from './store/server-pool.ts';
import { makeFolder } from './store/sync-folder.ts';
import { WorkerStore } from './store/workers.ts';

const QUEUE = 'vouch';
/** Bytes of starts, for each byte that blobs may have. */
const STARTS_SHARE = 0.1;

export interface Runtime {
  readonly config: ServiceConfig;
  readonly database: Database;
  readonly jobs: JobStore;
  readonly parts: PartStore;
  readonly programs: ProgramStore;
  readonly keys: KeyStore;
  readonly workers: WorkerStore;
  readonly blobs: Blobs;
  /** Where segments of unfinished jobs start; what is missing costs time and nothing else. */
  readonly starts: Blobs;
  readonly queue: TaskQueue;
  /**
   * Emits `job` with its id, itself and the kind of the event when a job has changed in this process, and
   * `fatal` with an error when the embedded database has failed for good.
   */
  readonly changes: EventEmitter;
  close(): Promise<void>;
}

/**
 * Opens everything.
 *
 * @throws StorageError; what the drivers say when a server does not answer
 */
export async function openRuntime(config: ServiceConfig): Promise<Runtime> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await open(config, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  config: ServiceConfig,
  closers: (() => Promise<void>)[],
): Promise<Omit<Runtime, 'close'>> {
  const { dataDir, databaseUrl, storageBytes } = config;
  await makeFolder(dataDir);
  const isEmbedded = databaseUrl === undefined;
  if (isEmbedded) closers.push(await lockDirectory(dataDir));
  const changes = new EventEmitter();
  changes.setMaxListeners(0);
  const pool: Pool = isEmbedded
    ? await openEmbedded(join(dataDir, 'database'), changes)
    : openServerPool(databaseUrl);
  closers.push(() => pool.end());
  if (!isEmbedded) await reach('database', databaseUrl, pool.query('select 1'));
  const database = await openDatabase(pool);
  const backend = await openBackend(config, pool, closers);
  const queue = await openQueue(QUEUE, backend);
  closers.push(() => queue.close());
  const jobs = new JobStore(database);
  jobs.onChange = (job, kind) => changes.emit('job', job.id, job, kind);
  // Whoever had tasks of this queue is dead.
  if (isEmbedded) await queue.clear();
  return {
    ...{ config, database, jobs, queue, changes },
    parts: new PartStore(database),
    programs: new ProgramStore(database),
    keys: new KeyStore(database),
    workers: new WorkerStore(database),
    blobs: await Blobs.open(join(dataDir, 'blobs'), storageBytes),
    starts: await Blobs.open(join(dataDir, 'starts'), STARTS_SHARE * storageBytes),
  };
}

async function openEmbedded(folder: string, changes: EventEmitter): Promise<Pool> {
  const pool = await openEmbeddedPool(folder);
  pool.once('fatal', (error) => changes.emit('fatal', error));
  return pool;
}

async function openBackend(
  { queueUrl }: ServiceConfig,
  pool: Pool,
  closers: (() => Promise<void>)[],
): Promise<Backend> {
  if (queueUrl === undefined) return await postgresBackend(pool);
  if (/^rediss?:/.test(queueUrl)) {
    await reach('queue', queueUrl, askRedis(queueUrl));
    const backend = await redisBackend(queueUrl);
    closers.push(backend.close);
    return backend;
  }
  const own = openServerPool(queueUrl);
  closers.push(() => own.end());
  await reach('queue', queueUrl, own.query('select 1'));
  return await postgresBackend(own);
}

/** @throws StorageError `storage/unreachable`, without the password in the URL */
async function reach(what: string, url: string, answer: Promise<unknown>): Promise<void> {
  await answer.catch((cause: unknown) => {
    const { host } = new URL(url);
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    const message = `the ${what} at ${host} does not answer: ${reason}`;
    const remedy = 'see whether it runs, and check address, user and password';
    throw new StorageError('storage/unreachable', message, remedy, cause);
  });
}
