import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { exitElf, spinElf } from '../../tools/cli-programs.ts';
import type { Contract } from './contract.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** Sends bytes as they are; resolves to what comes back until the server closes the connection. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    received += part;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return received;
}

const codeOf = (answer: string): string | undefined => /"code":"([^"]+)"/.exec(answer)?.[1];

describe('The HTTP server against clients that err', function () {
  this.timeout(30_000);
  let server: TestServer;
  let contract: Contract;

  before(async () => {
    server = await startTestServer({
      limits: { json: 1000, elf: 100_000, blob: 1000 },
      requestMilliseconds: 1000,
      mostWaiting: 1,
    });
    contract = server.contract;
  });
  after(() => server.close());

  it('refuses bodies that are too large, whether their length is told or not', async () => {
    const bytes = new Uint8Array(1001);
    const told = await contract.call('addBlob', { body: bytes });
    assert.deepEqual([told.status, told.json.code], [413, 'http/too-large']);
    assert.equal((await contract.call('addBlob', { body: bytes.subarray(1) })).status, 201);
    const chunked = await raw(
      server.server.url,
      'POST /v1/blobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
        'Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`,
    );
    assert.equal(codeOf(chunked), 'http/too-large');
    const body = { program: '0'.repeat(64), publicInput: 'A'.repeat(1000) };
    assert.equal((await contract.call('execute', { body })).status, 413);
  });

  it('refuses other content types before it reads a body', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'x', '']) {
      const headers = { 'Content-Type': type };
      const { json } = await contract.call('execute', { body: '{}', headers });
      assert.equal(json.code, 'http/content-type', type);
    }
    for (const encoding of ['gzip', 'br', 'x']) {
      const headers = { 'Content-Encoding': encoding };
      const { json } = await contract.call('execute', { body: '{}', headers });
      assert.equal(json.code, 'http/content-type', encoding);
    }
    const headers = { 'Content-Type': 'application/json; charset=latin1' };
    const { json } = await contract.call('execute', { body: '{}', headers });
    assert.equal(json.code, 'http/content-type');
  });

  it('refuses bodies that are missing or no JSON', async () => {
    assert.equal((await contract.call('submit')).json.code, 'http/body');
    for (const body of ['', '{', 'null', '7', '{"a":1}}', '[[[['.repeat(200), '\u0000', '"\\u']) {
      const { json } = await contract.call('submit', { body });
      assert.equal(json.code, 'http/body', body);
    }
  });

  it('says where a request is wrong', async () => {
    const program = '0'.repeat(64);
    const wrong: readonly [unknown, RegExp][] = [
      [{}, /^body must have required property 'program'/],
      [{ program, priority: 10 }, /^body\/priority must be <= 9/],
      [{ program, priority: '5' }, /^body\/priority must be integer/],
      [{ program, security: 'S60' }, /^body\/security must be equal to one of.*S120, S100/],
      [{ program, cycles: 1 }, /^body must NOT have additional properties \(cycles\)/],
      [{ program, publicInput: 'a' }, /^body\/publicInput must match format "byte"/],
      [{ program, webhook: { url: 'file:///etc/passwd' } }, /^body\/webhook\/url must match/],
      ['{"program":"x","__proto__":{}}', /additional properties|must match pattern/],
    ];
    for (const [body, detail] of wrong) {
      const { json } = await contract.call('submit', { body });
      assert.equal(json.code, 'request/invalid');
      assert.match(json.detail, detail);
      assert.ok(json.errors.length > 0);
    }
    const { json } = await contract.call('jobs', { query: { limit: '0' } });
    assert.match(json.detail, /^query\/limit must be >= 1/);
    assert.equal((await contract.call('jobs', { query: { page: '1' } })).status, 422);
    const twice = await fetch(`${server.server.url}/v1/proofs?limit=1&limit=2`);
    assert.equal(twice.status, 422);
  });

  it('leaves the tree of paths to nobody', async () => {
    const expected: readonly [string, number, string][] = [
      ['/v1/receipts/../../etc/passwd', 404, 'http/not-found'],
      ['/v1/receipts/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 422, 'request/invalid'],
      ['/v1/receipts/..%5c..%5cwindows', 422, 'request/invalid'],
      [`/v1/receipts/${'0'.repeat(63)}%00`, 422, 'request/invalid'],
      [`/v1/receipts/${'A'.repeat(64)}`, 422, 'request/invalid'],
      ['/v1/receipts/%E0%A4%A', 400, 'http/path'],
      ['/v1/proofs/prf_%ff', 400, 'http/path'],
      ['//v1/proofs', 404, 'http/not-found'],
      ['/V1/proofs', 404, 'http/not-found'],
      ['/v1/proofs/', 404, 'http/not-found'],
      ['/assets/../package.json', 404, 'http/not-found'],
      ['/assets/%2e%2e/%2e%2e/package.json', 404, 'http/not-found'],
    ];
    for (const [path, status, code] of expected) {
      const answer = await raw(
        server.server.url,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      assert.deepEqual([Number(answer.split(' ')[1]), codeOf(answer)], [status, code], path);
    }
  });

  it('names the methods of a path', async () => {
    const { status, headers, json } = await contract.call('jobs', { method: 'PUT' });
    assert.deepEqual([status, json.code], [405, 'http/method']);
    assert.equal(headers.get('Allow'), 'POST, GET, HEAD, OPTIONS');
  });

  it('cuts off clients that send their request slowly', async () => {
    const slowBody =
      'POST /v1/blobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n' +
      'Content-Length: 100\r\n\r\nx';
    const slowHead = 'GET /healthz HTTP/1.1\r\nHost: local';
    for (const text of [slowBody, slowHead]) {
      assert.match(await raw(server.server.url, text), /^HTTP\/1.1 408/);
    }
    assert.equal((await contract.call('alive')).status, 200);
  });

  it('refuses headers that are no HTTP, or too long', async () => {
    const { url } = server.server;
    assert.match(await raw(url, 'nonsense\r\n\r\n'), /^HTTP\/1.1 400/);
    const long = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    assert.match(await raw(url, long), /^HTTP\/1.1 431/);
  });

  it('stops a run when its client has gone', async () => {
    const { json } = await contract.call('addProgram', { body: spinElf() });
    const body = { program: json.id, maxCycles: 2 ** 38 };
    const signal = AbortSignal.timeout(300);
    await assert.rejects(contract.call('execute', { body, signal }), { name: 'TimeoutError' });
    await untilLogged(server, ({ path, aborted }) => path === '/v1/executions' && aborted === true);
  });

  it('says that the queue is full, and when to come again', async () => {
    const { json } = await contract.call('addProgram', { body: spinElf() });
    const body = { program: json.id, maxCycles: 2 ** 36 };
    const running = await contract.call('submit', { body });
    await untilState(contract, running.json.id, 'running');
    const waiting = await contract.call('submit', { body });
    const refused = await contract.call('submit', { body });
    assert.deepEqual([refused.status, refused.json.code], [429, 'queue/full']);
    assert.equal(refused.headers.get('Retry-After'), '3');
    for (const { json: job } of [waiting, running]) {
      await contract.call('cancel', { path: { id: job.id } });
    }
  });

  it('answers for the names of loopback only, where no key is asked for', async () => {
    const answer = await raw(
      server.server.url,
      'GET /v1/proofs HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n',
    );
    assert.equal(codeOf(answer), 'http/host');
  });

  it('lets pages of other origins read receipts and nothing else', async () => {
    const options = { method: 'OPTIONS', headers: { Origin: 'https://other.example' } };
    const allowed = async (path: string): Promise<string | null> => {
      const response = await fetch(`${server.server.url}${path}`, options);
      await response.arrayBuffer();
      return response.headers.get('Access-Control-Allow-Origin');
    };
    assert.equal(await allowed('/v1/proofs'), null);
    assert.equal(await allowed(`/v1/receipts/${'0'.repeat(64)}`), '*');
  });

  it('sends a policy that lets a page load from nowhere else', async () => {
    const { headers } = await contract.call('docs');
    assert.match(
      headers.get('Content-Security-Policy') ?? '',
      /default-src 'none';script-src 'self'/,
    );
    assert.equal(headers.get('X-Content-Type-Options'), 'nosniff');
    assert.equal(headers.get('X-Powered-By'), null);
  });
});

describe('API keys over HTTP', function () {
  this.timeout(30_000);
  let server: TestServer;
  const keyOf = async (
    scopes: ('read' | 'prove' | 'admin')[],
    expiresAt?: number,
  ): Promise<Contract> => {
    const { secret } = await server.service.createKey('test', scopes, expiresAt);
    return server.contract.as(secret);
  };

  before(async () => {
    server = await startTestServer({ keys: true });
  });
  after(() => server.close());

  it('are asked for by every operation but those about the server itself', async () => {
    const { contract } = server;
    const missing = await contract.call('jobs');
    assert.deepEqual([missing.status, missing.json.code], [401, 'auth/missing']);
    assert.match(missing.headers.get('WWW-Authenticate') ?? '', /^Bearer/);
    for (const id of ['document', 'docs', 'alive', 'ready'] as const) {
      assert.equal((await contract.call(id)).status, 200, id);
    }
    assert.equal((await contract.call('metrics')).status, 401);
    const large = await contract.call('addBlob', { body: new Uint8Array(2 ** 20) });
    assert.equal(large.status, 401);
  });

  it('are refused when they are unknown, have expired or were revoked', async () => {
    const { contract, service } = server;
    const expired = await keyOf(['read'], Date.now() - 1);
    const soon = await keyOf(['read'], Date.now() + 60_000);
    const { secret, key } = await service.createKey('test', ['read']);
    assert.equal((await contract.as(secret).call('jobs')).status, 200);
    await service.revokeKey(key.id);
    for (const wrong of [contract.as('nonsense'), expired, contract.as(secret)]) {
      const { status, json } = await wrong.call('jobs');
      assert.deepEqual([status, json.code], [401, 'auth/invalid']);
    }
    assert.equal((await soon.call('jobs')).status, 200);
    const basic = { Authorization: 'Basic dXNlcjpwYXNzd29yZA==' };
    assert.equal((await contract.call('jobs', { headers: basic })).json.code, 'auth/invalid');
  });

  it('may do what their scopes say', async () => {
    const [reader, prover, admin] = [
      await keyOf(['read']),
      await keyOf(['prove']),
      await keyOf(['admin']),
    ];
    const body = exitElf(0);
    assert.equal((await reader.call('addProgram', { body })).json.code, 'scope/missing');
    assert.equal((await prover.call('addProgram', { body })).status, 201);
    assert.equal((await prover.call('jobs')).status, 403);
    assert.equal((await reader.call('keys')).status, 403);
    assert.equal((await admin.call('keys')).status, 200);
    assert.equal((await admin.call('jobs')).status, 200);
  });

  it('let pages of any origin in: they can do only what their key allows', async () => {
    const response = await fetch(`${server.server.url}/v1/proofs`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://other.example' },
    });
    assert.equal(response.headers.get('Access-Control-Allow-Origin'), '*');
    assert.match(response.headers.get('Access-Control-Allow-Headers') ?? '', /Idempotency-Key/);
  });
});

describe('A fault of the server', () => {
  it('is told to the log, and to the client only by the id of its request', async () => {
    const server = await startTestServer();
    try {
      server.service.jobs = async () => {
        throw new Error('the table is gone');
      };
      const { status, json } = await server.contract.call('jobs');
      assert.deepEqual([status, json.code], [500, 'http/internal']);
      assert.ok(!JSON.stringify(json).includes('table'));
      await untilLogged(server, ({ requestId, err }) => {
        const { message, stack } = (err ?? {}) as Partial<Error>;
        return requestId === json.requestId && message === 'the table is gone' && stack !== '';
      });
    } finally {
      await server.close();
    }
  });
});

describe('The rate of requests', () => {
  it('is bounded for each address, health left out', async () => {
    const server = await startTestServer({ requestsPerMinute: 3 });
    try {
      for (let i = 0; i < 3; i++) assert.equal((await server.contract.call('jobs')).status, 200);
      const { status, json, headers } = await server.contract.call('jobs');
      assert.deepEqual([status, json.code], [429, 'http/rate']);
      assert.ok(Number(headers.get('Retry-After')) > 0);
      assert.equal((await server.contract.call('alive')).status, 200);
    } finally {
      await server.close();
    }
  });
});

describe('The address of a client', () => {
  const statuses = async (proxies: number): Promise<number[]> => {
    const server = await startTestServer({ requestsPerMinute: 1, proxies });
    try {
      const found: number[] = [];
      for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.2']) {
        const headers = { 'X-Forwarded-For': `198.51.100.7, ${address}` };
        found.push((await server.contract.call('jobs', { headers })).status);
      }
      return found;
    } finally {
      await server.close();
    }
  };

  it('is what the last proxy says, where there is one', async () => {
    assert.deepEqual(await statuses(1), [200, 200, 429]);
  });

  it('is not what the client says', async () => {
    assert.deepEqual(await statuses(0), [200, 429, 429]);
  });
});

describe('A server that shuts down', () => {
  it('ends streams, answers what has begun, takes nothing new, and says so', async () => {
    const { contract, server, service } = await startTestServer();
    const { json } = await contract.call('addProgram', { body: spinElf() });
    const body = { program: json.id, maxCycles: 2 ** 36 };
    const { json: job } = await contract.call('submit', { body });
    const stream = contract.call('events', { path: { id: job.id } });
    const waiting = contract.call('job', {
      path: { id: job.id },
      headers: { Prefer: 'wait=60' },
    });
    await untilState(contract, job.id, 'running');
    const closed = server.close(5000);
    assert.equal((await stream).status, 200);
    assert.equal((await waiting).json.state, 'running');
    await closed;
    await assert.rejects(fetch(`${server.url}/healthz`));
    await service.close();
  });
});

async function untilState(contract: Contract, id: string, state: string): Promise<void> {
  while ((await contract.call('job', { path: { id } })).json.state !== state) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function untilLogged(
  { log }: TestServer,
  matches: (line: Readonly<Record<string, unknown>>) => boolean,
): Promise<void> {
  while (!log.some(matches)) await new Promise((resolve) => setTimeout(resolve, 10));
}
