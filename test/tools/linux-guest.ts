/** Compiles guests for Linux on RV32: the SDK's `host-linux.c` instead of the machine's host calls. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CompileOptions, SDK_FOLDER } from '../../guests/compile.ts';

const COMPILER = 'riscv64-unknown-elf-gcc';
const SDK_SOURCES = ['host-linux.c', 'assert.c', 'string.c', 'malloc.c'];
const FLAGS = [
  ...['-march=rv32imc', '-mabi=ilp32', '-std=gnu11', '-ffreestanding', '-fno-pic', '-w'],
  ...['-I', SDK_FOLDER, '-isystem', join(SDK_FOLDER, 'include')],
];
const run = promisify(execFile);

/** The part of every program that does not change, one object file for each optimisation. */
export async function compileLinuxHost(
  optimisation: NonNullable<CompileOptions['optimisation']>,
  folder: string,
): Promise<string[]> {
  return Promise.all(
    SDK_SOURCES.map(async (source) => {
      const object = join(folder, `${source}.${optimisation}.o`);
      const own = ['-fno-tree-loop-distribute-patterns', `-O${optimisation}`, '-c', '-o', object];
      await run(COMPILER, [...FLAGS, ...own, join(SDK_FOLDER, source)]);
      return object;
    }),
  );
}

/** Links a guest with the objects of `compileLinuxHost`. */
export async function compileForLinux(
  options: Pick<CompileOptions, 'sources' | 'output' | 'optimisation' | 'defines' | 'folder'>,
  host: readonly string[],
): Promise<void> {
  const defines = Object.entries(options.defines ?? {}).map(([name, value]) =>
    value === true ? `-D${name}` : `-D${name}=${value}`,
  );
  await run(
    COMPILER,
    [
      ...[...FLAGS, `-O${options.optimisation ?? '2'}`, ...defines, '-static', '-nostdlib'],
      ...[...options.sources, ...host, '-lgcc', '-o', options.output],
    ],
    options.folder === undefined ? {} : { cwd: options.folder },
  );
}
