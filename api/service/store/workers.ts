/** Which workers were seen lately. */
import type { Database } from './database.ts';

/** How often a worker says that it is there, and after which silence it counts as gone. */
export const HEARTBEAT_MILLISECONDS = 5000;
const GONE_MILLISECONDS: number = 4 * HEARTBEAT_MILLISECONDS;

export class WorkerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async seen(id: string): Promise<void> {
    const seen_at = Date.now();
    await this.#database
      .insertInto('workers')
      .values({ id, seen_at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at }))
      .execute();
  }

  async gone(id: string): Promise<void> {
    await this.#database.deleteFrom('workers').where('id', '=', id).execute();
  }

  async count(): Promise<number> {
    const { count } = await this.#database
      .selectFrom('workers')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('seen_at', '>', Date.now() - GONE_MILLISECONDS)
      .executeTakeFirstOrThrow();
    return Number(count);
  }
}
