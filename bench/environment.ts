/** What measures: the machine, and what the measurement depends on there. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nativeCompiler } from './native.ts';

/** The machine and the versions on it; figures of different environments do not compare. */
export interface Environment {
  /** The first digits of a hash of the other fields. */
  readonly id: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Operating system and architecture. */
  readonly system: string;
  readonly node: string;
  /** Of the native runs; `none` if it is missing. */
  readonly compiler: string;
}

const ID_DIGITS = 12;
const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

export async function describeEnvironment(): Promise<Environment> {
  const processors = cpus();
  const fields = {
    cpu: `${processors[0]?.model.trim() ?? 'unknown processor'}${await generation()}`,
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    compiler: await nativeCompiler().catch(() => 'none'),
  };
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
  return { id: hash.slice(0, ID_DIGITS), ...fields };
}

/** What the name of a processor leaves open: ` (family 26, model 2)`; empty where the system does not say. */
async function generation(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const [family, model] = ['cpu family', 'model'].map(
    (name) => new RegExp(`^${name}\\s*: (\\d+)$`, 'm').exec(text)?.[1],
  );
  return family === undefined || model === undefined ? '' : ` (family ${family}, model ${model})`;
}

/** The commit that is measured, with `-changed` if files differ from it; `unknown` outside of Git. */
export async function describeCommit(): Promise<string> {
  const git = async (...parameters: string[]): Promise<string> =>
    (await promisify(execFile)('git', parameters, { cwd: REPOSITORY })).stdout.trim();
  try {
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return (await git('rev-parse', '--short=12', 'HEAD')) + (changes === '' ? '' : '-changed');
  } catch {
    return 'unknown';
  }
}

/** `2 x AMD EPYC, 24 GiB, linux x64, Node.js 20.20.2, gcc 12.2.0` */
export function environmentText({
  cpu,
  cores,
  memoryGiB,
  system,
  node,
  compiler,
}: Environment): string {
  return `${cores} x ${cpu}, ${memoryGiB} GiB, ${system}, Node.js ${node}, native compiler ${compiler}`;
}
