/** Measurements of the command line: whole processes, and what they report of themselves. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Sample, sample } from './sample.ts';

const MAIN = fileURLToPath(new URL('../api/cli/main.js', import.meta.url));

/** The fields of the last line that a command prints with --json. Throws if it fails. */
async function vouch(...parameters: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...parameters, '--json'], {
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** Milliseconds of `vouch verify` in new processes, without their start. */
export async function coldVerifications(
  receipt: Uint8Array,
  programId: string,
  publicInput: Uint8Array,
  runs: number,
): Promise<Sample> {
  return await inFolder(async (folder) => {
    const [receiptFile, inputFile] = [join(folder, 'receipt'), join(folder, 'input')];
    await Promise.all([writeFile(receiptFile, receipt), writeFile(inputFile, publicInput)]);
    const parameters = [receiptFile, '--program', programId, '--public-input', inputFile];
    return await samples(runs, async () => {
      const { milliseconds } = await vouch('verify', ...parameters);
      return Number(milliseconds);
    });
  });
}

/** Milliseconds of `vouch prove` from the start of its process to its end: proof, check and file. */
export async function wholeProofs(
  {
    elf,
    publicInput,
    privateInput,
  }: Readonly<Record<'elf' | 'publicInput' | 'privateInput', Uint8Array>>,
  threads: number,
  runs: number,
): Promise<Sample> {
  return await inFolder(async (folder) => {
    const files = ['elf', 'public', 'private'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const contents = [elf, publicInput, privateInput];
    await Promise.all(files.map((file, i) => writeFile(file, contents[i] as Uint8Array)));
    const inputs = ['--public-input', files[1], '--private-input', files[2]];
    const parameters = [
      files[0],
      ...inputs,
      '--threads',
      String(threads),
      '-o',
      join(folder, 'receipt'),
    ];
    return await samples(runs, async () => {
      const start = performance.now();
      await vouch('prove', ...parameters);
      return performance.now() - start;
    });
  });
}

async function samples(runs: number, measure: () => Promise<number>): Promise<Sample> {
  const found: number[] = [];
  for (let run = 0; run < runs; run++) found.push(await measure());
  return sample(found);
}

async function inFolder<Result>(task: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-bench-'));
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
