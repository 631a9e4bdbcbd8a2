import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../api/service/store/directory-lock.ts';
import { repositoryPath } from '../../tools/paths.ts';

const MODULE = repositoryPath('dist', 'api', 'service', 'store', 'directory-lock.js');
const REFUSED = { name: 'StorageError', code: 'storage/locked' };

describe('The lock of a data directory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A process that takes the lock, says so, and stays. */
  async function holder(): Promise<{ readonly took: boolean; kill(): Promise<void> }> {
    const script = `import(${JSON.stringify(MODULE)})
      .then(({ lockDirectory }) => lockDirectory(${JSON.stringify(folder)}))
      .then(() => { console.log('took'); setInterval(() => {}, 1000); }, () => console.log('refused'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const kill = async (): Promise<void> => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
    return { took: String(line).trim() === 'took', kill };
  }

  it('is refused to a second, and free again when it is given back', async () => {
    const unlock = await lockDirectory(folder);
    await assert.rejects(lockDirectory(folder), REFUSED);
    assert.ok(!(await holder()).took);
    await unlock();
    await (await lockDirectory(folder))();
    assert.deepEqual(await readdir(folder), []);
  });

  it('is refused as long as another process lives, and free when that was killed', async () => {
    const other = await holder();
    assert.ok(other.took);
    await assert.rejects(lockDirectory(folder), (error: Error & { readonly code: string }) => {
      assert.match(error.message, /in use by process \d+/);
      return error.code === 'storage/locked';
    });
    await other.kill();
    await (await lockDirectory(folder))();
  });

  it('goes to one of several processes that find a dead one', async () => {
    await (await holder()).kill();
    const found = await Promise.all(Array.from({ length: 6 }, holder));
    assert.equal(found.filter(({ took }) => took).length, 1);
    for (const { kill } of found) await kill();
  });

  it('is no lock of a process that only has the number of the one before', async () => {
    const lock = { process: process.pid, host: hostname(), started: '1', token: 'x' };
    await writeFile(join(folder, 'vouch.lock'), JSON.stringify(lock));
    await (await lockDirectory(folder))();
  });

  /** What a lock says where process numbers and host names are those of another container. */
  async function changeLock(change: object): Promise<void> {
    const path = join(folder, 'vouch.lock');
    const lock = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...lock, ...change }));
  }

  if (process.platform === 'linux') {
    it('is refused while a process of another container lives, and free when that was killed', async () => {
      for (const change of [{ process: process.pid }, { host: 'elsewhere' }]) {
        const other = await holder();
        await changeLock(change);
        await assert.rejects(lockDirectory(folder), REFUSED);
        await other.kill();
        await (await lockDirectory(folder))();
        assert.deepEqual(await readdir(folder), []);
      }
    });

    it('is believed of a system that does not run any more, or another one', async () => {
      const other = await holder();
      await changeLock({ host: 'elsewhere', boot: '0b1ac5e0-0000-4000-8000-000000000000' });
      await other.kill();
      await assert.rejects(lockDirectory(folder), REFUSED);
    });
  }

  it('works in a folder whose path is too long for a sign of life', async () => {
    const short = folder;
    folder = join(folder, 'long'.repeat(30));
    await mkdir(folder);
    const other = await holder();
    assert.ok(other.took);
    await assert.rejects(lockDirectory(folder), REFUSED);
    await other.kill();
    await (await lockDirectory(folder))();
    folder = short;
  });

  it('is believed of another host', async () => {
    const lock = { process: 1, host: 'elsewhere', started: '1', token: 'x' };
    await writeFile(join(folder, 'vouch.lock'), JSON.stringify(lock));
    await assert.rejects(lockDirectory(folder), REFUSED);
  });
});
