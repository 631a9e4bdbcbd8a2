import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Blobs } from '../../../api/service/blobs.ts';
import { CoreService } from '../../../api/service/core.ts';
import type { Runtime } from '../../../api/service/runtime.ts';

describe('A service', () => {
  let folder: string;
  let blobs: Blobs;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-ready-'));
    blobs = await Blobs.open(folder, 1e9);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const problems = async (): Promise<readonly string[]> => {
    const runtime = {
      ...{ config: { threads: 1, maxWaiting: 1 }, blobs },
      jobs: { counts: () => Promise.resolve({ queued: 0 }) },
      workers: { count: () => Promise.resolve(1) },
      queue: { ping: () => Promise.resolve() },
    };
    const service = new CoreService(runtime as unknown as Runtime, () => Promise.resolve());
    const health = await service.health();
    await service.close();
    assert.equal(health.ready, health.problems.length === 0);
    return health.problems;
  };

  it('is ready while its disk takes bytes, and says so when it does not', async () => {
    assert.deepEqual(await problems(), []);
    // The answer before holds for a second.
    blobs = await Blobs.open(folder, 1e9);
    await rm(join(folder, 'new'), { recursive: true });
    const [problem = '', ...others] = await problems();
    assert.match(problem, /^the disk does not take bytes: .*ENOENT/);
    assert.deepEqual(others, []);
  });
});
