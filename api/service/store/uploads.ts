/**
 * Whose bytes are whose: a key names by their SHA-256 only what it has itself given or got, so that nobody
 * can see whether others have bytes that they guess.
 */
import { sql } from 'kysely';
import type { Database } from './database.ts';

/** As long as bytes that no job names are kept. */
const KEPT_MILLISECONDS = 86_400_000;

/** @param now in milliseconds since 1970 */
export async function addUpload(
  database: Database,
  sha256: string,
  key: string,
  now: number,
): Promise<void> {
  await database
    .deleteFrom('uploads')
    .where('at', '<', now - KEPT_MILLISECONDS)
    .execute();
  await database
    .insertInto('uploads')
    .values({ sha256, key_id: key, at: now })
    .onConflict((conflict) => conflict.columns(['sha256', 'key_id']).doUpdateSet({ at: now }))
    .execute();
}

/** Whether a key has uploaded the bytes, or has a job that they belong to. */
export async function mayName(database: Database, sha256: string, key: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from vouch.uploads where sha256 = ${sha256} and key_id = ${key}
    union all
    select 1 from vouch.jobs where key_id = ${key} and ${sha256} in
      (request->>'publicInput', request->>'privateInput', journal, receipt_sha256)
    limit 1`.execute(database);
  return rows.length > 0;
}
