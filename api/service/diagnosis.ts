/** Whether a service could start with a configuration: what `vouch doctor` asks. */
import { access, constants, mkdir } from 'node:fs/promises';
import type { ServiceConfig } from './config.ts';
import { pingRedis } from './queue/backends.ts';
import { lockDirectory } from './store/directory-lock.ts';
import { openServerPool } from './store/server-pool.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong. */
  readonly detail: string;
}

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
  } else findings.push(await find('queue', () => askQueue(queueUrl)));
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

async function askQueue(url: string): Promise<string> {
  if (!/^rediss?:/.test(url)) return await askPostgres(url);
  await pingRedis(url);
  return `Redis at ${new URL(url).host}`;
}
