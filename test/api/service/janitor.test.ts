import assert from 'node:assert/strict';
import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { Dispatcher } from '../../../api/service/dispatcher.ts';
import { sweep } from '../../../api/service/janitor.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import type { JobRequest } from '../../../api/service/service.ts';
import { JobWorker } from '../../../api/service/worker.ts';
import { testConfig } from './test-config.ts';

const DAY = 86_400_000;
const LIMITS = { waiting: 100, ofKey: 100 };
const NONE = '0'.repeat(64);

describe('What is kept', function () {
  this.timeout(180_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  before(async () => {
    config = await testConfig({ keepDays: 7 });
    runtime = await openRuntime(config);
  });
  after(async () => {
    await runtime.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  /** A blob that was put there so many days ago. */
  const blob = async (text: string, days: number): Promise<string> => {
    const sha256 = await runtime.blobs.put(new TextEncoder().encode(text));
    const seconds = (Date.now() - days * DAY) / 1000;
    const path = join(config.dataDir, 'blobs', sha256.slice(0, 2), sha256.slice(2));
    await utimes(path, seconds, seconds);
    return sha256;
  };
  const job = async (id: string, more: Partial<JobRequest> = {}): Promise<void> => {
    const request: JobRequest = {
      ...{ program: NONE, publicInput: NONE, privateInput: NONE, security: 'S100' },
      ...{ programMode: 'id', maxCycles: 1, priority: 5, ...more },
    };
    const made = { id, key: 'alice', request, createdAt: Date.now() };
    assert.equal((await runtime.jobs.insert(made, LIMITS)).kind, 'made');
  };
  const isKept = async (sha256: string): Promise<boolean> =>
    (await runtime.blobs.get(sha256)) !== undefined;

  it('is what a program, a job or a part of its proof names, and what is new', async () => {
    const blobs = {
      elf: await blob('elf', 100),
      public: await blob('public', 100),
      private: await blob('private', 100),
      journal: await blob('journal', 100),
      receipt: await blob('receipt', 100),
      part: await blob('part', 100),
      upload: await blob('upload', 0.9),
      forgotten: await blob('forgotten', 1.1),
      unused: await blob('unused', 100),
    };
    for (const [id, sha256] of Object.entries({ p: blobs.elf, q: blobs.unused })) {
      await runtime.programs.add({ id, sha256, bytes: 3, createdAt: 1 });
    }
    await runtime.programs.use('q');
    await job('running', { program: 'p', publicInput: blobs.public, privateInput: blobs.private });
    await runtime.parts.add({ job_id: 'running', kind: 'plan', segment: 0, sha256: blobs.part });
    await job('done');
    await runtime.jobs.change('done', ['queued'], {
      ...{ state: 'succeeded', endedAt: Date.now(), journal: blobs.journal },
      receipt: { sha256: blobs.receipt, bytes: 7 },
    });
    await sweep(runtime, Date.now());
    for (const [name, sha256] of Object.entries(blobs)) {
      assert.equal(await isKept(sha256), name !== 'forgotten', name);
    }
    await sweep(runtime, Date.now() + 8 * DAY);
    const kept = ['elf', 'public', 'private', 'part'];
    for (const [name, sha256] of Object.entries(blobs)) {
      assert.equal(await isKept(sha256), kept.includes(name), name);
    }
    assert.equal(await runtime.jobs.find('done'), undefined);
    assert.equal((await runtime.programs.find('p')).sha256, blobs.elf);
    await assert.rejects(runtime.programs.use('q'), { code: 'program/unknown' });
    assert.ok((await runtime.jobs.find('running')) !== undefined);
    assert.equal(runtime.blobs.bytes, 'elfpublicprivatepart'.length);
  });

  it('is what is used while the janitor works', async () => {
    const { blobs } = runtime;
    const sha256 = await blob('used again', 2);
    const entries = blobs.entries.bind(blobs);
    blobs.entries = async function* () {
      yield* entries();
      assert.ok(await blobs.use(sha256));
    };
    await sweep(runtime, Date.now());
    blobs.entries = entries;
    assert.ok(await isKept(sha256));
  });

  it('is no worker that was not seen for a day', async () => {
    const { database, workers } = runtime;
    await workers.seen('here');
    await workers.seen('killed');
    const seen_at = Date.now() - 1.1 * DAY;
    await database.updateTable('workers').set({ seen_at }).where('id', '=', 'killed').execute();
    await sweep(runtime, Date.now());
    const rows = await database.selectFrom('workers').select('id').execute();
    assert.deepEqual(rows, [{ id: 'here' }]);
  });

  it('is the queue, which gets again what it has lost', async () => {
    await runtime.jobs.change('running', ['queued'], { state: 'cancelled', endedAt: 1 });
    await job('lost');
    const errors: unknown[] = [];
    const reached = async (): Promise<void> => {
      const dispatcher = new Dispatcher(runtime, (error) => errors.push(error));
      const end = Date.now() + 20_000;
      while (!(await runtime.queue.held()).includes('lost-execute')) {
        assert.ok(Date.now() < end);
        await sleep(20);
      }
      await dispatcher.close();
    };
    await reached();
    await runtime.queue.clear();
    await reached();
    assert.deepEqual(errors, []);
  });

  it('is no job whose worker is lost again and again', async () => {
    await job('poison');
    await runtime.database
      .updateTable('jobs')
      .set({ under_way: JSON.stringify({ 'prove 1': { begun: 21, done: 0 } }) })
      .where('id', '=', 'poison')
      .execute();
    const dispatcher = new Dispatcher(runtime, (error) => assert.fail(String(error)));
    const worker = new JobWorker(runtime, () => {});
    const end = Date.now() + 20_000;
    const failure = async (): Promise<string | undefined> =>
      (await runtime.jobs.find('poison'))?.job.failure?.code;
    while ((await failure()) === undefined) {
      assert.ok(Date.now() < end);
      await sleep(20);
    }
    assert.equal(await failure(), 'job/worker-lost');
    await dispatcher.close();
    await worker.close(0);
  });
});
