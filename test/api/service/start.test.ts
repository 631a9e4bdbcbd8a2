import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { logJob } from '../../../api/cli/service-log.ts';
import type { Job } from '../../../api/service/service.ts';
import { startService } from '../../../api/service/start.ts';
import { exitElf, trapElf } from '../../tools/cli-programs.ts';
import { ALICE, testConfig } from './test-config.ts';

describe('A service that is started', function () {
  this.timeout(120_000);

  it('tells the log of jobs; when it stops it answers, and begins with nothing new', async () => {
    const config = await testConfig();
    const lines: [object, string | undefined][] = [];
    const log = { info: (line: object, text?: string) => void lines.push([line, text]) };
    const onJob = (job: Job): void => logJob(log as never, job);
    const stop = new AbortController();
    const service = await startService(config, (error) => assert.fail(String(error)), {
      ...{ onJob, stop: stop.signal },
    });
    const prove = async (elf: Uint8Array): Promise<Job> => {
      const { id: program } = (await service.addProgram(elf, ALICE)).program;
      return (await service.submit({ program, security: 'S100' }, ALICE)).job;
    };
    try {
      const { id } = await prove(trapElf());
      for await (const _ of service.events(id, 0, ALICE));
      const { endedAt = 0, createdAt } = await service.job(id, ALICE);
      const about = { job: id, key: 'alice' };
      const milliseconds = endedAt - createdAt;
      assert.deepEqual(lines, [
        [about, 'job accepted'],
        [about, 'job begins'],
        [{ ...about, state: 'failed', milliseconds, code: 'prove/trap' }, 'job ended'],
      ]);
      stop.abort();
      const { id: late } = await prove(exitElf(0));
      await sleep(1000);
      assert.equal((await service.job(late, ALICE)).state, 'queued');
    } finally {
      await service.close();
      await rm(config.dataDir, { recursive: true, force: true });
    }
  });
});
