/** Whether a service could start with a configuration: what `vouch doctor` asks. */
import { access, constants, mkdir } from 'node:fs/promises';
import type { ServiceConfig } from './config.ts';
import { askRedis } from './queue/backends.ts';
import { lockDirectory } from './store/directory-lock.ts';
import { openServerPool } from './store/server-pool.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong and what helps. */
  readonly detail: string;
  /** The service works without it. */
  readonly isOptional?: boolean;
}

/** The oldest Redis that BullMQ recommends. */
const LEAST_REDIS: readonly [number, number] = [6, 2];

/** Asks database and queue, and tries the data directory. Never throws. */
export async function diagnose(config: ServiceConfig): Promise<Finding[]> {
  const { databaseUrl, queueUrl, dataDir } = config;
  const findings = [await find('data directory', () => tryDirectory(dataDir, databaseUrl))];
  findings.push(
    await find('database', () =>
      databaseUrl === undefined ? Promise.resolve('embedded') : askPostgres(databaseUrl),
    ),
  );
  if (queueUrl === undefined) {
    findings.push({ name: 'queue', ok: true, detail: 'in the database' });
  } else if (/^rediss?:/.test(queueUrl)) findings.push(...(await findRedis(queueUrl)));
  else findings.push(await find('queue', () => askPostgres(queueUrl)));
  return findings;
}

async function find(name: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    const { message, remedy } = error as Error & { readonly remedy?: string };
    return { name, ok: false, detail: remedy === undefined ? message : `${message}: ${remedy}` };
  }
}

async function tryDirectory(path: string, databaseUrl: string | undefined): Promise<string> {
  await mkdir(path, { recursive: true });
  await access(path, constants.R_OK | constants.W_OK);
  if (databaseUrl === undefined) await (await lockDirectory(path))();
  return path;
}

async function askPostgres(url: string): Promise<string> {
  const pool = openServerPool(url);
  try {
    const { rows } = await pool.query<{ readonly version: string }>('select version()');
    return rows[0]?.version ?? '';
  } finally {
    await pool.end();
  }
}

async function findRedis(url: string): Promise<Finding[]> {
  let facts: ReadonlyMap<string, string> = new Map();
  const answer = await find('queue', async () => {
    facts = await askRedis(url);
    return `Redis at ${new URL(url).host}`;
  });
  return answer.ok ? [answer, ...redisFindings(facts)] : [answer];
}

/** @param facts as `askRedis` returns them */
export function redisFindings(facts: ReadonlyMap<string, string>): Finding[] {
  const version = facts.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_REDIS;
  const isRecent = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const policy = facts.get('maxmemory_policy') ?? 'unknown';
  const isSaved = facts.get('aof_enabled') === '1';
  return [
    {
      ...{ name: 'queue version', ok: isRecent },
      detail: isRecent ? version : `${version}: install Redis ${LEAST_REDIS.join('.')} or later`,
    },
    {
      ...{ name: 'queue eviction', ok: policy === 'noeviction' },
      detail:
        policy === 'noeviction'
          ? policy
          : `${policy}, which drops tasks: set maxmemory-policy to noeviction`,
    },
    {
      ...{ name: 'queue on disk', ok: isSaved, isOptional: true },
      detail: isSaved
        ? 'append-only file'
        : 'tasks are added and made again after a restart of Redis: use appendonly yes',
    },
  ];
}
