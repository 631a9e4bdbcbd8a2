/** What receivers of webhooks check signatures with: each API key has its own, so none can forge another's. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Runtime } from './runtime.ts';

const MASTER = 'webhook-secret';
const PREFIX = 'whsec_';

/**
 * The secret of an API key, in the form of Standard Webhooks. All follow from one: that of the
 * configuration, else one that is made once.
 */
export async function webhookSecret(runtime: Runtime, key: string): Promise<string> {
  const master = Buffer.from((await masterSecret(runtime)).slice(PREFIX.length), 'base64');
  return PREFIX + createHmac('sha256', master).update(key).digest('base64');
}

async function masterSecret({ config, database }: Runtime): Promise<string> {
  if (config.webhookSecret !== undefined) return config.webhookSecret;
  await database
    .insertInto('settings')
    .values({ name: MASTER, value: PREFIX + randomBytes(32).toString('base64') })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await database
    .selectFrom('settings')
    .select('value')
    .where('name', '=', MASTER)
    .executeTakeFirstOrThrow();
  return value;
}
