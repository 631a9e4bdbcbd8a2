/**
 * Calls of the URLs that jobs name, when they have ended, signed after the Standard Webhooks
 * specification (https://www.standardwebhooks.com). A call that fails is made again, later each time.
 */
import type { Selectable } from 'kysely';
import { Webhook } from 'standardwebhooks';
import type { Runtime } from './runtime.ts';
import type { Database } from './store/database.ts';
import type { WebhookTable } from './store/schema.ts';
import { postPublic } from './web-post.ts';
import { webhookSecret } from './webhook-secrets.ts';

const LOOK_MILLISECONDS = 1000;
/** Seconds in front of each further attempt: about a day and a half together. */
const PAUSES: readonly number[] = [5, 60, 600, 3600, 6 * 3600, 24 * 3600];
/** A call that another process has taken, and never ended, is made again after so long. */
const TAKEN_MILLISECONDS = 60_000;
const MOST_AT_ONCE = 8;
/** For calls that are under way when the service closes; they are made again later. */
const CLOSE_MILLISECONDS = 2000;

type Delivery = Selectable<WebhookTable> & { readonly key_id: string };

export async function startWebhooks(
  runtime: Runtime,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const sender = new WebhookSender(runtime, onError);
  const timer = setInterval(() => sender.look(), LOOK_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await sender.close();
    },
  };
}

/** Makes the calls that are due: several at once, those of one API key one after the other. */
export class WebhookSender {
  readonly #runtime: Runtime;
  readonly #onError: (error: unknown) => void;
  readonly #now: () => number;
  /** By API key. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #cut = new AbortController();
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #isClosing = false;

  /** @param now in milliseconds since 1970 */
  constructor(runtime: Runtime, onError: (error: unknown) => void, now: () => number = Date.now) {
    this.#runtime = runtime;
    this.#onError = onError;
    this.#now = now;
  }

  /** Begins with what is due, as far as there is room. */
  look(): Promise<void> {
    this.#isWanted = true;
    this.#looking ??= this.#takeAll()
      .catch(this.#onError)
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** Resolves when no call is under way, and none is due that may be made. */
  async idle(): Promise<void> {
    for (;;) {
      await this.#looking;
      if (this.#underWay.size === 0) return;
      await Promise.all(this.#underWay.values());
    }
  }

  /** Begins with no more calls; gives those that are under way a moment. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const timer = setTimeout(() => this.#cut.abort(), CLOSE_MILLISECONDS);
    await this.idle();
    clearTimeout(timer);
  }

  async #takeAll(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      while (!this.#isClosing && this.#underWay.size < MOST_AT_ONCE) {
        const busy = [...this.#underWay.keys()];
        const delivery = await takeDue(this.#runtime.database, this.#now(), busy);
        if (delivery === undefined) break;
        this.#begin(delivery);
      }
    }
  }

  #begin(delivery: Delivery): void {
    const task = this.#deliver(delivery)
      .catch(this.#onError)
      .then(() => {
        this.#underWay.delete(delivery.key_id);
        void this.look();
      });
    this.#underWay.set(delivery.key_id, task);
  }

  async #deliver({ id, key_id, url, body, attempts }: Delivery): Promise<void> {
    const { config, database } = this.#runtime;
    const time = new Date();
    const signer = new Webhook(await webhookSecret(this.#runtime, key_id));
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
      'webhook-signature': signer.sign(id, time, body),
    };
    const { signal } = this.#cut;
    const problem = await postPublic(url, headers, body, config.webhookPrivate, signal);
    const pause = signal.aborted ? 0 : PAUSES[attempts - 1];
    const isOver = problem === undefined || pause === undefined;
    await database
      .updateTable('webhooks')
      .set({
        due_at: isOver ? null : this.#now() + 1000 * pause,
        delivered_at: problem === undefined ? Date.now() : null,
        problem: problem ?? null,
      })
      .where('id', '=', id)
      .execute();
  }
}

/**
 * Takes a delivery whose time has come, so that no other process makes it.
 *
 * @param busy API keys whose turn it is not
 */
async function takeDue(
  database: Database,
  now: number,
  busy: readonly string[],
): Promise<Delivery | undefined> {
  return await database
    .updateTable('webhooks')
    .from('jobs')
    .set(({ eb }) => ({ due_at: now + TAKEN_MILLISECONDS, attempts: eb('attempts', '+', 1) }))
    .whereRef('jobs.id', '=', 'webhooks.job_id')
    .where('webhooks.id', '=', (select) => {
      const due = select
        .selectFrom('webhooks')
        .innerJoin('jobs', 'jobs.id', 'webhooks.job_id')
        .select('webhooks.id')
        .where('due_at', '<=', now);
      return (busy.length === 0 ? due : due.where('key_id', 'not in', busy))
        .orderBy('due_at')
        .limit(1)
        .forUpdate('webhooks')
        .skipLocked();
    })
    .returningAll('webhooks')
    .returning('jobs.key_id')
    .executeTakeFirst();
}
