import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../api/service/store/directory-lock.ts';
import { repositoryPath } from '../../tools/paths.ts';
import { hasExited } from '../../tools/processes.ts';

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
      if (hasExited(child)) return;
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
    await writeLock({ process: process.pid, host: hostname(), started: '1', token: 'x' });
    await (await lockDirectory(folder))();
  });

  const writeLock = (lock: object): Promise<void> =>
    writeFile(join(folder, 'vouch.lock'), JSON.stringify(lock));

  /** What a lock says where process numbers and host names are those of another container. */
  async function changeLock(change: object, where = folder): Promise<void> {
    const path = join(where, 'vouch.lock');
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

    it('has a sign of life that processes of all users may ask, however long the path', async () => {
      const long = join(folder, 'long'.repeat(30));
      await mkdir(long);
      const unlock = await lockDirectory(long);
      const signs = (await readdir(long)).filter((name) => name.endsWith('.sign'));
      assert.equal(signs.length, 1);
      assert.equal((await stat(join(long, signs[0] ?? ''))).mode & 0o666, 0o666);
      await changeLock({ host: 'elsewhere' }, long);
      await assert.rejects(lockDirectory(long), REFUSED);
      await unlock();
      assert.deepEqual(await readdir(long), []);
    });

    it('is refused where nobody can tell whether its sign lives', async () => {
      await writeLock({ process: process.pid, host: hostname(), started: '1', token: 'x' });
      await symlink('vouch.lock.x.sign', join(folder, 'vouch.lock.x.sign'));
      await assert.rejects(lockDirectory(folder), REFUSED);
    });
  }

  it('is believed of another host', async () => {
    await writeLock({ process: 1, host: 'elsewhere', started: '1', token: 'x' });
    await assert.rejects(lockDirectory(folder), REFUSED);
  });

  it('is left alone where it cannot be read, or says nothing', async () => {
    const path = join(folder, 'vouch.lock');
    const holder = { process: 1, host: 'h', token: 'x' };
    const wrong = [{ ...holder, token: '../x' }, { ...holder, process: 'x' }, { process: 1 }];
    for (const text of ['', '{', 'null', ...wrong.map((each) => JSON.stringify(each))]) {
      await writeFile(path, text);
      await assert.rejects(lockDirectory(folder), REFUSED, text);
      assert.equal(await readFile(path, 'utf8'), text);
    }
    await rm(path);
    await mkdir(path);
    await assert.rejects(lockDirectory(folder), { name: 'StorageError', code: 'storage/file' });
    assert.deepEqual(await readdir(folder), ['vouch.lock']);
  });

  it('removes what processes that were killed while they started have left', async () => {
    const old = ['vouch.lock.a', 'vouch.lock.a.sign', 'vouch.lock.b.dead'];
    const kept = ['other', 'vouch.lock.c'];
    for (const name of [...old, ...kept]) await writeFile(join(folder, name), '');
    for (const name of [...old, 'other']) await utimes(join(folder, name), 1, 1);
    await (await lockDirectory(folder))();
    assert.deepEqual((await readdir(folder)).sort(), kept);
  });
});
