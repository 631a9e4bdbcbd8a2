/**
 * Run by `npm test` in front of mocha: sees to it that the tools of `tools.ts` are there, or says
 * which suites are left out. In continuous integration (`CI=true`) a missing tool is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { onPath, TOOLS, type Tool } from './tools.ts';

/** What `ensureTools` does to the world. */
export interface Surroundings {
  readonly available: (tool: Tool) => boolean;
  /** Installs Debian packages; undefined where that is not possible. Returns what went wrong. */
  readonly install: ((packages: readonly string[]) => string | undefined) | undefined;
  readonly log: (line: string) => void;
  /** Missing tools are a failure. */
  readonly strict: boolean;
}

/** Installs what is missing, or tells how to get it. Returns the process's exit code. */
export function ensureTools(tools: readonly Tool[], surroundings: Surroundings): 0 | 1 {
  const { available, install, log, strict } = surroundings;
  const wanted = tools.filter((tool) => !available(tool));
  if (wanted.length > 0 && install !== undefined) {
    const packages = wanted.map((tool) => tool.debianPackage);
    log(`installing ${packages.join(', ')}`);
    const problem = install(packages);
    if (problem !== undefined) log(`apt-get failed: ${problem}`);
  }
  const missing = wanted.filter((tool) => !available(tool));
  for (const tool of missing) {
    log(`${tool.name} is missing. Debian, Ubuntu: apt-get install ${tool.debianPackage}`);
    log(`  not tested without it: ${tool.suites.join('; ')}`);
  }
  return missing.length > 0 && strict ? 1 : 0;
}

/** apt-get where it exists and the process may use it. */
function installer(): Surroundings['install'] {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/etc/debian_version') || !onPath('apt-get')) return undefined;
  return (packages) => {
    const first = aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    if (first === undefined) return undefined;
    aptGet(['update', '-qq']);
    return aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  };
}

/** Last line of the error output if the command fails. */
function aptGet(parameters: readonly string[]): string | undefined {
  const run = spawnSync('apt-get', parameters, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (run.status === 0) return undefined;
  return run.error?.message ?? run.stderr.trim().split('\n').at(-1) ?? `status ${run.status}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = ensureTools(TOOLS, {
    available: (tool) => onPath(tool.name),
    install: installer(),
    log: (line) => console.error(line),
    strict: process.env.CI === 'true',
  });
}
