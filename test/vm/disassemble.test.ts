import { strict as assert } from 'node:assert';
import { decode } from '../../vm/decode.ts';
import {
  disassemble,
  disassembleAt,
  formatDisassembly,
  formatInstruction,
} from '../../vm/disassemble.ts';
import type { Instruction } from '../../vm/instruction.ts';
import { loadProgram } from '../../vm/load.ts';
import { READ_ONLY_START } from '../../vm/memory-map.ts';
import type { Program } from '../../vm/program.ts';
import * as asm from '../tools/assembler.ts';
import { type ElfSymbol, PF_R, PF_X, writeElf } from '../tools/elf-writer.ts';

const AT = READ_ONLY_START;

function programOf(halves: readonly number[], symbols: readonly ElfSymbol[] = []): Program {
  const bytes = new Uint8Array(Uint16Array.from(halves).buffer);
  const segments = [{ address: AT, bytes, flags: PF_R | PF_X }];
  return loadProgram(writeElf({ entry: AT, segments, symbols }));
}

const halvesOf = (word: number): number[] => [word & 0xffff, word >>> 16];
const NOP = 0x0001;

const TEXT: readonly [number, string][] = [
  [asm.lui(10, 0xfffff), 'lui a0, 0xfffff'],
  [asm.auipc(5, 0x12345), 'auipc t0, 0x12345'],
  [asm.jal(1, -4), 'jal ra, .-4'],
  [asm.jalr(0, 8, 5), 'jalr zero, 8(t0)'],
  [asm.bgeu(8, 9, 16), 'bgeu s0, s1, .+16'],
  [asm.lbu(28, -1, 2), 'lbu t3, -1(sp)'],
  [asm.sh(31, 2047, 3), 'sh t6, 2047(gp)'],
  [asm.sltiu(4, 18, -5), 'sltiu tp, s2, -5'],
  [asm.srai(26, 27, 31), 'srai s10, s11, 31'],
  [asm.mulhsu(17, 16, 15), 'mulhsu a7, a6, a5'],
  [asm.fence(0, 0b1100, 0b0011), 'fence io, rw'],
  [asm.fence(0, 0, 1), 'fence 0, w'],
  [asm.ecall, 'ecall'],
  [0x0001, 'c.nop'],
  [0x0005, 'c.nop 1'],
  [0x1141, 'c.addi sp, -16'],
  [0x0800, 'c.addi4spn s0, sp, 16'],
  [0x7139, 'c.addi16sp sp, -64'],
  [0x757d, 'c.lui a0, 0xfffff'],
  [0x40b2, 'c.lwsp ra, 12(sp)'],
  [0xc606, 'c.swsp ra, 12(sp)'],
  [0x4188, 'c.lw a0, 0(a1)'],
  [0x8082, 'c.jr ra'],
  [0x9582, 'c.jalr a1'],
  [0x852e, 'c.mv a0, a1'],
  [0x8d0d, 'c.sub a0, a1'],
  [0xbffd, 'c.j .-2'],
  [0xc119, 'c.beqz a0, .+6'],
  [0x810d, 'c.srli a0, 3'],
];

describe('assembly text', () => {
  for (const [encoding, text] of TEXT) {
    it(`of 0x${encoding.toString(16)} is ${text}`, () => {
      assert.equal(formatInstruction(decode(encoding) as Instruction), text);
    });
  }

  it('names the target of a jump and its function when it knows them', () => {
    const symbols: ElfSymbol[] = [{ name: 'main', address: AT, size: 8 }];
    const program = programOf([NOP, NOP, asm.c_j(-2), asm.c_j(-6), asm.c_j(2), NOP], symbols);
    const texts = [...disassemble(program)].map((line) => line.text);
    assert.deepEqual(texts.slice(2, 5), [
      'c.j 0x00010002 <main+0x2>',
      'c.j 0x00010000 <main>',
      'c.j 0x0001000a',
    ]);
  });
});

describe('disassembly', () => {
  it('follows the lengths of instructions and shows what is none as data', () => {
    const program = programOf([
      ...halvesOf(asm.addi(10, 10, 1)),
      NOP,
      0x0000,
      0x9002,
      ...halvesOf(asm.ebreak),
      ...halvesOf(asm.csr(2, 10, 0xc00, 0)),
      ...halvesOf(asm.fenceI),
      0x0073,
    ]);
    const lines = [...disassemble(program)].map((line) => [line.address - AT, line.text]);
    assert.deepEqual(lines, [
      [0, 'addi a0, a0, 1'],
      [4, 'c.nop'],
      [6, '.half 0x0000'],
      [8, '.half 0x9002  # breakpoint'],
      [10, '.word 0x00100073  # breakpoint'],
      [14, '.word 0xc0002573  # csr-access'],
      [18, '.word 0x0000100f'],
      [22, '.half 0x0073'],
    ]);
  });

  it('begins anew where a function begins', () => {
    const symbols: ElfSymbol[] = [{ name: 'next', address: AT + 4, size: 2 }];
    const program = programOf([NOP, 0x0073, NOP], symbols);
    const texts = [...disassemble(program)].map((line) => line.text);
    assert.deepEqual(texts, ['c.nop', '.half 0x0073', 'c.nop']);
  });

  it('covers every byte of the code once, in order, across gaps', () => {
    const first = new Uint8Array(Uint16Array.of(NOP, NOP, NOP).buffer);
    const elf = writeElf({
      entry: AT,
      segments: [
        { address: AT, bytes: first, flags: PF_R | PF_X },
        { address: AT + 0x1000, bytes: first, flags: PF_R | PF_X },
      ],
    });
    const addresses = [...disassemble(loadProgram(elf))].map((line) => line.address - AT);
    assert.deepEqual(addresses, [0, 2, 4, 6, 0x1000, 0x1002, 0x1004]);
  });

  it('may be limited to a range', () => {
    const program = programOf([NOP, NOP, NOP, NOP]);
    const lines = [...disassemble(program, { start: AT + 1, end: AT + 5 })];
    assert.deepEqual(
      lines.map((line) => line.address - AT),
      [2, 4],
    );
    assert.deepEqual([...disassemble(program, { start: AT + 8 })], []);
  });

  it('of one address shows what would be executed there, even inside another instruction', () => {
    const program = programOf(halvesOf(0x4505_0537));
    assert.equal(disassembleAt(program, AT)?.text, 'lui a0, 0x45050');
    assert.equal(disassembleAt(program, AT + 2)?.text, 'c.li a0, 1');
    assert.equal(disassembleAt(program, AT + 4), undefined);
    assert.equal(disassembleAt(program, AT - 4), undefined);
  });

  it('as text has functions under headings and encodings in hexadecimal', () => {
    const symbols: ElfSymbol[] = [
      { name: 'main', address: AT, size: 6 },
      { name: 'exit', address: AT + 6, size: 4 },
    ];
    const program = programOf(
      [...halvesOf(asm.addi(10, 0, 1)), NOP, ...halvesOf(asm.ecall)],
      symbols,
    );
    assert.deepEqual(
      [...formatDisassembly(disassemble(program))],
      [
        '0x00010000 <main>:',
        '   10000:  00100513  addi a0, zero, 1',
        '   10004:  0001      c.nop',
        '',
        '0x00010006 <exit>:',
        '   10006:  00000073  ecall',
      ],
    );
  });
});
