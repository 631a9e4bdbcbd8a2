import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, hasEnded } from '../../api/client/index.ts';
import { type Prover, startProver } from '../../api/index.ts';
import type { Job } from '../../api/service/service.ts';
import { echoElf } from '../tools/cli-programs.ts';
import { copyNewDatabase } from '../tools/embedded-database.ts';
import { processSeed, Random } from '../tools/random.ts';
import { startPostgres, startRedis, type TestServer } from '../tools/servers.ts';
import {
  killServiceProcesses,
  type ServiceProcess,
  startServiceProcess,
} from '../tools/service-process.ts';
import { toolAvailable } from '../tools/tools.ts';

const IS_SLOW = process.env.VOUCH_SLOW === '1';
const JOBS = IS_SLOW ? 100 : 5;
const KILLS = IS_SLOW ? 40 : 2;
const SHARED_JOBS = IS_SLOW ? 30 : 3;
/** Of a worker and of the server each. */
const SHARED_KILLS = IS_SLOW ? 6 : 1;
/** Changes of jobs that a process lives to see, so that tasks come to an end on slow machines too. */
const MOST_CHANGES = 12;
const LOOK_MILLISECONDS = 20;
/** Jobs in order have one of these inputs; the last one has several segments. */
const INPUTS = ['', 'a', 'of several segments'].map((text) => new TextEncoder().encode(text));
const SEGMENT_CYCLES = 40;
const ELF = echoElf();

const inputOf = (job: number): Uint8Array => INPUTS[job % INPUTS.length] as Uint8Array;

describe('A service that is killed', function () {
  this.timeout(IS_SLOW ? 3_600_000 : 400_000);
  let folder: string;
  let prover: Prover;
  let receipts: Uint8Array[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-killed-service-'));
    prover = await startProver();
    receipts = [];
    for (const privateInput of INPUTS) {
      const options = { privateInput, security: 'S100', segmentCycles: SEGMENT_CYCLES } as const;
      receipts.push((await prover.prove(ELF, options)).receipt);
    }
  });
  after(async () => {
    killServiceProcesses();
    await prover.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Submits jobs until all have been acknowledged, or the server is gone. */
  async function submit(
    url: string,
    acknowledged: Map<number, string>,
    count: number,
  ): Promise<void> {
    const client = new Client({ url, retries: 0 });
    try {
      const { id: program } = await client.uploadProgram(ELF);
      for (let job = 0; job < count; job++) {
        const { id } = await client.prove(
          {
            ...{ program, security: 'S100', segmentCycles: SEGMENT_CYCLES },
            privateInput: inputOf(job),
          },
          { idempotencyKey: `job-${job}` },
        );
        const before = acknowledged.get(job);
        assert.ok(before === undefined || before === id, `job ${job} was ${before}, is ${id}`);
        acknowledged.set(job, id);
      }
    } catch (error) {
      if ((error as Error).name !== 'ClientError') throw error;
    }
  }

  /** Waits for a moment at random: until some changes of jobs have been seen, or all have ended. */
  async function anyMoment(url: string, random: Random): Promise<void> {
    const client = new Client({ url });
    let before = '';
    for (let left = random.below(MOST_CHANGES); left > 0; ) {
      const { jobs } = await client.jobs({ limit: 100 });
      if (jobs.length > 0 && jobs.every(hasEnded)) return;
      // Progress within a task is not a change: a process could die before the end of any task.
      const now = JSON.stringify(
        jobs.map(({ id, state, progress }) => [id, state, progress.proved]),
      );
      if (now !== before) left--;
      before = now;
      await sleep(LOOK_MILLISECONDS);
    }
    await sleep(random.below(10 * LOOK_MILLISECONDS));
  }

  /** Waits for the end of all jobs; each has its receipt, and there are no others. */
  async function assertDone(
    url: string,
    acknowledged: ReadonlyMap<number, string>,
    where: string,
  ): Promise<void> {
    const client = new Client({ url });
    for (const [job, id] of acknowledged) {
      let last: Job | undefined;
      for await (const event of client.watch(id)) last = event.job;
      assert.equal(last?.state, 'succeeded', `${where}: ${JSON.stringify(last?.failure)}`);
      const receipt = await client.receipt(last?.receipt?.sha256 ?? '');
      assert.deepEqual(receipt, receipts[job % INPUTS.length], `${where}: job ${job}`);
    }
    const all: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await client.jobs({ limit: 100, ...(cursor !== undefined && { cursor }) });
      all.push(...page.jobs.map(({ id }) => id));
      if (page.next === undefined) break;
      cursor = page.next;
    }
    assert.deepEqual(all.sort(), [...acknowledged.values()].sort(), where);
  }

  it('loses no job that it has acknowledged, and makes none twice', async () => {
    const seed = processSeed();
    const random = new Random(seed);
    const flags = ['--port', '0', '--data-dir', join(folder, 'embedded'), '--threads', '1'];
    await copyNewDatabase(join(folder, 'embedded', 'database'));
    const acknowledged = new Map<number, string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await startServiceProcess('serve', flags);
      const submitting = submit(server.line, acknowledged, Math.ceil((JOBS * (kill + 1)) / KILLS));
      await anyMoment(server.line, random);
      await server.end('SIGKILL');
      await submitting;
    }
    const server = await startServiceProcess('serve', flags);
    await submit(server.line, acknowledged, JOBS);
    assert.equal(acknowledged.size, JOBS);
    await assertDone(server.line, acknowledged, `VOUCH_SEED=${seed}`);
    assert.equal(await server.end('SIGTERM'), 0);
  });

  it('goes on later with what it was at when it was told to stop', async () => {
    const flags = ['--port', '0', '--data-dir', join(folder, 'stopped'), '--threads', '1'];
    await copyNewDatabase(join(folder, 'stopped', 'database'));
    const stopped = await startServiceProcess('serve', [...flags, '--drain', '0']);
    const client = new Client({ url: stopped.line });
    const { id: program } = await client.uploadProgram(ELF);
    const job = await client.prove({ program, security: 'S100', priority: 0 });
    for await (const { job: seen } of client.watch(job.id)) if (seen.state === 'running') break;
    assert.equal(await stopped.end('SIGTERM'), 0);
    const server = await startServiceProcess('serve', flags);
    for await (const event of new Client({ url: server.line }).watch(job.id)) {
      if (event.job.endedAt !== undefined) assert.equal(event.job.state, 'succeeded');
    }
    await server.end('SIGKILL');
  });

  if (toolAvailable('initdb') && toolAvailable('redis-server')) {
    it('of several processes goes on when any of them dies', async () => {
      const seed = processSeed();
      const random = new Random(seed);
      const servers: TestServer[] = [await startPostgres(), await startRedis()];
      const [DATABASE_URL = '', QUEUE_URL = ''] = servers.map(({ url }) => url);
      const environment = { DATABASE_URL, QUEUE_URL };
      const flags = ['--data-dir', join(folder, 'shared')];
      const serve = (): Promise<ServiceProcess> =>
        startServiceProcess(
          'serve',
          [...flags, '--port', '0', '--local-workers', '0'],
          environment,
        );
      const work = (): Promise<ServiceProcess> =>
        startServiceProcess('worker', [...flags, '--threads', '1'], environment);
      let server = await serve();
      const workers = [await work(), await work()];
      try {
        const acknowledged = new Map<number, string>();
        for (let kill = 0; kill < SHARED_KILLS; kill++) {
          const count = Math.ceil((SHARED_JOBS * (kill + 1)) / SHARED_KILLS);
          const submitting = submit(server.line, acknowledged, count);
          await anyMoment(server.line, random);
          const victim = random.below(workers.length);
          await workers[victim]?.end('SIGKILL');
          workers[victim] = await work();
          await anyMoment(server.line, random);
          await server.end('SIGKILL');
          await submitting;
          server = await serve();
        }
        await submit(server.line, acknowledged, SHARED_JOBS);
        assert.equal(acknowledged.size, SHARED_JOBS);
        await assertDone(server.line, acknowledged, `VOUCH_SEED=${seed}`);
        assert.equal(await server.end('SIGTERM'), 0);
        for (const worker of workers) assert.equal(await worker.end('SIGTERM'), 0);
      } finally {
        for (const running of [server, ...workers]) await running.end('SIGKILL');
        for (const { stop } of servers) await stop();
      }
    });
  }
});
