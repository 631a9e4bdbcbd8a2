import { strict as assert } from 'node:assert';
import { ABORT_CAUSE_HINT, DATA_START, DEBUG_PRINT_HINT } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { checkCases, halt, journalOf, runCode } from '../tools/guest-program.ts';

const OTHERS = Array.from({ length: 31 }, (_, i) => i + 1);

/** Base HINTs: ISA manual, "RV32I Base Integer Instruction Set", "HINT Instructions". */
const BASE_HINTS: readonly number[] = [
  asm.addi(0, 0, 0),
  asm.addi(0, 0, 1),
  asm.addi(0, 31, -2048),
  asm.andi(0, 5, -1),
  asm.ori(0, 6, 2047),
  asm.xori(0, 7, 1),
  asm.lui(0, 0),
  asm.lui(0, 0xfffff),
  asm.auipc(0, 0x80000),
  asm.add(0, 0, 2),
  asm.add(0, 0, 5),
  asm.add(0, 9, 10),
  asm.sub(0, 9, 10),
  asm.and(0, 9, 10),
  asm.or(0, 9, 10),
  asm.xor(0, 9, 10),
  asm.sll(0, 9, 10),
  asm.srl(0, 9, 10),
  asm.sra(0, 9, 10),
  asm.slt(0, 9, 10),
  asm.sltu(0, 9, 10),
  asm.slti(0, 9, 1),
  asm.slti(0, 0, 0),
  asm.slti(0, 0, 3),
  asm.slti(0, 0, -1),
  asm.sltiu(0, 0, 1),
  asm.sltiu(0, 9, 2),
  asm.slli(0, 0, 31),
  asm.slli(0, 9, 1),
  asm.srli(0, 0, 7),
  asm.srai(0, 0, 7),
  asm.srai(0, 9, 31),
  asm.mul(0, 9, 10),
  asm.mulhu(0, 9, 10),
  asm.div(0, 9, 0),
  asm.remu(0, 9, 0),
];

/** FENCE, FENCE.TSO and PAUSE; unused fields are to be ignored ("Memory Ordering Instructions"). */
const FENCES: readonly number[] = [
  asm.fence(0, 15, 15),
  asm.fence(0, 1, 0),
  asm.fence(0, 0, 1),
  asm.fence(0, 0, 0),
  asm.fence(8, 3, 3),
  asm.fence(15, 15, 15),
  asm.fence(0, 15, 15, 5, 0),
  asm.fence(0, 15, 15, 0, 6),
  asm.fence(5, 10, 9, 31, 31),
];

/** Compressed HINTs: ISA manual, "C Extension", "HINT Instructions". */
const COMPRESSED_HINTS: readonly number[] = [
  asm.c_nop,
  asm.c_addi(0, 1),
  asm.c_addi(0, -32),
  ...OTHERS.map((r) => asm.c_addi(r, 0)),
  asm.c_li(0, 0),
  asm.c_li(0, 31),
  asm.c_li(0, -32),
  asm.c_lui(0, 1),
  asm.c_lui(0, -32),
  ...OTHERS.map((r) => asm.c_mv(0, r)),
  ...OTHERS.map((r) => asm.c_add(0, r)),
  asm.c_slli(0, 0),
  asm.c_slli(0, 1),
  asm.c_slli(0, 31),
  ...OTHERS.map((r) => asm.c_slli(r, 0)),
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((r) => [asm.c_srli(r, 0), asm.c_srai(r, 0)]),
];

async function checkWithoutEffect(code: readonly number[]): Promise<void> {
  const values = Object.fromEntries(OTHERS.map((r) => [r, Math.imul(r, 0x9e37_79b1) >>> 0]));
  await checkCases(
    [0, ...OTHERS].map((r) => ({
      name: `x${r}`,
      given: values,
      code,
      observed: r,
      expected: values[r] ?? 0,
    })),
  );
}

describe('Instructions without effect', () => {
  it('HINTs and computations into x0 change no register', async () => {
    await checkWithoutEffect(BASE_HINTS);
  });

  it('every kind of FENCE changes nothing', async () => {
    await checkWithoutEffect(FENCES);
  });

  it('compressed HINTs change no register', async () => {
    await checkWithoutEffect(COMPRESSED_HINTS);
  });

  it('each costs one cycle', async () => {
    const hints = [...BASE_HINTS, ...FENCES, ...COMPRESSED_HINTS];
    const execution = await runCode((x) => halt(x.put(...hints), 0, 0));
    assert.equal(execution.cycles, hints.length + 4);
    assert.deepEqual(journalOf(execution), []);
  });

  it('the debug hint prints for the host and changes no register', async () => {
    const format = Buffer.from('value %d\n\0\0\0');
    const data = Uint8Array.from([...format, 42, 0, 0, 0]);
    let printed = '';
    const hint = asm.slti(0, 0, DEBUG_PRINT_HINT);
    const values = { 10: DATA_START, 11: DATA_START + format.length };
    await checkCases(
      [0, 10, 11].map((r) => ({
        name: `x${r}`,
        given: values,
        code: [hint],
        observed: r,
        expected: r === 10 ? values[10] : r === 11 ? values[11] : 0,
      })),
      { data },
      {
        onDebug: (text) => {
          printed += text;
        },
      },
    );
    assert.equal(printed, 'value 42\nvalue 42\nvalue 42\n');
  });

  it('the debug and abort hints never trap, whatever their registers point to', async () => {
    const pointers = [0, 1, 0x4000_0000, 0x7fff_ffff, 0xffff_ffff];
    await checkCases(
      pointers.map((pointer) => ({
        name: `pointer ${pointer}`,
        given: { 10: pointer, 11: pointer, 12: 5 },
        code: [asm.slti(0, 0, DEBUG_PRINT_HINT)],
        observed: 12,
        expected: 5,
      })),
      {},
      { onDebug: () => {} },
    );
    for (const pointer of pointers) {
      const execution = await runCode((x) => {
        x.li(10, pointer).put(asm.slti(0, 0, ABORT_CAUSE_HINT));
        halt(x, 3, 0);
      });
      assert.equal(execution.outcome.kind === 'exit' && execution.outcome.code, 3);
    }
  });

  it('the abort hint gives the exit its reason', async () => {
    const execution = await runCode(
      (x) => {
        x.li(10, DATA_START).put(asm.slti(0, 0, ABORT_CAUSE_HINT));
        halt(x, 134, 0);
      },
      { data: Buffer.from('out of luck\0') },
    );
    assert.deepEqual(execution.outcome, { kind: 'exit', code: 134, reason: 'out of luck' });
  });

  it('the reason is what the text says when the program ends', async () => {
    const execution = await runCode(
      (x) => {
        x.li(10, DATA_START).put(asm.slti(0, 0, ABORT_CAUSE_HINT));
        x.li(5, 0x0021_6f6e).put(asm.sw(5, 0, 10));
        halt(x, 134, 0);
      },
      { data: Buffer.from('yes\0') },
    );
    assert.deepEqual(execution.outcome, { kind: 'exit', code: 134, reason: 'no!' });
  });
});
