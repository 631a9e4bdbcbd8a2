import assert from 'node:assert/strict';
import * as code from '../../trace-arith/codes.ts';
import { NOWHERE_PC } from '../../trace-arith/constants.ts';
import { buildProgramTable } from '../../trace-arith/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { PF_R } from '../tools/elf-writer.ts';
import { CODE_START, programOf } from '../tools/guest-program.ts';

const PC = CODE_START / 2;
const HALF = 2 ** 16;

/** Rows of PROG of a program that is these bytes. */
function rowsOf(...encodings: number[]): number[][] {
  const assembler = new Assembler(CODE_START).put(...encodings);
  const table = buildProgramTable(programOf({ code: assembler.assemble() }));
  const columns = table.preprocessed.get('PROG') ?? [];
  const height = columns[0]?.length ?? 0;
  return Array.from({ length: height }, (_, row) => columns.map((column) => column[row] as number));
}

/** The row at the program's first address. */
const rowOf = (encoding: number): number[] => rowsOf(encoding)[0] as number[];

describe('the program table', () => {
  const next = PC + 2;
  const same = 1;
  const write = 2;
  const high = 4;
  const minus = (x: number): number => HALF - x;
  for (const [name, encoding, expected] of [
    ['add', asm.add(5, 6, 7), [code.ADD, 5, 6, 7, 0, 0, next, 0]],
    ['sub', asm.sub(5, 6, 7), [code.SUB, 5, 6, 7, 0, 0, next, 0]],
    ['add in place', asm.add(5, 5, 7), [code.ADD_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['add in place, exchanged', asm.add(5, 7, 5), [code.ADD_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['sub in place', asm.sub(5, 5, 7), [code.SUB_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['sub from another', asm.sub(5, 7, 5), [code.SUB, 5, 7, 5, 0, 0, next, 0]],
    ['a doubled register', asm.add(5, 6, 6), [code.SLLI, 5, 6, 15, 2 ** 15, 2, next, 0]],
    ['a copy', asm.add(5, 0, 6), [code.MOVE, 5, 6, 0, 0, 0, next, 0]],
    ['a copy by addi', asm.addi(5, 6, 0), [code.MOVE, 5, 6, 0, 0, 0, next, 0]],
    ['a copy by and', asm.and(5, 6, 6), [code.MOVE, 5, 6, 0, 0, 0, next, 0]],
    ['a zero by xor', asm.xor(5, 6, 6), [code.CONST, 5, 0, 0, 0, 0, next, 0]],
    ['a zero by slt', asm.sltu(5, 6, 6), [code.CONST, 5, 0, 0, 0, 0, next, 0]],
    ['li', asm.addi(5, 0, -2), [code.CONST, 5, 0, 0, minus(2), HALF - 1, next, 0]],
    ['lui', asm.lui(5, 0xfedcb), [code.CONST, 5, 0, 0, 0xb000, 0xfedc, next, 0]],
    ['auipc', asm.auipc(5, 1), [code.CONST, 5, 0, 0, 0x1000, 1, next, 0]],
    ['addi', asm.addi(5, 6, -2), [code.ADDI, 5, 6, 0, minus(2), HALF - 1, next, 0]],
    ['addi in place', asm.addi(5, 5, 3), [code.ADDI_IN_PLACE, 5, 5, 0, 3, 0, next, 0]],
    ['nop', asm.addi(0, 6, 3), [code.JUMP, 0, 0, 0, 0, 0, next, 0]],
    ['xor in place', asm.xor(5, 5, 7), [code.XOR_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['or in place, exchanged', asm.or(5, 7, 5), [code.OR_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['and in place with x0', asm.and(5, 0, 5), [code.AND_IN_PLACE, 5, 5, 0, 0, 0, next, 0]],
    ['mul in place', asm.mul(5, 7, 5), [code.MUL_IN_PLACE, 5, 5, 7, 0, 0, next, 0]],
    ['mul of itself in place', asm.mul(5, 5, 5), [code.MUL, 5, 5, 5, 0, 0, next, same]],
    ['slli in place', asm.slli(5, 5, 3), [code.SLLI_IN_PLACE, 5, 5, 13, 2 ** 13, 8, next, 0]],
    ['srai in place', asm.srai(5, 5, 19), [code.SRAI_IN_PLACE, 5, 5, 3, 8, 2 ** 13, next, high]],
    ['a doubling in place', asm.add(5, 5, 5), [code.SLLI_IN_PLACE, 5, 5, 15, 2 ** 15, 2, next, 0]],
    ['lw in place', asm.lw(5, 4, 5), [code.LW_IN_PLACE, 5, 5, 0, 4, 0, next, write]],
    ['lw into and from x0', asm.lw(0, 4, 0), [code.LW, 0, 0, 0, 4, 0, next, 0]],
    ['slli by 3', asm.slli(5, 6, 3), [code.SLLI, 5, 6, 13, 2 ** 13, 8, next, 0]],
    ['srai by 19', asm.srai(5, 6, 19), [code.SRAI, 5, 6, 3, 8, 2 ** 13, next, high]],
    ['srli by 0', asm.srli(5, 6, 0), [code.SRLI, 5, 6, 0, 1, HALF, next, 0]],
    ['sll of itself', asm.sll(5, 6, 6), [code.SLL, 5, 6, 6, 0, 0, next, same]],
    ['mul of itself', asm.mul(5, 6, 6), [code.MUL, 5, 6, 6, 0, 0, next, same]],
    ['lw', asm.lw(5, -4, 6), [code.LW, 5, 6, 0, minus(4), 1, next, write]],
    ['lw into x0', asm.lw(0, 4, 6), [code.LW, 0, 6, 0, 4, 0, next, 0]],
    ['sw', asm.sw(7, -4, 6), [code.SW, 0, 6, 7, minus(4), 1, next, 0]],
    ['sw of its base', asm.sw(6, 4, 6), [code.SW, 0, 6, 6, 4, 0, next, same]],
    ['beq', asm.beq(5, 6, 8), [code.BEQ, 0, 5, 6, PC + 4, 0, next, 0]],
    ['beqz', asm.beq(0, 6, 8), [code.BEQZ, 0, 6, 0, PC + 4, 0, next, 0]],
    ['bnez', asm.bne(6, 0, -8), [code.BNEZ, 0, 6, 0, NOWHERE_PC, 0, next, 0]],
    ['beq of one register', asm.beq(6, 6, 8), [code.JUMP, 0, 0, 0, 0, 0, PC + 4, 0]],
    ['bge of one register', asm.bge(6, 6, 8), [code.JUMP, 0, 0, 0, 0, 0, PC + 4, 0]],
    ['bltu of one register', asm.bltu(6, 6, 8), [code.JUMP, 0, 0, 0, 0, 0, next, 0]],
    ['blt', asm.blt(0, 6, 8), [code.BLT, 0, 0, 6, PC + 4, 0, next, 0]],
    ['jal', asm.jal(1, 16), [code.CONST, 1, 0, 0, 4, 1, PC + 8, 0]],
    ['j', asm.jal(0, 16), [code.JUMP, 0, 0, 0, 0, 0, PC + 8, 0]],
    ['j out of the window', asm.jal(0, -4), [code.JUMP, 0, 0, 0, 0, 0, NOWHERE_PC, 0]],
    ['jalr', asm.jalr(1, -6, 5), [code.JALR, 1, 5, 4, minus(6), 1, 1, write]],
    ['jr', asm.jalr(0, 6, 5), [code.JALR, 0, 5, 4, 6, 0, 1, 0]],
    ['ecall', asm.ecall, [code.ECALL, 0, 0, 0, 0, 0, next, 0]],
    ['a hint to the host', asm.slti(0, 0, 1), [code.JUMP, 0, 0, 0, 0, 0, next, 0]],
    ['c.addi', asm.c_addi(5, 3), [code.ADDI_IN_PLACE, 5, 5, 0, 3, 0, PC + 1, 0]],
  ] as const) {
    it(`has the row of ${name}`, () => {
      assert.deepEqual(rowOf(encoding), [PC, ...expected]);
    });
  }

  it('has a row for each address at which an instruction begins, then zeros', () => {
    // The second half of `lui x5, 0x00010` is `c.nop`, 0x0001.
    const rows = rowsOf(asm.lui(5, 0x10), asm.addi(0, 0, 0));
    assert.equal(rows.length, 32);
    assert.deepEqual(
      rows.slice(0, 4).map(([pc]) => pc),
      [PC, PC + 1, PC + 2, 0],
    );
    assert.ok(rows.slice(3).every((row) => row.every((field) => field === 0)));
  });

  it('has the words of the image with their keys, gaps and partial words as zeros', () => {
    const constants = { address: 0x2_0000, bytes: Uint8Array.of(1, 2, 3, 4, 5), flags: PF_R };
    const program = programOf({
      code: new Assembler(CODE_START).put(asm.ecall).assemble(),
      data: Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 7),
      segments: [constants],
    });
    const { preprocessed, imageEnd, imageKeys, entry } = buildProgramTable(program);
    const columns = preprocessed.get('IMAGE') ?? [];
    const rows = Array.from({ length: 7 }, (_, row) => columns.map((column) => column[row]));
    assert.deepEqual(rows, [
      [CODE_START / 4, 0x73, 0, 1],
      [0x8000, 0x201, 0x403, 1],
      [0x8001, 5, 0, 1],
      [DATA_START / 4, 9, 0, 1],
      [DATA_START / 4 + 1, 0, 0, 1],
      [DATA_START / 4 + 2, 7, 0, 1],
      [0, 0, 0, 0],
    ]);
    assert.equal(imageEnd, DATA_START / 4 + 3);
    assert.equal(imageKeys.length, 6);
    assert.equal(entry, PC);
  });
});
