import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { prove, verify } from '../../../api/index.ts';
import type { ServiceConfig } from '../../../api/service/config.ts';
import type {
  Job,
  JobEvent,
  ProofRequest,
  Service,
  ServiceErrorCode,
} from '../../../api/service/service.ts';
import { startService } from '../../../api/service/start.ts';
import { echoElf, exitElf, longElf, spinElf, trapElf } from '../../tools/cli-programs.ts';
import { ADMIN, ALICE, BOB, testConfig } from './test-config.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('The service', function () {
  this.timeout(120_000);
  let config: ServiceConfig;
  let service: Service;
  let echo: string;
  const errors: unknown[] = [];
  before(async () => {
    config = await testConfig({ maxWaiting: 12, maxJobsPerKey: 10, maxCycles: 2 ** 36 });
    service = await startService(config, (error) => errors.push(error));
    echo = await add(echoElf());
  });
  after(async () => {
    await service.close();
    await rm(config.dataDir, { recursive: true, force: true });
    assert.deepEqual(errors, []);
  });

  const add = async (elf: Uint8Array): Promise<string> =>
    (await service.addProgram(elf, ALICE)).program.id;
  const submit = async (request: Partial<ProofRequest> = {}, caller = ALICE): Promise<Job> =>
    (await service.submit({ program: echo, security: 'S100', ...request }, caller)).job;
  const watch = async (id: string, after = 0): Promise<JobEvent[]> => {
    const events: JobEvent[] = [];
    for await (const event of service.events(id, after, ALICE)) events.push(event);
    return events;
  };
  const ended = async (job: Job): Promise<Job> => {
    const events = await watch(job.id);
    return events.at(-1)?.job as Job;
  };
  const reached = async (id: string, state: string): Promise<void> => {
    for await (const { job } of service.events(id, 0, ADMIN)) if (job.state === state) return;
    assert.fail(`${id} was never ${state}`);
  };
  const refused = async (task: Promise<unknown>, code: ServiceErrorCode): Promise<void> => {
    await assert.rejects(
      task,
      (error: Error & { readonly code: string; readonly remedy: string }) => {
        assert.equal(error.name, 'ServiceError', error.stack ?? '');
        assert.equal(error.code, code);
        return error.remedy !== '';
      },
    );
  };

  it('knows a program by its id, and by its file', async () => {
    const { program, isNew } = await service.addProgram(echoElf(), BOB);
    assert.ok(!isNew);
    assert.equal(program.id, echo);
    assert.deepEqual(await service.program(echo), program);
    await refused(service.program('0'.repeat(64)), 'program/unknown');
    await refused(service.addProgram(bytes('no ELF file'), ALICE), 'program/invalid');
  });

  it('proves a run: events, receipt, verification', async () => {
    const publicInput = bytes('in public');
    const { sha256 } = await service.addBlob(bytes('secret'), ALICE);
    const job = await submit({ publicInput, privateInput: { sha256 } });
    assert.match(job.id, /^prf_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(job.state, 'queued');
    const events = await watch(job.id);
    assert.deepEqual(
      events.map(({ number }) => number),
      events.map((_, i) => i + 1),
    );
    const states = events.filter(({ kind }) => kind === 'state').map((event) => event.job.state);
    assert.deepEqual(states, ['queued', 'running', 'succeeded']);
    const done = events.map((event) => event.job.progress.done);
    assert.deepEqual(
      done,
      [...done].sort((a, b) => a - b),
    );
    assert.equal(done.at(-1), 1);
    const last = await service.job(job.id, ALICE);
    assert.deepEqual(events.at(-1)?.job, last);
    assert.deepEqual(last.outcome, { kind: 'exit', code: 0 });
    assert.equal(new TextDecoder().decode(last.journal), 'in public\0\0\0secret');
    assert.deepEqual(
      last.statistics?.tasks.map(({ kind, segment, attempt }) => [kind, segment, attempt]),
      [
        ['execute', 0, 1],
        ['prove', 0, 1],
      ],
    );
    const receipt = await service.receipt(last.receipt?.sha256 ?? '');
    assert.equal(receipt.length, last.receipt?.bytes);
    const expected = await prove(echoElf(), {
      ...{ publicInput, privateInput: bytes('secret'), security: 'S100' },
    });
    assert.deepEqual(receipt, expected.receipt);
    const { stats } = expected;
    assert.equal(last.statistics?.cells, stats.cells);
    assert.equal(last.statistics?.interactions, stats.interactions);
    const verified = await verify(receipt, { program: echo, publicInput, minSecurityBits: 100 });
    assert.deepEqual(verified.journal, last.journal);
    const request = { receipt: { sha256: last.receipt?.sha256 ?? '' }, program: echo, publicInput };
    const report = await service.verify({ ...request, minSecurityBits: 100 }, ALICE);
    assert.ok(report.valid);
    assert.deepEqual(report.journal, last.journal);
    assert.ok(!(await service.verify({ ...request, minSecurityBits: 120 }, BOB)).valid);
    assert.ok(!(await service.verify({ ...request, publicInput: bytes('x') }, ALICE)).valid);
    await refused(service.receipt(sha256), 'receipt/unknown');
  });

  it('proves several segments as a flow, with the same receipt as in one process', async () => {
    const privateInput = bytes('three segments, please');
    const events = await watch((await submit({ privateInput, segmentCycles: 20 })).id);
    const last = events.at(-1)?.job ?? assert.fail();
    assert.equal(last.state, 'succeeded', JSON.stringify(last.failure));
    const done = events.map((event) => event.job.progress.done);
    assert.deepEqual(
      done,
      [...done].sort((a, b) => a - b),
    );
    const rises = events.filter(({ kind }, i) => {
      return kind === 'progress' && (done[i] ?? 0) > (done[i - 1] ?? 0);
    });
    const within = new Set(rises.map(({ job }) => job.progress.segment));
    assert.ok(
      within.size >= (last.statistics?.segments ?? 0),
      'all segments tell how far they are',
    );
    const proved = new Set(events.map((event) => event.job.progress.proved));
    assert.deepEqual([...proved], [...Array((last.statistics?.segments ?? 0) + 1).keys()]);
    const options = { privateInput, security: 'S100', segmentCycles: 20 } as const;
    const { receipt, stats } = await prove(echoElf(), options);
    assert.deepEqual(await service.receipt(last.receipt?.sha256 ?? ''), receipt);
    const { segments, cells, interactions, tasks } = last.statistics ?? assert.fail();
    assert.ok(segments >= 3);
    assert.deepEqual(
      { segments, cells, interactions },
      { segments: stats.segments, cells: stats.cells, interactions: stats.interactions },
    );
    const kinds = tasks.map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'commit').length, segments);
    assert.equal(kinds.filter((kind) => kind === 'prove').length, segments);
    assert.equal(kinds.lastIndexOf('commit') + 1, kinds.indexOf('challenge'));
    assert.equal(kinds.at(-1), 'finish');
    assert.ok(last.statistics?.stages.some(({ stage }) => stage === 'zerocheck'));
  });

  it('gives the events from any place on, also of a job that has ended', async () => {
    const { id } = await submit();
    const events = await watch(id);
    assert.deepEqual(await watch(id, 2), events.slice(2));
    assert.deepEqual(await watch(id, events.length), []);
    assert.deepEqual(await watch(id, 1e6), []);
    const signal = AbortSignal.abort();
    for await (const _ of service.events(id, 0, ALICE, signal)) assert.fail();
  });

  it('proves a failure that is an exit code, and fails at a trap, once', async () => {
    const exit = await ended(await submit({ program: await add(exitElf(3)) }));
    assert.equal(exit.state, 'succeeded');
    assert.deepEqual(exit.outcome, { kind: 'exit', code: 3 });
    const trap = await ended(await submit({ program: await add(trapElf()) }));
    assert.equal(trap.failure?.code, 'prove/trap');
    assert.equal(trap.outcome?.kind, 'trap');
    assert.equal(trap.receipt, undefined);
    const long = await submit({ program: await add(longElf(200)), maxCycles: 100 });
    assert.equal((await ended(long)).failure?.code, 'limit/cycles');
  });

  it('cancels a job that runs, and one that waits', async () => {
    const spin = await add(spinElf());
    const running = await submit({ program: spin });
    const waiting = await submit({ program: spin });
    await reached(running.id, 'running');
    assert.equal((await service.cancel(waiting.id, ALICE)).state, 'cancelled');
    assert.equal((await service.cancel(running.id, ALICE)).state, 'cancelled');
    // The only worker is free for the next one: the run, which has no end, was stopped.
    const next = await submit({ program: spin });
    await reached(next.id, 'running');
    assert.equal((await service.cancel(next.id, ALICE)).state, 'cancelled');
    assert.equal((await service.cancel(next.id, ALICE)).state, 'cancelled');
    assert.equal((await ended(next)).state, 'cancelled');
  });

  for (const [name, elf, stage] of [
    ['a run', spinElf(), undefined],
    ['a proof', longElf(150_000), 'commit'],
  ] as const)
    it(`stops computing a second after a job is cancelled: ${name}`, async () => {
      /** Milliseconds of processor time that this process takes in one second. */
      const used = async (): Promise<number> => {
        const before = process.cpuUsage();
        await sleep(1000);
        return process.cpuUsage(before).user / 1000;
      };
      const { id } = await submit({ program: await add(elf) });
      if (stage === undefined) await reached(id, 'running');
      else
        for await (const { job } of service.events(id, 0, ALICE))
          if (job.progress.stage === stage) break;
      const computing = await used();
      assert.equal((await service.cancel(id, ALICE)).state, 'cancelled');
      await sleep(1000);
      // What else the process does may take some of a second, but not of each.
      let idle = computing;
      for (let i = 0; i < 5 && idle >= computing / 10; i++) idle = Math.min(idle, await used());
      assert.ok(idle < computing / 10, `${idle} ms, before ${computing} ms`);
    });

  it('fails a job that is not done by its deadline', async () => {
    const program = await add(spinElf());
    const { failure } = await ended(await submit({ program, deadline: Date.now() + 300 }));
    assert.equal(failure?.code, 'job/deadline');
    await refused(submit({ deadline: Date.now() - 1 }), 'request/invalid');
  });

  it('is one job for one idempotency key', async () => {
    const options = { idempotencyKey: 'once' };
    const request = { program: echo, security: 'S100', privateInput: bytes('a') } as const;
    const first = await service.submit(request, ALICE, options);
    const again = await service.submit(request, ALICE, options);
    assert.deepEqual([first.isNew, again.isNew], [true, false]);
    assert.equal(again.job.id, first.job.id);
    const other = { ...request, privateInput: bytes('b') };
    await refused(service.submit(other, ALICE, options), 'idempotency/other-request');
    const bob = await service.submit(other, BOB, options);
    assert.notEqual(bob.job.id, first.job.id);
    await ended(first.job);
    await service.cancel(bob.job.id, BOB);
  });

  it('is the same job for its idempotency key after the deadline, and with other settings', async () => {
    const options = { idempotencyKey: 'late' };
    const request = { program: await add(spinElf()), deadline: Date.now() + 500 };
    const { job } = await service.submit(request, ALICE, options);
    assert.equal((await ended(job)).failure?.code, 'job/deadline');
    await sleep(Math.max(0, request.deadline + 1 - Date.now()));
    const { maxCycles } = config;
    Object.assign(config, { maxCycles: 1000 });
    try {
      const again = await service.submit(request, ALICE, options);
      assert.deepEqual([again.isNew, again.job.id], [false, job.id]);
    } finally {
      Object.assign(config, { maxCycles });
    }
  });

  it('bounds what waits, of one key and of all', async () => {
    const program = await add(spinElf());
    const jobs: Job[] = [];
    for (let i = 0; i < 10; i++) jobs.push(await submit({ program }));
    await refused(submit({ program }), 'quota/exceeded');
    await reached(jobs[0]?.id ?? '', 'running');
    for (let i = 0; i < 3; i++) jobs.push(await submit({ program }, BOB));
    await assert.rejects(submit({ program }, BOB), { code: 'queue/full', retryAfter: 5 });
    const { waiting, mostWaiting, ready, problems, workers } = await service.health();
    assert.deepEqual(
      { waiting, mostWaiting, ready, problems, workers },
      { waiting: 12, mostWaiting: 12, ready: true, problems: [], workers: 1 },
    );
    for (const { id } of jobs) await service.cancel(id, ADMIN);
  });

  it('shows a key its own jobs, and the administrator all', async () => {
    const job = await submit({}, BOB);
    await refused(service.job(job.id, ALICE), 'job/unknown');
    await refused(service.cancel(job.id, ALICE), 'job/unknown');
    await refused(watch(job.id), 'job/unknown');
    assert.equal((await service.job(job.id, ADMIN)).id, job.id);
    const first = await service.jobs({ limit: 2 }, ADMIN);
    assert.equal(first.jobs[0]?.id, job.id);
    const second = await service.jobs({ limit: 2, cursor: first.next ?? '' }, ADMIN);
    assert.ok((second.jobs[0]?.id ?? '') < (first.jobs[1]?.id ?? ''));
    const own = await service.jobs({ limit: 100 }, BOB);
    assert.ok(own.jobs.every(({ key }) => key === 'bob') && own.next === undefined);
    await service.cancel(job.id, BOB);
  });

  it('lets a key name its own inputs by their digest, and those of nobody else', async () => {
    const secret = bytes('of Alice');
    const { sha256 } = await service.addBlob(secret, ALICE);
    const job = await submit({ privateInput: bytes('in a request of Alice') });
    for (const digest of [sha256, job.request.privateInput]) {
      const request = { program: echo, privateInput: { sha256: digest } };
      await service.cancel((await submit(request)).id, ALICE);
      await service.execute(request, ADMIN);
      await refused(submit(request, BOB), 'blob/unknown');
      await refused(service.execute(request, BOB), 'blob/unknown');
      const claim = { receipt: { sha256: digest }, program: echo };
      await refused(service.verify(claim, BOB), 'blob/unknown');
    }
    await service.cancel(job.id, ALICE);
    await service.addBlob(secret, BOB);
    await service.execute({ program: echo, privateInput: { sha256 } }, BOB);
  });

  it('refuses what makes no sense, and what a key may not', async () => {
    await refused(submit({ program: '0'.repeat(64) }), 'program/unknown');
    await refused(submit({ privateInput: { sha256: '0'.repeat(64) } }), 'blob/unknown');
    await refused(submit({ maxCycles: 2 ** 37 }), 'limit/cycles');
    await refused(submit({ priority: 10 }), 'request/invalid');
    await refused(submit({ segmentCycles: 0 }), 'request/invalid');
    for (const url of ['ftp://example.com', 'nothing', 'https://user:word@example.com/']) {
      await refused(submit({ webhook: { url } }), 'request/invalid');
    }
    const reader = { key: 'reader', scopes: ['read'] } as const;
    await refused(submit({}, reader as never), 'scope/missing');
    await refused(service.addBlob(bytes('a'), reader), 'scope/missing');
  });

  it('runs a program without a proof', async () => {
    const report = await service.execute({ program: echo, publicInput: bytes('hi') }, ALICE);
    assert.deepEqual(report.outcome, { kind: 'exit', code: 0 });
    assert.equal(new TextDecoder().decode(report.journal), 'hi\0\0');
    assert.equal(report.statistics.cycles, report.cycles);
    assert.equal(report.estimate?.segments, 1);
    const trapped = await service.execute({ program: await add(trapElf()) }, ALICE);
    assert.equal(trapped.outcome.kind, 'trap');
    assert.equal(trapped.estimate, undefined);
    const spin = { program: await add(spinElf()) };
    await refused(service.execute({ ...spin, maxCycles: 1000 }, ALICE), 'limit/cycles');
    const signal = AbortSignal.timeout(100);
    await assert.rejects(service.execute(spin, ALICE, signal), { name: 'TimeoutError' });
  });

  it('knows callers by keys that are valid', async () => {
    const { secret, key } = await service.createKey('ci', ['prove']);
    assert.deepEqual(await service.callerOf(secret), { key: key.id, scopes: ['prove'] });
    const last = secret.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of ['', 'vouch_', `${secret}A`, secret.slice(0, -1) + last]) {
      assert.equal(await service.callerOf(wrong), undefined);
    }
    const old = await service.createKey('old', ['read'], Date.now() - 1);
    assert.equal(await service.callerOf(old.secret), undefined);
    assert.ok((await service.revokeKey(key.id)).revokedAt !== undefined);
    assert.equal(await service.callerOf(secret), undefined);
    assert.equal((await service.keys()).length, 2);
    assert.ok(!JSON.stringify(await service.keys()).includes(secret.slice(-20)));
    await refused(service.revokeKey('key_none'), 'key/unknown');
  });
});
