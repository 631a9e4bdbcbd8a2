import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmError } from '../vm/errors.ts';

/** The folder of the SDK: header, start-up code, linker script. */
export const SDK_FOLDER: string = fileURLToPath(new URL('../../guests/sdk', import.meta.url));

export type CompilerKind = 'gcc' | 'clang';

/** A C compiler that can produce guests. */
export interface Compiler {
  readonly kind: CompilerKind;
  /** Name of the program as found on the PATH. */
  readonly command: string;
  /** `12.2.0` */
  readonly version: string;
}

export interface CompileOptions {
  /** C and assembler files, relative to `folder` or absolute. */
  readonly sources: readonly string[];
  /** The ELF file to write, relative to `folder` or absolute. */
  readonly output: string;
  /** What follows `-O`. Default `2`. */
  readonly optimisation?: '0' | '1' | '2' | '3' | 's';
  /** Preprocessor definitions; `true` defines a name without a value. */
  readonly defines?: Readonly<Record<string, string | number | true>>;
  /** More compiler flags, after all others. */
  readonly flags?: readonly string[];
  /** Default: GCC if it is installed, else clang. */
  readonly compiler?: CompilerKind;
  /** The compiler's working folder; paths below it do not reach the ELF. Default: the process's. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

export interface CompileResult {
  readonly compiler: Compiler;
  /** What the compiler printed; empty if it had nothing to say. */
  readonly warnings: string;
}

export type CompileErrorCode = 'compiler/missing' | 'compiler/failed';

/** A guest could not be compiled. */
export class CompileError extends VmError {
  override readonly name = 'CompileError';
  declare readonly code: CompileErrorCode;
  /** What the compiler or the linker printed. */
  readonly output: string;

  constructor(code: CompileErrorCode, message: string, remedy: string, output = '') {
    super(code, message, remedy);
    this.output = output;
  }
}

const COMMANDS: Readonly<Record<CompilerKind, readonly string[]>> = {
  gcc: ['riscv64-unknown-elf-gcc', 'riscv32-unknown-elf-gcc'],
  clang: ['clang'],
};
const INSTALL: Readonly<Record<CompilerKind, string>> = {
  gcc: 'install riscv64-unknown-elf-gcc (Debian, Ubuntu: apt install gcc-riscv64-unknown-elf)',
  clang: 'install clang and ld.lld (Debian, Ubuntu: apt install clang lld)',
};

const MACHINE_FLAGS = ['-march=rv32imc', '-mabi=ilp32'];
const COMMON_FLAGS = [
  ...['-std=gnu11', '-ffreestanding', '-ffunction-sections', '-fdata-sections'],
  ...['-fno-asynchronous-unwind-tables', '-fno-ident', '-fno-pic'],
];
const LINK_FLAGS = [
  ...['-static', '-nostdlib', '-Wl,--gc-sections', '-Wl,--build-id=none'],
  ...['-Wl,--fatal-warnings', '-Wl,-z,max-page-size=4096', '-Wl,-z,noexecstack'],
];
const SDK_SOURCES = ['start.S', 'io.c', 'assert.c', 'string.c', 'malloc.c'];

/**
 * The C compiler of a kind, or of any kind, GCC first.
 *
 * @throws CompileError `compiler/missing` with what to install.
 */
export async function findCompiler(kind?: CompilerKind): Promise<Compiler> {
  const kinds: readonly CompilerKind[] = kind === undefined ? ['gcc', 'clang'] : [kind];
  for (const candidate of kinds) {
    for (const command of COMMANDS[candidate]) {
      const flag = candidate === 'gcc' ? '-dumpfullversion' : '-dumpversion';
      const run = await runProgram(command, [flag], {});
      if (run?.code === 0) return { kind: candidate, command, version: run.stdout.trim() };
    }
  }
  const names = kinds.flatMap((candidate) => COMMANDS[candidate]).join(', ');
  const remedy = kinds.map((candidate) => INSTALL[candidate]).join('; or ');
  throw new CompileError('compiler/missing', `no RISC-V C compiler found (${names})`, remedy);
}

/**
 * Compiles C sources and the SDK into an ELF file for the machine: rv32imc, static, no C library.
 *
 * The same compiler, sources and options give the same bytes, wherever the files lie.
 *
 * @throws CompileError `compiler/missing`, or `compiler/failed` with the compiler's messages.
 */
export async function compileGuest(options: CompileOptions): Promise<CompileResult> {
  const compiler = await findCompiler(options.compiler);
  const scratch = await mkdtemp(join(tmpdir(), 'vouch-build-'));
  try {
    const flags = compileFlags(compiler, options);
    const objects = await compileSdk(compiler, flags, scratch, options);
    const result = await runCompiler(compiler, options, [
      ...flags,
      ...definitions(options.defines),
      ...(options.flags ?? []),
      ...linkFlags(compiler),
      ...options.sources,
      ...objects,
      ...(compiler.kind === 'gcc' ? ['-lgcc'] : []),
      ...['-o', options.output],
    ]);
    return { compiler, warnings: result };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function compileFlags(compiler: Compiler, options: CompileOptions): readonly string[] {
  const folder = options.folder ?? process.cwd();
  const target =
    compiler.kind === 'gcc' ? [] : ['--target=riscv32-unknown-elf', '-mno-relax', '-nostdlibinc'];
  return [
    ...target,
    ...MACHINE_FLAGS,
    `-O${options.optimisation ?? '2'}`,
    ...COMMON_FLAGS,
    ...[`-ffile-prefix-map=${folder}/=`, `-ffile-prefix-map=${SDK_FOLDER}/=`],
    ...['-I', SDK_FOLDER, '-isystem', join(SDK_FOLDER, 'include')],
  ];
}

function linkFlags(compiler: Compiler): readonly string[] {
  const linker = compiler.kind === 'gcc' ? [] : ['-fuse-ld=lld'];
  return [...linker, ...LINK_FLAGS, '-T', join(SDK_FOLDER, 'vouch.ld')];
}

function definitions(defines: CompileOptions['defines'] = {}): readonly string[] {
  return Object.entries(defines).map(([name, value]) =>
    value === true ? `-D${name}` : `-D${name}=${value}`,
  );
}

/** Objects of the SDK. Loops of string.c must not become calls of the functions they implement. */
async function compileSdk(
  compiler: Compiler,
  flags: readonly string[],
  scratch: string,
  options: CompileOptions,
): Promise<readonly string[]> {
  const own = compiler.kind === 'gcc' ? ['-fno-tree-loop-distribute-patterns'] : [];
  const sources = compiler.kind === 'gcc' ? SDK_SOURCES : [...SDK_SOURCES, 'builtins.c'];
  const objects: string[] = [];
  for (const source of sources) {
    const object = join(scratch, `${source}.o`);
    const input = join(SDK_FOLDER, source);
    await runCompiler(compiler, options, [...flags, ...own, '-c', input, '-o', object]);
    objects.push(object);
  }
  return objects;
}

async function runCompiler(
  compiler: Compiler,
  options: CompileOptions,
  parameters: readonly string[],
): Promise<string> {
  const run = await runProgram(compiler.command, parameters, options);
  if (run === undefined) {
    throw new CompileError(
      'compiler/missing',
      `${compiler.command} cannot be started`,
      INSTALL[compiler.kind],
    );
  }
  if (run.code !== 0) {
    throw new CompileError(
      'compiler/failed',
      `${compiler.command} failed:\n${run.stderr.trim()}`,
      'correct the sources; guests/sdk/README.md says what the SDK offers',
      run.stderr,
    );
  }
  return run.stderr.trim();
}

interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; undefined if there is none of that name. */
function runProgram(
  command: string,
  parameters: readonly string[],
  options: Pick<CompileOptions, 'folder' | 'signal'>,
): Promise<ProgramRun | undefined> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
