import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prove } from '../../../api/index.ts';
import { digestOf } from '../../../api/service/blobs.ts';
import type { ServiceConfig } from '../../../api/service/config.ts';
import type { CoreService } from '../../../api/service/core.ts';
import type { Runtime } from '../../../api/service/runtime.ts';
import type { Job } from '../../../api/service/service.ts';
import type { PartTable } from '../../../api/service/store/schema.ts';
import { echoElf, longElf } from '../../tools/cli-programs.ts';
import { openService } from './open-service.ts';
import { ALICE, testConfig } from './test-config.ts';

const ELF = longElf(2500);
const SEGMENT_CYCLES = 1000;
const OPTIONS = { security: 'S100', segmentCycles: SEGMENT_CYCLES } as const;

const FORCE = { force: true } as const;

type Damage = (path: string) => Promise<void>;

const DAMAGES: Readonly<Record<string, Damage>> = {
  changed: async (path) => {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(path, bytes);
  },
  cut: (path) => truncate(path, 10),
  removed: (path) => rm(path),
};

describe('What tasks hand on to each other', function () {
  this.timeout(400_000);
  let config: ServiceConfig;
  let runtime: Runtime;
  let service: CoreService;
  let receipt: Uint8Array;
  let program: string;
  let errors: string[];
  let addPart: (part: PartTable) => Promise<void>;
  let putBlob: (bytes: Uint8Array) => Promise<string>;
  before(async () => {
    config = await testConfig();
    const onError = (error: unknown): void => void errors.push((error as Error).message);
    ({ runtime, service } = await openService(config, onError));
    addPart = runtime.parts.add.bind(runtime.parts);
    putBlob = runtime.blobs.put.bind(runtime.blobs);
    program = (await service.addProgram(ELF, ALICE)).program.id;
    ({ receipt } = await prove(ELF, OPTIONS));
  });
  beforeEach(() => {
    errors = [];
  });
  afterEach(() => {
    runtime.parts.add = addPart;
    runtime.blobs.put = putBlob;
  });
  after(async () => {
    await service.close();
    await rm(config.dataDir, { recursive: true, force: true });
  });

  const pathOf = (sha256: string): string =>
    join(config.dataDir, 'blobs', sha256.slice(0, 2), sha256.slice(2));
  const run = async (): Promise<Job> => {
    const { job } = await service.submit({ program, ...OPTIONS }, ALICE);
    let last: Job = job;
    for await (const event of service.events(job.id, 0, ALICE)) last = event.job;
    return last;
  };
  /** The receipt of a job is as it should be. */
  const runsWell = async (): Promise<void> => {
    const { failure, receipt: made } = await run();
    assert.equal(failure, undefined);
    assert.deepEqual(await service.receipt(made?.sha256 ?? ''), receipt);
  };

  /** Damages parts when they are made. Returns their digests, as they come. */
  const damaging = (isIt: (part: PartTable) => boolean, damage: Damage): string[] => {
    const damaged: string[] = [];
    runtime.parts.add = async (part) => {
      await addPart(part);
      if (part.kind === 'start' || !isIt(part)) return;
      await damage(pathOf(part.sha256));
      damaged.push(part.sha256);
    };
    return damaged;
  };

  for (const kind of ['plan', 'header', 'challenge', 'proof'] as const)
    for (const [name, damage] of Object.entries(DAMAGES).slice(0, kind === 'header' ? 3 : 1))
      it(`is made again and mended: ${kind}, ${name}`, async () => {
        const damaged = damaging((part) => part.kind === kind && part.segment !== 2, damage);
        await runsWell();
        assert.equal(damaged.length, ['header', 'proof'].includes(kind) ? 2 : 1);
        assert.equal(errors.length, damaged.length, errors.join('\n'));
        for (const sha256 of damaged) assert.ok(await runtime.blobs.get(sha256));
      });

  it('is made again where all of it is lost at once', async () => {
    const damaged = damaging(() => true, DAMAGES.changed as Damage);
    const onAdd = runtime.parts.add;
    runtime.parts.add = async (part) => {
      await onAdd(part);
      // Whatever was mended since.
      if (part.kind === 'proof') for (const sha256 of damaged) await rm(pathOf(sha256), FORCE);
    };
    await runsWell();
  });

  it('is made once by each task on a disk that damages all that is written', async () => {
    const { sha256 } = await service.addBlob(new Uint8Array(0), ALICE);
    let written = 0;
    runtime.blobs.put = async (bytes) => {
      const put = await putBlob(bytes);
      if (put === sha256) return put;
      written++;
      await DAMAGES.changed?.(pathOf(put));
      return put;
    };
    const { receipt: made, statistics } = await run();
    await assert.rejects(service.receipt(made?.sha256 ?? ''), { code: 'storage/damaged' });
    const n = statistics?.segments ?? 0;
    const byTasks = {
      execute: 1,
      commit: n * 2,
      challenge: n + 2,
      prove: n * (n + 3),
      finish: 2 * n + 3,
    };
    const all = Object.values(byTasks).reduce((sum, blobs) => sum + blobs, 0);
    assert.equal(written, all);
  });

  it('fails the job where other bytes come of it', async () => {
    runtime.parts.add = (part) =>
      addPart(part.kind === 'header' ? { ...part, sha256: digestOf(ELF.subarray(1)) } : part);
    const { failure } = await run();
    assert.equal(failure?.code, 'storage/damaged');
    assert.match(failure.message, /^the header of the job \(segment 1\) was lost/);
  });

  it('does not hide a job whose journal is damaged', async () => {
    const { id } = (await service.addProgram(echoElf(), ALICE)).program;
    const privateInput = new TextEncoder().encode('Ada');
    const { job } = await service.submit({ program: id, privateInput, security: 'S100' }, ALICE);
    for await (const _ of service.events(job.id, 0, ALICE));
    assert.deepEqual((await service.job(job.id, ALICE)).journal, privateInput);
    await DAMAGES.changed?.(pathOf(digestOf(privateInput)));
    const { state, journal } = await service.job(job.id, ALICE);
    assert.deepEqual([state, journal], ['succeeded', undefined]);
  });

  it('is not made from a program that is damaged, which another upload mends', async () => {
    await DAMAGES.changed?.(pathOf(digestOf(ELF)));
    const { failure } = await run();
    assert.equal(failure?.code, 'storage/damaged');
    await service.addProgram(ELF, ALICE);
    await runsWell();
  });
});
