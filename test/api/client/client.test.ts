import assert from 'node:assert/strict';
import { VerificationError } from '@vouch/verifier';
import {
  ApiError,
  Client,
  ClientError,
  hasEnded,
  type JobEvent,
} from '../../../api/client/index.ts';
import { programId, prove } from '../../../api/index.ts';
import { echoElf, exitElf, spinElf, trapElf } from '../../tools/cli-programs.ts';
import { startTestServer, type TestServer } from '../http/test-server.ts';
import { type Faults, unsteadyFetch } from './unsteady-fetch.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const shown = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe('The client of the HTTP API', function () {
  this.timeout(60_000);
  let server: TestServer;
  let client: Client;
  let echo: string;
  const unsteady = (faults: Faults, log: string[] = []): Client =>
    new Client({ url: server.server.url, fetch: unsteadyFetch(faults, log) });

  before(async () => {
    server = await startTestServer();
    client = new Client({ url: `${server.server.url}/` });
    echo = (await client.uploadProgram(echoElf())).id;
  });
  after(() => server.close());

  it('uploads, proves, watches, fetches and verifies', async () => {
    assert.equal(echo, await programId(echoElf()));
    assert.equal((await client.program(echo)).bytes, echoElf().length);
    const inputs = { publicInput: text('Hi, '), privateInput: text('Ada') };
    const report = await client.execute({ program: echo, ...inputs });
    assert.equal(shown(report.journal), 'Hi, Ada');
    const job = await client.prove({ program: echo, ...inputs, security: 'S100' });
    const events: JobEvent[] = [];
    for await (const event of client.watch(job.id)) events.push(event);
    assert.deepEqual(
      events.map(({ number }) => number),
      events.map((_, i) => i + 1),
    );
    const last = events.at(-1)?.job;
    assert.equal(last?.state, 'succeeded');
    assert.equal(shown(last?.journal), 'Hi, Ada');
    const { publicInput } = inputs;
    const run = await client.verifiedRun(job.id, {
      program: echo,
      publicInput,
      minSecurityBits: 100,
    });
    assert.equal(shown(run.journal), 'Hi, Ada');
    assert.deepEqual((await client.jobs({ limit: 1 })).jobs[0], await client.job(job.id));
    assert.ok(hasEnded(await client.cancel(job.id)));
  });

  it('uploads large inputs before the request that names them', async () => {
    const privateInput = new Uint8Array(2 ** 17).fill(65);
    const { journal } = await client.execute({ program: echo, privateInput });
    assert.deepEqual(journal, privateInput);
  });

  it('makes calls again, and what it submits is one job', async () => {
    for (const faults of [{ lostRequests: 2 }, { lostAnswers: 2 }]) {
      const log: string[] = [];
      const before = (await client.jobs({ limit: 100 })).jobs.length;
      const job = await unsteady(faults, log).prove({ program: echo, security: 'S100' });
      assert.deepEqual(log, Array(3).fill('POST /v1/proofs'));
      assert.equal((await client.jobs({ limit: 100 })).jobs.length, before + 1);
      assert.equal((await client.ended(job.id)).state, 'succeeded');
    }
  });

  it('goes on watching behind the last event when the stream breaks', async () => {
    const job = await client.prove({ program: echo, security: 'S100' });
    const log: string[] = [];
    const numbers: number[] = [];
    for await (const { number } of unsteady({ cutStreams: 1500 }, log).watch(job.id)) {
      numbers.push(number);
    }
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
    assert.ok(log.filter((call) => call.endsWith('/events')).length > 2);
    const seen: number[] = [];
    for await (const { number } of client.watch(job.id, { after: numbers.length }))
      seen.push(number);
    assert.deepEqual(seen, []);
  });

  it('waits as long as a busy server says, and gives up in the end', async () => {
    let calls = 0;
    const busy = new Client({
      url: server.server.url,
      retries: 2,
      fetch: async () => {
        calls++;
        const problem = { code: 'queue/full', detail: 'full', remedy: 'wait', requestId: 'r1' };
        const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '0' };
        return new Response(JSON.stringify(problem), { status: 429, headers });
      },
    });
    await assert.rejects(busy.jobs(), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.status, error.code, error.requestId], [429, 'queue/full', 'r1']);
      return true;
    });
    assert.equal(calls, 3);
  });

  const answering = (response: () => Response, log: string[] = []): Client =>
    new Client({
      url: server.server.url,
      retries: 1,
      fetch: async (_, init) => {
        log.push(init?.method ?? 'GET');
        return response();
      },
    });

  it('does not wait for longer than a minute, whatever the server says', async () => {
    for (const seconds of ['61', '9999', '99999']) {
      const log: string[] = [];
      const headers = { 'Retry-After': seconds };
      const busy = answering(() => new Response('{}', { status: 429, headers }), log);
      await assert.rejects(busy.jobs(), { name: 'ApiError', status: 429, retryAfter: +seconds });
      assert.equal(log.length, 1);
    }
  });

  it('says the status of a problem that it cannot read', async () => {
    for (const body of ['{"code":', 'null', '[]', '<html>']) {
      const headers = { 'Content-Type': 'application/problem+json' };
      const odd = answering(() => new Response(body, { status: 404, headers }));
      await assert.rejects(odd.jobs(), { name: 'ApiError', status: 404, code: 'unknown' }, body);
    }
  });

  it('reads no more of an answer than it may have', async () => {
    let parts = 0;
    const endless = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            parts++;
            controller.enqueue(new Uint8Array(2 ** 16));
          },
        }),
      );
    const tooLarge = { name: 'ClientError', code: 'client/too-large' };
    const liar = answering(endless);
    await assert.rejects(liar.receipt('0'.repeat(64), { mostBytes: 2 ** 20 }), tooLarge);
    assert.ok(parts < 20, `${parts} parts were read`);
    await assert.rejects(liar.jobs(), tooLarge);
  });

  it('does not make a call again that the server refuses', async () => {
    const log: string[] = [];
    await assert.rejects(unsteady({}, log).program('0'.repeat(64)), { code: 'program/unknown' });
    await assert.rejects(unsteady({}, log).program('../keys'), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.errors[0]?.at, 'path/id');
      return true;
    });
    assert.equal(log.length, 2);
  });

  it('says that nobody answers, how often it has tried, and why', async () => {
    const nobody = new Client({ url: 'http://127.0.0.1:9', retries: 1 });
    await assert.rejects(nobody.jobs(), (error: unknown) => {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, 'client/unreachable');
      assert.match(error.message, /^GET \/v1\/proofs was not answered, 2 times: .+/);
      return true;
    });
    const page = new Client({ fetch: async () => new Response('<html>'), url: 'http://localhost' });
    await assert.rejects(page.jobs(), { code: 'client/protocol' });
  });

  it('takes no other bytes for a receipt than those that were asked for', async () => {
    const job = await client.prove({ program: echo, security: 'S100' });
    const { receipt } = await client.ended(job.id);
    assert.ok(receipt);
    const change = (path: string, bytes: Uint8Array): Uint8Array =>
      path.startsWith('/v1/receipts/') ? bytes.with(1000, (bytes[1000] ?? 0) ^ 1) : bytes;
    await assert.rejects(unsteady({ change }).receipt(receipt.sha256), { code: 'client/digest' });
  });

  it('believes nothing that a server says about a run', async () => {
    const job = await client.prove({ program: echo, privateInput: text('Ada'), security: 'S100' });
    await client.ended(job.id);
    // The server says that the journal is another, and names the receipt of another program's run.
    const { receipt, programId: other } = await prove(exitElf(0), { security: 'S100' });
    const sha256 = await client.uploadBlob(receipt);
    const change = (path: string, bytes: Uint8Array): Uint8Array => {
      if (path.startsWith('/v1/receipts/')) return receipt;
      const lie = JSON.stringify({ sha256, bytes: receipt.length });
      const found = shown(bytes);
      const journal = Buffer.from('Eve').toString('base64');
      return text(
        found
          .replaceAll(/"receipt":\{[^}]*\}/g, `"receipt":${lie}`)
          .replaceAll(/"journal":"[^"]*"/g, `"journal":"${journal}"`),
      );
    };
    const liar = unsteady({ change });
    assert.equal(shown((await liar.ended(job.id)).journal), 'Eve');
    const expected = { program: echo, minSecurityBits: 100 };
    await assert.rejects(liar.verifiedRun(job.id, expected), (error: unknown) => {
      assert.ok(error instanceof VerificationError);
      assert.equal(error.check, 'statement/program');
      return true;
    });
    const run = await liar.verifiedRun(job.id, { ...expected, program: other });
    assert.equal(run.journal.length, 0);
  });

  it('says why a job has no receipt', async () => {
    const { id } = await client.uploadProgram(trapElf());
    const job = await client.prove({ program: id });
    await assert.rejects(client.verifiedRun(job.id, { program: id }), (error: unknown) => {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, 'client/job');
      assert.equal(error.job?.failure?.code, 'prove/trap');
      return true;
    });
  });

  it('stops at once when its signal is aborted, whatever it does', async () => {
    const { id } = await client.uploadProgram(spinElf());
    const job = await client.prove({ program: id, maxCycles: 2 ** 36 });
    const signal = (): AbortSignal => AbortSignal.timeout(100);
    const aborted = { name: 'TimeoutError' };
    await assert.rejects(client.ended(job.id, { signal: signal() }), aborted);
    await assert.rejects(
      client.execute({ program: id }, { signal: AbortSignal.abort(new Error('x')) }),
      /x/,
    );
    const nobody = new Client({ url: 'http://127.0.0.1:9', retries: 100 });
    await assert.rejects(nobody.jobs({}, { signal: signal() }), aborted);
    assert.equal((await client.cancel(job.id)).state, 'cancelled');
  });

  it('sends its key', async () => {
    const guarded = await startTestServer({ keys: true });
    try {
      const { secret } = await guarded.service.createKey('test', ['read']);
      const { url: address } = guarded.server;
      assert.deepEqual(await new Client({ url: address, key: secret }).jobs(), { jobs: [] });
      await assert.rejects(new Client({ url: address }).jobs(), { code: 'auth/missing' });
    } finally {
      await guarded.close();
    }
  });
});
