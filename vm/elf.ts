/**
 * Reads the headers of an ELF32 executable and checks that this machine can load it (System V ABI,
 * chapters "Object Files" and "Program Loading"; RISC-V ELF psABI, "File Header").
 *
 * Fields are unsigned 32-bit numbers held as doubles, so sums of two of them are exact.
 */
import { ElfError, type ElfErrorCode } from './errors.ts';

/** One PT_LOAD program header whose segment occupies memory. */
export interface LoadSegment {
  /** Position in the program header table, for messages. */
  readonly index: number;
  readonly address: number;
  readonly memorySize: number;
  /** The file's part of the segment, a view; the rest of the memory size is zero. */
  readonly bytes: Uint8Array;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** What an ELF file says, each field checked by itself. */
export interface ElfFile {
  readonly entry: number;
  /** In the order of the program headers. */
  readonly segments: readonly LoadSegment[];
}

/** More program headers than any linker writes. */
export const MAX_PROGRAM_HEADERS = 64;

const HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;

const ELFCLASS32 = 1;
const ELFDATA2LSB = 1;
const EV_CURRENT = 1;
const ET_EXEC = 2;
const EM_RISCV = 243;
const EF_RISCV_RVC = 0x01;
const EF_RISCV_FLOAT_ABI = 0x06;
const EF_RISCV_RVE = 0x08;
const EF_RISCV_TSO = 0x10;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_TLS = 7;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;

const COMPILE = 'compile with -march=rv32imc -mabi=ilp32 -static';

/** Reads the ELF header and the program headers. Throws ElfError. */
export function readElf(file: Uint8Array): ElfFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  checkIdentification(file);
  checkHeader(view);
  const segments: LoadSegment[] = [];
  const table = view.getUint32(28, true);
  const count = view.getUint16(44, true);
  checkTable(view, table, count);
  for (let i = 0; i < count; i++) {
    const segment = readProgramHeader(file, view, table + i * PROGRAM_HEADER_SIZE, i);
    if (segment !== undefined) segments.push(segment);
  }
  return { entry: view.getUint32(24, true), segments };
}

function checkIdentification(file: Uint8Array): void {
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  for (const [i, expected] of magic.slice(0, file.length).entries()) {
    const actual = file[i] as number;
    if (actual !== expected) {
      fail('elf/magic', `EI_MAG${i}`, actual, 'the file is not an ELF file', 'pass an executable');
    }
  }
  if (file.length < HEADER_SIZE) {
    const problem = `the file ends inside the ELF header, which has ${HEADER_SIZE} bytes`;
    fail('elf/truncated', 'e_ident', `${file.length} bytes`, problem, 'pass the whole file');
  }
  const [fileClass = 0, order = 0, version = 0] = file.subarray(4);
  if (fileClass !== ELFCLASS32) {
    fail('elf/class', 'EI_CLASS', fileClass, 'the file is not a 32-bit ELF file', COMPILE);
  }
  if (order !== ELFDATA2LSB) {
    fail('elf/byte-order', 'EI_DATA', order, 'the file is not little-endian', COMPILE);
  }
  checkVersion('EI_VERSION', version);
}

function checkVersion(field: string, version: number): void {
  if (version === EV_CURRENT) return;
  fail('elf/version', field, version, 'unknown version of the ELF format', 'link the program anew');
}

function checkHeader(view: DataView): void {
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC) {
    const problem = 'the file is not an executable with fixed addresses';
    fail('elf/type', 'e_type', type, problem, 'link with -static -no-pie');
  }
  const machine = view.getUint16(18, true);
  if (machine !== EM_RISCV) {
    fail('elf/machine', 'e_machine', machine, 'the program is not for RISC-V', COMPILE);
  }
  checkVersion('e_version', view.getUint32(20, true));
  checkFlags(view.getUint32(36, true));
  const headerSize = view.getUint16(40, true);
  if (headerSize < HEADER_SIZE) {
    const problem = `the ELF header says that it has less than ${HEADER_SIZE} bytes`;
    fail('elf/header', 'e_ehsize', headerSize, problem, 'link the program anew');
  }
}

function checkFlags(flags: number): void {
  if ((flags & EF_RISCV_FLOAT_ABI) !== 0) {
    const problem = 'the program passes arguments in floating-point registers';
    fail('elf/flags', 'e_flags', flags, problem, COMPILE);
  }
  if ((flags & EF_RISCV_RVE) !== 0) {
    const problem = 'the program uses the calling convention of RV32E';
    fail('elf/flags', 'e_flags', flags, problem, COMPILE);
  }
  const known = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI | EF_RISCV_RVE | EF_RISCV_TSO;
  if ((flags & ~known) !== 0) {
    fail('elf/flags', 'e_flags', flags, 'the file has flags unknown to this machine', COMPILE);
  }
}

function checkTable(view: DataView, table: number, count: number): void {
  if (count === 0) {
    const problem = 'the file has no program headers, so there is nothing to load';
    fail('elf/no-code', 'e_phnum', count, problem, 'pass an executable, not an object file');
  }
  const entrySize = view.getUint16(42, true);
  if (entrySize !== PROGRAM_HEADER_SIZE) {
    const problem = `a program header has ${PROGRAM_HEADER_SIZE} bytes`;
    fail('elf/header', 'e_phentsize', entrySize, problem, 'link the program anew');
  }
  if (count > MAX_PROGRAM_HEADERS) {
    const problem = `more than ${MAX_PROGRAM_HEADERS} program headers`;
    fail('elf/too-large', 'e_phnum', count, problem, 'link with guests/sdk/vouch.ld');
  }
  if (table + count * PROGRAM_HEADER_SIZE > view.byteLength) {
    const problem = `the program headers do not lie inside the file of ${view.byteLength} bytes`;
    fail('elf/truncated', 'e_phoff', table, problem, 'pass the whole file');
  }
}

function readProgramHeader(
  file: Uint8Array,
  view: DataView,
  at: number,
  index: number,
): LoadSegment | undefined {
  const [type = 0, offset = 0, address = 0, , fileSize = 0, memorySize = 0, flags = 0] = Array.from(
    { length: 8 },
    (_, i) => view.getUint32(at + 4 * i, true),
  );
  if (fileSize > 0 || memorySize > 0) checkStatic(type, index);
  if (type !== PT_LOAD) return undefined;
  if (fileSize > memorySize) {
    const problem = `the segment has ${fileSize} bytes in the file but less in memory`;
    fail('elf/segment-size', `p_memsz[${index}]`, memorySize, problem, 'link the program anew');
  }
  if (memorySize === 0) return undefined;
  checkPermissions(flags, index);
  checkInFile(offset, fileSize, file.length, index);
  const bytes = fileSize === 0 ? new Uint8Array(0) : file.subarray(offset, offset + fileSize);
  const executable = (flags & PF_X) !== 0;
  const writable = (flags & PF_W) !== 0;
  return { index, address, memorySize, bytes, executable, writable };
}

function checkStatic(type: number, index: number): void {
  const reasons = new Map([
    [PT_DYNAMIC, 'the program wants a dynamic linker, of which this machine has none'],
    [PT_INTERP, 'the program wants a dynamic linker, of which this machine has none'],
    [PT_TLS, 'the program has thread-local variables, and this machine has no threads'],
  ]);
  const problem = reasons.get(type);
  if (problem === undefined) return;
  const remedy =
    type === PT_TLS ? 'make thread-local variables ordinary ones' : 'link with -static -no-pie';
  fail('elf/dynamic', `p_type[${index}]`, type, problem, remedy);
}

function checkPermissions(flags: number, index: number): void {
  const field = `p_flags[${index}]`;
  if ((flags & PF_W) !== 0 && (flags & PF_X) !== 0) {
    const problem = 'a segment is both writable and executable';
    fail('elf/segment-flags', field, flags, problem, 'link with guests/sdk/vouch.ld');
  }
  if ((flags & (PF_R | PF_W | PF_X)) === 0) {
    const problem = 'a segment may be neither read, nor written, nor executed';
    fail('elf/segment-flags', field, flags, problem, 'link with guests/sdk/vouch.ld');
  }
}

function checkInFile(offset: number, size: number, length: number, index: number): void {
  if (size === 0 || offset + size <= length) return;
  const problem = `the segment's contents do not lie inside the file of ${length} bytes`;
  const [field, value] = offset >= length ? ['p_offset', offset] : ['p_filesz', size];
  fail('elf/segment-bounds', `${field}[${index}]`, value, problem, 'pass the whole file');
}

function fail(
  code: ElfErrorCode,
  field: string,
  value: number | string,
  problem: string,
  remedy: string,
): never {
  throw new ElfError(code, field, value, problem, remedy);
}
