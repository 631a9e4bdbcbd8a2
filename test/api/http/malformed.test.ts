import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { OPERATIONS, type Operation } from '../../../api/http/operations.ts';
import { exitElf, trapElf } from '../../tools/cli-programs.ts';
import { processSeed, Random } from '../../tools/random.ts';
import { type Answered, parsed } from './contract.ts';
import { MalformedRequests, type WireRequest } from './malformed-requests.ts';
import { startEmbeddedServer, type TestServer } from './test-server.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const REQUESTS = isSlowRun ? 200_000 : 10_000;
const AT_A_TIME = 16;

/** Sends a request as it is, which `fetch` would not. */
async function send(url: string, agent: Agent | false, wire: WireRequest): Promise<Answered> {
  const { method, path, body } = wire;
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'Content-Length': body.length };
  const isChunked = 'Transfer-Encoding' in wire.headers;
  const headers = { Host: 'localhost', ...wire.headers, ...(isChunked ? {} : length) };
  const outgoing = request({ agent, hostname, port, method, path, headers });
  outgoing.end(body);
  let incoming: IncomingMessage;
  try {
    [incoming] = await once(outgoing, 'response');
  } catch (error) {
    // The server may close a connection that was idle, or that the request before has broken.
    if (outgoing.reusedSocket) return send(url, false, wire);
    throw error;
  }
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const bytes = new Uint8Array(Buffer.concat(parts));
  const found = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) found.set(name, String(value));
  const json = /json/.test(incoming.headers['content-type'] ?? '') ? parsed(bytes) : undefined;
  return { status: incoming.statusCode ?? 0, headers: found, bytes, json };
}

/** The operation that a request with another method is one of. */
function answeredBy(meant: Operation, method: string): Operation {
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  const found = OPERATIONS.find((other) => other.path === meant.path && other.method === name);
  return found ?? meant;
}

describe('Malformed requests', function () {
  this.timeout(isSlowRun ? 3_600_000 : 120_000);
  let server: TestServer;
  before(async () => {
    server = await startEmbeddedServer({ requestMilliseconds: 5000 });
  });
  after(() => server.close());

  it(`are answered as the document says, ${REQUESTS} of them, and never with a 5xx`, async () => {
    const { contract } = server;
    // A program that traps at once: what happens to be right costs next to nothing.
    const { json: program } = await contract.call('addProgram', { body: trapElf() });
    const headers = { Prefer: 'wait=30' };
    const body = { program: program.id };
    const { json: job } = await contract.call('submit', { body, headers });
    const seed = processSeed();
    const requests = new MalformedRequests(new Random(seed), {
      program: [program.id, '0'.repeat(64)],
      job: [job.id, `prf_${'0'.repeat(26)}`],
      sha256: [job.request.publicInput, program.sha256, '1'.repeat(64)],
    });
    // No limit of sockets: a request that waits for one gets it without being marked as `reusedSocket`.
    const agent = new Agent({ keepAlive: true });
    let sent = 0;
    let refused = 0;
    const work = async (): Promise<void> => {
      while (sent < REQUESTS) {
        const operation = OPERATIONS[sent++ % OPERATIONS.length];
        assert.ok(operation);
        const wire = requests.next(operation);
        const where = `VOUCH_SEED=${seed}: ${JSON.stringify(wire)}`.slice(0, 2000);
        const answered = await send(server.server.url, agent, wire).catch((error: unknown) => {
          throw new Error(where, { cause: error });
        });
        assert.ok(answered.status < 500, `${answered.status} ${where}`);
        if (answered.status >= 400) refused++;
        // Requests that HTTP itself forbids never reach the application.
        if (answered.headers.get('X-Request-Id') === null) continue;
        if (wire.method === 'OPTIONS') continue;
        try {
          contract.hold(answeredBy(operation, wire.method), answered, wire.method === 'HEAD');
        } catch (error) {
          throw new Error(where, { cause: error });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    agent.destroy();
    assert.ok(refused > REQUESTS / 2, `${refused} of ${REQUESTS} were refused`);
    const { status } = await contract.call('addProgram', { body: exitElf(3) });
    assert.equal(status, 201);
  });
});
