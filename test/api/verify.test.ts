import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { VerificationError } from '@vouch/verifier';
import { type ProvedRun, prove, verify } from '../../api/index.ts';
import { repositoryPath } from '../tools/paths.ts';

describe('verify, of a receipt of eight segments', function () {
  this.timeout(300_000);
  const elf = new Uint8Array(readFileSync(repositoryPath('guests/hello/hello.elf')));
  const privateInput = new TextEncoder().encode('Ada');
  let proved: ProvedRun;

  before(async () => {
    const options = { privateInput, security: 'S100', threads: 2 } as const;
    const { cycles } = await prove(elf, options);
    proved = await prove(elf, { ...options, segmentCycles: Math.ceil(cycles / 8) });
    assert.equal(proved.stats.segments, 8);
  });

  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }

  const options = (threads: number) =>
    ({ program: proved.programId, minSecurityBits: 100, threads }) as const;

  for (const threads of [1, 3]) {
    it(`returns the same with ${threads} threads, from bytes and from pieces`, async () => {
      const { receipt, journal, cycles } = proved;
      for (const source of [receipt, pieces(receipt, 65_536), pieces(receipt, 777)]) {
        const run = await verify(source, options(threads));
        assert.deepEqual([run.journal, run.cycles, run.segments], [journal, cycles, 8]);
      }
    });

    it(`names the check that fails with ${threads} threads`, async () => {
      const { receipt } = proved;
      const checks: string[] = [];
      for (const share of [0.3, 0.9]) {
        const changed = receipt.slice();
        const at = Math.floor(share * changed.length);
        changed[at] = (changed[at] as number) ^ 1;
        await assert.rejects(verify(pieces(changed, 100_000), options(threads)), (error) => {
          assert.ok(error instanceof VerificationError, String(error));
          assert.ok(error.message.startsWith(`${error.check}: ${error.reason}`));
          checks.push(error.check);
          return true;
        });
      }
      assert.equal(checks.length, 2);
    });
  }

  it('refuses impossible numbers of threads', async () => {
    await assert.rejects(verify(proved.receipt, options(0)), { name: 'OptionError' });
  });
});
