/**
 * Reads the names of functions from an ELF symbol table (System V ABI, "Symbol Table"). Names are
 * for people only: whatever is malformed is left out and never an error.
 */
import type { LoadSegment } from './elf.ts';
import type { FunctionSymbol } from './symbols.ts';

/** Files with more symbols are read as if they had none; no program that fits the machine has. */
export const MAX_SYMBOLS = 0x1_0000;
/** Longer names are cut. */
export const MAX_NAME_BYTES = 512;

const SECTION_HEADER_SIZE = 40;
const SYMBOL_SIZE = 16;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHN_UNDEF = 0;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
const STB_GLOBAL = 1;

/**
 * Functions, and global labels outside of them, whose address lies in one of `code`; one for each
 * address.
 */
export function readFunctionSymbols(
  file: Uint8Array,
  code: readonly LoadSegment[],
): FunctionSymbol[] {
  const tables = findTables(file);
  if (tables === undefined) return [];
  const best = new Map<number, Candidate>();
  for (let at = 0; at + SYMBOL_SIZE <= tables.symbols.byteLength; at += SYMBOL_SIZE) {
    const candidate = readSymbol(tables, at, code);
    if (candidate === undefined) continue;
    const rival = best.get(candidate.address);
    if (rival === undefined || compare(candidate, rival) < 0)
      best.set(candidate.address, candidate);
  }
  return withoutInnerLabels([...best.values()]);
}

interface Tables {
  readonly symbols: DataView;
  readonly strings: Uint8Array;
}

/** The first symbol table and its strings; undefined unless both lie inside the file. */
function findTables(file: Uint8Array): Tables | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections = view.getUint32(32, true);
  const count = view.getUint16(48, true);
  if (sections === 0 || view.getUint16(46, true) !== SECTION_HEADER_SIZE) return undefined;
  if (sections + count * SECTION_HEADER_SIZE > file.length) return undefined;
  const field = (section: number, byte: number): number =>
    view.getUint32(sections + section * SECTION_HEADER_SIZE + byte, true);
  const contents = (section: number, type: number): Uint8Array | undefined => {
    const [offset, size] = [field(section, 16), field(section, 20)];
    if (field(section, 4) !== type || offset + size > file.length) return undefined;
    return file.subarray(offset, offset + size);
  };
  for (let section = 0; section < count; section++) {
    if (field(section, 4) !== SHT_SYMTAB) continue;
    const link = field(section, 24);
    const symbols = contents(section, SHT_SYMTAB);
    const strings = link < count ? contents(link, SHT_STRTAB) : undefined;
    if (symbols === undefined || strings === undefined) return undefined;
    if (field(section, 36) !== SYMBOL_SIZE) return undefined;
    if (symbols.length > MAX_SYMBOLS * SYMBOL_SIZE) return undefined;
    const bytes = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
    return { symbols: bytes, strings };
  }
  return undefined;
}

interface Candidate extends FunctionSymbol {
  readonly isFunction: boolean;
}

function readSymbol(
  { symbols, strings }: Tables,
  at: number,
  code: readonly LoadSegment[],
): Candidate | undefined {
  const address = symbols.getUint32(at + 4, true);
  const size = symbols.getUint32(at + 8, true);
  const info = symbols.getUint8(at + 12);
  const isFunction = (info & 15) === STT_FUNC;
  const isLabel = (info & 15) === STT_NOTYPE && info >>> 4 === STB_GLOBAL;
  if (!isFunction && !isLabel) return undefined;
  if (symbols.getUint16(at + 14, true) === SHN_UNDEF) return undefined;
  const inside = code.some(
    (segment) => address >= segment.address && address < segment.address + segment.memorySize,
  );
  if (!inside) return undefined;
  const name = readName(strings, symbols.getUint32(at, true));
  return name === '' ? undefined : { name, address, size, isFunction };
}

const decoder = new TextDecoder();

/** The name at `offset`, safe to print on a terminal; empty if there is none. */
function readName(strings: Uint8Array, offset: number): string {
  if (offset >= strings.length) return '';
  const rest = strings.subarray(offset, offset + MAX_NAME_BYTES);
  const end = rest.indexOf(0);
  return decoder.decode(end < 0 ? rest : rest.subarray(0, end)).replace(/\p{C}/gu, '\ufffd');
}

/** Functions first, then longer ones, then by name. */
function compare(a: Candidate, b: Candidate): number {
  if (a.isFunction !== b.isFunction) return a.isFunction ? -1 : 1;
  return b.size - a.size || (a.name < b.name ? -1 : 1);
}

/** Leaves out labels that lie inside a function. */
function withoutInnerLabels(candidates: readonly Candidate[]): FunctionSymbol[] {
  const kept: FunctionSymbol[] = [];
  let covered = 0;
  for (const candidate of [...candidates].sort((a, b) => a.address - b.address)) {
    const { name, address, size, isFunction } = candidate;
    if (!isFunction && address < covered) continue;
    if (isFunction) covered = Math.max(covered, address + size);
    kept.push({ name, address, size });
  }
  return kept;
}
