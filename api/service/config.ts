/**
 * The configuration: one table from which come the flags of `vouch serve`, `worker` and `doctor`, their
 * help texts, and the table in docs/configuration.md. A flag goes before its environment variable, that before
 * the file, that before the default.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { defaultThreads } from '../proving/cost.ts';
import { DEFAULT_PROVABLE_CYCLES } from '../proving/run.ts';
import { bytes, choice, count, text, type ValueKind, yesNo } from './config-values.ts';
import { ConfigError } from './errors.ts';

export interface ServiceConfig {
  /** Absolute, or relative to the working directory. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: the embedded database. */
  readonly databaseUrl: string | undefined;
  /** Undefined: where the database is. */
  readonly queueUrl: string | undefined;
  readonly auth: 'keys' | 'off';
  /** Workers in the process of the server: 0 or 1. */
  readonly localWorkers: number;
  readonly workerName: string;
  readonly threads: number;
  /** Bytes; undefined for the prover's own limit. */
  readonly proverMemory: number | undefined;
  readonly maxCycles: number;
  readonly maxWaiting: number;
  readonly maxJobsPerKey: number;
  readonly storageBytes: number;
  readonly keepDays: number;
  readonly maxBodyBytes: number;
  readonly requestsPerMinute: number;
  /** Proxies in front, whose `X-Forwarded-For` counts. */
  readonly proxies: number;
  /** `whsec_` and base64; undefined: made at the first start and kept in the database. */
  readonly webhookSecret: string | undefined;
  readonly webhookPrivate: boolean;
  readonly drainSeconds: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** One line of the table. */
export interface ConfigOption<T = unknown> {
  readonly flag: string;
  readonly variable: string;
  readonly kind: ValueKind<T>;
  /** Absent where there is none, or where it depends on other values. */
  readonly fallback?: T;
  /** In words, where the value does not say it. */
  readonly shownFallback?: string;
  readonly help: string;
}

type Options = { readonly [Key in keyof ServiceConfig]: ConfigOption<ServiceConfig[Key]> };

export const CONFIG_OPTIONS: Options = {
  dataDir: {
    ...{ flag: '--data-dir', variable: 'VOUCH_DATA_DIR', kind: text('folder') },
    ...{ fallback: 'vouch-data', help: 'all state: blobs, and the embedded database' },
  },
  host: {
    ...{ flag: '--host', variable: 'VOUCH_HOST', kind: text('address') },
    ...{ fallback: '127.0.0.1', help: 'address to listen at' },
  },
  port: {
    ...{ flag: '--port', variable: 'VOUCH_PORT', kind: count(0, 65_535) },
    ...{ fallback: 8080, help: 'port to listen at; 0: one that the system chooses' },
  },
  databaseUrl: {
    ...{ flag: '--database-url', variable: 'DATABASE_URL' },
    kind: text('url', /^postgres(?:ql)?:\/\//, 'a URL such as postgres://user:password@host/name'),
    ...{ shownFallback: 'embedded', help: 'PostgreSQL database; several processes can share it' },
  },
  queueUrl: {
    ...{ flag: '--queue-url', variable: 'QUEUE_URL' },
    kind: text('url', /^(?:rediss?|postgres(?:ql)?):\/\//, 'a URL such as redis://host:6379'),
    ...{ shownFallback: 'in the database', help: 'Redis or PostgreSQL that keeps the queue' },
  },
  auth: {
    ...{ flag: '--auth', variable: 'VOUCH_AUTH', kind: choice('keys', 'off') },
    ...{ shownFallback: 'off on loopback, else keys', help: 'whether callers need an API key' },
  },
  localWorkers: {
    ...{ flag: '--local-workers', variable: 'VOUCH_LOCAL_WORKERS', kind: count(0, 1) },
    ...{ fallback: 1, help: 'workers in the process of the server' },
  },
  workerName: {
    ...{ flag: '--worker-name', variable: 'VOUCH_WORKER_NAME', kind: text('name', /^[\w.-]+$/) },
    ...{ shownFallback: 'host and process', help: 'name of this worker in timelines' },
  },
  threads: {
    ...{ flag: '--threads', variable: 'VOUCH_THREADS', kind: count(1, 256) },
    ...{ shownFallback: "the processor's cores", help: 'threads of the prover' },
  },
  proverMemory: {
    ...{ flag: '--prover-memory', variable: 'VOUCH_PROVER_MEMORY', kind: bytes(2 ** 26) },
    ...{ shownFallback: '3G, or three quarters of less', help: 'most memory for a proof' },
  },
  maxCycles: {
    ...{ flag: '--max-cycles', variable: 'VOUCH_MAX_CYCLES', kind: count(1, 2 ** 36) },
    ...{ fallback: DEFAULT_PROVABLE_CYCLES, help: 'most cycles of a run' },
  },
  maxWaiting: {
    ...{ flag: '--max-waiting', variable: 'VOUCH_MAX_WAITING', kind: count(1, 1e6) },
    ...{ fallback: 1000, help: 'most jobs that wait; more are refused with 429' },
  },
  maxJobsPerKey: {
    ...{ flag: '--max-jobs-per-key', variable: 'VOUCH_MAX_JOBS_PER_KEY', kind: count(1, 1e6) },
    ...{ shownFallback: '100, without keys 1000', help: 'most unfinished jobs of one API key' },
  },
  storageBytes: {
    ...{ flag: '--storage', variable: 'VOUCH_STORAGE', kind: bytes(2 ** 20) },
    ...{ fallback: 10 * 2 ** 30, help: 'most bytes of programs, inputs and receipts' },
  },
  keepDays: {
    ...{ flag: '--keep-days', variable: 'VOUCH_KEEP_DAYS', kind: count(1, 36_500) },
    ...{
      fallback: 30,
      help: 'days after which ended jobs, their receipts, and unused programs are removed',
    },
  },
  maxBodyBytes: {
    ...{ flag: '--max-body', variable: 'VOUCH_MAX_BODY', kind: bytes(2 ** 10) },
    ...{ fallback: 32 * 2 ** 20, help: 'most bytes of a request' },
  },
  requestsPerMinute: {
    ...{ flag: '--rate-limit', variable: 'VOUCH_RATE_LIMIT', kind: count(1, 1e9) },
    ...{ fallback: 6000, help: 'most requests of an address in a minute' },
  },
  proxies: {
    ...{ flag: '--proxies', variable: 'VOUCH_PROXIES', kind: count(0, 10), fallback: 0 },
    help: 'proxies in front that set X-Forwarded-For',
  },
  webhookSecret: {
    ...{ flag: '--webhook-secret', variable: 'VOUCH_WEBHOOK_SECRET' },
    kind: text(
      'secret',
      /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
      'whsec_ and 24 bytes or more in base64',
    ),
    ...{
      shownFallback: 'made at the first start',
      help: 'what the secrets of webhooks are derived from',
    },
  },
  webhookPrivate: {
    ...{ flag: '--webhook-private', variable: 'VOUCH_WEBHOOK_PRIVATE', kind: yesNo() },
    ...{ fallback: false, help: 'let webhooks go to private addresses' },
  },
  drainSeconds: {
    ...{ flag: '--drain', variable: 'VOUCH_DRAIN', kind: count(0, 86_400) },
    ...{ fallback: 30, help: 'seconds for open requests and proofs after SIGTERM' },
  },
  logLevel: {
    ...{ flag: '--log-level', variable: 'VOUCH_LOG_LEVEL' },
    kind: choice('debug', 'info', 'warn', 'error', 'silent'),
    ...{ fallback: 'info', help: 'least level of log lines' },
  },
};

/** Names the file with the configuration; a flag and a variable only. */
export const CONFIG_FILE: { readonly flag: string; readonly variable: string } = {
  flag: '--config',
  variable: 'VOUCH_CONFIG',
};

/** Values of flags, by the keys of the configuration. */
export type FlagValues = { readonly [Key in keyof ServiceConfig]?: string | boolean };

/**
 * The configuration that flags, environment and file give.
 *
 * @param file path of a JSON file
 * @throws ConfigError
 */
export function readConfig(
  flags: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined = environment[CONFIG_FILE.variable],
): ServiceConfig {
  const settings = file === undefined ? {} : readFile(file);
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(CONFIG_OPTIONS) as [string, ConfigOption][]) {
    const given: readonly [string, unknown][] = [
      [option.flag, flags[key as keyof ServiceConfig]],
      [option.variable, environment[option.variable] || undefined],
      [`${key} in ${file}`, settings[key]],
    ];
    const [source, value] = given.find(([, found]) => found !== undefined) ?? [];
    values[key] = source === undefined ? option.fallback : parse(source, option, value);
  }
  return complete(values as unknown as Partial<ServiceConfig>);
}

/** Whether an address is the machine's own. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function parse(source: string, { kind }: ConfigOption, value: unknown): unknown {
  const found = kind.parse(value);
  if (found !== undefined) return found;
  // A secret stays out of error messages.
  const shown = /secret|url/i.test(source) ? '' : ` ${JSON.stringify(value)}`;
  throw new ConfigError(
    'config/value',
    `${source} has the value${shown}, which is not ${kind.expected}`,
    `give ${kind.expected}`,
  );
}

function readFile(path: string): Record<string, unknown> {
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'name a JSON file with an object in it';
    throw new ConfigError('config/file', `${path} cannot be read: ${reason}`, remedy, cause);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new ConfigError('config/file', `${path} holds no object`, 'write { "port": 8080 }');
  }
  const unknown = Object.keys(settings).find((key) => !(key in CONFIG_OPTIONS));
  if (unknown !== undefined) {
    const remedy = `use one of ${Object.keys(CONFIG_OPTIONS).join(', ')}`;
    throw new ConfigError('config/unknown-key', `${path} has the key ${unknown}`, remedy);
  }
  return settings as Record<string, unknown>;
}

/** Fills in what depends on other values, and compares them. */
function complete(values: Partial<ServiceConfig>): ServiceConfig {
  const host = values.host ?? '127.0.0.1';
  const auth = values.auth ?? (isLoopback(host) ? 'off' : 'keys');
  if (auth === 'off' && !isLoopback(host)) {
    throw new ConfigError(
      'config/conflict',
      `everybody who reaches ${host} could use the service: authentication is off`,
      'listen at 127.0.0.1, or leave out --auth off and make a key with `vouch key create`',
    );
  }
  if (values.queueUrl !== undefined && values.databaseUrl === undefined) {
    throw new ConfigError(
      'config/conflict',
      'QUEUE_URL is set and DATABASE_URL is not: other workers would not find the jobs',
      'set both, or neither',
    );
  }
  return {
    ...(values as ServiceConfig),
    auth,
    maxJobsPerKey: values.maxJobsPerKey ?? (auth === 'keys' ? 100 : 1000),
    workerName: values.workerName ?? `${hostname()}-${process.pid}`,
    threads: values.threads ?? defaultThreads(),
  };
}
