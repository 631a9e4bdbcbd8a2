/** Checks which folder imports from which: the order that keeps the verifier at the bottom. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** What a room may import besides its own files. */
interface Room {
  /** Other rooms: all files, or only the named ones. */
  readonly rooms: Readonly<Record<string, 'any' | readonly string[]>>;
  /** Packages by name; undefined allows any. */
  readonly packages?: readonly string[];
  readonly nodeModules: boolean;
}

const ENTRY = ['index.ts'];
const VERIFIER_ENTRY = ['src/index.ts'];

export const ROOMS: Readonly<Record<string, Room>> = {
  verifier: { rooms: {}, packages: ['@noble/hashes'], nodeModules: false },
  vm: { rooms: {}, nodeModules: true },
  'trace-arith': { rooms: { verifier: 'any', vm: 'any' }, nodeModules: true },
  prover: { rooms: { verifier: 'any', 'trace-arith': 'any' }, nodeModules: true },
  guests: { rooms: { vm: 'any' }, nodeModules: true },
  api: {
    rooms: {
      vm: ENTRY,
      'trace-arith': ENTRY,
      prover: ENTRY,
      // The pages show results of the verifier as its demo does.
      verifier: [
        ...VERIFIER_ENTRY,
        ...['demo/dom.ts', 'demo/dropped-file.ts', 'demo/form.ts', 'demo/receipt-form.ts'],
        'demo/result.ts',
      ],
      guests: ['index.ts', 'compile.ts'],
    },
    nodeModules: true,
  },
  bench: {
    rooms: {
      vm: ENTRY,
      'trace-arith': ENTRY,
      prover: ENTRY,
      verifier: VERIFIER_ENTRY,
      guests: ENTRY,
      api: [...ENTRY, 'client/index.ts'],
    },
    nodeModules: true,
  },
};

/** Packages of this repository, by the room that they are. */
const OWN_PACKAGES: Readonly<Record<string, string>> = {
  '@vouch/verifier': 'verifier/src/index.ts',
  vouch: 'api/index.ts',
};

/**
 * The imports that run against the order, one sentence each.
 *
 * @param sources the TypeScript files by their path from the root, with `/`
 */
export function importViolations(sources: ReadonlyMap<string, string>): string[] {
  const violations: string[] = [];
  for (const [file, source] of sources) {
    const room = file.split('/')[0] ?? '';
    const rules = ROOMS[room];
    if (rules === undefined) continue;
    for (const specifier of importsOf(source)) {
      const problem = problemOf(file, room, rules, specifier);
      if (problem !== undefined) violations.push(`${file} imports ${specifier}: ${problem}`);
    }
  }
  return violations;
}

/** Every module that a source names in an import, export, import() or require(). */
export function importsOf(source: string): string[] {
  // Lines of comments may show imports to a reader; everything else counts.
  const code = source.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const IMPORT =
  /\bfrom\s*['"]([^'"]+)['"]|\bimport\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g;

/** All TypeScript sources of the rooms below `root`. */
export function readSources(root: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const room of Object.keys(ROOMS)) {
    for (const entry of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      const file = posix.join(room, ...entry.split(/[\\/]/));
      if (!file.endsWith('.ts') || /\/(?:dist|node_modules|target)\//.test(file)) continue;
      sources.set(file, readFileSync(join(root, file), 'utf8'));
    }
  }
  return sources;
}

function problemOf(file: string, room: string, rules: Room, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    return rules.nodeModules ? undefined : `${room} uses no Node.js module`;
  }
  const target = specifier.startsWith('.')
    ? posix.join(posix.dirname(file), specifier)
    : OWN_PACKAGES[specifier];
  if (target === undefined) return packageProblem(room, rules, specifier);
  const [other = '', ...rest] = target.split('/');
  if (other === room) return undefined;
  const allowed = rules.rooms[other];
  if (allowed === undefined) return `${room} knows nothing of ${other}`;
  if (allowed === 'any' || allowed.includes(rest.join('/'))) return undefined;
  return `${room} imports only ${allowed.join(', ')} of ${other}`;
}

function packageProblem(room: string, rules: Room, specifier: string): string | undefined {
  const { packages } = rules;
  if (packages === undefined) return undefined;
  const known = packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return known ? undefined : `${room} depends on ${packages.join(', ')} only`;
}
