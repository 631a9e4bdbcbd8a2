/** Measurements of the command line: whole processes, and what they report of themselves. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProofStage } from '../api/index.ts';
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

/** Program and inputs of a proof. */
type ProofFiles = Readonly<Record<'elf' | 'publicInput' | 'privateInput', Uint8Array>>;

/** Milliseconds of `vouch prove` from the start of its process to its end: proof, check and file. */
export async function wholeProofs(
  files: ProofFiles,
  threads: number,
  runs: number,
): Promise<Sample> {
  return await withProver(files, threads, (prove) =>
    samples(runs, async () => {
      const start = performance.now();
      await prove();
      return performance.now() - start;
    }),
  );
}

/** What `vouch prove` says of itself in new processes. */
export interface ReportedProof {
  readonly segments: number;
  readonly milliseconds: number;
  /** Most memory of the process. */
  readonly processBytes: number;
  readonly receiptBytes: number;
  /** Milliseconds by stage. */
  readonly stages: Readonly<Partial<Record<ProofStage, number>>>;
}

export async function reportedProofs(
  files: ProofFiles,
  threads: number,
  runs: number,
): Promise<ReportedProof[]> {
  return await withProver(files, threads, async (prove) => {
    const found: ReportedProof[] = [];
    for (let run = 0; run < runs; run++) {
      const { receipt, ...result } = await prove();
      const receiptBytes = (receipt as { bytes: number }).bytes;
      found.push({ ...result, receiptBytes } as unknown as ReportedProof);
    }
    return found;
  });
}

/** Gives the task a function that proves a run in a new process. */
async function withProver<Result>(
  { elf, publicInput, privateInput }: ProofFiles,
  threads: number,
  task: (prove: () => Promise<Record<string, unknown>>) => Promise<Result>,
): Promise<Result> {
  return await inFolder(async (folder) => {
    const names = ['elf', 'public', 'private', 'receipt'];
    const [program = '', open = '', secret = '', receipt = ''] = names.map((name) =>
      join(folder, name),
    );
    const contents = [
      [program, elf],
      [open, publicInput],
      [secret, privateInput],
    ] as const;
    await Promise.all(contents.map(([file, bytes]) => writeFile(file, bytes)));
    const inputs = ['--public-input', open, '--private-input', secret];
    const parameters = [program, ...inputs, '--threads', String(threads), '-o', receipt];
    return await task(() => vouch('prove', ...parameters));
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
