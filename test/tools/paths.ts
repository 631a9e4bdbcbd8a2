import { fileURLToPath } from 'node:url';

/** Compiled tests live in `dist/test/tools`, three folders below the repository's root. */
const ROOT = new URL('../../../', import.meta.url);

/** Absolute path of a file of the repository: `repositoryPath('guests', 'hello', 'hello.elf')`. */
export function repositoryPath(...parts: readonly string[]): string {
  return fileURLToPath(new URL(parts.join('/'), ROOT));
}
