import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { type CompilerKind, findCompiler } from '../../guests/index.ts';
import { availableBytes, machineBytes } from '../proving/memory.ts';
import { addConfigOptions, type ConfigFlags, configOf } from './config-options.ts';
import { EXIT_INTERNAL, EXIT_OK } from './exit-code.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { byteSize } from './text.ts';

/** One thing that Vouch needs or can use. */
interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Version or amount; for a missing thing, how to get it. */
  readonly detail: string;
  readonly purpose: string;
  /** Vouch does not work without it. */
  readonly required: boolean;
}

/** `vouch doctor`: what this machine has and lacks. */
export function doctorCommand(): Command {
  return addConfigOptions(new Command('doctor'), [
    'dataDir',
    'databaseUrl',
    'queueUrl',
    'host',
    'port',
    'storageBytes',
  ])
    .description('say what this machine has and lacks for Vouch')
    .option('--service', 'see whether the service could start too')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `
Exit code 1 if something is missing that Vouch does not work without. With --service the settings of
\`vouch serve\` are read and its data directory, disk, address, database and queue tried.
A service that runs already is no fault.

Example:
  vouch doctor
  vouch doctor --service --queue-url redis://127.0.0.1`,
    )
    .action(doctor);
}

async function doctor(options: ConfigFlags): Promise<void> {
  const reporter = reporterFor(options.json === true);
  const checks = [...machineChecks(), ...(await toolChecks())];
  if (options.service === true) checks.push(...(await serviceChecks(options)));
  for (const check of checks) {
    const state = check.ok ? 'ok' : 'missing';
    reporter.data(
      `${state.padEnd(9)}${check.name.padEnd(18)}${check.detail}\n${' '.repeat(27)}for ${check.purpose}\n`,
    );
  }
  const exitCode = checks.some((check) => check.required && !check.ok) ? EXIT_INTERNAL : EXIT_OK;
  reporter.result({ ...commandFields('doctor', exitCode), checks });
  process.exitCode = exitCode;
}

function machineChecks(): Check[] {
  const processors = cpus();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 20);
  const simd = validates(SIMD_MODULE);
  const threads = validates(THREADS_MODULE);
  const engine = 'use a Node.js build of version 20.20 or later for this processor';
  return [
    required(
      'node',
      recent,
      recent ? process.versions.node : 'install Node.js 20.20 or later',
      'everything',
    ),
    required('wasm simd', simd, simd ? '128-bit vectors' : engine, 'the kernels'),
    required('wasm threads', threads, threads ? 'shared memory' : engine, 'work on several cores'),
    required(
      'cores',
      processors.length > 0,
      `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`,
      'speed',
    ),
    required(
      'memory',
      true,
      `${byteSize(machineBytes())}, ${byteSize(availableBytes())} free`,
      'long runs',
    ),
  ];
}

async function toolChecks(): Promise<Check[]> {
  return [
    await compilerCheck('gcc', 'compiling guests, the same bytes as the committed ones'),
    await compilerCheck('clang', 'compiling guests without gcc'),
    tool('qemu-riscv32', 'qemu-user', 'tests that compare runs with QEMU'),
  ];
}

/** Throws ConfigError. */
async function serviceChecks(flags: ConfigFlags): Promise<Check[]> {
  const config = configOf(flags);
  const { diagnose } = await import('../service/diagnosis.ts');
  const findings = await diagnose(config);
  return findings.map(({ name, ok, detail, isOptional = false }) => ({
    ...{ name, ok, detail, purpose: 'the service', required: !isOptional },
  }));
}

async function compilerCheck(kind: CompilerKind, purpose: string): Promise<Check> {
  try {
    const { command, version } = await findCompiler(kind);
    return optional(`compiler ${kind}`, true, `${command} ${version}`, purpose);
  } catch (error) {
    const remedy = (error as { readonly remedy?: string }).remedy ?? String(error);
    return optional(`compiler ${kind}`, false, remedy, purpose);
  }
}

function tool(command: string, debian: string, purpose: string): Check {
  const run = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const line = run.stdout?.trim().split('\n')[0];
  if (run.status === 0 && line) return optional(command, true, line, purpose);
  return optional(command, false, `install it (Debian, Ubuntu: apt install ${debian})`, purpose);
}

function required(name: string, ok: boolean, detail: string, purpose: string): Check {
  return { name, ok, detail, purpose, required: true };
}

function optional(name: string, ok: boolean, detail: string, purpose: string): Check {
  return { name, ok, detail, purpose, required: false };
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** One function () -> v128 with the body `i32.const 0, i8x16.splat` (WebAssembly 2.0, 5.4.8). */
const SIMD_MODULE = [
  ...HEADER,
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 15, 0x0b],
];
/** One shared memory of one page (threads proposal, limits flag 3). */
const THREADS_MODULE = [...HEADER, 5, 4, 1, 3, 1, 1];

function validates(bytes: readonly number[]): boolean {
  const { WebAssembly } = globalThis as unknown as {
    readonly WebAssembly?: { validate(bytes: Uint8Array): boolean };
  };
  return WebAssembly?.validate(Uint8Array.from(bytes)) === true;
}
