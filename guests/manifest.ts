import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CompileOptions, CompilerKind } from './compile.ts';
import { benchmarkInput, type InputRecipe } from './inputs.ts';

/** The repository's root; compiled code lies in `dist/guests`. */
export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Where a guest belongs: an example, or a class of the benchmark suite: `0` fits 2^14 cycles, `A`
 * 2^17, `B` 2^22, `C` needs more; `sweep` has smaller sizes of programs of `A`, `B` and `C`.
 */
export const TIERS = ['example', '0', 'A', 'B', 'C', 'sweep'] as const;
type Tier = (typeof TIERS)[number];

/** One guest of `guests.json`; paths are relative to the repository's root. */
export interface Guest {
  /** Unique; the benchmark's number where it has one. */
  readonly name: string;
  readonly title: string;
  readonly tier: Tier;
  readonly sources: readonly string[];
  readonly elf: string;
  readonly defines?: NonNullable<CompileOptions['defines']>;
  readonly flags?: readonly string[];
  /** Default: empty. */
  readonly publicInput?: InputRecipe;
  /** Default: empty. */
  readonly privateInput?: InputRecipe;
  /** What the guest writes for these inputs. */
  readonly journal: {
    readonly bytes: number;
    /** FNV-1a, 32 bits, eight hexadecimal digits. */
    readonly fnv1a32: string;
  };
  /** Cycles of the benchmark suite's own build, which has neither SDK nor journal. */
  readonly referenceCycles?: number;
  /** Cycles of the committed ELF with these inputs. */
  readonly cycles: number;
  /** SHA-256 of the committed ELF. */
  readonly sha256: string;
}

export interface Manifest {
  /** The compiler that made the committed ELFs; another one makes other bytes. */
  readonly compiler: { readonly kind: CompilerKind; readonly version: string };
  readonly guests: readonly Guest[];
}

/** Reads `guests/guests.json`. */
export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(`${REPOSITORY}guests/guests.json`, 'utf8')) as Manifest;
}

/** The committed ELF of a guest. */
export async function readGuestElf(guest: Guest): Promise<Uint8Array> {
  return new Uint8Array(await readFile(REPOSITORY + guest.elf));
}

/** The inputs with which a guest's cycles and journal are stated. */
export function guestInputs(guest: Guest): { publicInput: Uint8Array; privateInput: Uint8Array } {
  const input = (recipe: InputRecipe | undefined): Uint8Array =>
    recipe === undefined ? new Uint8Array(0) : benchmarkInput(recipe);
  return { publicInput: input(guest.publicInput), privateInput: input(guest.privateInput) };
}

/** FNV-1a of bytes, 32 bits, as eight hexadecimal digits (draft-eastlake-fnv, section 2). */
export function fnv1a32(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** How the committed ELF of a guest is compiled, but for the output's place. */
export function guestCompileOptions(guest: Guest): Omit<CompileOptions, 'output'> {
  return {
    sources: guest.sources,
    folder: REPOSITORY.replace(/\/$/, ''),
    ...(guest.defines === undefined ? {} : { defines: guest.defines }),
    flags: ['-Wall', '-Wextra', '-Werror', ...(guest.flags ?? [])],
  };
}

const LINE_WIDTH = 100;

/** The text of `guests.json`: two spaces, lists of scalars on one line where they fit. */
export function manifestText(manifest: Manifest): string {
  const text = JSON.stringify(manifest, null, 2);
  const joined = text.replace(/^(.*)\[\n([^[\]{}]*)\n *\](,?)$/gm, (list, start, items, comma) => {
    const line = `${start}[${items.trim().replace(/,\n */g, ', ')}]${comma}`;
    return line.length <= LINE_WIDTH ? line : list;
  });
  return `${joined}\n`;
}
