/** Jobs and their events in the database: the record that the queue is only a copy of. */
import { sql } from 'kysely';
import type { Job, JobEvent, JobRequest, JobState } from '../service.ts';
import { type Database, type DatabaseTransaction, exclusively } from './database.ts';
import { columnsOf, type JobChange, type JobRow, jobOf, type StoredJob } from './job-rows.ts';
import { SCHEMA } from './migrations.ts';

/** A job that is to be made. */
export interface NewJob {
  readonly id: string;
  readonly key: string;
  readonly request: JobRequest;
  readonly createdAt: number;
  /** The client's key and the digest of what it asked for. */
  readonly idempotency?: { readonly clientKey: string; readonly requestSha256: string };
}

/** Most jobs that wait: of all keys together, and unfinished ones of one key. */
export interface JobLimits {
  readonly waiting: number;
  readonly ofKey: number;
}

export type InsertResult =
  | { readonly kind: 'made' | 'known'; readonly job: Job }
  | { readonly kind: 'other-request' | 'queue-full' | 'key-full' };

const UNFINISHED: readonly JobState[] = ['queued', 'running'];

export class JobStore {
  readonly #database: Database;
  /** Called with a job that was made or has changed, and the kind of the event. */
  onChange: (job: Job, kind: JobEvent['kind']) => void = () => {};

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a job with its first event, unless the client's key has one already, or no room is left. */
  async insert(job: NewJob, limits: JobLimits): Promise<InsertResult> {
    const result = await exclusively(this.#database, async (transaction): Promise<InsertResult> => {
      const tables = transaction.withSchema(SCHEMA);
      const { idempotency } = job;
      if (idempotency !== undefined) {
        const known = await tables
          .selectFrom('idempotency')
          .selectAll()
          .where('key_id', '=', job.key)
          .where('client_key', '=', idempotency.clientKey)
          .executeTakeFirst();
        if (known !== undefined) {
          if (known.request_sha256 !== idempotency.requestSha256) return { kind: 'other-request' };
          const found = await rowOf(tables, known.job_id);
          if (found !== undefined) return { kind: 'known', job: jobOf(found).job };
        }
      }
      if ((await countWhere(tables, 'queued')) >= limits.waiting) return { kind: 'queue-full' };
      if ((await countWhere(tables, undefined, job.key)) >= limits.ofKey)
        return { kind: 'key-full' };
      const made = await insertJob(tables, job);
      if (idempotency !== undefined) {
        await tables
          .insertInto('idempotency')
          .values({
            key_id: job.key,
            client_key: idempotency.clientKey,
            request_sha256: idempotency.requestSha256,
            job_id: job.id,
            created_at: job.createdAt,
          })
          .execute();
      }
      return { kind: 'made', job: made };
    });
    if (result.kind === 'made') this.onChange(result.job, 'state');
    return result;
  }

  async find(id: string): Promise<StoredJob | undefined> {
    const row = await rowOf(this.#database, id);
    return row === undefined ? undefined : jobOf(row);
  }

  /**
   * Changes a job that is in one of the states, and records the event. Undefined if it is not.
   *
   * @param change what changes, by the job as it is
   */
  async change(
    id: string,
    from: readonly JobState[],
    change: JobChange | ((job: StoredJob) => JobChange | undefined),
    kind: JobEvent['kind'] = 'state',
  ): Promise<Job | undefined> {
    const changed = await this.#database.transaction().execute(async (transaction) => {
      const tables = transaction.withSchema(SCHEMA);
      const row = await tables
        .selectFrom('jobs')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined || !from.includes(row.state)) return undefined;
      const wanted = typeof change === 'function' ? change(jobOf(row)) : change;
      if (wanted === undefined) return undefined;
      return await changeRow(tables, row, wanted, kind);
    });
    if (changed !== undefined) this.onChange(changed, kind);
    return changed;
  }

  /** Newest first; those before `before`, an id. */
  async page(query: {
    readonly key: string | undefined;
    readonly state: JobState | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  }): Promise<Job[]> {
    const { key, state, before, limit } = query;
    let rows = this.#database.selectFrom('jobs').selectAll().orderBy('id', 'desc').limit(limit);
    if (key !== undefined) rows = rows.where('key_id', '=', key);
    if (state !== undefined) rows = rows.where('state', '=', state);
    if (before !== undefined) rows = rows.where('id', '<', before);
    return (await rows.execute()).map((row) => jobOf(row).job);
  }

  async events(id: string, after: number, limit: number): Promise<JobEvent[]> {
    const rows = await this.#database
      .selectFrom('events')
      .selectAll()
      .where('job_id', '=', id)
      .where('number', '>', after)
      .orderBy('number')
      .limit(limit)
      .execute();
    return rows.map(({ number, at, kind, job }) => ({ number, at, kind, job }));
  }

  /** Whether those bytes are the receipt of a job. */
  async hasReceipt(sha256: string): Promise<boolean> {
    const rows = this.#database
      .selectFrom('jobs')
      .select('id')
      .where('receipt_sha256', '=', sha256);
    return (await rows.limit(1).executeTakeFirst()) !== undefined;
  }

  async counts(): Promise<Record<JobState, number>> {
    const rows = await this.#database
      .selectFrom('jobs')
      .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
      .groupBy('state')
      .execute();
    const counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    for (const { state, count } of rows) counts[state] = Number(count);
    return counts;
  }

  /**
   * Unfinished jobs by key: keys that were served the longest time ago first, jobs of a key by priority,
   * then the oldest first. Of each key, the first `most`, and those of `others`.
   */
  async turns(others: readonly string[], most: number): Promise<Map<string, string[]>> {
    const { rows } = await sql<{ readonly id: string; readonly key_id: string }>`
      select id, key_id from (
        select id, key_id, row_number() over (partition by key_id order by priority, id) as place
        from vouch.jobs where ended_at is null
      ) unfinished left join vouch.turns using (key_id)
      where place <= ${most} or id = any(string_to_array(${others.join(' ')}, ' '))
      order by coalesce(last, 0), place, id`.execute(this.#database);
    const turns = new Map<string, string[]>();
    for (const { id, key_id } of rows) turns.set(key_id, [...(turns.get(key_id) ?? []), id]);
    return turns;
  }

  /** A key has had its turn. */
  async served(key: string): Promise<void> {
    await sql`
      insert into vouch.turns (key_id, last) values (${key}, nextval('vouch.turn_numbers'))
      on conflict (key_id) do update set last = excluded.last`.execute(this.#database);
  }

  /** Unfinished jobs whose deadline has passed. */
  async overdue(now: number): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('jobs')
      .select('id')
      .where('state', 'in', UNFINISHED)
      .where('deadline', '<=', now)
      .execute();
    return rows.map(({ id }) => id);
  }
}

async function rowOf(
  tables: Database | DatabaseTransaction,
  id: string,
): Promise<JobRow | undefined> {
  return await tables.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Jobs in a state, or all unfinished ones of a key. */
async function countWhere(
  tables: Database | DatabaseTransaction,
  state: JobState | undefined,
  key?: string,
): Promise<number> {
  let rows = tables.selectFrom('jobs').select(({ fn }) => fn.countAll<string>().as('count'));
  rows = rows.where('state', 'in', state === undefined ? UNFINISHED : [state]);
  if (key !== undefined) rows = rows.where('key_id', '=', key);
  return Number((await rows.executeTakeFirstOrThrow()).count);
}

async function insertJob(tables: DatabaseTransaction, job: NewJob): Promise<Job> {
  const row = await tables
    .insertInto('jobs')
    .values({
      ...{ id: job.id, key_id: job.key, state: 'queued' },
      ...{ request: JSON.stringify(job.request), priority: job.request.priority },
      ...{ deadline: job.request.deadline ?? null, created_at: job.createdAt },
      progress: JSON.stringify({ segment: 0, segments: 0, proved: 0, done: 0 }),
      ...{ stages: '[]', tasks: '[]', under_way: '{}', events: 1 },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const made = jobOf(row).job;
  await insertEvent(tables, { number: 1, at: job.createdAt, kind: 'state', job: made });
  return made;
}

async function changeRow(
  tables: DatabaseTransaction,
  row: JobRow,
  change: JobChange,
  kind: JobEvent['kind'],
): Promise<Job> {
  const number = row.events + 1;
  const changed = await tables
    .updateTable('jobs')
    .set({ ...columnsOf(change, row), events: number } as object)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const { job } = jobOf(changed);
  const at = change.endedAt ?? change.startedAt ?? Date.now();
  await insertEvent(tables, { number, at, kind, job });
  const url = job.request.webhook;
  if (url !== undefined && change.endedAt !== undefined) {
    await tables
      .insertInto('webhooks')
      .values({
        ...{ id: `${job.id}-${number}`, job_id: job.id, url, attempts: 0, due_at: at },
        ...{ delivered_at: null, problem: null },
        body: JSON.stringify({ type: `proof.${job.state}`, timestamp: new Date(at), data: job }),
      })
      .execute();
  }
  return job;
}

async function insertEvent(tables: DatabaseTransaction, event: JobEvent): Promise<void> {
  const { number, at, kind, job } = event;
  await tables
    .insertInto('events')
    .values({ job_id: job.id, number, at, kind, job: JSON.stringify(job) })
    .execute();
}
