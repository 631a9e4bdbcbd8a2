/** A service under more jobs than it can prove: what it takes, how fast, and what it says when it is full. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApiError, Client, type Job } from '../api/client/index.ts';
import { textTable } from '../api/index.ts';
import { firstLine } from './first-line.ts';

const MAIN = fileURLToPath(new URL('../api/cli/main.js', import.meta.url));
const REFUSED_MILLISECONDS = 250;
const MEMORY_MILLISECONDS = 2000;
/** Jobs that are cancelled while they run. */
const CANCELS = 10;

export interface LoadOptions {
  /** For how long clients submit. */
  readonly seconds: number;
  /** Clients that submit at the same time, each again as soon as it has its answer. */
  readonly clients: number;
  /** Jobs that may wait. */
  readonly waiting: number;
}

export interface LoadReport extends LoadOptions {
  readonly accepted: number;
  /** Answered with 429. */
  readonly refused: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Jobs a second, from the first submission to the end of the last job. */
  readonly jobsPerSecond: number;
  /** Milliseconds. */
  readonly submission: Percentiles;
  /** Milliseconds from a job's submission to its receipt: mostly waiting. */
  readonly completion: Percentiles;
  /** Milliseconds from a request to cancel the job that runs to the begin of the next one. */
  readonly cancellation: Percentiles;
  /** Bytes of the server's process, with its worker, in the order of time. */
  readonly residentBytes: readonly number[];
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Loads a server of its own, on loopback, with the embedded database. Throws if a job is lost. */
export async function measureLoad(elf: Uint8Array, options: LoadOptions): Promise<LoadReport> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-load-'));
  const flags = ['--port', '0', '--data-dir', folder, '--max-waiting', String(options.waiting)];
  const limits = ['--rate-limit', '1000000', '--max-jobs-per-key', String(2 * options.waiting)];
  const server = spawn(
    process.execPath,
    [MAIN, 'serve', '--log-level', 'error', ...flags, ...limits],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const url = await firstLine(server);
    return await load(new Client({ url, retries: 0 }), url, elf, options);
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(
  client: Client,
  url: string,
  elf: Uint8Array,
  options: LoadOptions,
): Promise<LoadReport> {
  const { id: program } = await client.uploadProgram(elf);
  const submissions: number[] = [];
  const accepted: string[] = [];
  let refused = 0;
  const start = performance.now();
  const end = start + 1000 * options.seconds;
  const submit = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now();
      try {
        const { id } = await client.prove({ program, security: 'S100' });
        submissions.push(performance.now() - before);
        accepted.push(id);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 429) throw error;
        refused++;
        await sleep(REFUSED_MILLISECONDS);
      }
    }
  };
  const residentBytes: number[] = [];
  const watched = new AbortController();
  const memory = watchMemory(url, residentBytes, watched.signal);
  await Promise.all(Array.from({ length: options.clients }, submit));
  const jobs: Job[] = [];
  for (const id of accepted) jobs.push(await client.ended(id));
  const seconds = (performance.now() - start) / 1000;
  watched.abort();
  await memory;
  const cancellations = await cancelRunning(client, program);
  const succeeded = jobs.filter(({ state }) => state === 'succeeded');
  return {
    ...options,
    accepted: accepted.length,
    refused,
    succeeded: succeeded.length,
    failed: jobs.length - succeeded.length,
    jobsPerSecond: jobs.length / seconds,
    submission: percentiles(submissions),
    completion: percentiles(succeeded.map(({ createdAt, endedAt = 0 }) => endedAt - createdAt)),
    cancellation: percentiles(cancellations),
    residentBytes,
  };
}

async function cancelRunning(client: Client, program: string): Promise<number[]> {
  const times: number[] = [];
  let { id } = await client.prove({ program });
  for (let i = 0; i < CANCELS; i++) {
    await begun(client, id);
    const next = await client.prove({ program });
    const cancelledAt = Date.now();
    await client.cancel(id);
    const { startedAt = 0 } = await begun(client, next.id);
    // Earlier where the job was done before it was cancelled.
    if (startedAt >= cancelledAt) times.push(startedAt - cancelledAt);
    id = next.id;
  }
  await client.cancel(id);
  return times;
}

async function begun(client: Client, id: string): Promise<Job> {
  for await (const { job } of client.watch(id)) if (job.state !== 'queued') return job;
  throw new Error(`job ${id} has no end`);
}

async function watchMemory(url: string, found: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(text) ?? [];
    if (bytes !== undefined) found.push(Number(bytes));
    await sleep(MEMORY_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
}

/** Nearest-rank percentiles; NaN of nothing. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function loadTable(report: LoadReport): string {
  const { accepted, refused, succeeded, failed, jobsPerSecond, residentBytes } = report;
  const counts = [accepted, refused, succeeded, failed].map(String);
  const memory = [residentBytes[0], Math.max(...residentBytes), residentBytes.at(-1)];
  const mebibytes = memory.map((bytes = 0) => (bytes / 2 ** 20).toFixed(0)).join(' / ');
  const latencies = [report.submission, report.completion, report.cancellation].map(
    ({ p50, p95, p99 }) => [p50, p95, p99].map((time) => time.toFixed(0)).join(' / '),
  );
  return textTable(
    [
      ...['accepted', 'refused (429)', 'succeeded', 'failed', 'jobs/s'],
      ...['submission ms p50/95/99', 'completion ms p50/95/99', 'cancel ms p50/95/99'],
      'MiB first/most/last',
    ],
    [[...counts, jobsPerSecond.toFixed(2), ...latencies, mebibytes]],
    8,
  );
}
