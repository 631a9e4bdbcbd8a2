import assert from 'node:assert/strict';
import type { JobRequest } from '../../../api/service/service.ts';
import { type Database, openDatabase } from '../../../api/service/store/database.ts';
import { type JobLimits, JobStore, type NewJob } from '../../../api/service/store/jobs.ts';
import type { Pool } from '../../../api/service/store/pool.ts';
import { databases } from './places.ts';

const LIMITS: JobLimits = { waiting: 1000, ofKey: 1000 };

const request: JobRequest = {
  program: 'a'.repeat(64),
  publicInput: 'b'.repeat(64),
  privateInput: 'c'.repeat(64),
  security: 'S100',
  programMode: 'id',
  maxCycles: 1000,
  priority: 5,
};

const newJob = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  ...{ id, key: 'alice', request, createdAt: 1000 },
  ...more,
});

for (const place of databases()) {
  describe(`Jobs in ${place.name}`, function () {
    this.timeout(120_000);
    let pool: Pool;
    let database: Database;
    let store: JobStore;
    before(async () => {
      pool = await place.open();
      database = await openDatabase(pool);
      store = new JobStore(database);
    });
    beforeEach(async () => {
      await pool.query('truncate vouch.jobs, vouch.turns, vouch.settings cascade');
    });
    after(() => place.close());

    const insert = async (id: string, more: Partial<NewJob> = {}): Promise<void> => {
      const { kind } = await store.insert(newJob(id, more), LIMITS);
      assert.equal(kind, 'made');
    };
    const end = (id: string): Promise<unknown> =>
      store.change(id, ['queued', 'running'], { state: 'cancelled', endedAt: 2000 });

    it('come back as they were made, with their first event', async () => {
      const made = await store.insert(newJob('j1'), LIMITS);
      assert.ok(made.kind === 'made');
      assert.deepEqual(made.job, {
        ...{ id: 'j1', key: 'alice', state: 'queued', request, createdAt: 1000 },
        progress: { segment: 0, segments: 0, proved: 0, done: 0 },
      });
      assert.deepEqual((await store.find('j1'))?.job, made.job);
      const expected = { number: 1, at: 1000, kind: 'state', job: made.job };
      assert.deepEqual(await store.events('j1', 0, 10), [expected]);
      assert.equal(await store.find('j2'), undefined);
    });

    it('change only in the states that are named, each time with one event', async () => {
      await insert('j1');
      const task = {
        kind: 'execute',
        segment: 0,
        worker: 'w',
        startedAt: 1,
        endedAt: 2,
        attempt: 1,
      };
      assert.ok(await store.change('j1', ['queued'], { state: 'running', startedAt: 1500 }));
      assert.ok(await store.change('j1', ['running'], { task } as never, 'task'));
      const done = await store.change('j1', ['running'], {
        ...{ state: 'succeeded', endedAt: 1600, cycles: 7, journal: 'd'.repeat(64) },
        outcome: { kind: 'exit', code: 3 },
        receipt: { sha256: 'e'.repeat(64), bytes: 12 },
        statistics: { segments: 1, cells: 2, interactions: 3, securityBits: 100.5 },
      });
      assert.deepEqual(done?.statistics?.tasks, [task]);
      assert.deepEqual(done?.outcome, { kind: 'exit', code: 3 });
      assert.equal((await store.find('j1'))?.journal, 'd'.repeat(64));
      assert.equal(
        await store.change('j1', ['queued', 'running'], { state: 'cancelled' }),
        undefined,
      );
      const events = await store.events('j1', 0, 10);
      assert.deepEqual(
        events.map(({ number, kind, job }) => [number, kind, job.state]),
        [
          [1, 'state', 'queued'],
          [2, 'state', 'running'],
          [3, 'task', 'running'],
          [4, 'state', 'succeeded'],
        ],
      );
      assert.deepEqual(events[3]?.job, done);
      assert.equal((await store.events('j1', 3, 10)).length, 1);
    });

    it('are never in a state that contradicts itself', async () => {
      await insert('j1');
      await assert.rejects(store.change('j1', ['queued'], { state: 'succeeded', endedAt: 1 }));
      await assert.rejects(store.change('j1', ['queued'], { state: 'cancelled' }));
      assert.equal((await store.events('j1', 0, 10)).length, 1);
    });

    it('are one job for one key of the client, whoever asks at the same time', async () => {
      const idempotency = { clientKey: 'k', requestSha256: 'x' };
      const ids = ['j1', 'j2', 'j3', 'j4', 'j5'];
      const results = await Promise.all(
        ids.map((id) => store.insert(newJob(id, { idempotency }), LIMITS)),
      );
      assert.equal(results.filter(({ kind }) => kind === 'made').length, 1);
      const found = new Set(results.map((result) => 'job' in result && result.job.id));
      assert.equal(found.size, 1);
      const other = { clientKey: 'k', requestSha256: 'y' };
      const refused = await store.insert(newJob('j6', { idempotency: other }), LIMITS);
      assert.equal(refused.kind, 'other-request');
      const bob = await store.insert(newJob('j7', { key: 'bob', idempotency: other }), LIMITS);
      assert.equal(bob.kind, 'made');
    });

    it('are refused beyond the limits, for all keys and for one', async () => {
      const limits = { waiting: 3, ofKey: 2 };
      const kinds = await Promise.all(
        ['j1', 'j2', 'j3', 'j4'].map(async (id) => (await store.insert(newJob(id), limits)).kind),
      );
      assert.deepEqual(kinds.sort(), ['key-full', 'key-full', 'made', 'made']);
      assert.equal((await store.insert(newJob('j5', { key: 'bob' }), limits)).kind, 'made');
      assert.equal((await store.insert(newJob('j6', { key: 'eve' }), limits)).kind, 'queue-full');
    });

    it('come in pages, newest first, of one key or of all', async () => {
      for (const id of ['j1', 'j2', 'j3']) await insert(id);
      await insert('j4', { key: 'bob' });
      await end('j2');
      const page = async (
        key?: string,
        state?: 'cancelled',
        before?: string,
        limit = 2,
      ): Promise<string[]> => (await store.page({ key, state, before, limit })).map(({ id }) => id);
      assert.deepEqual(await page('alice'), ['j3', 'j2']);
      assert.deepEqual(await page('alice', undefined, 'j2'), ['j1']);
      assert.deepEqual(await page(), ['j4', 'j3']);
      assert.deepEqual(await page(undefined, 'cancelled'), ['j2']);
      assert.deepEqual(await store.counts(), {
        ...{ queued: 3, running: 0, succeeded: 0, failed: 0, cancelled: 1 },
      });
    });

    it('take turns: keys that were served long ago first, jobs of a key by priority', async () => {
      for (const id of ['a1', 'a2', 'a3']) await insert(id);
      for (const id of ['b1', 'b2']) await insert(id, { key: 'bob' });
      await insert('b3', { key: 'bob', request: { ...request, priority: 1 } });
      const turns = async (others: string[], most: number): Promise<unknown> => [
        ...(await store.turns(others, most)),
      ];
      const alice = ['alice', ['a1', 'a2', 'a3']];
      const bob = ['bob', ['b3', 'b1', 'b2']];
      assert.deepEqual(await turns([], 9), [alice, bob]);
      await store.served('alice');
      assert.deepEqual(await turns([], 9), [bob, alice]);
      await store.served('bob');
      assert.deepEqual(await turns([], 9), [alice, bob]);
      await end('a1');
      assert.deepEqual(await turns(['b2'], 1), [
        ['alice', ['a2']],
        ['bob', ['b3', 'b2']],
      ]);
    });

    it('are overdue from their deadline on, unless they have ended', async () => {
      await insert('a1', { request: { ...request, deadline: 500 } });
      await insert('a2', { request: { ...request, deadline: 400 } });
      await insert('a3');
      await end('a2');
      assert.deepEqual(await store.overdue(499), []);
      assert.deepEqual(await store.overdue(500), ['a1']);
    });

    it('ask for a webhook when they end, in the same transaction', async () => {
      await insert('a1', { request: { ...request, webhook: 'https://example.com/' } });
      await store.change('a1', ['queued'], { state: 'running', startedAt: 1 });
      const due = (): Promise<object[]> =>
        database.selectFrom('webhooks').select(['job_id', 'url', 'due_at']).execute();
      assert.deepEqual(await due(), []);
      await end('a1');
      assert.deepEqual(await due(), [{ job_id: 'a1', url: 'https://example.com/', due_at: 2000 }]);
    });

    it('have a schema that is made once, and refuse one that is newer', async () => {
      await openDatabase(pool);
      await pool.query(`insert into vouch.kysely_migration values ('9999-future', 'now')`);
      await assert.rejects(openDatabase(pool), {
        name: 'StorageError',
        code: 'storage/newer-schema',
      });
      await pool.query(`delete from vouch.kysely_migration where name = '9999-future'`);
    });
  });
}
