import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { CoreService } from '../../../api/service/core.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import type { Job, JobRequest } from '../../../api/service/service.ts';
import { JobStore } from '../../../api/service/store/jobs.ts';
import { ALICE, testConfig } from './test-config.ts';

const request: JobRequest = {
  ...{ program: 'a', publicInput: 'b', privateInput: 'c', security: 'S100' },
  ...{ programMode: 'id', maxCycles: 1, priority: 5 },
};

describe('Whoever follows a job', function () {
  this.timeout(60_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  before(async () => {
    config = await testConfig();
    runtime = await openRuntime(config);
  });
  after(async () => {
    await runtime.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  const make = async (id: string): Promise<void> => {
    const job = { id, key: ALICE.key, request, createdAt: 1 };
    await runtime.jobs.insert(job, { waiting: 100, ofKey: 100 });
  };
  const end = (jobs: JobStore, id: string): Promise<Job | undefined> =>
    jobs.change(id, ['queued'], { state: 'cancelled', endedAt: 2 });
  const statesOf = async (service: CoreService, id: string): Promise<string[]> => {
    const states: string[] = [];
    for await (const { job } of service.events(id, 0, ALICE)) states.push(job.state);
    return states;
  };
  /** The runtime, with the count of questions for events. */
  const counted = (): { readonly runtime: Runtime; readonly asked: () => number } => {
    const jobs = new JobStore(runtime.database);
    jobs.onChange = (job, kind) => runtime.changes.emit('job', job.id, job, kind);
    let count = 0;
    const events = jobs.events.bind(jobs);
    jobs.events = (...parameters) => {
      count++;
      return events(...parameters);
    };
    return { runtime: { ...runtime, jobs }, asked: () => count };
  };

  it('asks the embedded database when the job has changed, and not in between', async () => {
    await make('j1');
    const { runtime: own, asked } = counted();
    const service = new CoreService(own, async () => {});
    const states = statesOf(service, 'j1');
    const waited = service.ended('j1', ALICE);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = asked();
    assert.ok(before <= 2, `${before} questions`);
    await end(own.jobs, 'j1');
    assert.deepEqual(await states, ['queued', 'cancelled']);
    assert.equal((await waited).state, 'cancelled');
    await service.close();
  });

  it('sees what other processes write, where there are others', async () => {
    for (const id of ['j2', 'j3']) await make(id);
    const shared = { ...config, databaseUrl: 'postgres://elsewhere' };
    const service = new CoreService({ ...runtime, config: shared }, async () => {});
    const all = Promise.all([...['j2', 'j3', 'j3'].map((id) => statesOf(service, id))]);
    const waited = service.ended('j2', ALICE);
    const other = new JobStore(runtime.database);
    for (const id of ['j2', 'j3']) await end(other, id);
    assert.deepEqual(await all, Array(3).fill(['queued', 'cancelled']));
    assert.equal((await waited).state, 'cancelled');
    await service.close();
  });

  it('stops with its signal, and with the service', async () => {
    await make('j4');
    const service = new CoreService(runtime, async () => {});
    const gone = new AbortController();
    const aborted = service.ended('j4', ALICE, gone.signal);
    const stream = service.events('j4', 0, ALICE);
    assert.equal((await stream.next()).value?.job.state, 'queued');
    const next = stream.next();
    gone.abort();
    assert.equal((await aborted).state, 'queued');
    await service.close();
    assert.ok((await next).done);
  });
});
