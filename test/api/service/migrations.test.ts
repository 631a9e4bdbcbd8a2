import assert from 'node:assert/strict';
import { Kysely, Migrator, PostgresDialect, type PostgresPool, sql } from 'kysely';
import { type Database, openDatabase } from '../../../api/service/store/database.ts';
import { JobStore } from '../../../api/service/store/jobs.ts';
import { KeyStore } from '../../../api/service/store/keys.ts';
import { MIGRATIONS, SCHEMA } from '../../../api/service/store/migrations.ts';
import type { Pool } from '../../../api/service/store/pool.ts';
import { ProgramStore } from '../../../api/service/store/programs.ts';
import { databases } from './places.ts';

const DIGEST = 'd'.repeat(64);
const REQUEST = {
  ...{ program: 'p1', publicInput: DIGEST, privateInput: DIGEST, security: 'S100' },
  ...{ programMode: 'id', maxCycles: 1000, priority: 5 },
};

/** A database as the first version left it. */
async function fillFirstVersion(pool: Pool): Promise<void> {
  const database = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }),
  });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    migrationTableSchema: SCHEMA,
  });
  const { error } = await migrator.migrateTo('0001-jobs');
  assert.equal(error, undefined);
  const request = JSON.stringify(REQUEST);
  const progress = JSON.stringify({ segment: 0, segments: 2, proved: 1, done: 0.5 });
  const failure = JSON.stringify({ code: 'job/internal', message: 'm', remedy: 'r' });
  for (const [id, state, end, receipt, why] of [
    ['j1', 'running', null, null, null],
    ['j2', 'succeeded', 9, DIGEST, null],
    ['j3', 'failed', 9, null, failure],
  ] as const) {
    await sql`
      insert into vouch.jobs (id, key_id, state, request, priority, created_at, ended_at, progress,
        receipt_sha256, receipt_bytes, stages, tasks, failure, dispatched_at, starts, events)
      values (${id}, 'key_1', ${state}, ${request}, 5, 1, ${end}, ${progress},
        ${receipt}, 7, '[]', '[]', ${why}, 2, 3, 1)`.execute(database);
    await sql`insert into vouch.events values (${id}, 1, 1, 'state', '{"id":"x"}')`.execute(
      database,
    );
  }
  for (const row of [
    `programs (id, sha256, bytes, created_at) values ('p1', '${DIGEST}', 10, 1)`,
    `parts values ('j1', 'plan', 0, '${DIGEST}')`,
    `idempotency values ('key_1', 'once', 'x', 'j2', 1)`,
    `api_keys (id, name, scopes, secret_sha256, created_at) values ('key_1', 'n', '["read"]', 'h', 1)`,
    `webhooks (id, job_id, url, body, attempts, due_at) values ('w', 'j2', 'https://a.b', '{}', 0, 1)`,
    `settings values ('webhook-secret', 'whsec_x')`,
  ]) {
    await sql.raw(`insert into vouch.${row}`).execute(database);
  }
}

for (const place of databases()) {
  describe(`A database of the first version, on ${place.name}`, function () {
    this.timeout(60_000);
    let database: Database;
    before(async () => {
      const pool = await place.open();
      await fillFirstVersion(pool);
      database = await openDatabase(pool);
    });
    after(() => place.close());

    it('keeps its jobs, which can go on', async () => {
      const jobs = new JobStore(database);
      const [j1, j2, j3] = await Promise.all(['j1', 'j2', 'j3'].map((id) => jobs.find(id)));
      assert.deepEqual(j1?.job.request, REQUEST);
      assert.deepEqual([j1?.job.progress.proved, j1?.underWay], [1, {}]);
      assert.deepEqual(j2?.job.receipt, { sha256: DIGEST, bytes: 7 });
      assert.equal(j3?.job.failure?.code, 'job/internal');
      const underWay = { 'prove 2': { begun: 1, done: 0.5 } };
      await jobs.change('j1', ['running'], { underWay }, 'progress');
      assert.deepEqual((await jobs.find('j1'))?.underWay, underWay);
      assert.deepEqual(
        (await jobs.events('j1', 0, 10)).map(({ number }) => number),
        [1, 2],
      );
    });

    it('keeps everything else', async () => {
      assert.equal((await new ProgramStore(database).find('p1')).sha256, DIGEST);
      const [key] = await new KeyStore(database).all();
      assert.deepEqual([key?.id, key?.scopes], ['key_1', ['read']]);
      for (const table of ['parts', 'idempotency', 'webhooks', 'settings'] as const) {
        assert.equal((await database.selectFrom(table).selectAll().execute()).length, 1, table);
      }
    });

    it('takes what only the newest version has', async () => {
      const upload = { sha256: DIGEST, key_id: 'key_1', at: 1 };
      await database.insertInto('uploads').values(upload).execute();
      assert.deepEqual(await database.selectFrom('uploads').selectAll().execute(), [upload]);
    });
  });
}
