import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_OPTIONS, type FlagValues, readConfig } from '../../../api/service/config.ts';

describe('The configuration', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-config-'));
    file = join(folder, 'vouch.json');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has a default for everything', () => {
    const config = readConfig({}, {});
    assert.equal(config.dataDir, 'vouch-data');
    assert.equal(config.port, 8080);
    assert.equal(config.auth, 'off');
    assert.equal(config.localWorkers, 1);
    assert.ok(config.threads >= 1);
  });

  it('takes a flag before a variable, that before the file, that before the default', async () => {
    await writeFile(file, JSON.stringify({ port: 1, maxWaiting: 2, storageBytes: '1G' }));
    const environment = { VOUCH_PORT: '3', VOUCH_MAX_WAITING: '4', VOUCH_CONFIG: file };
    const { port, maxWaiting, storageBytes } = readConfig({ port: '5' }, environment);
    assert.deepEqual(
      { port, maxWaiting, storageBytes },
      { port: 5, maxWaiting: 4, storageBytes: 2 ** 30 },
    );
    assert.equal(readConfig({}, {}, file).port, 1);
    assert.equal(readConfig({}, { VOUCH_PORT: '' }).port, 8080);
  });

  const wrong: readonly [FlagValues, RegExp][] = [
    [{ port: '65536' }, /--port has the value "65536"/],
    [{ port: '80a' }, /integer from 0 to 65535/],
    [{ storageBytes: '12 apples' }, /--storage/],
    [{ queueUrl: 'http://example.com' }, /--queue-url has the value, which/],
    [{ databaseUrl: 'redis://x' }, /--database-url/],
    [{ webhookSecret: 'whsec_short' }, /--webhook-secret has the value, which/],
    [{ auth: 'maybe' }, /keys, off/],
    [{ localWorkers: '2' }, /--local-workers/],
    [{ logLevel: 'loud' }, /--log-level/],
  ];
  for (const [flags, message] of wrong) {
    it(`refuses ${JSON.stringify(flags)}`, () => {
      assert.throws(
        () => readConfig(flags, {}),
        (error: Error & { readonly code: string; readonly docs: string }) => {
          assert.match(error.message, message);
          assert.equal(error.docs, 'docs/errors.md#config-value');
          return error.code === 'config/value';
        },
      );
    });
  }

  it('refuses a file that is no JSON object, or has other keys', async () => {
    for (const [contents, code] of [
      ['{', 'config/file'],
      ['[]', 'config/file'],
      ['{ "prot": 1 }', 'config/unknown-key'],
      ['{ "port": "x" }', 'config/value'],
    ] as const) {
      await writeFile(file, contents);
      assert.throws(() => readConfig({}, {}, file), { name: 'ConfigError', code });
    }
    assert.throws(() => readConfig({}, {}, join(folder, 'none')), { code: 'config/file' });
  });

  it('asks for keys beyond loopback, and refuses to do without', () => {
    assert.equal(readConfig({ host: '0.0.0.0' }, {}).auth, 'keys');
    assert.equal(readConfig({ host: '::1' }, {}).auth, 'off');
    assert.throws(() => readConfig({ host: '0.0.0.0', auth: 'off' }, {}), {
      code: 'config/conflict',
    });
    const queueUrl = 'redis://127.0.0.1';
    assert.throws(() => readConfig({ queueUrl }, {}), { code: 'config/conflict' });
    assert.equal(readConfig({ queueUrl, databaseUrl: 'postgres://x' }, {}).queueUrl, queueUrl);
  });

  it('has each flag and variable once', () => {
    const options = Object.values(CONFIG_OPTIONS);
    assert.equal(new Set(options.map(({ flag }) => flag)).size, options.length);
    assert.equal(new Set(options.map(({ variable }) => variable)).size, options.length);
  });
});
