/** Builds ELF32 files field by field, right or wrong. Names are those of the ELF specification. */

/** Segment permission bits of `p_flags`. */
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

/** One program header and the bytes that it points to. */
export interface ElfSegment {
  /** p_vaddr and p_paddr. */
  readonly address: number;
  /** File contents, p_filesz bytes. */
  readonly bytes: Uint8Array;
  /** p_memsz. Default: the number of bytes. */
  readonly memorySize?: number;
  /** p_flags: a sum of PF_R, PF_W, PF_X. */
  readonly flags: number;
  /** p_type. Default: 1, PT_LOAD. */
  readonly type?: number;
}

/** A segment that may be read and executed. */
export function codeSegment(address: number, bytes: Uint8Array, memorySize?: number): ElfSegment {
  return loadSegment(address, bytes, PF_R | PF_X, memorySize);
}

/** A segment that may only be read. */
export function constantSegment(
  address: number,
  bytes: Uint8Array,
  memorySize?: number,
): ElfSegment {
  return loadSegment(address, bytes, PF_R, memorySize);
}

/** A segment that may be read and written. */
export function dataSegment(address: number, bytes: Uint8Array, memorySize?: number): ElfSegment {
  return loadSegment(address, bytes, PF_R | PF_W, memorySize);
}

function loadSegment(
  address: number,
  bytes: Uint8Array,
  flags: number,
  memorySize = bytes.length,
): ElfSegment {
  return { address, bytes, flags, memorySize };
}

/** One entry of the symbol table. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  /** st_size. Default 0. */
  readonly size?: number;
  /** Low half of st_info. Default 2, STT_FUNC. */
  readonly type?: number;
  /** High half of st_info. Default 1, STB_GLOBAL. */
  readonly binding?: number;
  /** st_shndx. Default 1. */
  readonly section?: number;
}

/** What `writeElf` writes. */
export interface ElfDescription {
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
  /** Adds a symbol table, a string table and section headers. Default: none of them. */
  readonly symbols?: readonly ElfSymbol[];
  /**
   * Values that replace computed ones, by field name: `e_machine`, `EI_CLASS`, `p_vaddr[2]`,
   * `sh_offset[1]`, `st_name[0]`. An index counts entries from 0; symbol 0 is the null symbol.
   */
  readonly overrides?: Readonly<Record<string, number>>;
}

const HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;
const SECTION_HEADER_SIZE = 40;
const SYMBOL_SIZE = 16;
/** Sections of a file with symbols: null, code, symbol table, string table. */
const SECTION_COUNT = 4;

/** The bytes of a static RV32 executable as described; throws on an override that names no field. */
export function writeElf(description: ElfDescription): Uint8Array {
  const writer = new FieldWriter(description.overrides ?? {});
  const { segments, symbols } = description;
  let end = HEADER_SIZE + segments.length * PROGRAM_HEADER_SIZE;
  const offsets = segments.map((segment) => {
    const offset = alignUp(end);
    end = offset + segment.bytes.length;
    return offset;
  });
  const sectionsAt = alignUp(end);
  writeHeader(writer, description, symbols === undefined ? 0 : sectionsAt);
  segments.forEach((segment, i) => {
    writeProgramHeader(writer, segment, i, offsets[i] ?? 0);
  });
  if (symbols !== undefined) writeSections(writer, sectionsAt, segments, offsets, symbols);
  return writer.finish();
}

function writeHeader(
  writer: FieldWriter,
  { entry, segments }: ElfDescription,
  shoff: number,
): void {
  const identification = ['EI_MAG0', 'EI_MAG1', 'EI_MAG2', 'EI_MAG3'];
  identification.forEach((name, i) => {
    writer.field(name, i, 1, [0x7f, 0x45, 0x4c, 0x46][i] ?? 0);
  });
  writer.field('EI_CLASS', 4, 1, 1);
  writer.field('EI_DATA', 5, 1, 1);
  writer.field('EI_VERSION', 6, 1, 1);
  writer.field('EI_OSABI', 7, 1, 0);
  writer.field('EI_ABIVERSION', 8, 1, 0);
  writer.field('e_type', 16, 2, 2);
  writer.field('e_machine', 18, 2, 243);
  writer.field('e_version', 20, 4, 1);
  writer.field('e_entry', 24, 4, entry);
  writer.field('e_phoff', 28, 4, HEADER_SIZE);
  writer.field('e_shoff', 32, 4, shoff);
  writer.field('e_flags', 36, 4, 1);
  writer.field('e_ehsize', 40, 2, HEADER_SIZE);
  writer.field('e_phentsize', 42, 2, PROGRAM_HEADER_SIZE);
  writer.field('e_phnum', 44, 2, segments.length);
  writer.field('e_shentsize', 46, 2, SECTION_HEADER_SIZE);
  writer.field('e_shnum', 48, 2, shoff === 0 ? 0 : SECTION_COUNT);
  writer.field('e_shstrndx', 50, 2, shoff === 0 ? 0 : SECTION_COUNT - 1);
}

function writeProgramHeader(
  writer: FieldWriter,
  segment: ElfSegment,
  i: number,
  offset: number,
): void {
  const at = HEADER_SIZE + i * PROGRAM_HEADER_SIZE;
  writer.field(`p_type[${i}]`, at, 4, segment.type ?? 1);
  writer.field(`p_offset[${i}]`, at + 4, 4, offset);
  writer.field(`p_vaddr[${i}]`, at + 8, 4, segment.address);
  writer.field(`p_paddr[${i}]`, at + 12, 4, segment.address);
  writer.field(`p_filesz[${i}]`, at + 16, 4, segment.bytes.length);
  writer.field(`p_memsz[${i}]`, at + 20, 4, segment.memorySize ?? segment.bytes.length);
  writer.field(`p_flags[${i}]`, at + 24, 4, segment.flags);
  writer.field(`p_align[${i}]`, at + 28, 4, 4);
  writer.raw(offset, segment.bytes);
}

function writeSections(
  writer: FieldWriter,
  at: number,
  segments: readonly ElfSegment[],
  offsets: readonly number[],
  symbols: readonly ElfSymbol[],
): void {
  const symbolsAt = at + SECTION_COUNT * SECTION_HEADER_SIZE;
  const stringsAt = symbolsAt + (symbols.length + 1) * SYMBOL_SIZE;
  const code = segments.findIndex((segment) => (segment.flags & PF_X) !== 0);
  const text = segments[code];
  const strings = writeSymbols(writer, symbolsAt, symbols);
  writer.raw(stringsAt, strings);
  // type, flags, address, offset, size, link, info, entry size
  const sections = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 6, text?.address ?? 0, offsets[code] ?? 0, text?.bytes.length ?? 0, 0, 0, 0],
    [2, 0, 0, symbolsAt, (symbols.length + 1) * SYMBOL_SIZE, 3, 1, SYMBOL_SIZE],
    [3, 0, 0, stringsAt, strings.length, 0, 0, 0],
  ];
  const names = ['type', 'flags', 'addr', 'offset', 'size', 'link', 'info'];
  sections.forEach((values, i) => {
    const base = at + i * SECTION_HEADER_SIZE;
    writer.field(`sh_name[${i}]`, base, 4, 0);
    names.forEach((name, j) => {
      writer.field(`sh_${name}[${i}]`, base + 4 + 4 * j, 4, values[j] ?? 0);
    });
    writer.field(`sh_addralign[${i}]`, base + 32, 4, 1);
    writer.field(`sh_entsize[${i}]`, base + 36, 4, values[7] ?? 0);
  });
}

/** Writes the null symbol and `symbols`; returns the string table. */
function writeSymbols(writer: FieldWriter, at: number, symbols: readonly ElfSymbol[]): Uint8Array {
  const strings: number[] = [0];
  [{ name: '', address: 0, type: 0, binding: 0, section: 0 }, ...symbols].forEach((symbol, i) => {
    const base = at + i * SYMBOL_SIZE;
    const { name, address, size = 0, type = 2, binding = 1, section = 1 }: ElfSymbol = symbol;
    writer.field(`st_name[${i}]`, base, 4, name === '' ? 0 : strings.length);
    if (name !== '') for (const byte of [...new TextEncoder().encode(name), 0]) strings.push(byte);
    writer.field(`st_value[${i}]`, base + 4, 4, address);
    writer.field(`st_size[${i}]`, base + 8, 4, size);
    writer.field(`st_info[${i}]`, base + 12, 1, (binding << 4) | type);
    writer.field(`st_other[${i}]`, base + 13, 1, 0);
    writer.field(`st_shndx[${i}]`, base + 14, 2, section);
  });
  return Uint8Array.from(strings);
}

function alignUp(value: number): number {
  return (value + 3) & ~3;
}

/** A growing file whose named fields may be overridden. */
class FieldWriter {
  private readonly overrides: Readonly<Record<string, number>>;
  private readonly unused: Set<string>;
  private bytes = new Uint8Array(1024);
  private length = 0;

  constructor(overrides: Readonly<Record<string, number>>) {
    this.overrides = overrides;
    this.unused = new Set(Object.keys(overrides));
  }

  /** Writes a little-endian field of `size` bytes. */
  field(name: string, at: number, size: 1 | 2 | 4, computed: number): void {
    this.unused.delete(name);
    const value = this.overrides[name] ?? computed;
    if (value < 0 || value >= 2 ** (8 * size)) throw new RangeError(`${name} = ${value}`);
    this.raw(
      at,
      Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255),
    );
  }

  raw(at: number, bytes: ArrayLike<number>): void {
    const end = at + bytes.length;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.bytes.length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(bytes, at);
    this.length = Math.max(this.length, end);
  }

  finish(): Uint8Array {
    const [name] = this.unused;
    if (name !== undefined) throw new RangeError(`no field ${name}`);
    return this.bytes.slice(0, this.length);
  }
}
