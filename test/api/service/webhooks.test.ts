import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import type { Job, JobRequest } from '../../../api/service/service.ts';
import { isPublicAddress, postPublic } from '../../../api/service/web-post.ts';
import { webhookSecret } from '../../../api/service/webhook-secrets.ts';
import { startWebhooks, WebhookSender } from '../../../api/service/webhooks.ts';
import { testConfig } from './test-config.ts';

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const HOUR = 3_600_000;

describe('Webhooks', function () {
  this.timeout(180_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  let server: Server;
  let url: string;
  const calls: Call[] = [];
  const errors: unknown[] = [];
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  let status = 200;
  /** Called at each call; the answer waits for it. */
  let onCall: (path: string) => unknown = () => {};
  before(async () => {
    config = await testConfig({ webhookPrivate: true });
    runtime = await openRuntime(config);
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', async () => {
        calls.push({ headers: request.headers, body });
        await onCall(request.url ?? '');
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  beforeEach(async () => {
    calls.length = 0;
    status = 200;
    onCall = () => {};
    await runtime.database.deleteFrom('jobs').execute();
  });
  afterEach(() => assert.deepEqual(errors.splice(0), []));
  after(async () => {
    server.closeAllConnections();
    server.close();
    await runtime.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  const cancelled = async (id: string, key = 'alice', path = ''): Promise<void> => {
    const request: JobRequest = {
      ...{ program: 'a', publicInput: 'b', privateInput: 'c', security: 'S100' },
      ...{ programMode: 'id', maxCycles: 1, priority: 5, webhook: url + path },
    };
    const job = { id, key, request, createdAt: 1 };
    await runtime.jobs.insert(job, { waiting: 10, ofKey: 10 });
    await runtime.jobs.change(id, ['queued'], { state: 'cancelled', endedAt: 2 });
  };
  const deliver = async (now: number = Date.now()): Promise<void> => {
    const sender = new WebhookSender(runtime, onError, () => now);
    await sender.look();
    await sender.idle();
  };
  const ended = ({ body }: Call): string => JSON.parse(body).data.id;

  it('are called once for a job that has ended, signed so that the receiver can tell', async () => {
    await cancelled('j1');
    await deliver();
    await deliver();
    assert.equal(calls.length, 1);
    const { headers, body } = calls[0] as Call;
    const signed = headers as Record<string, string>;
    const secret = await webhookSecret(runtime, 'alice');
    const message = new Webhook(secret).verify(body, signed) as {
      readonly type: string;
      readonly data: Job;
    };
    assert.equal(message.type, 'proof.cancelled');
    assert.equal(message.data.id, 'j1');
    const other = new Webhook(await webhookSecret(runtime, 'bob'));
    assert.throws(() => other.verify(body, signed), WebhookVerificationError);
    assert.throws(() => new Webhook(secret).verify(`${body} `, signed), WebhookVerificationError);
    const replayed = { ...signed, 'webhook-timestamp': String(Date.now() / 1000 - 3600) };
    assert.throws(() => new Webhook(secret).verify(body, replayed), WebhookVerificationError);
    assert.equal(await webhookSecret(runtime, 'alice'), secret);
  });

  it('are called again, later each time and with the same id, until that is given up', async () => {
    for (const answer of [500, 302, 404]) {
      status = answer;
      calls.length = 0;
      const id = `j${answer}`;
      await cancelled(id);
      const start = Date.now();
      await deliver(start);
      await deliver(start + 1000);
      assert.equal(calls.length, 1, `after ${answer}`);
      for (let hours = 1; hours < 200; hours++) await deliver(start + hours * HOUR);
      assert.equal(calls.length, 7);
      assert.equal(new Set(calls.map(({ headers }) => headers['webhook-id'])).size, 1);
      const { problem } = await runtime.database
        .selectFrom('webhooks')
        .select('problem')
        .where('job_id', '=', id)
        .executeTakeFirstOrThrow();
      assert.equal(problem, `it answered ${answer}`);
    }
  });

  it('of one key wait for each other, those of other keys do not', async () => {
    const server = new EventEmitter();
    const answer = once(server, 'answer');
    const others = once(server, 'others');
    onCall = (path) => {
      if (path === '/hook/hole') return answer;
      if (calls.length === 4) server.emit('others');
    };
    for (const id of ['a1', 'a2']) await cancelled(id, 'alice', '/hole');
    for (const id of ['b1', 'b2', 'c1']) await cancelled(id, id.startsWith('b') ? 'bob' : 'carol');
    const webhooks = await startWebhooks(runtime, onError);
    try {
      await others;
      assert.deepEqual(calls.map(ended).sort(), ['a1', 'b1', 'b2', 'c1']);
    } finally {
      server.emit('answer');
      await webhooks.close();
    }
  });

  it('are not waited for when the service closes, and stay due', async () => {
    const server = new EventEmitter();
    const called = once(server, 'called');
    onCall = () => {
      server.emit('called');
      return new Promise(() => {});
    };
    for (const id of ['a1', 'a2', 'a3']) await cancelled(id);
    const webhooks = await startWebhooks(runtime, onError);
    await called;
    await webhooks.close();
    assert.equal(calls.length, 1);
    const due = await runtime.database.selectFrom('webhooks').select('due_at').execute();
    assert.ok(due.every(({ due_at }) => due_at !== null));
  });

  it('are taken for a minute from when each is taken', async () => {
    let now = Date.now();
    const dueAt: (number | null)[] = [];
    onCall = async () => {
      now += HOUR;
      const { due_at } = await runtime.database
        .selectFrom('webhooks')
        .select('due_at')
        .where('attempts', '=', 1)
        .where('due_at', 'is not', null)
        .executeTakeFirstOrThrow();
      dueAt.push(due_at);
    };
    for (const id of ['a1', 'a2']) await cancelled(id);
    const start = now;
    const sender = new WebhookSender(runtime, onError, () => now);
    await sender.look();
    await sender.idle();
    assert.deepEqual(dueAt, [start + 60_000, start + HOUR + 60_000]);
  });

  it('that somebody has kept and sends again are refused', async () => {
    const secret = await webhookSecret(runtime, 'alice');
    const old = new Date(Date.now() - HOUR);
    const headers = {
      'webhook-id': 'j1-2',
      'webhook-timestamp': String(Math.floor(old.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('j1-2', old, '{}'),
    };
    assert.throws(() => new Webhook(secret).verify('{}', headers), /too old/);
  });

  it('go to public addresses only, whatever the name', async () => {
    const refused = /not on the public network/;
    for (const host of ['127.0.0.1', '[::1]', 'localhost', '10.1.2.3', '169.254.169.254']) {
      const problem = await postPublic(`http://${host}:1/`, {}, '', false);
      assert.match(problem ?? '', refused, host);
    }
    assert.match((await postPublic(url, {}, '', false)) ?? '', refused);
    assert.equal(calls.length, 0);
    assert.equal(await postPublic(url, {}, 'x', true), undefined);
  });

  const addresses: Readonly<Record<string, boolean>> = {
    '8.8.8.8': true,
    '2606:4700::1111': true,
    '172.15.0.1': true,
    '172.16.0.1': false,
    '192.168.1.1': false,
    '100.64.0.1': false,
    '0.0.0.0': false,
    '255.255.255.255': false,
    '::': false,
    '::1': false,
    'fe80::1': false,
    'fd00::1': false,
    '::ffff:127.0.0.1': false,
    '::ffff:8.8.8.8': false,
    '64:ff9b::7f00:1': false,
    '2002:7f00:1::': false,
    '2001:db8::1': false,
    nonsense: false,
  };
  for (const [address, expected] of Object.entries(addresses)) {
    it(`take ${address} for ${expected ? 'public' : 'private'}`, () => {
      assert.equal(isPublicAddress(address), expected);
    });
  }
});
