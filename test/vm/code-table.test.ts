import { strict as assert } from 'node:assert';
import { buildCodeTable, type CodeRange } from '../../vm/code-table.ts';
import { decode } from '../../vm/decode.ts';
import { MAX_CODE_BYTES } from '../../vm/memory-map.ts';
import * as op from '../../vm/operations.ts';
import type { CodeTable } from '../../vm/program.ts';
import * as asm from '../tools/assembler.ts';

const START = 0x0001_0000;

const range = (address: number, ...halves: number[]): CodeRange => ({
  address,
  bytes: new Uint8Array(Uint16Array.from(halves).buffer),
});

const halvesOf = (word: number): number[] => [word & 0xffff, word >>> 16];

interface Row {
  readonly operation: number;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly immediate: number;
  readonly target: number;
  readonly length: number;
}

function rowAt(table: CodeTable, address: number): Row {
  const i = (address - table.start) / 2;
  const column = (values: Uint8Array | Uint32Array): number => values[i] ?? Number.NaN;
  return {
    operation: column(table.operation),
    rd: column(table.rd),
    rs1: column(table.rs1),
    rs2: column(table.rs2),
    immediate: column(table.immediate),
    target: column(table.target),
    length: column(table.length),
  };
}

/** The row of one instruction, 4 bytes long unless it is a half-word. */
function rowOf(encoding: number, address = START): Row {
  const isWord = (encoding & 3) === 3;
  const halves = isWord ? halvesOf(encoding) : [encoding];
  return rowAt(buildCodeTable([range(address, ...halves)]), address);
}

const row = (operation: number, fields: Partial<Row> = {}): Row => ({
  operation,
  rd: 0,
  rs1: 0,
  rs2: 0,
  immediate: 0,
  target: 0,
  length: 4,
  ...fields,
});

describe('a row of the code table', () => {
  it('has three registers for register operations', () => {
    assert.deepEqual(rowOf(asm.sub(5, 6, 7)), row(op.SUB, { rd: 5, rs1: 6, rs2: 7 }));
    assert.deepEqual(rowOf(asm.mulhsu(31, 30, 0)), row(op.MULHSU, { rd: 31, rs1: 30 }));
  });

  it('has the sign-extended immediate as an unsigned number', () => {
    const immediate = 0xffff_f800;
    assert.deepEqual(rowOf(asm.addi(5, 6, -2048)), row(op.ADDI, { rd: 5, rs1: 6, immediate }));
    assert.deepEqual(rowOf(asm.lw(5, -2048, 6)), row(op.LW, { rd: 5, rs1: 6, immediate }));
    assert.deepEqual(rowOf(asm.sb(5, -2048, 6)), row(op.SB, { rs1: 6, rs2: 5, immediate }));
    assert.deepEqual(rowOf(asm.jalr(5, -2048, 6)), row(op.JALR, { rd: 5, rs1: 6, immediate }));
    assert.deepEqual(rowOf(asm.srai(5, 6, 31)), row(op.SRAI, { rd: 5, rs1: 6, immediate: 31 }));
  });

  it('has the finished value of LUI and AUIPC, modulo 2^32', () => {
    assert.deepEqual(rowOf(asm.lui(5, 0xfffff)), row(op.LUI, { rd: 5, immediate: 0xffff_f000 }));
    assert.deepEqual(rowOf(asm.auipc(5, 1)), row(op.AUIPC, { rd: 5, immediate: START + 0x1000 }));
    const wrapped = (START + 0xffff_f000) % 2 ** 32;
    assert.deepEqual(rowOf(asm.auipc(5, 0xfffff)), row(op.AUIPC, { rd: 5, immediate: wrapped }));
  });

  it('has link and target of JAL, and the target alone of a jump', () => {
    const target = START + 0x800;
    assert.deepEqual(
      rowOf(asm.jal(1, 0x800)),
      row(op.JAL, { rd: 1, immediate: START + 4, target }),
    );
    assert.deepEqual(rowOf(asm.jal(0, 0x800)), row(op.JUMP, { immediate: target }));
    assert.deepEqual(
      rowOf(asm.c_jal(-2)),
      row(op.JAL, { rd: 1, immediate: START + 2, target: START - 2, length: 2 }),
    );
    assert.deepEqual(rowOf(asm.c_j(-2)), row(op.JUMP, { immediate: START - 2, length: 2 }));
  });

  it('has the target of a branch, modulo 2^32', () => {
    const fields = { rs1: 5, rs2: 6 };
    const back = row(op.BLTU, { ...fields, immediate: START - 4096 });
    assert.deepEqual(rowOf(asm.bltu(5, 6, -4096)), back);
    const wrapped = row(op.BEQ, { ...fields, immediate: 0xffff_f004 });
    assert.deepEqual(rowOf(asm.beq(5, 6, -4096), 4), wrapped);
  });

  it('is NOP for a computation into x0', () => {
    const computations = [
      asm.add(0, 1, 2),
      asm.addi(0, 1, 1),
      asm.slli(0, 1, 3),
      asm.lui(0, 1),
      asm.auipc(0, 1),
      asm.divu(0, 1, 2),
      asm.remu(0, 1, 2),
      asm.slti(0, 1, 1),
      asm.slti(0, 0, 3),
      asm.sltiu(0, 0, 1),
      asm.fence(0, 15, 15),
      asm.fence(8, 3, 3, 7, 9),
    ];
    for (const encoding of computations) assert.deepEqual(rowOf(encoding), row(op.NOP));
    for (const hint of [0x0001, 0x0005, 0x4001, 0x6005, 0x0006, 0x8006, 0x900a]) {
      assert.deepEqual(rowOf(hint), row(op.NOP, { length: 2 }), hint.toString(16));
    }
  });

  it('keeps loads and JALR into x0', () => {
    assert.deepEqual(rowOf(asm.lbu(0, 1, 2)), row(op.LBU, { rs1: 2, immediate: 1 }));
    assert.deepEqual(rowOf(asm.jalr(0, 0, 1)), row(op.JALR, { rs1: 1 }));
  });

  it('is a message to the host for two of the HINTs', () => {
    assert.deepEqual(rowOf(asm.slti(0, 0, 1)), row(op.DEBUG_PRINT));
    assert.deepEqual(rowOf(asm.slti(0, 0, 2)), row(op.ABORT_CAUSE));
  });

  it('is a host call for ECALL', () => {
    assert.deepEqual(rowOf(asm.ecall), row(op.ECALL));
  });

  it('is empty where no legal instruction begins', () => {
    for (const encoding of [asm.ebreak, asm.fenceI, asm.csr(2, 10, 0xc00, 0), 0x0000, 0x9002]) {
      assert.deepEqual(rowOf(encoding), row(op.ILLEGAL, { length: 0 }), encoding.toString(16));
    }
  });
});

describe('the code table', () => {
  it('has overlapping decodings', () => {
    const table = buildCodeTable([range(START, ...halvesOf(0x4505_0537), 0x0001)]);
    assert.deepEqual([...table.operation], [op.LUI, op.ADDI, op.NOP]);
    assert.deepEqual([...table.length], [4, 2, 2]);
  });

  it('has no instruction that reaches beyond its range, even into an adjacent one', () => {
    const [low = 0, high = 0] = halvesOf(asm.addi(5, 5, 0x450));
    const split = buildCodeTable([range(START, low), range(START + 2, high)]);
    assert.deepEqual([...split.length], [0, rowOf(high).length]);
    assert.deepEqual([...buildCodeTable([range(START, low, high)]).length].slice(0, 1), [4]);
  });

  it('has rows for the gap between ranges, all illegal, and takes ranges in any order', () => {
    const [first, second] = [range(START, 0x0001), range(START + 8, 0x0001)];
    const table = buildCodeTable([second, first]);
    assert.equal(table.start, START);
    assert.deepEqual([...table.operation], [op.NOP, 0, 0, 0, op.NOP]);
  });

  it('has rows at even addresses only when a range begins at an odd one', () => {
    const table = buildCodeTable([{ address: START + 1, bytes: Uint8Array.of(0xff, 1, 0, 1) }]);
    assert.equal(table.start, START);
    assert.deepEqual([...table.operation], [0, op.NOP, 0]);
  });

  it('ignores empty ranges', () => {
    const table = buildCodeTable([range(4), range(START, 0x0001)]);
    assert.deepEqual([table.start, table.rows], [START, 1]);
  });

  it('agrees with the decoder on random code', () => {
    const bytes = new Uint8Array(0x8000);
    let state = 1;
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[i] = state >>> 24;
    }
    const view = new DataView(bytes.buffer);
    const table = buildCodeTable([{ address: START, bytes }]);
    for (let at = 0; at + 4 <= bytes.length; at += 2) {
      const { length, rd, rs1, rs2 } = rowAt(table, START + at);
      const instruction = decode(view.getUint32(at, true));
      assert.equal(length, instruction?.length ?? 0);
      if (instruction === undefined || table.operation[at / 2] === op.NOP) continue;
      if (instruction.mnemonic === 'fence') continue;
      const expected = [instruction.rd, instruction.rs1, instruction.rs2];
      assert.deepEqual([rd, rs1, rs2], expected, instruction.mnemonic);
    }
  });

  it('of the largest program is built in well under a second', () => {
    const bytes = new Uint8Array(MAX_CODE_BYTES);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i, 0x9e37_79b1) >>> 24;
    const begin = performance.now();
    const table = buildCodeTable([{ address: START, bytes }]);
    assert.equal(table.rows, 2 ** 20);
    assert.ok(performance.now() - begin < 2000);
  });
});
