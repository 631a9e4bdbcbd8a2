import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POSTGRES = '/usr/lib/postgresql';

export type ToolName =
  | 'riscv64-unknown-elf-gcc'
  | 'qemu-riscv32'
  | 'chromium'
  | 'gcc'
  | 'initdb'
  | 'redis-server';

/** A program outside npm that some test suites need. */
export interface Tool {
  /** Name of the executable. */
  readonly name: ToolName;
  readonly debianPackage: string;
  /** What is not tested without it. */
  readonly suites: readonly string[];
}

export const TOOLS: readonly Tool[] = [
  {
    name: 'riscv64-unknown-elf-gcc',
    debianPackage: 'gcc-riscv64-unknown-elf',
    suites: [
      'assembler against GNU as',
      'compiled programs against QEMU',
      'guests rebuilt byte for byte',
    ],
  },
  {
    name: 'qemu-riscv32',
    debianPackage: 'qemu-user',
    suites: ['random programs against QEMU', 'compiled programs against QEMU'],
  },
  {
    name: 'chromium',
    debianPackage: 'chromium',
    suites: ['verification in a page', 'the pages of the service and its client in a page'],
  },
  {
    name: 'gcc',
    debianPackage: 'gcc',
    suites: ['native runs of the benchmark programs'],
  },
  {
    name: 'initdb',
    debianPackage: 'postgresql',
    suites: ['the service on PostgreSQL, with several processes'],
  },
  {
    name: 'redis-server',
    debianPackage: 'redis-server',
    suites: ['the queue on Redis'],
  },
];

/** Whether an executable of that name is on the PATH. Suites that need a missing tool are not defined. */
export function toolAvailable(name: ToolName): boolean {
  return onPath(name);
}

/** Whether any executable of that name is on the PATH. */
export function onPath(name: string): boolean {
  return pathOf(name) !== undefined;
}

/** The executable of that name on the PATH, or where Debian keeps the programs of PostgreSQL. */
export function pathOf(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...folders, ...postgresFolders()].map((folder) => join(folder, name));
  return candidates.find(isExecutable);
}

/** Newest version first. */
function postgresFolders(): string[] {
  if (!existsSync(POSTGRES)) return [];
  const versions = readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(POSTGRES, version, 'bin'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
