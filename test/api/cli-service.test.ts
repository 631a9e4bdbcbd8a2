import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, jsonResult, runCli, startCli } from '../tools/cli.ts';
import { killServiceProcesses, startServiceProcess } from '../tools/service-process.ts';

/** Nobody listens there: port 1 is reserved (tcpmux). */
const NOWHERE = '127.0.0.1:1';

describe('vouch serve, worker, key and doctor', function () {
  this.timeout(180_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-cli-service-'));
  });
  after(async () => {
    killServiceProcesses();
    await rm(folder, { recursive: true, force: true });
  });

  it('serve with keys, which are made before, and refuse a second process', async () => {
    const at = ['--data-dir', join(folder, 'keys')];
    const made = await runCli(['key', 'create', 'ci', '--scopes', 'read', '--json', ...at]);
    assert.equal(made.code, 0, made.stderr);
    const { secret, key } = jsonResult(made) as unknown as {
      readonly secret: string;
      readonly key: { readonly id: string };
    };
    const { line: url, end } = await startServiceProcess('serve', [
      ...at,
      ...['--port', '0', '--auth', 'keys'],
    ]);
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${url}/v1/proofs`, { headers })).status;
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: `Bearer ${secret}` }), 200);
    const second = await runCli(['serve', ...at, '--port', '0']);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /is in use by process \d+/);
    const elsewhere = ['--data-dir', join(folder, 'elsewhere'), '--port', new URL(url).port];
    const third = await runCli(['serve', ...elsewhere]);
    assert.equal(third.code, 2);
    assert.match(third.stderr, /cannot listen at 127\.0\.0\.1, port \d+: another process listens/);
    const doctor = await runCli([
      ...['doctor', '--service', ...at, '--port', new URL(url).port, '--json'],
    ]);
    assert.equal(doctor.code, 0, doctor.stdout);
    assert.match(doctor.stdout, /is in use by process \d+.*, as it is where the service runs/);
    assert.match(doctor.stdout, /port \d+: a service runs there/);
    assert.equal(await end('SIGTERM'), 0);
    assert.equal((await runCli(['key', 'revoke', key.id, ...at])).code, 0);
    assert.match((await runCli(['key', 'list', ...at])).stdout, /\tread\tci\trevoked\n$/);
    const webhook = await runCli(['key', 'webhook', key.id, ...at]);
    assert.match(webhook.stdout, /^whsec_[A-Za-z0-9+/]{43}=\n$/);
  });

  it('say what does not answer, and end with 69', async () => {
    const database = ['--database-url', `postgres://x:secret@${NOWHERE}/x`];
    for (const command of [['serve', '--port', '0'], ['worker']]) {
      const at = ['--data-dir', join(folder, 'none')];
      const { code, stderr } = await runCli([...command, ...at, ...database]);
      assert.equal(code, 69);
      assert.match(stderr, /the database at 127\.0\.0\.1:1 does not answer/);
      assert.ok(!stderr.includes('secret'));
    }
    const queue = ['--queue-url', `redis://${NOWHERE}`];
    const doctor = await runCli(['doctor', '--service', '--json', ...database, ...queue]);
    assert.equal(doctor.code, 1);
    const { checks } = jsonResult(doctor) as unknown as {
      readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
    };
    const bad = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    for (const name of ['database', 'queue']) assert.ok(bad.includes(name), name);
  });

  it('refuse settings that are wrong', async () => {
    for (const [flags, message] of [
      [['serve', '--port', 'x'], /--port has the value "x"/],
      [['serve', '--host', '0.0.0.0', '--auth', 'off'], /authentication is off/],
      [['worker'], /cannot share the embedded database/],
      [['key', 'create', 'x', '--scopes', 'write'], /no scope 'write'/],
    ] as const) {
      const { code, stderr } = await runCli(flags);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  });

  it('cost other commands nothing: none loads what only the service needs', async () => {
    const coverage = join(folder, 'coverage');
    const environment = { NODE_V8_COVERAGE: coverage };
    const run = await finished(startCli(['run', '--help'], environment));
    assert.equal(run.code, 0, run.stderr);
    const [file = ''] = await readdir(coverage);
    const { result } = JSON.parse(await readFile(join(coverage, file), 'utf8')) as {
      readonly result: readonly { readonly url: string }[];
    };
    const packages = new Set(
      result.map(({ url }) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]),
    );
    packages.delete(undefined);
    assert.ok(packages.has('commander'));
    assert.deepEqual([...packages].sort(), ['@noble/hashes', 'commander']);
  });
});
