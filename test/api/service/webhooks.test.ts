import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import type { Job, JobRequest } from '../../../api/service/service.ts';
import { isPublicAddress, postPublic } from '../../../api/service/web-post.ts';
import { deliverDue, webhookSecret } from '../../../api/service/webhooks.ts';
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
  let status = 200;
  before(async () => {
    config = await testConfig({ webhookPrivate: true });
    runtime = await openRuntime(config);
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        calls.push({ headers: request.headers, body });
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  beforeEach(async () => {
    calls.length = 0;
    status = 200;
    await runtime.database.deleteFrom('jobs').execute();
  });
  after(async () => {
    server.close();
    await runtime.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  const cancelled = async (id: string): Promise<void> => {
    const request: JobRequest = {
      ...{ program: 'a', publicInput: 'b', privateInput: 'c', security: 'S100' },
      ...{ programMode: 'id', maxCycles: 1, priority: 5, webhook: url },
    };
    const job = { id, key: 'alice', request, createdAt: 1 };
    await runtime.jobs.insert(job, { waiting: 10, ofKey: 10 });
    await runtime.jobs.change(id, ['queued'], { state: 'cancelled', endedAt: 2 });
  };
  const deliver = async (now: number = Date.now()): Promise<void> =>
    deliverDue(runtime, await webhookSecret(runtime), now);

  it('are called once for a job that has ended, signed so that the receiver can tell', async () => {
    await cancelled('j1');
    await deliver();
    await deliver();
    assert.equal(calls.length, 1);
    const { headers, body } = calls[0] as Call;
    const signed = headers as Record<string, string>;
    const secret = await webhookSecret(runtime);
    const message = new Webhook(secret).verify(body, signed) as {
      readonly type: string;
      readonly data: Job;
    };
    assert.equal(message.type, 'proof.cancelled');
    assert.equal(message.data.id, 'j1');
    const other = new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    assert.throws(() => other.verify(body, signed), WebhookVerificationError);
    assert.throws(() => new Webhook(secret).verify(`${body} `, signed), WebhookVerificationError);
    const replayed = { ...signed, 'webhook-timestamp': String(Date.now() / 1000 - 3600) };
    assert.throws(() => new Webhook(secret).verify(body, replayed), WebhookVerificationError);
    assert.equal(await webhookSecret(runtime), secret);
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
