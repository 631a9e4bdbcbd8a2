import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { loadProgram } from '../../vm/load.ts';
import { DATA_START, READ_ONLY_START } from '../../vm/memory-map.ts';
import { programId } from '../../vm/program-id.ts';
import {
  codeSegment,
  constantSegment,
  dataSegment,
  type ElfDescription,
  type ElfSegment,
  writeElf,
} from '../tools/elf-writer.ts';
import { addi, ecall } from '../tools/encodings.ts';

const AT = READ_ONLY_START;
const CODE = new Uint8Array(Uint32Array.of(addi(10, 0, 1), ecall, addi(10, 0, 2), ecall).buffer);
const CONSTANTS = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

const BASE: ElfDescription = {
  entry: AT,
  segments: [
    codeSegment(AT, CODE),
    constantSegment(AT + 0x100, CONSTANTS),
    dataSegment(DATA_START, CONSTANTS, 64),
  ],
};

const idOf = (change: Partial<ElfDescription> = {}): string =>
  programId(loadProgram(writeElf({ ...BASE, ...change })));

describe('the program id', () => {
  it('is SHA-256 of the documented bytes', () => {
    const u32 = (value: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value);
      return bytes;
    };
    // Half-words 0513 0010 0073 0000 0513 0020 0073 0000: besides the four instructions, 0020 is
    // C.ADDI4SPN; 0010 would be one with immediate 0, which is reserved.
    const legal = Buffer.of(0b0111_0101);
    const bytes = Buffer.concat([
      Buffer.from('vouch/program/1\n', 'ascii'),
      u32(AT),
      u32(2),
      ...[u32(AT), u32(CODE.length), CODE],
      ...[u32(AT + 0x100), u32(CONSTANTS.length), CONSTANTS],
      ...[u32(AT), u32(7), legal],
      ...[u32(CONSTANTS.length), CONSTANTS],
      u32(DATA_START + CONSTANTS.length),
    ]);
    assert.equal(idOf(), createHash('sha256').update(bytes).digest('hex'));
  });

  it('stays as it is from version to version', () => {
    assert.equal(idOf(), '14f7fdf8cb84f62d5ec362e68e3256e073d9df4f1bb6e97d2d04e4e3a7909878');
  });

  it('does not depend on symbols, sections, file layout, or how zeros are written', () => {
    const [first, , third] = BASE.segments as [ElfSegment, ElfSegment, ElfSegment];
    const same: Partial<ElfDescription>[] = [
      { symbols: [{ name: 'main', address: AT, size: 8 }] },
      { segments: [...BASE.segments].reverse() },
      { overrides: { 'p_align[0]': 0x1000, 'p_paddr[0]': 0, e_flags: 0, EI_OSABI: 3 } },
      {
        segments: [
          first,
          constantSegment(AT + 0x100, CONSTANTS.subarray(0, 3)),
          constantSegment(AT + 0x103, CONSTANTS.subarray(3)),
          dataSegment(DATA_START, CONSTANTS.subarray(0, 5)),
          dataSegment(DATA_START + 5, Uint8Array.of(...CONSTANTS.subarray(5), 0, 0, 0)),
        ],
      },
      {
        segments: [
          codeSegment(AT, CODE.subarray(0, 8)),
          codeSegment(AT + 8, CODE.subarray(8)),
          ...rest(third),
        ],
      },
    ];
    for (const change of same) assert.equal(idOf(change), idOf());
  });

  it('changes with everything that the program does', () => {
    const [first, second, third] = BASE.segments as [ElfSegment, ElfSegment, ElfSegment];
    const changed = CONSTANTS.slice();
    changed[7] = 9;
    const otherCode = CODE.slice();
    otherCode[3] = (otherCode[3] ?? 0) ^ 1;
    const different: Partial<ElfDescription>[] = [
      {},
      { entry: AT + 8 },
      { segments: [codeSegment(AT, otherCode), second, third] },
      { segments: [first, constantSegment(AT + 0x100, changed), third] },
      { segments: [first, constantSegment(AT + 0x104, CONSTANTS), third] },
      { segments: [first, second, dataSegment(DATA_START, changed)] },
      { segments: [first, second, dataSegment(DATA_START + 4, CONSTANTS)] },
      { segments: [first, second] },
      { segments: [first, third] },
      {
        segments: [
          codeSegment(AT, CODE.subarray(0, 8)),
          constantSegment(AT + 8, CODE.subarray(8)),
          ...rest(third),
        ],
      },
      { segments: [first, codeSegment(AT + 0x100, CONSTANTS), third] },
      {
        segments: [
          first,
          constantSegment(AT + 0x100, Uint8Array.of(...CONSTANTS, 0, 0, 0, 0)),
          third,
        ],
      },
      {
        segments: [
          codeSegment(AT, CODE.subarray(0, 6)),
          codeSegment(AT + 6, CODE.subarray(6)),
          second,
          third,
        ],
      },
    ];
    const ids = different.map((change) => idOf(change));
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{64}$/);
  });
});

/** What stands behind the code in the base program. */
function rest(third: ElfSegment): ElfSegment[] {
  return [constantSegment(AT + 0x100, CONSTANTS), third];
}
