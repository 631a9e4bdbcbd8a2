/** Runs Linux programs for RV32 under qemu-riscv32, the independent implementation to compare with. */
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface QemuRun {
  /** Exit code, 0..255; undefined if a signal ended the program. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly output: Uint8Array;
  readonly errors: string;
}

export interface QemuOptions {
  /** Contents of file descriptor 3. Default: empty. */
  readonly privateInput?: Uint8Array;
  /** Contents of file descriptor 4. Default: empty. */
  readonly publicInput?: Uint8Array;
  /** Default 60 seconds. */
  readonly timeoutMilliseconds?: number;
}

/** A folder that is removed when `use` is done. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes `elf` to a temporary file and runs it. */
export function runElfUnderQemu(elf: Uint8Array, options: QemuOptions = {}): Promise<QemuRun> {
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, 'program.elf');
    await writeFile(path, elf, { mode: 0o755 });
    return runUnderQemu(path, options);
  });
}

/** Runs an ELF file to its end. */
export function runUnderQemu(path: string, options: QemuOptions = {}): Promise<QemuRun> {
  return withTemporaryFolder(async (folder) => {
    const inputs = [options.privateInput, options.publicInput];
    const files = await Promise.all(
      inputs.map(async (bytes, i) => {
        if (bytes === undefined) return undefined;
        const name = join(folder, `input-${i}`);
        await writeFile(name, bytes);
        return open(name);
      }),
    );
    try {
      return await emulate(
        path,
        files.map((file) => file?.fd ?? 'ignore'),
        options.timeoutMilliseconds ?? 60_000,
      );
    } finally {
      await Promise.all(files.map((file) => file?.close()));
    }
  });
}

function emulate(
  path: string,
  inputs: readonly (number | 'ignore')[],
  timeout: number,
): Promise<QemuRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-riscv32', [path], {
      stdio: ['ignore', 'pipe', 'pipe', ...inputs],
      timeout,
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    let errors = '';
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({
        exitCode: code ?? undefined,
        signal: signal ?? undefined,
        output: new Uint8Array(Buffer.concat(output)),
        errors,
      });
    });
  });
}
