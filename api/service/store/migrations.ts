/**
 * How the schema came to be, step by step. A step that is in a release never changes: what it did is in
 * somebody's database.
 */
import { type Kysely, type Migration, sql } from 'kysely';

/** All tables live in this schema of the database. */
export const SCHEMA = 'vouch';

/** By name, in the order of the names. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-jobs': statements(`
    create table vouch.programs (
      id text primary key,
      sha256 text not null unique,
      bytes double precision not null,
      created_at double precision not null
    );
    create table vouch.jobs (
      id text primary key,
      key_id text not null,
      state text not null
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      request jsonb not null,
      priority integer not null,
      deadline double precision,
      created_at double precision not null,
      started_at double precision,
      ended_at double precision,
      progress jsonb not null,
      outcome jsonb,
      journal text,
      cycles double precision,
      segments integer,
      receipt_sha256 text,
      receipt_bytes double precision,
      statistics jsonb,
      stages jsonb not null,
      tasks jsonb not null,
      failure jsonb,
      dispatched_at double precision,
      starts integer not null default 0,
      events integer not null default 0,
      check ((state = 'succeeded') = (receipt_sha256 is not null)),
      check ((state = 'failed') = (failure is not null)),
      check ((state in ('queued', 'running')) = (ended_at is null))
    );
    create index jobs_unfinished on vouch.jobs (priority, created_at) where ended_at is null;
    create index jobs_of_key on vouch.jobs (key_id, id);
    create index jobs_of_receipt on vouch.jobs (receipt_sha256);
    create sequence vouch.turn_numbers;
    create table vouch.turns (
      key_id text primary key,
      last double precision not null
    );
    create table vouch.parts (
      job_id text not null references vouch.jobs on delete cascade,
      kind text not null,
      segment integer not null,
      sha256 text not null,
      primary key (job_id, kind, segment)
    );
    create table vouch.events (
      job_id text not null references vouch.jobs on delete cascade,
      number integer not null,
      at double precision not null,
      kind text not null,
      job jsonb not null,
      primary key (job_id, number)
    );
    create table vouch.idempotency (
      key_id text not null,
      client_key text not null,
      request_sha256 text not null,
      job_id text not null references vouch.jobs on delete cascade,
      created_at double precision not null,
      primary key (key_id, client_key)
    );
    create table vouch.api_keys (
      id text primary key,
      name text not null,
      scopes jsonb not null,
      secret_sha256 text not null,
      created_at double precision not null,
      expires_at double precision,
      revoked_at double precision
    );
    create table vouch.webhooks (
      id text primary key,
      job_id text not null references vouch.jobs on delete cascade,
      url text not null,
      body text not null,
      attempts integer not null,
      due_at double precision,
      delivered_at double precision,
      problem text
    );
    create index webhooks_due on vouch.webhooks (due_at) where due_at is not null;
    create table vouch.workers (
      id text primary key,
      seen_at double precision not null
    );
    create table vouch.settings (
      name text primary key,
      value text not null
    );
  `),
  '0002-under-way': statements(`
    alter table vouch.jobs add column under_way jsonb not null default '{}';
    alter table vouch.jobs drop column starts;
  `),
  '0003-program-use': statements(`
    alter table vouch.programs add column used_at double precision;
    update vouch.programs set used_at = 1000 * extract(epoch from now());
    alter table vouch.programs alter column used_at set not null;
  `),
  '0004-uploads': statements(`
    create table vouch.uploads (
      sha256 text not null,
      key_id text not null,
      at double precision not null,
      primary key (sha256, key_id)
    );
    create index uploads_by_time on vouch.uploads (at);
  `),
  '0005-turns-of-tasks': statements(`
    alter table vouch.jobs drop column dispatched_at;
    drop index vouch.jobs_unfinished;
    create index jobs_unfinished on vouch.jobs (key_id, priority, id) where ended_at is null;
  `),
};

function statements(text: string): Migration {
  return {
    up: async (database: Kysely<unknown>): Promise<void> => {
      await sql.raw(text).execute(database);
    },
  };
}
