/** Native runs of the guests: their own sources, compiled for the machine that measures. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Guest, guestCompileOptions, guestInputs, SDK_FOLDER } from '../guests/index.ts';
import { checkJournal } from './output.ts';
import { type Sample, sample } from './sample.ts';

const run = promisify(execFile);

/** The host interface that times a guest. */
const HOST: string = fileURLToPath(new URL('../../bench/native/host-timing.c', import.meta.url));
const COMPILER = 'gcc';
const FLAGS: readonly string[] = ['-std=gnu11', '-O2', '-I', SDK_FOLDER];
/** Each has its own place in memory; medians of their batches are the sample. */
const PROCESSES = 5;
const BATCHES = 7;

/** The native compiler's version; throws an Error with what to install where there is none. */
export async function nativeCompiler(): Promise<string> {
  try {
    return `${COMPILER} ${(await run(COMPILER, ['-dumpfullversion'])).stdout.trim()}`;
  } catch (error) {
    throw new Error(`${COMPILER} cannot be started: install it (Debian, Ubuntu: apt install gcc)`, {
      cause: error,
    });
  }
}

/**
 * Microseconds of a guest that `gcc -O2` compiled, in several processes that each have run it before, its
 * inputs in memory. Throws an Error if the compiler is missing or fails, or if the output is wrong.
 */
export async function measureNative(guest: Guest): Promise<Sample> {
  await nativeCompiler();
  const scratch = await mkdtemp(join(tmpdir(), 'vouch-native-'));
  try {
    const path = (name: string): string => join(scratch, name);
    await compile(guest, path('object'), path('program'));
    const { privateInput, publicInput } = guestInputs(guest);
    await writeFile(path('private'), privateInput);
    await writeFile(path('public'), publicInput);
    const parameters = [path('private'), path('public'), String(BATCHES), path('journal')];
    const microseconds: number[] = [];
    for (let process = 0; process < PROCESSES; process++) {
      const { stdout } = await run(path('program'), parameters);
      checkJournal(guest, new Uint8Array(await readFile(path('journal'))));
      const batches = stdout.trim().split('\n').map(Number);
      microseconds.push(sample(batches).median / 1000);
    }
    return sample(microseconds);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function compile(guest: Guest, object: string, program: string): Promise<void> {
  const { sources, defines = {}, folder } = guestCompileOptions(guest);
  const options = { cwd: folder };
  const definitions = Object.entries(defines).map(([name, value]) =>
    value === true ? `-D${name}` : `-D${name}=${value}`,
  );
  const renamed = ['-Dmain=guest_main', ...definitions];
  const objects: string[] = [];
  for (const [index, source] of sources.entries()) {
    objects.push(`${object}${index}.o`);
    await run(COMPILER, [...FLAGS, ...renamed, '-c', source, '-o', `${object}${index}.o`], options);
  }
  await run(COMPILER, [...FLAGS, HOST, ...objects, '-o', program], options);
}
