import { strict as assert } from 'node:assert';
import { loadProgram } from '../../vm/load.ts';
import {
  DATA_LAST,
  DATA_START,
  MAX_CODE_BYTES,
  MAX_IMAGE_WORDS,
  READ_ONLY_END,
  READ_ONLY_START,
} from '../../vm/memory-map.ts';
import type { Program } from '../../vm/program.ts';
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

/** A program whose code is at the start of the read-only window, with more segments. */
function load(...more: ElfSegment[]): Program {
  return loadProgram(
    writeElf({ entry: READ_ONLY_START, segments: [code(READ_ONLY_START), ...more] }),
  );
}

describe('a loaded program', () => {
  it('has the code, its bytes and nothing else when the file has one segment', () => {
    const program = load();
    assert.equal(program.entry, READ_ONLY_START);
    assert.equal(program.code.start, READ_ONLY_START);
    assert.equal(program.code.rows, CODE.length / 2);
    assert.deepEqual(program.readOnly, [{ address: READ_ONLY_START, bytes: CODE }]);
    assert.equal(program.writable, undefined);
    assert.equal(program.imageEnd, DATA_START);
    assert.deepEqual(program.symbols.functions, []);
  });

  it('joins read-only words that touch and keeps others apart', () => {
    const next = READ_ONLY_START + CODE.length;
    const program = load(
      constantSegment(next + 64, Uint8Array.of(7)),
      constantSegment(next, Uint8Array.of(1, 2, 3, 4, 5)),
    );
    assert.deepEqual(program.readOnly, [
      { address: READ_ONLY_START, bytes: Uint8Array.of(...CODE, 1, 2, 3, 4, 5, 0, 0, 0) },
      { address: next + 64, bytes: Uint8Array.of(7, 0, 0, 0) },
    ]);
  });

  it('merges the bytes of read-only segments that share a word', () => {
    const at = READ_ONLY_START + 0x100;
    const program = load(
      constantSegment(at + 1, Uint8Array.of(1)),
      constantSegment(at + 3, Uint8Array.of(3)),
    );
    assert.deepEqual(program.readOnly[1], { address: at, bytes: Uint8Array.of(0, 1, 0, 3) });
  });

  it('has zeros where a read-only segment is larger in memory than in the file', () => {
    const at = READ_ONLY_START + 0x100;
    const program = load(constantSegment(at, Uint8Array.of(9), 6));
    assert.deepEqual(program.readOnly[1]?.bytes, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0));
  });

  it('does not execute the zeros behind a segment, even as the end of an instruction', () => {
    const half = Uint8Array.of(0x13, 0x00);
    const program = loadProgram(
      writeElf({
        entry: READ_ONLY_START,
        segments: [code(READ_ONLY_START, Uint8Array.of(...CODE, ...half), CODE.length + 6)],
      }),
    );
    assert.equal(program.readOnly[0]?.bytes.length, CODE.length + 8);
    assert.equal(program.code.rows, CODE.length / 2 + 1);
    assert.equal(program.code.length.at(-1), 0);
  });

  it('has writable words up to the last that is not zero, gaps as zeros', () => {
    const program = load(
      dataSegment(DATA_START + 2, Uint8Array.of(1)),
      dataSegment(DATA_START + 9, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)),
      dataSegment(DATA_START + 100, new Uint8Array(50), 0x1000_0000),
    );
    const bytes = Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0);
    assert.deepEqual(program.writable, { address: DATA_START, bytes });
    assert.equal(program.imageEnd, DATA_START + 12);
  });

  it('has writable words up to the last that is not zero wherever the file has the bytes', () => {
    for (let padding = 0; padding < 4; padding++) {
      for (let length = 0; length < 24; length++) {
        const bytes = new Uint8Array(24);
        if (length > 0) bytes[length - 1] = 1;
        const segments = [code(READ_ONLY_START), dataSegment(DATA_START, bytes)];
        const elf = writeElf({ entry: READ_ONLY_START, segments });
        const shifted = new Uint8Array(elf.length + padding);
        shifted.set(elf, padding);
        const program = loadProgram(shifted.subarray(padding));
        assert.equal(program.imageEnd, DATA_START + 4 * Math.ceil(length / 4), `${padding}`);
      }
    }
  });

  it('has no writable image when all its data is zero', () => {
    const program = load(dataSegment(DATA_START, new Uint8Array(64), 128));
    assert.equal(program.writable, undefined);
    assert.equal(program.imageEnd, DATA_START);
  });

  it('does not allocate zero-initialised data', () => {
    const before = process.memoryUsage().arrayBuffers;
    const program = load(dataSegment(DATA_START, Uint8Array.of(1), DATA_LAST + 1 - DATA_START));
    assert.equal(program.imageEnd, DATA_START + 4);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
  });

  it('may fill the image to its limit', () => {
    const gap = 4 * (MAX_IMAGE_WORDS - CODE.length / 4 - 1);
    const program = load(dataSegment(DATA_START + gap, Uint8Array.of(0, 0, 0, 1)));
    assert.equal(program.imageEnd, DATA_START + gap + 4);
  });

  it('may fill the code window to its limit', () => {
    const last = READ_ONLY_START + MAX_CODE_BYTES - CODE.length;
    const program = load(code(last));
    assert.equal(program.code.rows, MAX_CODE_BYTES / 2);
    assert.equal(program.code.length[(last - READ_ONLY_START) / 2], 4);
  });

  it('may reach the ends of both windows', () => {
    const program = load(
      constantSegment(READ_ONLY_END - 4, Uint8Array.of(1, 2, 3, 4)),
      dataSegment(DATA_LAST, Uint8Array.of(0)),
    );
    assert.equal(program.readOnly[1]?.address, READ_ONLY_END - 4);
  });

  it('ignores segments that occupy no memory, other types, and the order of segments', () => {
    const program = loadProgram(
      writeElf({
        entry: READ_ONLY_START,
        segments: [
          { ...constantSegment(0, new Uint8Array(0)), type: 7 },
          { ...constantSegment(0, Uint8Array.of(1)), type: 0x7000_0003 },
          { ...code(0, new Uint8Array(0)), flags: PF_R | PF_W | PF_X },
          dataSegment(DATA_START, Uint8Array.of(1)),
          code(READ_ONLY_START),
        ],
      }),
    );
    assert.deepEqual(program, load(dataSegment(DATA_START, Uint8Array.of(1))));
  });

  it('does not change with the file it came from', () => {
    const elf = writeElf({
      entry: READ_ONLY_START,
      segments: [code(READ_ONLY_START), dataSegment(DATA_START, Uint8Array.of(1))],
    });
    const program = loadProgram(elf);
    elf.fill(0xff);
    assert.deepEqual(program, load(dataSegment(DATA_START, Uint8Array.of(1))));
  });

  it('is the same from a file that lies inside a larger buffer', () => {
    const elf = writeElf({ entry: READ_ONLY_START, segments: [code(READ_ONLY_START)] });
    const buffer = new Uint8Array(elf.length + 7).fill(0xff);
    buffer.set(elf, 3);
    assert.deepEqual(loadProgram(buffer.subarray(3, 3 + elf.length)), load());
  });

  it('accepts the flags of compressed code and of total store order', () => {
    for (const flags of [0x00, 0x01, 0x10, 0x11]) {
      const segments = [code(READ_ONLY_START)];
      const elf = writeElf({ entry: READ_ONLY_START, segments, overrides: { e_flags: flags } });
      assert.deepEqual(loadProgram(elf), load());
    }
  });
});
