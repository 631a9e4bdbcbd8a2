import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prove } from '../../../api/index.ts';
import type { ServiceConfig } from '../../../api/service/config.ts';
import type { CoreService } from '../../../api/service/core.ts';
import type { Runtime } from '../../../api/service/runtime.ts';
import type { Job } from '../../../api/service/service.ts';
import { longElf } from '../../tools/cli-programs.ts';
import { openService } from './open-service.ts';
import { ALICE, testConfig } from './test-config.ts';

const ELF = longElf(4500);
const SEGMENT_CYCLES = 1000;
const SEGMENTS = [1, 2, 3, 4, 5];

describe('Where the segments of a job start', function () {
  this.timeout(400_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  let service: CoreService;
  let receipt: Uint8Array;
  let program: string;
  let errors: string[] = [];
  before(async () => {
    config = await testConfig();
    const onError = (error: unknown): void => void errors.push((error as Error).message);
    ({ runtime, service } = await openService(config, onError));
    program = (await service.addProgram(ELF, ALICE)).program.id;
    ({ receipt } = await prove(ELF, { security: 'S100', segmentCycles: SEGMENT_CYCLES }));
  });
  after(async () => {
    await service.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  /** Numbers of the segments that were made from their start; the receipt is right. */
  const madeFromStarts = async (): Promise<Record<'commit' | 'prove', number[]>> => {
    const request = { program, security: 'S100', segmentCycles: SEGMENT_CYCLES } as const;
    const { job } = await service.submit(request, ALICE);
    let last: Job = job;
    for await (const event of service.events(job.id, 0, ALICE)) last = event.job;
    assert.equal(last.state, 'succeeded', JSON.stringify(last.failure));
    assert.deepEqual(await service.receipt(last.receipt?.sha256 ?? ''), receipt);
    const tasks = last.statistics?.tasks ?? [];
    const of = (kind: 'commit' | 'prove'): number[] =>
      tasks
        .filter((task) => task.kind === kind && task.fromStart === true)
        .map(({ segment }) => segment)
        .sort();
    return { commit: of('commit'), prove: of('prove') };
  };
  /** A job has ended just before its starts are removed. */
  const allRemoved = async (): Promise<void> => {
    const options = { recursive: true, withFileTypes: true } as const;
    const folder = join(config.dataDir, 'starts');
    while ((await readdir(folder, options)).some((entry) => entry.isFile())) await sleep(20);
  };

  it('is kept when the run is planned, used by its tasks, and removed with the end', async () => {
    assert.deepEqual(await madeFromStarts(), {
      commit: SEGMENTS.slice(1),
      prove: SEGMENTS.slice(1),
    });
    await allRemoved();
    assert.deepEqual(errors, []);
  });

  it('is done without where it is missing, damaged, or wrong', async () => {
    const { starts } = runtime;
    const put = starts.put.bind(starts);
    let number = 1;
    starts.put = async (bytes) => {
      number++;
      if (number === 5) return await put(bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)));
      const sha256 = await put(bytes);
      const path = join(config.dataDir, 'starts', sha256.slice(0, 2), sha256.slice(2));
      if (number === 3) await rm(path);
      if (number === 4) await writeFile(path, bytes.subarray(1));
      return sha256;
    };
    assert.deepEqual(await madeFromStarts(), { commit: [2], prove: [2] });
    await allRemoved();
    const damaged = errors.filter((message) => /other contents than its name says/.test(message));
    const wrong = errors.filter((message) => /start of segment 5 is not as it was/.test(message));
    assert.deepEqual([damaged.length, wrong.length, errors.length], [2, 2, 4], errors.join('\n'));
    errors = [];
  });

  it('is not kept where there is no room for it', async () => {
    runtime.starts.put = () => Promise.reject(new Error('no room'));
    assert.deepEqual(await madeFromStarts(), { commit: [], prove: [] });
    assert.deepEqual(errors, ['no room']);
  });
});
