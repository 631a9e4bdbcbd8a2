import { strict as assert } from 'node:assert';
import * as asm from '../tools/assembler.ts';
import { type Case, checkCases, EDGE_VALUES, hex } from '../tools/guest-program.ts';
import { BASE_MODEL, MULTIPLY_MODEL, type Operation } from './isa-model.ts';

type RegisterOperation = (rd: number, rs1: number, rs2: number) => number;
const REGISTER_OPERATIONS: Readonly<Record<string, RegisterOperation>> = {
  add: asm.add,
  sub: asm.sub,
  xor: asm.xor,
  or: asm.or,
  and: asm.and,
  sll: asm.sll,
  srl: asm.srl,
  sra: asm.sra,
  slt: asm.slt,
  sltu: asm.sltu,
  mul: asm.mul,
  mulh: asm.mulh,
  mulhsu: asm.mulhsu,
  mulhu: asm.mulhu,
  div: asm.div,
  divu: asm.divu,
  rem: asm.rem,
  remu: asm.remu,
};
const IMMEDIATE_OPERATIONS: Readonly<Record<string, [RegisterOperation, string]>> = {
  addi: [asm.addi, 'add'],
  xori: [asm.xori, 'xor'],
  ori: [asm.ori, 'or'],
  andi: [asm.andi, 'and'],
  slti: [asm.slti, 'slt'],
  sltiu: [asm.sltiu, 'sltu'],
};
const SHIFT_OPERATIONS: Readonly<Record<string, [RegisterOperation, string]>> = {
  slli: [asm.slli, 'sll'],
  srli: [asm.srli, 'srl'],
  srai: [asm.srai, 'sra'],
};
const SHIFT_VALUES = [31, 32, 33, 47, 48, 63, 64, 0x8000_001f, 0xffff_ffe0];
const IMMEDIATES = [
  -2048, -2047, -1025, -1024, -256, -2, -1, 0, 1, 2, 0x7f, 0x80, 0xff, 0x555, 1023, 1024, 2046,
  2047,
];
const UPPER_IMMEDIATES = [
  0, 1, 2, 0xf, 0x10, 0x55555, 0x7ffff, 0x80000, 0x80001, 0xaaaaa, 0xffffe, 0xfffff,
];

function model(name: string): Operation {
  const operation = BASE_MODEL[name] ?? MULTIPLY_MODEL[name];
  assert.ok(operation !== undefined, name);
  return operation;
}

/** Destination and two different sources; over 31 successive k every register is each of them. */
const registersAt = (k: number): [number, number, number] => {
  const rs1 = 1 + ((7 * k + 3) % 31);
  const rs2 = 1 + ((rs1 + (k % 29)) % 31);
  return [1 + (k % 31), rs1, rs2 === rs1 ? 1 + (rs2 % 31) : rs2];
};

function registerCases(name: string, encode: RegisterOperation): Case[] {
  const values = [...EDGE_VALUES, ...SHIFT_VALUES];
  const pairs = values.flatMap((a) => values.map((b): [number, number] => [a, b]));
  return pairs.map(([a, b], k) => {
    const [rd, rs1, rs2] = registersAt(k);
    return {
      name: `${name} x${rd}, x${rs1} = ${hex(a)}, x${rs2} = ${hex(b)}`,
      given: { [rs1]: a, [rs2]: b },
      code: [encode(rd, rs1, rs2)],
      observed: rd,
      expected: model(name)(a, b),
    };
  });
}

function aliasCases(name: string, encode: RegisterOperation): Case[] {
  const operation = model(name);
  const [a, b] = [0x8765_4321, 0x0000_0013];
  const given = { 5: a, 6: b };
  const one = (what: string, rd: number, rs1: number, rs2: number, expected: number): Case => ({
    name: `${name}, ${what}`,
    given,
    code: [encode(rd, rs1, rs2)],
    observed: rd,
    expected,
  });
  return [
    one('rd = rs1', 5, 5, 6, operation(a, b)),
    one('rd = rs2', 6, 5, 6, operation(a, b)),
    one('rs1 = rs2', 7, 5, 5, operation(a, a)),
    one('rd = rs1 = rs2', 5, 5, 5, operation(a, a)),
    one('rs1 = x0', 7, 0, 6, operation(0, b)),
    one('rs2 = x0', 7, 5, 0, operation(a, 0)),
    one('rs1 = rs2 = x0', 7, 0, 0, operation(0, 0)),
    one('rd = x0', 0, 5, 6, 0),
    { ...one('rd = x0 keeps rs1', 0, 5, 6, a), observed: 5 },
    { ...one('rd = x0 keeps rs2', 0, 5, 6, b), observed: 6 },
    { ...one('another rd keeps rs1', 7, 5, 6, a), observed: 5 },
    { ...one('another rd keeps rs2', 7, 5, 6, b), observed: 6 },
  ];
}

function immediateCases(
  name: string,
  [encode, operation]: [RegisterOperation, string],
  immediates: readonly number[],
): Case[] {
  const pairs = EDGE_VALUES.flatMap((a) => immediates.map((b): [number, number] => [a, b]));
  const cases = pairs.map(([a, b], k): Case => {
    const [rd, rs1] = k % 5 === 0 ? [1 + (k % 31), 1 + (k % 31)] : registersAt(k);
    return {
      name: `${name} x${rd}, x${rs1} = ${hex(a)}, ${b}`,
      given: { [rs1]: a },
      code: [encode(rd, rs1, b)],
      observed: rd,
      expected: model(operation)(a, b),
    };
  });
  const fromZero = immediates.map(
    (b): Case => ({
      name: `${name} x9, x0, ${b}`,
      given: {},
      code: [encode(9, 0, b)],
      observed: 9,
      expected: model(operation)(0, b),
    }),
  );
  const toZero: Case = {
    name: `${name} x0, x9, ${immediates[1]}`,
    given: { 9: 0x1234_5678 },
    code: [encode(0, 9, immediates[1] ?? 0)],
    observed: 0,
    expected: 0,
  };
  return [...cases, ...fromZero, toZero];
}

describe('RV32I and M computational instructions', () => {
  for (const [name, encode] of Object.entries(REGISTER_OPERATIONS)) {
    it(`${name} gives the manual's result for all pairs of edge values`, async () => {
      await checkCases(registerCases(name, encode));
    });
    it(`${name} works when registers coincide or are x0`, async () => {
      await checkCases(aliasCases(name, encode));
    });
  }

  for (const [name, operation] of Object.entries(IMMEDIATE_OPERATIONS)) {
    it(`${name} sign-extends its immediate`, async () => {
      await checkCases(immediateCases(name, operation, IMMEDIATES));
    });
  }

  for (const [name, operation] of Object.entries(SHIFT_OPERATIONS)) {
    it(`${name} shifts by each amount from 0 to 31`, async () => {
      const amounts = Array.from({ length: 32 }, (_, i) => i);
      await checkCases(immediateCases(name, operation, amounts));
    });
  }

  it('lui places its immediate in the upper 20 bits and clears the others', async () => {
    await checkCases(
      UPPER_IMMEDIATES.map((value, k) => ({
        name: `lui ${hex(value)}`,
        given: { [1 + k]: 0xffff_ffff },
        code: [asm.lui(1 + k, value)],
        observed: 1 + k,
        expected: value * 4096,
      })),
    );
  });

  it('auipc adds its immediate to its own address modulo 2^32', async () => {
    const cases = UPPER_IMMEDIATES.flatMap((value) => [0, 1].map((shift) => ({ value, shift })));
    await checkCases(
      cases.map(({ value, shift }, k) => {
        let pc = 0;
        return {
          name: `auipc ${hex(value)}`,
          given: {},
          code: (assembler) => {
            if (shift === 1) assembler.put(asm.c_nop);
            pc = assembler.here;
            assembler.put(asm.auipc(1 + k, value));
          },
          observed: 1 + k,
          expected: () => pc + value * 4096,
        } satisfies Case;
      }),
    );
  });

  it('lui and auipc leave x0 at zero', async () => {
    await checkCases([
      { name: 'lui', given: {}, code: [asm.lui(0, 0xfffff)], observed: 0, expected: 0 },
      { name: 'auipc', given: {}, code: [asm.auipc(0, 0xfffff)], observed: 0, expected: 0 },
    ]);
  });

  it('a sum keeps its value in each of the 31 registers while others change', async () => {
    const others = Array.from({ length: 31 }, (_, i) => i + 1);
    const values = Object.fromEntries(others.map((r) => [r, Math.imul(r, 0x9e37_79b1)]));
    await checkCases(
      others.map((r) => ({
        name: `x${r}`,
        given: values,
        code: others.filter((o) => o !== r).map((o) => asm.add(o, r, o)),
        observed: r,
        expected: values[r] ?? 0,
      })),
    );
  });
});
