/** The database behind the service: PostgreSQL, or the embedded one, with the schema of this version. */
import {
  Kysely,
  Migrator,
  PostgresDialect,
  type PostgresPool,
  sql,
  type Transaction,
} from 'kysely';
import { StorageError } from '../errors.ts';
import { MIGRATIONS, SCHEMA } from './migrations.ts';
import type { Pool } from './pool.ts';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

/** Any number that no other lock of the database has: `VOUC` in ASCII. */
const LOCK = 0x564f5543;

/**
 * Brings the schema up to date. The pool stays the caller's.
 *
 * @throws StorageError `storage/newer-schema`
 */
export async function openDatabase(pool: Pool): Promise<Database> {
  const database = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }),
  });
  await migrate(database);
  return database.withSchema(SCHEMA);
}

/** One transaction at a time, in all processes, in which the task runs. */
export async function exclusively<T>(
  database: Database,
  task: (transaction: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  return await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    return await task(transaction);
  });
}

async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    migrationTableSchema: SCHEMA,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const message = error instanceof Error ? error.message : String(error);
  if (!message.includes('is missing')) throw error;
  throw new StorageError(
    'storage/newer-schema',
    `the database was made by a newer version of vouch: ${message}`,
    'use that version, or restore a backup from before the upgrade',
    error,
  );
}
