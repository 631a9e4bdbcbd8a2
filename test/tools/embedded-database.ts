/** Embedded databases for suites: to make one takes seconds, to copy one does not. */
import { rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedPool } from '../../api/service/store/embedded-pool.ts';

let made: Promise<string> | undefined;

/** Puts a new database, with nothing in it, in a folder that is empty or not there; throws for another. */
export async function copyNewDatabase(folder: string): Promise<void> {
  made ??= makeDatabase();
  await cp(await made, folder, { recursive: true, force: false, errorOnExist: true });
}

async function makeDatabase(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-database-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const database = join(folder, 'database');
  await (await openEmbeddedPool(database)).end();
  return database;
}
