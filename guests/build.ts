import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execute, loadProgram } from '../vm/index.ts';
import { compileGuest, findCompiler, SDK_FOLDER } from './compile.ts';
import {
  fnv1a32,
  type Guest,
  guestCompileOptions,
  guestInputs,
  type Manifest,
  manifestText,
  REPOSITORY,
  readGuestElf,
  readManifest,
} from './manifest.ts';
import { buildRustExample } from './rust.ts';
import { generatedSdkFiles } from './sdk-files.ts';

const USAGE = `npm run guests -- [--check] [--only NAME]

Rebuilds the generated files of guests/sdk and every ELF of guests/guests.json, runs each on its
inputs and records hash and cycles there. A journal that differs from the stated one is a failure.
  --check      build into a temporary folder and compare with the committed files
  --only NAME  this guest only

Exit codes: 0 done or equal, 1 different or failed, 2 wrong use, 3 the pinned compiler is missing.`;

const EXIT_DIFFERENT = 1;
const EXIT_USAGE = 2;
const EXIT_NO_COMPILER = 3;

/**
 * Why the compiler of this machine cannot make the committed bytes; undefined if it can. Only the
 * pinned version of the compiler is expected to.
 */
export async function compilerMismatch(manifest: Manifest): Promise<string | undefined> {
  const { kind, version } = manifest.compiler;
  try {
    const compiler = await findCompiler(kind);
    if (compiler.version === version) return undefined;
    return `${compiler.command} is version ${compiler.version}; the guests are pinned to ${version}`;
  } catch (error) {
    if (error instanceof Error && 'remedy' in error) return `${error.message}: ${error.remedy}`;
    throw error;
  }
}

/** Compiles a guest of the manifest into `output` and returns the ELF's SHA-256. */
export async function buildGuest(guest: Guest, output: string): Promise<string> {
  await mkdir(dirname(output), { recursive: true });
  const options = guestCompileOptions(guest);
  await compileGuest({ ...options, output, compiler: 'gcc' });
  return createHash('sha256')
    .update(await readFile(output))
    .digest('hex');
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return EXIT_USAGE;
  const manifest = await readManifest();
  const guests = manifest.guests.filter((guest) => (options.only ?? guest.name) === guest.name);
  if (guests.length === 0) {
    console.error(`guests/guests.json has no guest ${options.only}`);
    return EXIT_USAGE;
  }
  if (!options.check) await writeSdkFiles();
  const mismatch = await compilerMismatch(manifest);
  if (mismatch !== undefined) {
    console.error(mismatch);
    return EXIT_NO_COMPILER;
  }
  return options.check ? check(guests) : rebuild(manifest, guests);
}

function readOptions(): { check: boolean; only: string | undefined } | undefined {
  try {
    const { values } = parseArgs({
      options: { check: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    return { check: values.check, only: values.only };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

async function writeSdkFiles(): Promise<void> {
  for (const { name, content } of generatedSdkFiles()) {
    await writeFile(join(SDK_FOLDER, name), content);
  }
}

async function rebuild(manifest: Manifest, guests: readonly Guest[]): Promise<number> {
  const rebuilt = new Map<string, Guest>();
  let failed = 0;
  for (const guest of guests) {
    const sha256 = await buildGuest(guest, REPOSITORY + guest.elf);
    const { cycles, problem } = await runGuest(guest);
    rebuilt.set(guest.name, { ...guest, cycles, sha256 });
    if (problem !== undefined) failed++;
    const state = sha256 === guest.sha256 ? 'same   ' : 'changed';
    console.log(
      problem === undefined ? `${state}  ${guest.elf}` : `FAILED   ${guest.elf}: ${problem}`,
    );
  }
  const updated = manifest.guests.map((guest) => rebuilt.get(guest.name) ?? guest);
  const text = manifestText({ ...manifest, guests: updated });
  await writeFile(`${REPOSITORY}guests/guests.json`, text);
  console.log(buildRustExample());
  return failed === 0 ? 0 : EXIT_DIFFERENT;
}

/** Runs a guest's ELF on the inputs of the manifest. */
async function runGuest(guest: Guest): Promise<{ cycles: number; problem: string | undefined }> {
  const program = loadProgram(await readGuestElf(guest));
  const { outcome, journal, cycles } = await execute(program, guestInputs(guest));
  if (outcome.kind === 'trap') return { cycles, problem: outcome.trap.message };
  if (outcome.code !== 0) return { cycles, problem: `exit code ${outcome.code}` };
  const hash = fnv1a32(journal);
  const right = hash === guest.journal.fnv1a32 && journal.length === guest.journal.bytes;
  return {
    cycles,
    problem: right ? undefined : `journal of ${journal.length} bytes, hash ${hash}`,
  };
}

async function check(guests: readonly Guest[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-guests-'));
  let different = 0;
  try {
    for (const guest of guests) {
      const hash = await buildGuest(guest, join(folder, `${guest.name}.elf`));
      if (hash === guest.sha256) continue;
      different++;
      console.error(`${guest.elf}: the sources give SHA-256 ${hash}, not ${guest.sha256}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`${guests.length - different} of ${guests.length} guests give the committed bytes`);
  return different === 0 ? 0 : EXIT_DIFFERENT;
}

if (argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
