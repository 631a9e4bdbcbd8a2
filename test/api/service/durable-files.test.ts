import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPool } from '../../../api/service/store/embedded-pool.ts';
import { copyNewDatabase } from '../../tools/embedded-database.ts';

type Functions = Record<'writeSync' | 'fsyncSync', (file: number, ...rest: unknown[]) => number>;

/** Linux says which file a number stands for. */
const suite = process.platform === 'linux' ? describe : undefined;

suite?.('The embedded database', function () {
  this.timeout(180_000);

  it('is on the disk with all its files and their names when it is made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-durable-'));
    const handle = await open(folder, 'r');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { sync } = prototype;
    const synced = new Set<string>();
    prototype.sync = async function (this: FileHandle) {
      synced.add(fs.readlinkSync(`/proc/self/fd/${this.fd}`).slice(folder.length));
      await sync.call(this);
    };
    try {
      // A process was killed while it made one.
      await mkdir(join(folder, 'database.new'));
      await writeFile(join(folder, 'database.new', 'PG_VERSION'), '');
      await (await openEmbeddedPool(join(folder, 'database'))).end();
    } finally {
      prototype.sync = sync;
    }
    assert.deepEqual(await readdir(folder), ['database']);
    const settings = ['PG_VERSION', 'global/pg_control', 'base/1/PG_VERSION', 'base/1', 'base'];
    for (const path of ['', ...settings.map((each) => `/${each}`)]) {
      assert.ok(synced.has(`/database.new${path}`), path);
    }
    assert.ok(synced.has(''));
    await rm(folder, { recursive: true });
  });

  it('has its log on the disk when a commit returns, and its data behind a checkpoint', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-durable-'));
    await copyNewDatabase(folder);
    const { fsyncSync } = fs;
    const synced: string[] = [];
    const functions = (fs as unknown as { readonly default: object }).default as {
      fsyncSync: (file: number) => void;
    };
    functions.fsyncSync = (file) => {
      synced.push(fs.readlinkSync(`/proc/self/fd/${file}`).slice(folder.length));
      fsyncSync(file);
    };
    syncBuiltinESMExports();
    try {
      const pool = await openEmbeddedPool(folder);
      await pool.query('create table t (i integer)');
      for (let i = 0; i < 3; i++) {
        synced.length = 0;
        await pool.query('insert into t values ($1)', [i]);
        assert.ok(
          synced.some((path) => /^\/pg_wal\/[0-9A-F]{24}$/.test(path)),
          `${synced}`,
        );
      }
      synced.length = 0;
      await pool.query('checkpoint');
      assert.ok(
        synced.some((path) => path.startsWith('/base/')),
        `${synced}`,
      );
      assert.ok(synced.includes('/global/pg_control'), `${synced}`);
      await pool.end();
    } finally {
      functions.fsyncSync = fsyncSync;
      syncBuiltinESMExports();
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const name of ['writeSync', 'fsyncSync'] as const)
    it(`fails for good where its log cannot be written, and loses no commit: ${name}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'vouch-durable-'));
      await copyNewDatabase(folder);
      const functions = (fs as unknown as { readonly default: object }).default as Functions;
      const original = functions[name];
      try {
        const pool = await openEmbeddedPool(folder);
        await pool.query('create table t (i integer)');
        await pool.query('insert into t values (1)');
        const fatal = new Promise((resolve) => pool.once('fatal', resolve));
        functions[name] = (file, ...rest) => {
          if (/pg_wal/.test(fs.readlinkSync(`/proc/self/fd/${file}`))) {
            throw Object.assign(new Error('no space left'), { code: 'ENOSPC', errno: -28 });
          }
          return original(file, ...rest);
        };
        syncBuiltinESMExports();
        await assert.rejects(pool.query('insert into t values (2)'));
        functions[name] = original;
        syncBuiltinESMExports();
        await fatal;
        await assert.rejects(pool.query('select 1'), { code: 'storage/unreachable' });
        await pool.end();
        const again = await openEmbeddedPool(folder);
        assert.deepEqual((await again.query('select i from t where i = 1')).rows, [{ i: 1 }]);
        await again.end();
      } finally {
        functions[name] = original;
        syncBuiltinESMExports();
        await rm(folder, { recursive: true, force: true });
      }
    });
});
