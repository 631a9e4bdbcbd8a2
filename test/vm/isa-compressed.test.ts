import { strict as assert } from 'node:assert';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { type Case, checkCases, EDGE_VALUES, hex } from '../tools/guest-program.ts';
import { BASE_MODEL, type Operation } from './isa-model.ts';

const POPULAR = [8, 9, 10, 11, 12, 13, 14, 15];
const ALL = Array.from({ length: 31 }, (_, i) => i + 1);
const range = (low: number, high: number, step = 1): number[] =>
  Array.from({ length: (high - low) / step + 1 }, (_, i) => low + i * step);

function model(name: string): Operation {
  const operation = BASE_MODEL[name];
  assert.ok(operation !== undefined, name);
  return operation;
}

/** One register changed by an immediate. */
function immediateCase(
  name: string,
  rd: number,
  before: number,
  code: number,
  expected: number,
): Case {
  return {
    name: `${name} x${rd} = ${hex(before)}`,
    given: { [rd]: before },
    code: [code],
    observed: rd,
    expected,
  };
}

function registerCases(
  name: string,
  encode: (rd: number, rs2: number) => number,
  registers: readonly number[],
  operation: Operation,
): Case[] {
  const cases = EDGE_VALUES.flatMap((a) => EDGE_VALUES.map((b): [number, number] => [a, b]));
  const different = cases.map(([a, b], k): Case => {
    const rd = registers[k % registers.length] ?? 8;
    const next = registers[(k + 1 + (k % (registers.length - 1))) % registers.length] ?? 9;
    const rs2 = next === rd ? (registers[(k + 1) % registers.length] ?? 9) : next;
    return {
      name: `${name} x${rd} = ${hex(a)}, x${rs2} = ${hex(b)}`,
      given: { [rd]: a, [rs2]: b },
      code: [encode(rd, rs2)],
      observed: rd,
      expected: operation(a, b),
    };
  });
  const same = registers.map((r) =>
    immediateCase(
      `${name} with itself`,
      r,
      0x8765_4321,
      encode(r, r),
      operation(0x8765_4321, 0x8765_4321),
    ),
  );
  const source = registers.slice(1).map(
    (r): Case => ({
      name: `${name} keeps x${r}`,
      given: { 8: 5, [r]: 0x1357_9bdf },
      code: [encode(registers[0] ?? 8, r)],
      observed: r,
      expected: 0x1357_9bdf,
    }),
  );
  return [...different, ...same, ...source];
}

describe('Compressed instructions', () => {
  it('c.addi adds each of its 64 immediates', async () => {
    const add = model('add');
    await checkCases(
      range(-32, 31).flatMap((value, k) =>
        [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff].map((a, j) => {
          const rd = 1 + ((5 * k + j) % 31);
          return immediateCase(`c.addi ${value}`, rd, a, asm.c_addi(rd, value), add(a, value));
        }),
      ),
    );
  });

  it('c.li loads each of its 64 immediates into any register', async () => {
    await checkCases(
      range(-32, 31).flatMap((value, k) =>
        [1 + (k % 31), 1 + ((k + 16) % 31)].map((rd) =>
          immediateCase(`c.li ${value}`, rd, 0x5555_5555, asm.c_li(rd, value), value),
        ),
      ),
    );
  });

  it('c.lui loads each of its 63 immediates into any register but x2', async () => {
    const registers = ALL.filter((r) => r !== 2);
    const values = range(-32, 31).filter((value) => value !== 0);
    await checkCases(
      values.map((value, k) => {
        const rd = registers[k % registers.length] ?? 1;
        return immediateCase(`c.lui ${value}`, rd, 0xfff, asm.c_lui(rd, value), value * 4096);
      }),
    );
  });

  it('c.addi16sp adds each multiple of 16 from -512 to 496 to x2', async () => {
    const values = range(-512, 496, 16).filter((value) => value !== 0);
    await checkCases(
      values.flatMap((value) =>
        [0x4100_0000, 0xffff_fff0, 7].map((sp) =>
          immediateCase(`c.addi16sp ${value}`, 2, sp, asm.c_addi16sp(value), sp + value),
        ),
      ),
    );
  });

  it("c.addi4spn adds each multiple of 4 from 4 to 1020 to x2 into rd'", async () => {
    await checkCases(
      range(4, 1020, 4).map((value, k) => {
        const rd = POPULAR[k % 8] ?? 8;
        return {
          name: `c.addi4spn x${rd}, ${value}`,
          given: { 2: 0xffff_ff03, [rd]: 1 },
          code: [asm.c_addi4spn(rd, value)],
          observed: rd,
          expected: 0xffff_ff03 + value,
        };
      }),
    );
  });

  const shifts = [
    { name: 'c.slli', encode: asm.c_slli, operation: 'sll', registers: ALL },
    { name: 'c.srli', encode: asm.c_srli, operation: 'srl', registers: POPULAR },
    { name: 'c.srai', encode: asm.c_srai, operation: 'sra', registers: POPULAR },
  ];
  for (const { name, encode, operation, registers } of shifts) {
    it(`${name} shifts by each amount from 1 to 31`, async () => {
      await checkCases(
        range(1, 31).flatMap((amount) =>
          EDGE_VALUES.map((a, k) => {
            const rd = registers[(amount + k) % registers.length] ?? 8;
            const expected = model(operation)(a, amount);
            return immediateCase(`${name} ${amount}`, rd, a, encode(rd, amount), expected);
          }),
        ),
      );
    });
  }

  it('c.andi sign-extends each of its 64 immediates', async () => {
    await checkCases(
      range(-32, 31).flatMap((value, k) =>
        EDGE_VALUES.map((a, j) => {
          const rd = POPULAR[(k + j) % 8] ?? 8;
          const expected = model('and')(a, value);
          return immediateCase(`c.andi ${value}`, rd, a, asm.c_andi(rd, value), expected);
        }),
      ),
    );
  });

  it('c.mv copies and c.add adds any pair of registers', async () => {
    await checkCases(registerCases('c.mv', asm.c_mv, ALL, (_, b) => b));
    await checkCases(registerCases('c.add', asm.c_add, ALL, model('add')));
  });

  it('c.sub, c.xor, c.or and c.and combine x8 to x15', async () => {
    await checkCases(registerCases('c.sub', asm.c_sub, POPULAR, model('sub')));
    await checkCases(registerCases('c.xor', asm.c_xor, POPULAR, model('xor')));
    await checkCases(registerCases('c.or', asm.c_or, POPULAR, model('or')));
    await checkCases(registerCases('c.and', asm.c_and, POPULAR, model('and')));
  });

  it('c.lw and c.sw reach each multiple of 4 up to 124', async () => {
    const cases = range(0, 124, 4).flatMap((offset, k): Case[] => {
      const base = POPULAR[k % 8] ?? 8;
      const data = POPULAR[(k + 1 + (k % 7)) % 8] ?? 9;
      const value = Math.imul(offset + 1, 0x9e37_79b1);
      const given = { [base]: DATA_START + 0x1000, [data]: value };
      return [
        {
          name: `c.sw x${data}, ${offset}(x${base})`,
          given,
          code: [asm.c_sw(data, offset, base), asm.lw(5, offset, base)],
          observed: 5,
          expected: value,
        },
        {
          name: `c.lw x${data}, ${offset}(x${base})`,
          given: { [base]: DATA_START + 0x1000 },
          code: [asm.c_lw(data, offset, base)],
          observed: data,
          expected: value,
        },
      ];
    });
    await checkCases(cases);
  });

  it('c.lwsp and c.swsp reach each multiple of 4 up to 252 with any register', async () => {
    const others = ALL.filter((r) => r !== 2);
    const cases = range(0, 252, 4).flatMap((offset, k): Case[] => {
      const data = others[k % 30] ?? 1;
      const value = Math.imul(offset + 1, 0x85eb_ca6b);
      const sp = DATA_START + 0x2000;
      return [
        {
          name: `c.swsp x${data}, ${offset}`,
          given: { 2: sp, [data]: value },
          code: [asm.c_swsp(data, offset), asm.lw(data, offset, 2)],
          observed: data,
          expected: value,
        },
        {
          name: `c.lwsp x${data}, ${offset}`,
          given: { 2: sp },
          code: [asm.c_lwsp(data, offset)],
          observed: data,
          expected: value,
        },
      ];
    });
    await checkCases([
      ...cases,
      {
        name: 'c.swsp x2 stores the base itself, c.lwsp x2 replaces it',
        given: { 2: DATA_START + 0x3000 },
        code: [asm.c_swsp(2, 8), asm.c_lwsp(2, 8)],
        observed: 2,
        expected: DATA_START + 0x3000,
      },
      {
        name: 'c.swsp x0 stores zero',
        given: { 2: DATA_START + 0x3000 },
        code: [asm.c_swsp(0, 8), asm.c_lwsp(9, 8)],
        observed: 9,
        expected: 0,
      },
    ]);
  });

  it('compressed loads and stores may be misaligned', async () => {
    const given = { 2: DATA_START + 0x4ffe, 9: DATA_START + 0x4ffd, 12: 0x0a0b_0c0d };
    const execution = await checkCases([
      {
        name: 'c.swsp, then c.lw one byte below',
        given,
        code: [asm.c_swsp(12, 4), asm.c_lw(13, 4, 9)],
        observed: 13,
        expected: 0x0b0c_0d00,
      },
      {
        name: 'c.sw, then c.lwsp one byte above',
        given,
        code: [asm.c_sw(12, 0, 9), asm.c_lwsp(13, 0)],
        observed: 13,
        expected: 0x000a_0b0c,
      },
    ]);
    assert.equal(execution.misalignedAccesses, 4);
  });
});
