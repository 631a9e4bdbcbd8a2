import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { REPOSITORY } from './manifest.ts';

const TARGET = 'riscv32imc-unknown-none-elf';
const FOLDER = 'guests/rust-hello';

/**
 * Builds the Rust example if this machine's Rust has the target, and says what happened. Its ELF is
 * not pinned: it is an example of a recipe, and no test depends on it.
 */
export function buildRustExample(): string {
  const libraries = spawnSync('rustc', ['--print', 'target-libdir', '--target', TARGET], {
    encoding: 'utf8',
  });
  if (libraries.status !== 0 || !existsSync(libraries.stdout.trim())) {
    return `skipped  ${FOLDER}: no Rust target ${TARGET} (rustup target add ${TARGET})`;
  }
  const run = spawnSync('cargo', ['build', '--release', '--locked'], {
    cwd: REPOSITORY + FOLDER,
    encoding: 'utf8',
  });
  return run.status === 0 ? `built    ${FOLDER}` : `FAILED   ${FOLDER}: ${run.stderr.trim()}`;
}
