import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verify } from '../../api/index.ts';
import { repositoryPath } from '../tools/paths.ts';
import { processSeed, Random } from '../tools/random.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
/** Times that a process is killed, in all runs together. */
const KILLS = isSlowRun ? 50 : 10;
const MAIN = repositoryPath('dist', 'api', 'cli', 'main.js');
const ELF = repositoryPath('guests', 'fibonacci', 'fibonacci.elf');
/** 100 iterations of guests/fibonacci, little-endian. */
const INPUT = 'hex:64000000';

describe('A proof whose process is killed', function () {
  this.timeout(isSlowRun ? 3_600_000 : 600_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-killed-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Proves; is killed after so many milliseconds if it takes longer. True if it has ended. */
  async function run(work: string, receipt: string, milliseconds?: number): Promise<boolean> {
    const options = ['--security', 'S100', '--segment-cycles', '150', '--work-dir', work];
    const child = spawn(
      process.execPath,
      [MAIN, 'prove', ELF, '--public-input', INPUT, ...options, '-o', receipt],
      { stdio: 'ignore' },
    );
    const timer =
      milliseconds === undefined
        ? undefined
        : setTimeout(() => child.kill('SIGKILL'), milliseconds);
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    if (code !== null) assert.equal(code, 0);
    return code === 0;
  }

  it('goes on, whenever that was, and ends with the same receipt', async () => {
    const undisturbed = join(folder, 'undisturbed.receipt');
    const start = performance.now();
    assert.ok(await run(join(folder, 'undisturbed'), undisturbed));
    const whole = performance.now() - start;
    const expected = await readFile(undisturbed);
    const seed = processSeed();
    const random = new Random(seed);
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const work = join(folder, `work-${round}`);
      const receipt = join(folder, `${round}.receipt`);
      // From the start of the process to a little behind the end of the proof.
      let ended = false;
      while (!ended && kills < KILLS) {
        ended = await run(work, receipt, random.below(Math.ceil(1.1 * whole)));
        if (!ended) kills++;
      }
      if (!ended) assert.ok(await run(work, receipt));
      const where = `VOUCH_SEED=${seed}, round ${round}: ${await readdir(work)}`;
      assert.ok(expected.equals(await readFile(receipt)), where);
    }
    const { segments } = await verify(new Uint8Array(expected), {
      program: new Uint8Array(await readFile(ELF)),
      publicInput: Uint8Array.of(100, 0, 0, 0),
      minSecurityBits: 100,
    });
    assert.ok(segments >= 4);
  });
});
