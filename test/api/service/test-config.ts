import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type ServiceConfig } from '../../../api/service/config.ts';
import { type Caller, SCOPES } from '../../../api/service/service.ts';
import { copyNewDatabase } from '../../tools/embedded-database.ts';

export const ALICE: Caller = { key: 'alice', scopes: ['read', 'prove'] };
export const BOB: Caller = { key: 'bob', scopes: ['read', 'prove'] };
export const ADMIN: Caller = { key: 'admin', scopes: SCOPES };

/** A configuration with a data directory of its own. */
export async function testConfig(more: Partial<ServiceConfig> = {}): Promise<ServiceConfig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vouch-service-'));
  if (more.databaseUrl === undefined) await copyNewDatabase(join(dataDir, 'database'));
  return { ...readConfig({}, {}), dataDir, threads: 1, drainSeconds: 5, ...more };
}
