import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import type { ServiceConfig } from '../../../api/service/config.ts';
import { diagnose, type Finding, redisFindings } from '../../../api/service/diagnosis.ts';
import { startRedis, type TestServer } from '../../tools/servers.ts';
import { toolAvailable } from '../../tools/tools.ts';
import { testConfig } from './test-config.ts';

const named = (findings: readonly Finding[], name: string): Finding =>
  findings.find((finding) => finding.name === name) ?? assert.fail(name);

describe('What doctor says of a service', () => {
  let config: ServiceConfig;
  before(async () => {
    config = await testConfig({ port: 0, storageBytes: 2 ** 20 });
  });
  after(() => rm(config.dataDir, { recursive: true, force: true }));

  it('is that all is well where all is', async () => {
    const found = await diagnose(config);
    assert.deepEqual(
      found.filter(({ ok }) => !ok),
      [],
    );
  });

  it('is that another process listens at the address', async () => {
    const other = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      const { ok, detail } = named(await diagnose({ ...config, port }), 'address');
      assert.ok(!ok);
      assert.match(detail, /EADDRINUSE/);
    } finally {
      other.close();
    }
  });

  it('is that the disk has less room than the service may take', async () => {
    const found = await diagnose({ ...config, storageBytes: 2 ** 60 });
    const { ok, detail, isOptional } = named(found, 'disk');
    assert.deepEqual([ok, isOptional], [false, true]);
    assert.match(detail, /GiB free.*--storage$/);
  });

  it('has a reason where a name has several addresses, and none answers', async () => {
    const found = await diagnose({ ...config, databaseUrl: 'postgres://x@localhost:1/x' });
    const { ok, detail } = named(found, 'database');
    assert.ok(!ok);
    assert.match(detail, /ECONNREFUSED/);
  });
});

describe('What doctor says of a queue on Redis', () => {
  if (toolAvailable('redis-server')) {
    let redis: TestServer;
    let client: Redis;
    before(async () => {
      redis = await startRedis();
      client = new Redis(redis.url);
    });
    after(async () => {
      client.disconnect();
      await redis.stop();
    });
    const findings = async (): Promise<Finding[]> => {
      const config = await testConfig({ port: 0, queueUrl: redis.url });
      const found = await diagnose(config);
      await rm(config.dataDir, { recursive: true, force: true });
      return found;
    };

    it('is that all is well with a server as it should be', async () => {
      const found = await findings();
      assert.ok(
        found.every(({ ok }) => ok),
        JSON.stringify(found),
      );
      assert.equal(named(found, 'queue eviction').detail, 'noeviction');
      assert.match(named(found, 'queue version').detail, /^\d+\.\d+/);
    });

    it('is what to set where it drops tasks, or forgets them', async () => {
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await client.config('SET', 'appendonly', 'no');
      const found = await findings();
      const { ok, detail, isOptional } = named(found, 'queue eviction');
      assert.deepEqual([ok, isOptional], [false, undefined]);
      assert.match(detail, /^allkeys-lru.* maxmemory-policy to noeviction$/);
      const saved = named(found, 'queue on disk');
      assert.deepEqual([saved.ok, saved.isOptional], [false, true]);
      assert.match(saved.detail, /appendonly yes$/);
      assert.ok(named(found, 'queue').ok);
    });
  }

  it('is which version to install where it is too old', () => {
    const isRecent = (version: string): boolean =>
      named(redisFindings(new Map([['redis_version', version]])), 'queue version').ok;
    const answers = ['5.0.14', '6.0.16', '6.2.0', '7.0.15', '10.1'].map(isRecent);
    assert.deepEqual(answers, [false, false, true, true, true]);
    const { detail } = named(redisFindings(new Map()), 'queue version');
    assert.match(detail, /^unknown: install Redis 6\.2 or later$/);
  });
});
