/** Running guests in tests. */
import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompileOptions, compileGuest } from '../../guests/compile.ts';
import { type Guest, readGuestElf, readManifest } from '../../guests/manifest.ts';
import { execute } from '../../vm/execute.ts';
import type { ExecuteOptions, Execution } from '../../vm/execution.ts';
import { loadProgram } from '../../vm/load.ts';
import type { Program } from '../../vm/program.ts';
import { repositoryPath } from '../tools/paths.ts';

/** The committed program of that name. */
export async function committedProgram(name: string): Promise<Program> {
  const { guests } = await readManifest();
  const guest: Guest | undefined = guests.find((candidate) => candidate.name === name);
  assert(guest !== undefined, `guests.json has no ${name}`);
  return loadProgram(await readGuestElf(guest));
}

/** Runs to the exit with that code and returns the journal. */
export async function journalOf(
  program: Program,
  options: ExecuteOptions,
  exitCode = 0,
): Promise<Uint8Array> {
  const { outcome, journal } = await execute(program, options);
  assert.deepEqual(outcome, { kind: 'exit', code: exitCode });
  return journal;
}

/** Runs to a failed assertion and returns what the guest said. */
export async function abortReason(program: Program, options: ExecuteOptions): Promise<string> {
  const { outcome }: Execution = await execute(program, options);
  assert(outcome.kind === 'exit', 'the guest trapped');
  assert.equal(outcome.code, 134);
  return outcome.reason ?? '';
}

/** Compiles a program of `test/guests/programs`. */
export async function compiledProgram(
  name: string,
  options: Partial<CompileOptions> = {},
): Promise<Program> {
  return withFolder(async (folder) => {
    const output = join(folder, 'guest.elf');
    await compileGuest({
      sources: [`test/guests/programs/${name}.c`],
      output,
      folder: repositoryPath().replace(/\/$/, ''),
      flags: ['-Wall', '-Wextra', '-Wno-sign-compare', '-Werror'],
      ...options,
    });
    return loadProgram(new Uint8Array(await readFile(output)));
  });
}

/** Gives `use` a temporary folder that is removed afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Bytes that look random and are the same every time. */
export function someBytes(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
