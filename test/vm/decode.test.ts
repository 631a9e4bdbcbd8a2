import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { classifyIllegal, decode, decodeAt } from '../../vm/decode.ts';
import { formatInstruction } from '../../vm/disassemble.ts';
import type { Instruction } from '../../vm/instruction.ts';
import { loadProgram } from '../../vm/load.ts';
import { READ_ONLY_START } from '../../vm/memory-map.ts';
import { expandCompressed } from '../tools/compressed-oracle.ts';
import { PF_R, PF_X, writeElf } from '../tools/elf-writer.ts';
import * as encodings from '../tools/encodings.ts';
import { INSTRUCTION_SET } from '../tools/instruction-set.ts';
import { repositoryPath } from '../tools/paths.ts';

const SEED = 20_240_117;

const SHIFTS = new Set(['slli', 'srli', 'srai']);
const LOADS_AND_JALR = new Set(['lb', 'lh', 'lw', 'lbu', 'lhu', 'jalr']);

/** The encoding of an expanded instruction, by the test tools' encoders. */
function encode({ mnemonic, rd, rs1, rs2, immediate }: Instruction): number {
  const encoders = encodings as unknown as Record<string, (...operands: number[]) => number>;
  const encoder = encoders[mnemonic];
  if (mnemonic === 'ecall') return encodings.ecall;
  if (mnemonic === 'fence') {
    const set = (shift: number): number => (immediate >>> shift) & 15;
    return encodings.fence(set(8), set(4), set(0), rd, rs1);
  }
  assert.ok(encoder !== undefined, mnemonic);
  if (mnemonic === 'lui' || mnemonic === 'auipc') return encoder(rd, immediate >>> 12);
  if (mnemonic === 'jal') return encoder(rd, immediate);
  if (/^b/.test(mnemonic)) return encoder(rs1, rs2, immediate);
  if (/^s[bhw]$/.test(mnemonic)) return encoder(rs2, immediate, rs1);
  if (LOADS_AND_JALR.has(mnemonic)) return encoder(rd, immediate, rs1);
  if (SHIFTS.has(mnemonic) || /i$|iu$/.test(mnemonic)) return encoder(rd, rs1, immediate);
  return encoder(rd, rs1, rs2);
}

/** `opcode funct3 funct7` of every legal 32-bit instruction; `*` is any value. */
const LEGAL: readonly string[] = [
  '37 * *',
  '17 * *',
  '6f * *',
  '67 0 *',
  ...[0, 1, 4, 5, 6, 7].map((funct3) => `63 ${funct3} *`),
  ...[0, 1, 2, 4, 5].map((funct3) => `3 ${funct3} *`),
  ...[0, 1, 2].map((funct3) => `23 ${funct3} *`),
  ...[0, 2, 3, 4, 6, 7].map((funct3) => `13 ${funct3} *`),
  '13 1 0',
  '13 5 0',
  '13 5 20',
  ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((funct3) => [`33 ${funct3} 0`, `33 ${funct3} 1`]),
  '33 0 20',
  '33 5 20',
  'f 0 *',
];

function isLegal(opcode: number, funct3: number, funct7: number): boolean {
  const [o, f3, f7] = [opcode, funct3, funct7].map((value) => value.toString(16));
  const matches = [`${o} * *`, `${o} ${f3} *`, `${o} ${f3} ${f7}`];
  return matches.some((key) => LEGAL.includes(key));
}

describe('decoding', () => {
  it('of every half-word agrees with the manual', () => {
    for (let half = 0; half < 0x1_0000; half++) {
      if ((half & 3) === 3) continue;
      const actual = decode(half | 0xffff_0000);
      const shown = actual && [
        actual.mnemonic,
        actual.rd,
        actual.rs1,
        actual.rs2,
        actual.immediate,
      ];
      assert.deepEqual(shown, expandCompressed(half), half.toString(16));
      if (actual !== undefined) assert.equal(actual.length, 2);
    }
  });

  it('of a compressed instruction does not depend on what follows it', () => {
    for (const upper of [0, 0x1234_0000, 0xffff_0000]) {
      assert.deepEqual(decode(upper | 0x4501), decode(0x4501));
    }
  });

  it('accepts exactly the legal combinations of opcode, funct3 and funct7', () => {
    const registers = (19 << 7) | (23 << 15) | (11 << 20);
    for (let opcode = 3; opcode < 128; opcode += 4) {
      for (let funct3 = 0; funct3 < 8; funct3++) {
        for (let funct7 = 0; funct7 < 128; funct7++) {
          const word = ((funct7 << 25) | (funct3 << 12) | registers | opcode) >>> 0;
          const expected = isLegal(opcode, funct3, funct7);
          assert.equal(decode(word) !== undefined, expected, word.toString(16));
        }
      }
    }
  });

  it('accepts ECALL only as the one word that the manual gives it', () => {
    assert.equal(decode(0x0000_0073)?.mnemonic, 'ecall');
    for (let bit = 7; bit < 32; bit++) assert.equal(decode((1 << bit) | 0x73), undefined);
  });

  it('of a random word gives fields that encode the word again', () => {
    const opcodes = [0x37, 0x17, 0x6f, 0x67, 0x63, 0x03, 0x23, 0x13, 0x33, 0x0f];
    const anyWord = fc.tuple(fc.integer(), fc.constantFrom(...opcodes), fc.constantFrom(0, 1, 2));
    let legal = 0;
    const property = fc.property(anyWord, ([bits, opcode, narrow]) => {
      const funct7 = [-1, 0x01ff_ffff, 0x41ff_ffff][narrow] as number;
      const word = ((bits & funct7 & ~127) | opcode) >>> 0;
      const instruction = decode(word);
      if (instruction === undefined) return;
      legal++;
      assert.equal(instruction.length, 4);
      assert.equal(instruction.compressed, undefined);
      assert.equal(encode(instruction), word);
    });
    fc.assert(property, { seed: SEED, numRuns: 20_000 });
    assert.ok(legal > 10_000, `${legal}`);
  });

  it('recognises every instruction of the set with random operands', () => {
    const pick = fc.tuple(
      fc.constantFrom(...INSTRUCTION_SET),
      fc.array(fc.nat(), { minLength: 3 }),
    );
    const property = fc.property(pick, ([form, random]) => {
      const operands = form.operands.map((operand, i) => {
        const value = random[i] as number;
        if (operand === 'x') return value % 32;
        if (operand === 'x+') return 1 + (value % 31);
        if (operand === "x'") return 8 + (value % 8);
        if (operand === 'x-lui') return [1, 3, 31][value % 3] as number;
        const { low, high, step, zero } = operand;
        const chosen = low + step * (value % ((high - low) / step + 1));
        return chosen === 0 && !zero ? high : chosen;
      });
      const instruction = decode(form.encode(...operands));
      const names = [instruction?.compressed, instruction?.mnemonic, 'c.nop'];
      const isNop = form.name === 'c.addi' && operands[0] === 0;
      assert.ok(names.includes(isNop ? 'c.nop' : form.name), `${form.name} ${operands}`);
    });
    fc.assert(property, { seed: SEED, numRuns: 20_000 });
  });

  it('agrees with LLVM on the committed vectors', () => {
    const vectors = readFileSync(repositoryPath('test/vectors/rv32imc-llvm.txt'), 'utf8');
    const lines = vectors.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(lines.length > 4000);
    for (const line of lines) {
      const [encoding = '', ...text] = line.split(' ');
      const instruction = decode(Number.parseInt(encoding, 16));
      const actual = instruction === undefined ? 'illegal' : formatInstruction(instruction);
      assert.equal(normal(actual.replace(/ \.\+?(-?\d+)$/, ' $1')), normal(text.join(' ')), line);
    }
  });
});

/** Numbers in decimal. */
function normal(text: string): string {
  return text.replace(/0x[0-9a-f]+/g, (digits) => `${Number(digits)}`);
}

describe('an address without a legal instruction', () => {
  const halves = [0x4501, 0x9002, 0x0073, 0x0010, 0x2573, 0xc000, 0x100f, 0x0000, 0x9002];
  const bytes = new Uint8Array(Uint16Array.from(halves).buffer);
  const segments = [{ address: READ_ONLY_START, bytes, flags: PF_R | PF_X }];
  const program = loadProgram(writeElf({ entry: READ_ONLY_START, segments }));

  it('is classified by what is there', () => {
    const causes: [number, string][] = [
      [2, 'breakpoint'],
      [4, 'breakpoint'],
      [8, 'csr-access'],
      [12, 'illegal-instruction'],
      [14, 'illegal-instruction'],
      [16, 'breakpoint'],
      [20, 'fetch-outside-code'],
      [0x1000, 'fetch-outside-code'],
      [-4, 'fetch-outside-code'],
    ];
    for (const [offset, cause] of causes) {
      assert.equal(classifyIllegal(program, READ_ONLY_START + offset), cause, `${offset}`);
    }
  });

  it('is a CSR access for the six instructions of Zicsr and for no other SYSTEM word', () => {
    for (let funct3 = 0; funct3 < 8; funct3++) {
      const word = encodings.csr(funct3, 10, 0xc00, 0);
      const code = new Uint8Array(Uint32Array.of(encodings.ecall, word).buffer);
      const elf = writeElf({
        entry: READ_ONLY_START,
        segments: [{ address: READ_ONLY_START, bytes: code, flags: PF_R | PF_X }],
      });
      const expected = funct3 % 4 === 0 ? 'illegal-instruction' : 'csr-access';
      assert.equal(classifyIllegal(loadProgram(elf), READ_ONLY_START + 4), expected);
    }
  });

  it('has no instruction, and neither has an odd one or one outside the code', () => {
    assert.equal(decodeAt(program, READ_ONLY_START)?.compressed, 'c.li');
    for (const offset of [1, 2, 4, 8, -2, 0x1000]) {
      assert.equal(decodeAt(program, READ_ONLY_START + offset), undefined, `${offset}`);
    }
  });
});
