/** Whether a service could start with a configuration: what `vouch doctor` asks. */
import { access, constants, mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceConfig } from './config.ts';
import { StorageError } from './errors.ts';
import { askRedis } from './queue/backends.ts';
import { lockDirectory } from './store/directory-lock.ts';
import { openServerPool } from './store/server-pool.ts';
import { tryAddress } from './try-address.ts';

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

/** Asks database and queue, and tries data directory and address. Never throws. */
export async function diagnose(config: ServiceConfig): Promise<Finding[]> {
  const { databaseUrl, queueUrl, dataDir, storageBytes, host, port } = config;
  const findings = [
    await find('data directory', () => tryDirectory(dataDir, databaseUrl)),
    { ...(await find('disk', () => tryRoom(dataDir, storageBytes))), isOptional: true },
    await find('address', () => tryAddress(host, port)),
  ];
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
    const { remedy } = error as { readonly remedy?: string };
    const reason = reasonOf(error);
    return { name, ok: false, detail: remedy === undefined ? reason : `${reason}: ${remedy}` };
  }
}

/** An AggregateError, as of a name with several addresses, may have no message of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '' || !(error instanceof AggregateError))
    return error.message || error.name;
  return error.errors.map(reasonOf).join('; ');
}

async function tryDirectory(path: string, databaseUrl: string | undefined): Promise<string> {
  await mkdir(path, { recursive: true });
  await access(path, constants.R_OK | constants.W_OK);
  if (databaseUrl !== undefined) return path;
  try {
    await (await lockDirectory(path))();
    return path;
  } catch (error) {
    if (!(error instanceof StorageError && error.code === 'storage/locked')) throw error;
    return `${error.message}, as it is where the service runs`;
  }
}

/** Whether the disk has what blobs may still take. */
async function tryRoom(dataDir: string, storageBytes: number): Promise<string> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const wanted = Math.max(0, storageBytes - (await bytesIn(join(dataDir, 'blobs'))));
  const detail = `${gibibytes(free)} free, the service may take ${gibibytes(wanted)} more`;
  if (free < wanted) throw new Error(`${detail}: make room, or lower --storage`);
  return detail;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const found = await stat(join(folder, entry)).catch(() => undefined);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
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
