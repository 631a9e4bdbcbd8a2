import { strict as assert } from 'node:assert';
import { ElfError } from '../../vm/errors.ts';
import { loadProgram } from '../../vm/load.ts';
import {
  DATA_LAST,
  DATA_START,
  MAX_CODE_BYTES,
  MAX_IMAGE_WORDS,
  READ_ONLY_END,
  READ_ONLY_START,
} from '../../vm/memory-map.ts';
import {
  codeSegment,
  constantSegment,
  dataSegment,
  type ElfSegment,
  PF_R,
  PF_W,
  PF_X,
  writeElf,
} from '../tools/elf-writer.ts';
import { addi, ecall } from '../tools/encodings.ts';

const CODE = words(addi(10, 0, 1), ecall);

const code = (address: number, bytes = CODE, memorySize?: number): ElfSegment =>
  codeSegment(address, bytes, memorySize);

function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** Segment headers: 0 is code, 1 is data. */
const MALFORMED_FIELDS: readonly [string, number, string, string][] = [
  ['EI_MAG0', 0x7e, 'elf/magic', 'EI_MAG0'],
  ['EI_MAG1', 0x65, 'elf/magic', 'EI_MAG1'],
  ['EI_MAG3', 0x00, 'elf/magic', 'EI_MAG3'],
  ['EI_CLASS', 0, 'elf/class', 'EI_CLASS'],
  ['EI_CLASS', 2, 'elf/class', 'EI_CLASS'],
  ['EI_DATA', 2, 'elf/byte-order', 'EI_DATA'],
  ['EI_VERSION', 0, 'elf/version', 'EI_VERSION'],
  ['e_version', 2, 'elf/version', 'e_version'],
  ['e_type', 0, 'elf/type', 'e_type'],
  ['e_type', 1, 'elf/type', 'e_type'],
  ['e_type', 3, 'elf/type', 'e_type'],
  ['e_type', 4, 'elf/type', 'e_type'],
  ['e_machine', 62, 'elf/machine', 'e_machine'],
  ['e_machine', 244, 'elf/machine', 'e_machine'],
  ['e_flags', 0x03, 'elf/flags', 'e_flags'],
  ['e_flags', 0x05, 'elf/flags', 'e_flags'],
  ['e_flags', 0x06, 'elf/flags', 'e_flags'],
  ['e_flags', 0x09, 'elf/flags', 'e_flags'],
  ['e_flags', 0x20, 'elf/flags', 'e_flags'],
  ['e_flags', 0x8000_0001, 'elf/flags', 'e_flags'],
  ['e_ehsize', 51, 'elf/header', 'e_ehsize'],
  ['e_phentsize', 0, 'elf/header', 'e_phentsize'],
  ['e_phentsize', 31, 'elf/header', 'e_phentsize'],
  ['e_phentsize', 56, 'elf/header', 'e_phentsize'],
  ['e_phnum', 0, 'elf/no-code', 'e_phnum'],
  ['e_phnum', 64, 'elf/truncated', 'e_phoff'],
  ['e_phnum', 65, 'elf/too-large', 'e_phnum'],
  ['e_phnum', 0xffff, 'elf/too-large', 'e_phnum'],
  ['e_phoff', 0x200, 'elf/truncated', 'e_phoff'],
  ['e_phoff', 0xffff_ffff, 'elf/truncated', 'e_phoff'],
  ['e_phoff', 0xffff_ffe0, 'elf/truncated', 'e_phoff'],
  ['p_type[0]', 0, 'elf/no-code', 'p_flags'],
  ['p_type[1]', 2, 'elf/dynamic', 'p_type[1]'],
  ['p_type[1]', 3, 'elf/dynamic', 'p_type[1]'],
  ['p_type[1]', 7, 'elf/dynamic', 'p_type[1]'],
  ['p_offset[0]', 0xffff_fffc, 'elf/segment-bounds', 'p_offset[0]'],
  ['p_offset[1]', 0x200, 'elf/segment-bounds', 'p_offset[1]'],
  ['p_offset[0]', 0x7c, 'elf/segment-bounds', 'p_filesz[0]'],
  ['p_memsz[0]', 7, 'elf/segment-size', 'p_memsz[0]'],
  ['p_memsz[1]', 0, 'elf/segment-size', 'p_memsz[1]'],
  ['p_filesz[1]', 0xffff_ffff, 'elf/segment-size', 'p_memsz[1]'],
  ['p_memsz[0]', 0xffff_ffff, 'elf/segment-address', 'p_memsz[0]'],
  ['p_memsz[1]', 0xffff_ffff, 'elf/segment-address', 'p_memsz[1]'],
  ['p_memsz[1]', DATA_LAST + 2 - DATA_START, 'elf/segment-address', 'p_memsz[1]'],
  ['p_vaddr[0]', 0, 'elf/segment-address', 'p_vaddr[0]'],
  ['p_vaddr[0]', READ_ONLY_START - 2, 'elf/segment-address', 'p_vaddr[0]'],
  ['p_vaddr[0]', READ_ONLY_END - 4, 'elf/segment-address', 'p_memsz[0]'],
  ['p_vaddr[0]', READ_ONLY_END, 'elf/segment-address', 'p_vaddr[0]'],
  ['p_vaddr[0]', DATA_START, 'elf/segment-address', 'p_vaddr[0]'],
  ['p_vaddr[0]', 0xffff_fffc, 'elf/segment-address', 'p_vaddr[0]'],
  ['p_vaddr[1]', READ_ONLY_START, 'elf/segment-address', 'p_vaddr[1]'],
  ['p_vaddr[1]', DATA_START - 1, 'elf/segment-address', 'p_vaddr[1]'],
  ['p_vaddr[1]', 0x8000_0000, 'elf/segment-address', 'p_vaddr[1]'],
  ['p_vaddr[1]', 0xffff_ffff, 'elf/segment-address', 'p_vaddr[1]'],
  ['p_flags[0]', PF_R | PF_W | PF_X, 'elf/segment-flags', 'p_flags[0]'],
  ['p_flags[0]', PF_W | PF_X, 'elf/segment-flags', 'p_flags[0]'],
  ['p_flags[1]', 0, 'elf/segment-flags', 'p_flags[1]'],
  ['p_flags[1]', 0xffff_fff8, 'elf/segment-flags', 'p_flags[1]'],
  ['p_flags[0]', PF_R, 'elf/no-code', 'p_flags'],
  ['e_entry', READ_ONLY_START + 1, 'elf/entry', 'e_entry'],
  ['e_entry', READ_ONLY_START - 2, 'elf/entry', 'e_entry'],
  ['e_entry', READ_ONLY_START + 2, 'elf/entry', 'e_entry'],
  ['e_entry', READ_ONLY_START + 8, 'elf/entry', 'e_entry'],
  ['e_entry', DATA_START, 'elf/entry', 'e_entry'],
  ['e_entry', 0, 'elf/entry', 'e_entry'],
  ['e_entry', 0xffff_fffe, 'elf/entry', 'e_entry'],
];

function expectError(elf: Uint8Array, errorCode: string, field: string): ElfError {
  try {
    loadProgram(elf);
  } catch (error) {
    assert.ok(error instanceof ElfError, String(error));
    assert.deepEqual([error.code, error.field], [errorCode, field], error.message);
    assert.ok(error.remedy.length > 0);
    return error;
  }
  return assert.fail(`loaded, expected ${errorCode}`);
}

const VALID = {
  entry: READ_ONLY_START,
  segments: [code(READ_ONLY_START), dataSegment(DATA_START, Uint8Array.of(1, 2, 3, 4), 16)],
};

describe('a malformed ELF file', () => {
  for (const [name, value, errorCode, field] of MALFORMED_FIELDS) {
    it(`with ${name} = 0x${value.toString(16)} is refused: ${errorCode}, ${field}`, () => {
      const elf = writeElf({ ...VALID, overrides: { [name]: value } });
      const error = expectError(elf, errorCode, field);
      if (name === field) assert.equal(error.value, value);
    });
  }

  it('that is empty, or ends inside its header, is refused as truncated', () => {
    const elf = writeElf(VALID);
    for (let length = 0; length < 52; length++) {
      expectError(elf.subarray(0, length), 'elf/truncated', 'e_ident');
    }
  });

  it('that is a text is refused by its first byte, however short', () => {
    expectError(new TextEncoder().encode('#'), 'elf/magic', 'EI_MAG0');
  });

  it('cut anywhere is refused', () => {
    const elf = writeElf(VALID);
    for (let length = 52; length < 52 + 2 * 32; length++) {
      expectError(elf.subarray(0, length), 'elf/truncated', 'e_phoff');
    }
    for (let length = 52 + 2 * 32; length < elf.length; length++) {
      const error = assertThrowsElfError(() => loadProgram(elf.subarray(0, length)));
      assert.equal(error.code, 'elf/segment-bounds');
    }
    assert.doesNotThrow(() => loadProgram(elf));
  });

  it('with overlapping segments is refused whatever their permissions and order', () => {
    const at = READ_ONLY_START + CODE.length;
    const overlapping: [ElfSegment[], string][] = [
      [[code(READ_ONLY_START), code(READ_ONLY_START)], 'p_vaddr[1]'],
      [[code(READ_ONLY_START), constantSegment(at - 1, Uint8Array.of(1))], 'p_vaddr[1]'],
      [[constantSegment(at, Uint8Array.of(1)), code(READ_ONLY_START, CODE, 9)], 'p_vaddr[0]'],
      [
        [constantSegment(at - 4, CODE), constantSegment(at, CODE), code(READ_ONLY_START)],
        'p_vaddr[0]',
      ],
      [
        [code(READ_ONLY_START), dataSegment(DATA_START, CODE), dataSegment(DATA_START + 7, CODE)],
        'p_vaddr[2]',
      ],
    ];
    for (const [segments, field] of overlapping) {
      expectError(writeElf({ entry: READ_ONLY_START, segments }), 'elf/segment-overlap', field);
    }
  });

  it('with an image of one word too many is refused', () => {
    const limit = 4 * MAX_IMAGE_WORDS;
    const tooLarge: [ElfSegment[], string][] = [
      [[constantSegment(READ_ONLY_START + 0x100, CODE, limit)], 'p_memsz[1]'],
      [[constantSegment(READ_ONLY_END - 0x1000_0000, CODE, 0x1000_0000)], 'p_memsz[1]'],
      [[dataSegment(DATA_START + limit - CODE.length, Uint8Array.of(1))], 'p_vaddr[1]'],
      [
        [dataSegment(DATA_START, CODE), dataSegment(DATA_LAST - 4095, Uint8Array.of(1), 4096)],
        'p_vaddr[2]',
      ],
      [[dataSegment(DATA_START, new Uint8Array(limit - CODE.length + 1).fill(1))], 'p_filesz[1]'],
    ];
    for (const [more, field] of tooLarge) {
      const segments = [code(READ_ONLY_START), ...more];
      expectError(writeElf({ entry: READ_ONLY_START, segments }), 'elf/too-large', field);
    }
  });

  it('with code that spans one byte too many is refused', () => {
    const segments = [
      code(READ_ONLY_START),
      code(READ_ONLY_START + MAX_CODE_BYTES - CODE.length + 1),
    ];
    expectError(writeElf({ entry: READ_ONLY_START, segments }), 'elf/too-large', 'p_vaddr[1]');
    const single = [code(READ_ONLY_START, new Uint8Array(MAX_CODE_BYTES + 1))];
    expectError(
      writeElf({ entry: READ_ONLY_START, segments: single }),
      'elf/too-large',
      'p_filesz[0]',
    );
  });

  it('with executable segments that are empty in the file has no code', () => {
    const segments = [code(READ_ONLY_START, new Uint8Array(0), 64)];
    expectError(writeElf({ entry: READ_ONLY_START, segments }), 'elf/no-code', 'p_flags');
  });

  it('that begins with an illegal instruction is refused', () => {
    for (const bytes of [words(0), words(0x0010_0073), Uint8Array.of(0x02, 0x90)]) {
      const segments = [code(READ_ONLY_START, bytes)];
      expectError(writeElf({ entry: READ_ONLY_START, segments }), 'elf/entry', 'e_entry');
    }
  });

  it('is explained with the window allowed and the linker script to use', () => {
    const elf = writeElf({ ...VALID, overrides: { 'p_vaddr[0]': 0x8000_0000 } });
    const error = expectError(elf, 'elf/segment-address', 'p_vaddr[0]');
    assert.match(error.message, /\[0x00010000, 0x20000000\).*p_vaddr\[0\] = 0x80000000/);
    assert.match(error.remedy, /guests\/sdk\/vouch\.ld/);
    assert.equal(error.docs, 'docs/errors.md#elf-segment-address');
  });
});

function assertThrowsElfError(action: () => unknown): ElfError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ElfError, String(error));
    return error;
  }
  return assert.fail('nothing thrown');
}
