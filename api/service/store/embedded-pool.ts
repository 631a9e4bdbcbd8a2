/**
 * The embedded database in the form of a pool of `pg`. There is one session behind all clients, so a
 * client that is in a transaction has it alone until that ends; notifications reach every client.
 */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { StorageError } from '../errors.ts';
import { DURABLE_START, DurableFiles } from './durable-files.ts';
import type { Client, Pool, QueryResult } from './pool.ts';
import { syncFolder, syncTree } from './sync-folder.ts';

const BEGINS = /^\s*(?:begin|start\s+transaction)\b/i;
const ENDS = /^\s*(?:commit|rollback(?!\s+to)|end)\b/i;
/** The first word of a statement is its command, as `pg` reports it. */
const COMMAND = /^\s*(\w+)/;

/**
 * Opens the database in a folder, and makes it if there is none: some seconds.
 *
 * @throws StorageError `storage/unreachable` where it cannot be written; what PGlite says otherwise
 */
export async function openEmbeddedPool(folder: string): Promise<EmbeddedPool> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await makeDatabase(folder);
  const { database, files } = await openDatabase(folder);
  return new EmbeddedPool(database, files);
}

/** Elsewhere first: nothing of what makes a database brings it to the disk. */
async function makeDatabase(folder: string): Promise<void> {
  const making = `${folder}.new`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await (await openDatabase(making)).database.close();
  await syncTree(making);
  await rename(making, folder);
  await syncFolder(dirname(folder));
}

async function openDatabase(
  folder: string,
): Promise<{ readonly database: PGlite; readonly files: DurableFiles }> {
  const files = new DurableFiles(folder);
  const options = { fs: files, startParams: [...DURABLE_START] };
  const database = await PGlite.create(options).catch((error) => {
    throw files.isOver ? ended(error) : error;
  });
  // A call of PostgreSQL behind its end would never return, nor let anything else run.
  const call = database.execProtocolRawSync.bind(database);
  database.execProtocolRawSync = (message) => {
    if (files.isOver) throw ended();
    return call(message);
  };
  return { database, files };
}

/** Emits `fatal` with an error when PostgreSQL has ended: another process finds all that was committed. */
export class EmbeddedPool extends EventEmitter implements Pool {
  readonly #database: PGlite;
  readonly #files: DurableFiles;
  readonly #clients = new Set<EmbeddedClient>();
  /** Settles when nobody has the session. */
  #free: Promise<void> = Promise.resolve();

  constructor(database: PGlite, files: DurableFiles) {
    super();
    this.setMaxListeners(0);
    this.#database = database;
    this.#files = files;
    database.onNotification((channel, payload) => {
      for (const client of this.#clients) client.emit('notification', { channel, payload });
    });
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    const release = await this.take();
    try {
      return await this.run<Row>(text, parameters);
    } finally {
      release();
    }
  }

  connect(): Promise<EmbeddedClient> {
    const client = new EmbeddedClient(this, () => this.#clients.delete(client));
    this.#clients.add(client);
    this.emit('connect', client);
    return Promise.resolve(client);
  }

  /** Waits for whoever has the session, then closes the database. */
  async end(): Promise<void> {
    await this.take();
    if (!this.#files.isOver) await this.#database.close();
  }

  /** Waits for the session; returns what gives it back. */
  async take(): Promise<() => void> {
    const before = this.#free;
    let release = (): void => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  /** For the one who has the session. */
  async run<Row>(text: string, parameters: readonly unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#run<Row>(text, parameters);
    } catch (error) {
      if (this.#files.isOver) this.emit('fatal', error);
      throw error;
    }
  }

  async #run<Row>(text: string, parameters: readonly unknown[]): Promise<QueryResult<Row>> {
    const command = (COMMAND.exec(text)?.[1] ?? '').toUpperCase();
    if (parameters.length === 0) {
      // Several statements in one text, as migrations have them.
      const results = await this.#database.exec(text);
      const last = results.at(-1);
      const rows = (last?.rows ?? []) as Row[];
      return { rows, rowCount: last?.affectedRows ?? rows.length, command };
    }
    const { rows, affectedRows } = await this.#database.query<Row>(text, [...parameters]);
    return { rows, rowCount: command === 'SELECT' ? rows.length : (affectedRows ?? 0), command };
  }
}

class EmbeddedClient extends EventEmitter implements Client {
  readonly #pool: EmbeddedPool;
  readonly #forget: () => void;
  /** Gives the session back; there as long as the client is in a transaction. */
  #endTransaction: (() => void) | undefined;

  constructor(pool: EmbeddedPool, forget: () => void) {
    super();
    this.setMaxListeners(0);
    this.#pool = pool;
    this.#forget = forget;
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    const end = this.#endTransaction;
    if (end === undefined) {
      if (!BEGINS.test(text)) return await this.#pool.query<Row>(text, parameters);
      this.#endTransaction = await this.#pool.take();
    }
    try {
      return await this.#pool.run<Row>(text, parameters);
    } finally {
      if (ENDS.test(text)) {
        this.#endTransaction = undefined;
        end?.();
      }
    }
  }

  release(): void {
    this.removeAllListeners();
    this.#forget();
    const end = this.#endTransaction;
    this.#endTransaction = undefined;
    // Rejects only with the database, which says so itself.
    if (end !== undefined) void this.#pool.run('rollback', []).then(end, end);
  }
}

function ended(cause?: unknown): StorageError {
  return new StorageError(
    'storage/unreachable',
    'the embedded database has ended, as it does when its log cannot be written',
    'see to the disk of the data directory, and start the service again',
    cause,
  );
}
