/** API keys: a key's text is given out once and stored as a hash only. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import { digestOf } from '../blobs.ts';
import { type ApiKey, type Caller, type Scope, ServiceError } from '../service.ts';
import type { Database } from './database.ts';
import type { KeyTable } from './schema.ts';

/** `vouch_`, the id's 16 digits, `_`, 32 random bytes in base 64. */
const SECRET = /^vouch_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

export class KeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(
    name: string,
    scopes: readonly Scope[],
    expiresAt: number | undefined,
  ): Promise<{ secret: string; key: ApiKey }> {
    const digits = randomBytes(8).toString('hex');
    const secret = `vouch_${digits}_${randomBytes(32).toString('base64url')}`;
    const row = await this.#database
      .insertInto('api_keys')
      .values({
        ...{ id: idOf(digits), name, scopes: JSON.stringify(scopes) },
        ...{ secret_sha256: hash(secret), created_at: Date.now() },
        ...{ expires_at: expiresAt ?? null, revoked_at: null },
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { secret, key: keyOf(row) };
  }

  /** Newest first. */
  async all(): Promise<ApiKey[]> {
    const rows = this.#database.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc');
    return (await rows.execute()).map(keyOf);
  }

  /** Does nothing to a key that is revoked. Throws ServiceError `key/unknown`. */
  async revoke(id: string): Promise<ApiKey> {
    await this.#database
      .updateTable('api_keys')
      .set({ revoked_at: Date.now() })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    return await this.find(id);
  }

  /** Throws ServiceError `key/unknown`. */
  async find(id: string): Promise<ApiKey> {
    const row = await this.#find(id);
    if (row !== undefined) return keyOf(row);
    throw new ServiceError('key/unknown', `there is no API key ${id}`, 'look at the list of keys');
  }

  /** Compares in constant time. */
  async callerOf(secret: string): Promise<Caller | undefined> {
    const digits = SECRET.exec(secret)?.[1];
    if (digits === undefined) return undefined;
    const row = await this.#find(idOf(digits));
    if (row === undefined) return undefined;
    const isRight = timingSafeEqual(Buffer.from(row.secret_sha256), Buffer.from(hash(secret)));
    const isOver = row.revoked_at !== null || (row.expires_at ?? Infinity) <= Date.now();
    return isRight && !isOver ? { key: row.id, scopes: row.scopes } : undefined;
  }

  async #find(id: string): Promise<Selectable<KeyTable> | undefined> {
    const rows = this.#database.selectFrom('api_keys').selectAll().where('id', '=', id);
    return await rows.executeTakeFirst();
  }
}

function idOf(digits: string): string {
  return `key_${digits}`;
}

function hash(secret: string): string {
  return digestOf(new TextEncoder().encode(secret));
}

function keyOf(row: Selectable<KeyTable>): ApiKey {
  return {
    ...{ id: row.id, name: row.name, scopes: row.scopes, createdAt: row.created_at },
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  };
}
