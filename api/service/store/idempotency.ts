/** Which job a client's idempotency key stands for. */
import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { IdempotencyTable } from './schema.ts';

/** Undefined where the API key has not sent that idempotency key, or its job was removed. */
export async function findIdempotent(
  database: Database,
  key: string,
  clientKey: string,
): Promise<Selectable<IdempotencyTable> | undefined> {
  return await database
    .selectFrom('idempotency')
    .selectAll()
    .where('key_id', '=', key)
    .where('client_key', '=', clientKey)
    .executeTakeFirst();
}
