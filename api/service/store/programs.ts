/** Programs by their ids. */
import { sql } from 'kysely';
import { type ProgramRecord, ServiceError } from '../service.ts';
import type { Database } from './database.ts';
import type { ProgramTable } from './schema.ts';

/** Uses within this time of the last one are not written down. */
const USE_MILLISECONDS = 3_600_000;

export class ProgramStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws ServiceError `program/unknown` */
  async find(id: string): Promise<ProgramRecord> {
    return known(id, await this.#by('id', id));
  }

  /** As `find`, for somebody who uses it: it will not be removed soon. */
  async use(id: string): Promise<ProgramRecord> {
    return known(id, await this.#use('id', id));
  }

  /** As `use`, by the digest of its file; undefined if there is none. */
  async useFile(sha256: string): Promise<ProgramRecord | undefined> {
    const row = await this.#use('sha256', sha256);
    return row === undefined ? undefined : recordOf(row);
  }

  /** Digest of a program's file. @throws ServiceError `program/unknown` */
  async digest(id: string): Promise<string> {
    return (await this.find(id)).sha256;
  }

  /** False if there is one already: of the same id, or of the same file. */
  async add({ id, sha256, bytes, createdAt }: ProgramRecord): Promise<boolean> {
    const row = await this.#database
      .insertInto('programs')
      .values({ id, sha256, bytes, created_at: createdAt, used_at: createdAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Removes the programs that no job names and that nobody has used since then. */
  async removeUnused(since: number): Promise<void> {
    await this.#database
      .deleteFrom('programs')
      .where('used_at', '<', since)
      .where('id', 'not in', sql<string>`(select request->>'program' from vouch.jobs)`)
      .execute();
  }

  async #use(column: 'id' | 'sha256', value: string): Promise<ProgramTable | undefined> {
    const now = Date.now();
    const row = await this.#by(column, value);
    if (row === undefined || row.used_at > now - USE_MILLISECONDS) return row;
    return await this.#database
      .updateTable('programs')
      .set({ used_at: now })
      .where(column, '=', value)
      .returningAll()
      .executeTakeFirst();
  }

  async #by(column: 'id' | 'sha256', value: string): Promise<ProgramTable | undefined> {
    return await this.#database
      .selectFrom('programs')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst();
  }
}

function known(id: string, row: ProgramTable | undefined): ProgramRecord {
  if (row !== undefined) return recordOf(row);
  const message = `there is no program ${id}`;
  throw new ServiceError('program/unknown', message, 'upload its ELF file first');
}

function recordOf({ id, sha256, bytes, created_at: createdAt }: ProgramTable): ProgramRecord {
  return { id, sha256, bytes, createdAt };
}
