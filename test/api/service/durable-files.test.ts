import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPool } from '../../../api/service/store/embedded-pool.ts';

/** Linux says which file a number stands for. */
const suite = process.platform === 'linux' ? describe : undefined;

suite?.('The embedded database', function () {
  this.timeout(180_000);

  it('has its log on the disk when a commit returns, and its data behind a checkpoint', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-durable-'));
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
});
