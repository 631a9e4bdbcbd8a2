import { buildCodeTable } from './code-table.ts';
import { type ElfFile, type LoadSegment, readElf } from './elf.ts';
import { readFunctionSymbols } from './elf-symbols.ts';
import { ElfError } from './errors.ts';
import {
  lastInitialised,
  placeReadOnly,
  placeWritable,
  readOnlyWords,
  writableWords,
} from './image.ts';
import {
  DATA_LAST,
  DATA_START,
  MAX_CODE_BYTES,
  MAX_IMAGE_WORDS,
  READ_ONLY_END,
  READ_ONLY_START,
} from './memory-map.ts';
import { ILLEGAL } from './operations.ts';
import type { CodeTable, Program } from './program.ts';
import { SymbolTable } from './symbols.ts';

const LINKER_SCRIPT = 'link with guests/sdk/vouch.ld';

/**
 * Loads a static RV32IMC executable: places its segments, decodes its code, reads its symbols. The
 * result keeps nothing of `elf`.
 *
 * Throws ElfError, which names the header field at fault. Time and memory are bounded by the size of
 * the file and the limits of memory-map.ts, whatever the headers say.
 */
export function loadProgram(elf: Uint8Array): Program {
  const file = readElf(elf);
  for (const segment of file.segments) checkWindow(segment);
  checkOverlaps(file.segments);
  const writableSegments = file.segments.filter((segment) => segment.writable);
  const readOnlySegments = file.segments.filter((segment) => !segment.writable);
  const words = writableWords(writableSegments);
  checkImageSize(readOnlySegments, writableSegments, words);
  const code = decodeCode(file);
  checkEntry(file, code);
  const executable = file.segments.filter((segment) => segment.executable);
  const writable = placeWritable(writableSegments, words);
  return {
    entry: file.entry,
    code,
    readOnly: placeReadOnly(readOnlySegments),
    writable,
    imageEnd: DATA_START + (writable?.bytes.length ?? 0),
    symbols: new SymbolTable(readFunctionSymbols(elf, executable)),
  };
}

function checkWindow({ index, address, memorySize, writable }: LoadSegment): void {
  const start = writable ? DATA_START : READ_ONLY_START;
  const end = writable ? DATA_LAST + 1 : READ_ONLY_END;
  const startsInside = address >= start && address < end;
  if (startsInside && address + memorySize <= end) return;
  const kind = writable ? 'a writable segment' : 'a read-only or executable segment';
  const problem = `${kind} must lie in [${hex(start)}, ${hex(end)})`;
  const [field, value] = startsInside ? ['p_memsz', memorySize] : ['p_vaddr', address];
  throw new ElfError('elf/segment-address', `${field}[${index}]`, value, problem, LINKER_SCRIPT);
}

function checkOverlaps(segments: readonly LoadSegment[]): void {
  const sorted = [...segments].sort((a, b) => a.address - b.address);
  for (const [i, segment] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next === undefined || segment.address + segment.memorySize <= next.address) continue;
    const problem = `segments ${segment.index} and ${next.index} overlap in memory`;
    const field = `p_vaddr[${next.index}]`;
    throw new ElfError('elf/segment-overlap', field, next.address, problem, LINKER_SCRIPT);
  }
}

function checkImageSize(
  readOnly: readonly LoadSegment[],
  writable: readonly LoadSegment[],
  wordsOfWritable: number,
): void {
  const wordsOfReadOnly = readOnlyWords(readOnly);
  const total = wordsOfReadOnly + wordsOfWritable;
  if (total <= MAX_IMAGE_WORDS) return;
  const most = `${(MAX_IMAGE_WORDS * 4) / 2 ** 20} MiB`;
  const problem = `code, constants and initialised data take ${total * 4} bytes, more than ${most}`;
  const remedy = 'pass large data as input, or let the program compute it';
  const fail = (field: string, index: number, value: number): never => {
    throw new ElfError('elf/too-large', `${field}[${index}]`, value, problem, remedy);
  };
  const last = lastInitialised(writable);
  if (wordsOfReadOnly >= wordsOfWritable || last === undefined) {
    const largest = readOnly.reduce((a, b) => (b.memorySize > a.memorySize ? b : a));
    fail('p_memsz', largest.index, largest.memorySize);
  } else if (last.address > DATA_START) {
    fail('p_vaddr', last.index, last.address);
  } else {
    fail('p_filesz', last.index, last.bytes.length);
  }
}

function decodeCode({ segments }: ElfFile): CodeTable {
  const code = segments.filter((segment) => segment.executable && segment.bytes.length > 0);
  const [first] = code;
  if (first === undefined) {
    const problem = 'the program has no executable segment';
    throw new ElfError('elf/no-code', 'p_flags', 'no PF_X', problem, LINKER_SCRIPT);
  }
  const start = Math.min(...code.map((segment) => segment.address));
  const last = code.reduce((a, b) => (b.address > a.address ? b : a));
  if (last.address + last.bytes.length - start > MAX_CODE_BYTES) {
    const problem = `code must span at most ${MAX_CODE_BYTES} bytes; it begins at ${hex(start)}`;
    const end = last.address + last.bytes.length;
    const [field, value] =
      last.address === start ? ['p_filesz', last.bytes.length] : ['p_vaddr', last.address];
    const remedy = `${LINKER_SCRIPT}, or make the program smaller`;
    const detail = `${problem} and ends at ${hex(end)}`;
    throw new ElfError('elf/too-large', `${field}[${last.index}]`, value, detail, remedy);
  }
  return buildCodeTable(code);
}

function checkEntry({ entry, segments }: ElfFile, code: CodeTable): void {
  const fail = (problem: string): never => {
    const remedy = 'let the entry symbol name a function: -Wl,--entry=_start';
    throw new ElfError('elf/entry', 'e_entry', entry, problem, remedy);
  };
  if (entry % 2 !== 0) fail('the entry address is odd');
  const inside = segments.some(
    (segment) =>
      segment.executable &&
      entry >= segment.address &&
      entry < segment.address + segment.memorySize,
  );
  if (!inside) fail('the entry address is not inside an executable segment');
  const operation = code.operation[(entry - code.start) / 2] ?? ILLEGAL;
  if (operation === ILLEGAL) fail('no legal instruction is at the entry address');
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
