import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceConfig } from '../../../api/service/config.ts';
import type { CoreService } from '../../../api/service/core.ts';
import { isOutage } from '../../../api/service/outage.ts';
import type { Runtime } from '../../../api/service/runtime.ts';
import { type Job, ServiceError } from '../../../api/service/service.ts';
import { startService } from '../../../api/service/start.ts';
import { openServerPool } from '../../../api/service/store/server-pool.ts';
import { echoElf, longElf } from '../../tools/cli-programs.ts';
import { startPostgres, startRedis } from '../../tools/servers.ts';
import { toolAvailable } from '../../tools/tools.ts';
import { openService } from './open-service.ts';
import { ALICE, testConfig } from './test-config.ts';

/** As many as a task has attempts. */
const FAILURES = 3;

const away = (): Error => Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' });
/** Of the arguments of `put`: a receipt, not an input. */
const isLong = ([bytes]: readonly unknown[]): boolean => (bytes as Uint8Array).length > 10_000;
const full = (): Error => new ServiceError('storage/full', 'no room', 'make room');

describe('An outage', function () {
  this.timeout(120_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  let service: CoreService;
  let program: string;
  const told: { readonly error: unknown; readonly job: string | undefined }[] = [];
  before(async () => {
    config = await testConfig();
    const onError = (error: unknown, about?: { readonly job: string }): void =>
      void told.push({ error, job: about?.job });
    ({ runtime, service } = await openService(config, onError));
    program = (await service.addProgram(echoElf(), ALICE)).program.id;
  });
  beforeEach(() => {
    told.length = 0;
  });
  after(async () => {
    await service.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  const submit = async (): Promise<Job> =>
    (await service.submit({ program, security: 'S100' }, ALICE)).job;
  const ended = async ({ id }: Job): Promise<Job> => {
    for await (const { job } of service.events(id, 0, ALICE)) if (job.endedAt) return job;
    return assert.fail();
  };
  /** Lets the next calls that are chosen fail, so many of them. */
  const failing = <Name extends string>(
    store: { [Key in Name]: (...args: never[]) => Promise<unknown> },
    name: Name,
    error: () => Error,
    isChosen: (args: readonly unknown[]) => boolean,
    count = FAILURES,
  ): void => {
    const call = store[name].bind(store);
    let left = count;
    store[name] = async (...args) => {
      if (left === 0 || !isChosen(args)) return await call(...args);
      left--;
      throw error();
    };
  };
  const succeeds = async (job: Job): Promise<void> => {
    const { failure, statistics } = await ended(job);
    assert.equal(failure, undefined);
    assert.deepEqual(
      statistics?.tasks.map(({ attempt }) => attempt),
      [1, 1],
    );
  };

  it('of the database is no failure of a job that begins', async () => {
    failing(runtime.jobs, 'change', away, (args) => args[3] === 'progress');
    await succeeds(await submit());
  });

  it('of the database is no failure of a job whose task is done', async () => {
    failing(runtime.jobs, 'change', away, (args) => args[3] === 'task');
    await succeeds(await submit());
  });

  it('for want of room is waited for, with what was made, and told of', async () => {
    failing(runtime.blobs, 'put', full, isLong);
    const job = await submit();
    await succeeds(job);
    assert.deepEqual(
      told.map(({ error, job: id }) => [(error as ServiceError).code, id]),
      Array(FAILURES).fill(['storage/full', job.id]),
    );
  });

  it('does not keep a job from being cancelled, nor the worker from the next', async () => {
    failing(runtime.blobs, 'put', full, isLong, 1e6);
    const job = await submit();
    while (told.length === 0) await new Promise(setImmediate);
    await service.cancel(job.id, ALICE);
    const next = await submit();
    for await (const { job: seen } of service.events(next.id, 0, ALICE)) {
      if (seen.state === 'running') break;
    }
    await service.cancel(next.id, ALICE);
  });

  it('is not what a database refuses, nor a fault of the program', async () => {
    for (const code of ['23505', '42P01', '57014', 'ERR_INVALID_ARG_TYPE', 'EACCES']) {
      assert.ok(!isOutage(Object.assign(new Error('refused'), { code })), code);
    }
    assert.ok(!isOutage(new TypeError('undefined is no function')));
    for (const code of ['57P03', '53100', 'ECONNRESET']) {
      assert.ok(isOutage(Object.assign(new Error('away'), { code })), code);
    }
  });

  if (toolAvailable('initdb')) {
    it('is what a server says that stops, and that is not there', async () => {
      const server = await startPostgres();
      const pool = openServerPool(server.url);
      try {
        await pool.query('select 1');
        const broken = assert.rejects(pool.query('select pg_sleep(600)'), isOutage);
        await server.stop();
        await broken;
        await assert.rejects(pool.query('select 1'), isOutage);
      } finally {
        await pool.end();
      }
    });
  }

  if (toolAvailable('initdb') && toolAvailable('redis-server')) {
    it('of a database server for seconds is no failure of a job, with the queue in Redis', async () => {
      const servers = [await startPostgres(), await startRedis()];
      const [database = '', queueUrl = ''] = servers.map(({ url }) => url);
      const way = await cuttableWay(database);
      const shared = await testConfig({ databaseUrl: way.url, queueUrl });
      const onError = (error: unknown): void => void told.push({ error, job: undefined });
      const cut = await startService(shared, onError);
      try {
        const { id } = (await cut.addProgram(longElf(2500), ALICE)).program;
        const request = { program: id, security: 'S100', segmentCycles: 1000 } as const;
        const { job } = await cut.submit(request, ALICE);
        const find = (): Promise<Job> => cut.job(job.id, ALICE);
        while ((await find()).state === 'queued') await sleep(10);
        await way.cut();
        // Longer than all attempts of a task take.
        await sleep(4000);
        await way.mend();
        while ((await find()).endedAt === undefined) await sleep(50);
        const { failure, statistics } = await find();
        assert.equal(failure, undefined);
        assert.ok(told.length > 0);
        assert.ok(statistics?.tasks.every(({ attempt }) => attempt === 1));
      } finally {
        await cut.close();
        await way.cut();
        for (const { stop } of servers) await stop();
        await rm(shared.dataDir, { recursive: true, force: true });
      }
    });
  }
});

/** A way to a server that can be cut and mended. */
async function cuttableWay(
  target: string,
): Promise<{ readonly url: string; cut(): Promise<void>; mend(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  let ownPort = 0;
  const mend = async (): Promise<void> => {
    server.listen(ownPort, '127.0.0.1');
    await once(server, 'listening');
    ownPort = (server.address() as AddressInfo).port;
  };
  await mend();
  const url = new URL(target);
  url.port = String(ownPort);
  return {
    ...{ url: url.href, mend },
    async cut() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
