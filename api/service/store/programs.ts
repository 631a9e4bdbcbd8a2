/** Programs by their ids. */
import { type ProgramRecord, ServiceError } from '../service.ts';
import type { Database } from './database.ts';

export class ProgramStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws ServiceError `program/unknown` */
  async find(id: string): Promise<ProgramRecord> {
    const found = await this.#by('id', id);
    if (found !== undefined) return found;
    const message = `there is no program ${id}`;
    throw new ServiceError('program/unknown', message, 'upload its ELF file first');
  }

  async ofFile(sha256: string): Promise<ProgramRecord | undefined> {
    return await this.#by('sha256', sha256);
  }

  /** Digest of a program's file. @throws ServiceError `program/unknown` */
  async digest(id: string): Promise<string> {
    return (await this.find(id)).sha256;
  }

  /** False if there is one already: of the same id, or of the same file. */
  async add({ id, sha256, bytes, createdAt }: ProgramRecord): Promise<boolean> {
    const row = await this.#database
      .insertInto('programs')
      .values({ id, sha256, bytes, created_at: createdAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  async #by(column: 'id' | 'sha256', value: string): Promise<ProgramRecord | undefined> {
    const row = await this.#database
      .selectFrom('programs')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { id: row.id, sha256: row.sha256, bytes: row.bytes, createdAt: row.created_at };
  }
}
