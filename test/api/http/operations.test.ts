import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { OPERATIONS } from '../../../api/http/operations.ts';
import { verify } from '../../../api/index.ts';
import { echoElf, exitElf, spinElf, trapElf } from '../../tools/cli-programs.ts';
import type { Answered, Contract } from './contract.ts';
import { startEmbeddedServer, startTestServer, type TestServer } from './test-server.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const base64 = (value: string): string => Buffer.from(value).toString('base64');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Uploads a program; returns its id. */
async function upload(contract: Contract, elf: Uint8Array): Promise<string> {
  return (await contract.call('addProgram', { body: elf })).json.id;
}

const SERVICES: Readonly<Record<string, () => Promise<TestServer>>> = {
  'in memory': startTestServer,
  embedded: startEmbeddedServer,
};

for (const [name, start] of Object.entries(SERVICES))
  describe(`The operations of the HTTP API, ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let contract: Contract;
    let echo: string;
    let spin: string;

    before(async () => {
      server = await start();
      contract = server.contract;
      echo = await upload(contract, echoElf());
      spin = await upload(contract, spinElf());
    });
    after(() => server.close());

    it('take a program once, and say where it is', async () => {
      const { status, headers, json } = await contract.call('addProgram', { body: exitElf(7) });
      assert.equal(status, 201);
      assert.equal(headers.get('Location'), `/v1/programs/${json.id}`);
      assert.equal(json.sha256, sha256(exitElf(7)));
      assert.equal((await contract.call('addProgram', { body: exitElf(7) })).status, 200);
      const path = { id: json.id };
      assert.deepEqual((await contract.call('program', { path })).json, json);
      assert.equal((await contract.call('program', { path, method: 'HEAD' })).status, 200);
      const unknown = { id: '0'.repeat(64) };
      assert.equal((await contract.call('program', { path: unknown, method: 'HEAD' })).status, 404);
      const { json: problem } = await contract.call('program', { path: unknown });
      assert.equal(problem.code, 'program/unknown');
    });

    it('refuse a file that is no program', async () => {
      const { status, json } = await contract.call('addProgram', { body: text('no ELF file') });
      assert.equal(status, 422);
      assert.equal(json.code, 'program/invalid');
      assert.ok(json.remedy.length > 0);
    });

    it('run a program without a proof, and say what a proof would take', async () => {
      const body = { program: echo, publicInput: base64('Hi, '), privateInput: base64('Ada') };
      const { json } = await contract.call('execute', { body });
      assert.deepEqual(json.outcome, { kind: 'exit', code: 0 });
      assert.equal(Buffer.from(json.journal, 'base64').toString(), 'Hi, Ada');
      assert.equal(json.estimate.segments, 1);
      assert.equal(json.profile, undefined);
      const { json: profiled } = await contract.call('execute', {
        body: { ...body, profile: true },
      });
      assert.equal(profiled.profile, `main ${json.cycles}\n`);
      const trap = await contract.call('execute', {
        body: { program: await upload(contract, trapElf()) },
      });
      assert.equal(trap.json.outcome.trap.cause, 'null-pointer');
      assert.equal(trap.json.estimate, undefined);
      const long = await contract.call('execute', { body: { program: spin, maxCycles: 1000 } });
      assert.equal(long.json.code, 'limit/cycles');
    });

    it('prove a program, stream what happens, and give the receipt away in parts', async () => {
      const { json: blob } = await contract.call('addBlob', { body: text('Ada') });
      assert.deepEqual(blob, { sha256: sha256(text('Ada')), bytes: 3 });
      const { status, headers, json } = await contract.call('submit', {
        body: {
          ...{ program: echo, publicInput: base64('Hi, '), privateInput: { sha256: blob.sha256 } },
          ...{ security: 'S100', priority: 1 },
        },
      });
      assert.equal(status, 202);
      assert.equal(headers.get('Location'), `/v1/proofs/${json.id}`);
      assert.ok(Number(headers.get('Retry-After')) > 0);
      assert.equal(json.request.privateInput, blob.sha256);

      const path = { id: json.id };
      const stream = await contract.call('events', { path });
      const events = new TextDecoder().decode(stream.bytes).split('\n\n');
      assert.match(events[0] as string, /^retry: \d+$/);
      const numbers = events.flatMap((event) => /^id: (\d+)$/m.exec(event)?.[1] ?? []).map(Number);
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => i + 1),
      );
      assert.ok(numbers.length > 5);
      const later = await contract.call('events', { path, headers: { 'Last-Event-ID': '3' } });
      assert.match(new TextDecoder().decode(later.bytes), /^retry: \d+\n\nid: 4\n/);

      const { json: done } = await contract.call('job', { path, headers: { Prefer: 'wait=30' } });
      assert.equal(done.state, 'succeeded');
      assert.equal(Buffer.from(done.journal, 'base64').toString(), 'Hi, Ada');
      const receiptPath = { sha256: done.receipt.sha256 };
      const receipt = await contract.call('receipt', { path: receiptPath });
      assert.equal(sha256(receipt.bytes), done.receipt.sha256);
      assert.equal(receipt.headers.get('ETag'), `"${done.receipt.sha256}"`);
      assert.match(receipt.headers.get('Cache-Control') ?? '', /immutable/);
      const run = await verify(receipt.bytes, {
        program: echo,
        publicInput: text('Hi, '),
        minSecurityBits: 100,
      });
      assert.equal(Buffer.from(run.journal).toString(), 'Hi, Ada');

      const part = (range: string): ReturnType<Contract['call']> =>
        contract.call('receipt', { path: receiptPath, headers: { Range: range } });
      const middle = await part('bytes=10-19');
      assert.equal(middle.status, 206);
      assert.deepEqual(middle.bytes, receipt.bytes.slice(10, 20));
      assert.equal(middle.headers.get('Content-Range'), `bytes 10-19/${receipt.bytes.length}`);
      assert.deepEqual((await part('bytes=-5')).bytes, receipt.bytes.slice(-5));
      assert.equal((await part('bytes=1-2,4-5')).status, 200);
      assert.equal((await part('bytes=99999999-')).status, 416);
      const cached = { 'If-None-Match': `"${done.receipt.sha256}"` };
      const same = await contract.call('receipt', { path: receiptPath, headers: cached });
      assert.equal(same.status, 304);

      const question = {
        receipt: { sha256: done.receipt.sha256 },
        ...{ program: echo, publicInput: base64('Hi, '), minSecurityBits: 100 },
      };
      const { json: valid } = await contract.call('verify', { body: question });
      assert.equal(valid.valid, true);
      const { json: wrong } = await contract.call('verify', {
        body: { ...question, receipt: Buffer.from(receipt.bytes).toString('base64'), exitCode: 1 },
      });
      assert.deepEqual([wrong.valid, wrong.check], [false, 'statement/exit-code']);
    });

    it('wait for the end of a job as long as the client prefers', async () => {
      const body = { program: echo, security: 'S100' };
      const waited = await contract.call('submit', { body, headers: { Prefer: 'wait=55' } });
      assert.equal(waited.status, 200);
      assert.equal(waited.headers.get('Preference-Applied'), 'wait=55');
      assert.equal(waited.json.state, 'succeeded');
    });

    it('answer the same key and request with the same job, and another request with a problem', async () => {
      const headers = { 'Idempotency-Key': 'one' };
      const body = { program: echo, security: 'S100', privateInput: base64('once') };
      const first = await contract.call('submit', { body, headers });
      const second = await contract.call('submit', { body, headers });
      assert.equal(second.json.id, first.json.id);
      const other = await contract.call('submit', { body: { program: echo }, headers });
      assert.equal(other.json.code, 'idempotency/other-request');
      await contract.call('cancel', { path: { id: first.json.id } });
    });

    it('list jobs in pages, and cancel them', async () => {
      const submitted: string[] = [];
      for (let i = 0; i < 3; i++) {
        const body = { program: spin, maxCycles: 2 ** 36 };
        submitted.push((await contract.call('submit', { body })).json.id);
      }
      const query = { limit: '2' };
      const first = await contract.call('jobs', { query });
      assert.deepEqual(
        first.json.jobs.map(({ id }: { id: string }) => id),
        submitted.slice(1).reverse(),
      );
      assert.match(first.headers.get('Link') ?? '', /^<\/v1\/proofs\?.*>; rel="next"$/);
      const second = await contract.call('jobs', { query: { ...query, cursor: first.json.next } });
      assert.equal(second.json.jobs[0].id, submitted[0]);
      for (const id of submitted) {
        const { json } = await contract.call('cancel', { path: { id } });
        assert.equal(json.state, 'cancelled');
        assert.equal((await contract.call('cancel', { path: { id } })).status, 200);
      }
      const cancelled = await contract.call('jobs', {
        query: { state: 'cancelled', limit: '100' },
      });
      assert.ok(cancelled.json.jobs.length >= 3);
    });

    it('say why a job has failed, apart from how its run ended', async () => {
      const program = await upload(contract, trapElf());
      const headers = { Prefer: 'wait=30' };
      const { json } = await contract.call('submit', { body: { program }, headers });
      assert.equal(json.state, 'failed');
      assert.equal(json.failure.code, 'prove/trap');
      assert.equal(json.outcome.trap.cause, 'null-pointer');
    });

    it('make, list and revoke API keys', async () => {
      const body = { name: 'robot', scopes: ['read', 'prove'] };
      const { json } = await contract.call('createKey', { body });
      const { json: list } = await contract.call('keys');
      assert.deepEqual(list.keys, [json.key]);
      assert.ok(!JSON.stringify(list).includes(json.secret));
      const own = (key?: string): Promise<Answered> => contract.as(key).call('webhookSecret');
      assert.notEqual((await own(json.secret)).json.secret, (await own()).json.secret);
      const revoked = await contract.call('revokeKey', { path: { id: json.key.id } });
      assert.ok(revoked.json.revokedAt > 0);
      const unknown = await contract.call('revokeKey', { path: { id: 'key_none' } });
      assert.deepEqual([unknown.status, unknown.json.code], [404, 'key/unknown']);
    });

    it('describe themselves, and say how the service is', async () => {
      const { json } = await contract.call('document');
      assert.equal(json.openapi, '3.1.0');
      const page = new TextDecoder().decode((await contract.call('docs')).bytes);
      for (const { path } of OPERATIONS) assert.ok(page.includes(path), path);
      assert.equal((await contract.call('alive')).status, 200);
      assert.equal((await contract.call('ready')).json.ready, true);
      const figures = new TextDecoder().decode((await contract.call('metrics')).bytes);
      assert.match(figures, /^vouch_jobs\{state="succeeded"\} [1-9]/m);
      assert.match(
        figures,
        /^vouch_http_request_seconds_count\{method="POST",route="\/v1\/programs",status="201"\} \d/m,
      );
    });

    it('have all been exercised, with every answer that the document names', () => {
      const named = OPERATIONS.flatMap(({ id, answers }) =>
        Object.keys(answers).map((status) => `${id} ${status}`),
      );
      // A service that works never says that it does not: that has a test of its own.
      assert.deepEqual(
        named.filter((answer) => !contract.seen.has(answer)),
        ['ready 503'],
      );
    });

    it('log each request with its id, and neither bodies nor keys', async () => {
      const headers = { 'X-Request-Id': 'walk-1', Authorization: 'Bearer no-such-key' };
      const { status, headers: answered } = await contract.call('jobs', { headers });
      assert.equal(status, 401);
      assert.equal(answered.get('X-Request-Id'), 'walk-1');
      // The line is written when the connection is done with the answer.
      await contract.call('alive');
      const line = server.log.find(({ requestId }) => requestId === 'walk-1');
      assert.deepEqual([line?.method, line?.path, line?.status], ['GET', '/v1/proofs', 401]);
      assert.ok(!JSON.stringify(server.log).includes('no-such-key'));
    });
  });

describe('A service that does not work', () => {
  it('says what is wrong, and is not ready', async () => {
    const { contract, service, close } = await startTestServer();
    try {
      service.problems = ['the database does not answer'];
      const { status, json } = await contract.call('ready');
      assert.deepEqual(
        [status, json.ready, json.problems],
        [503, false, ['the database does not answer']],
      );
      assert.equal((await contract.call('alive')).status, 200);
    } finally {
      await close();
    }
  });
});
