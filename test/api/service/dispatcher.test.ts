import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { Dispatcher } from '../../../api/service/dispatcher.ts';
import { endJob } from '../../../api/service/endings.ts';
import type { TaskData } from '../../../api/service/flow.ts';
import type { QueueWorker, TakenTask } from '../../../api/service/queue/queue.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import type { JobRequest } from '../../../api/service/service.ts';
import type { PartTable } from '../../../api/service/store/schema.ts';
import { testConfig } from './test-config.ts';

const NONE = '0'.repeat(64);
const LIMITS = { waiting: 1000, ofKey: 1000 };
const REQUEST: JobRequest = {
  ...{ program: NONE, publicInput: NONE, privateInput: NONE, security: 'S100' },
  ...{ programMode: 'id', maxCycles: 1, priority: 5 },
};
const PARTS: Readonly<Record<string, PartTable['kind']>> = {
  ...{ execute: 'plan', commit: 'header', challenge: 'challenge', prove: 'proof' },
};

describe('The dispatcher', function () {
  this.timeout(120_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  let dispatcher: Dispatcher;
  let worker: QueueWorker;
  /** Segments of each job; by its id. */
  const segments = new Map<string, number>();
  /** Tasks in the order in which the only worker began them. */
  let order: string[] = [];
  let onTask = async (): Promise<void> => {};
  before(async () => {
    config = await testConfig();
    runtime = await openRuntime(config);
    dispatcher = new Dispatcher(runtime, (error) => assert.fail(String(error)));
    const settings = { name: 'w', concurrency: 1, lockMilliseconds: 10_000 };
    worker = runtime.queue.work(make, settings);
  });
  beforeEach(() => {
    order = [];
    onTask = async () => {};
  });
  after(async () => {
    await dispatcher.close();
    await worker.close(1000);
    await runtime.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  /** Does what a worker does, but for the computing. */
  const make = async ({ id, kind, data }: TakenTask): Promise<void> => {
    const { job, segment } = data as TaskData;
    order.push(id);
    await onTask();
    const part = PARTS[kind];
    if (part === undefined) {
      const receipt = { sha256: NONE, bytes: 1 };
      await endJob(runtime, job, { state: 'succeeded', receipt });
      return;
    }
    await runtime.parts.add({ job_id: job, kind: part, segment, sha256: NONE });
    const planned = kind === 'execute' ? { segments: segments.get(job) ?? 1 } : {};
    await runtime.jobs.change(job, ['queued', 'running'], { state: 'running', ...planned }, 'task');
  };
  const submit = async (id: string, key: string, count: number, priority = 5): Promise<void> => {
    segments.set(id, count);
    const request = { ...REQUEST, priority };
    await runtime.jobs.insert({ id, key, request, createdAt: 1 }, LIMITS);
  };
  const ended = async (...ids: string[]): Promise<void> => {
    for (const id of ids) {
      while ((await runtime.jobs.find(id))?.job.endedAt === undefined) await sleep(10);
    }
  };

  it('hands out what a job of several segments needs, in order, each task once', async () => {
    await submit('a', 'alice', 3);
    await ended('a');
    const steps = ['commit', 'prove'].map((kind) => [1, 2, 3].map((i) => `a-${kind}-00000${i}`));
    const [commits = [], proofs = []] = steps;
    assert.deepEqual(order, ['a-execute', ...commits, 'a-challenge', ...proofs, 'a-finish']);
  });

  it('shares the workers between a long job and the short one of another key', async () => {
    onTask = async () => {
      if (order.length === 5) await submit('short', 'bob', 1);
    };
    await submit('long', 'alice', 30, 0);
    await ended('long', 'short');
    const last = order.indexOf('short-whole');
    assert.ok(last > 0 && last < 12, `${order}`);
    assert.equal(order.length, 63 + 2);
  });

  it('lets no key go first because it has many jobs, or urgent ones', async () => {
    const many = Array.from({ length: 20 }, (_, i) => `many-${i}`.replace('-', '_'));
    for (const id of many) await submit(id, 'alice', 1, 0);
    await submit('few', 'bob', 1, 9);
    await ended('few', ...many);
    const last = order.indexOf('few-whole');
    assert.ok(last > 0 && last < 16, `${order}`);
  });

  it('hands out urgent jobs of a key before its others', async () => {
    onTask = async () => {
      if (order.length === 1) await submit('urgent', 'alice', 1, 1);
    };
    for (const id of ['j1', 'j2', 'j3', 'j4']) await submit(id, 'alice', 1);
    await ended('j1', 'j2', 'j3', 'j4', 'urgent');
    const last = order.indexOf('urgent-whole');
    assert.ok(last > 0 && last < 6, `${order}`);
  });
});
