/**
 * Calls of the URLs that jobs name, when they have ended, signed after the Standard Webhooks
 * specification (https://www.standardwebhooks.com). A call that fails is made again, later each time.
 */
import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { Webhook } from 'standardwebhooks';
import type { Runtime } from './runtime.ts';
import type { Database } from './store/database.ts';
import type { WebhookTable } from './store/schema.ts';
import { postPublic } from './web-post.ts';

const LOOK_MILLISECONDS = 1000;
/** Seconds in front of each further attempt: about a day and a half together. */
const PAUSES: readonly number[] = [5, 60, 600, 3600, 6 * 3600, 24 * 3600];
/** A call that another process has taken, and never ended, is made again after so long. */
const TAKEN_MILLISECONDS = 60_000;
const SECRET = 'webhook-secret';

type Delivery = Selectable<WebhookTable>;

export async function startWebhooks(
  runtime: Runtime,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const secret = await webhookSecret(runtime);
  let running = Promise.resolve();
  let isBusy = false;
  const look = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    running = deliverDue(runtime, secret, Date.now())
      .catch(onError)
      .finally(() => {
        isBusy = false;
      });
  };
  const timer = setInterval(look, LOOK_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** What receivers check signatures with: that of the configuration, else one that is made once. */
export async function webhookSecret({ config, database }: Runtime): Promise<string> {
  if (config.webhookSecret !== undefined) return config.webhookSecret;
  await database
    .insertInto('settings')
    .values({ name: SECRET, value: `whsec_${randomBytes(32).toString('base64')}` })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await database
    .selectFrom('settings')
    .select('value')
    .where('name', '=', SECRET)
    .executeTakeFirstOrThrow();
  return value;
}

/** @param now in milliseconds since 1970 */
export async function deliverDue(runtime: Runtime, secret: string, now: number): Promise<void> {
  for (;;) {
    const delivery = await takeDue(runtime.database, now);
    if (delivery === undefined) return;
    await deliver(runtime, new Webhook(secret), delivery);
  }
}

/** Takes a delivery whose time has come, so that no other process makes it. */
async function takeDue(database: Database, now: number): Promise<Delivery | undefined> {
  return await database
    .updateTable('webhooks')
    .set(({ eb }) => ({ due_at: now + TAKEN_MILLISECONDS, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', (select) =>
      select
        .selectFrom('webhooks')
        .select('id')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
}

async function deliver(
  { config, database }: Runtime,
  signer: Webhook,
  { id, url, body, attempts }: Delivery,
): Promise<void> {
  const time = new Date();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
    'webhook-signature': signer.sign(id, time, body),
  };
  const problem = await postPublic(url, headers, body, config.webhookPrivate);
  const pause = PAUSES[attempts - 1];
  const isOver = problem === undefined || pause === undefined;
  await database
    .updateTable('webhooks')
    .set({
      due_at: isOver ? null : time.getTime() + 1000 * pause,
      delivered_at: problem === undefined ? Date.now() : null,
      problem: problem ?? null,
    })
    .where('id', '=', id)
    .execute();
}
