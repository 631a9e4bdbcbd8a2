/** Columns of the chips that compute: results, carries, signs and their witnesses. */
import { KoalaBear } from '@vouch/verifier';
import * as code from '../codes.ts';
import type { Cells, Rows } from './rows.ts';

/** Fills what `fillCommonColumns` does not. */
export type ChipFiller = (rows: Rows, cells: Cells) => void;

/** Writes the limbs of a word. */
function putWord(cells: Cells, name: string, value: (r: number) => number, count: number): void {
  const low = cells.get(`${name}0`);
  const high = cells.get(`${name}1`);
  for (let r = 0; r < count; r++) {
    const word = value(r);
    low[r] = word & 0xffff;
    high[r] = word >>> 16;
  }
}

/** Writes 1 where the row's operation is one of `codes`. */
export function putFlag(rows: Rows, cells: Cells, name: string, ...codes: number[]): void {
  const column = cells.get(name);
  for (let r = 0; r < rows.count; r++) {
    column[r] = codes.includes(rows.operation[r] as number) ? 1 : 0;
  }
}

/** The constant of the program table's row where an operand is an immediate. */
const immediateOf = (rows: Rows, r: number): number => rows.immediate[r] as number;

const add: ChipFiller = (rows, cells) => {
  const { b, c, count } = rows;
  putFlag(rows, cells, 'subtract', code.SUB, code.SUB_IN_PLACE);
  const subtract = cells.get('subtract');
  putWord(
    cells,
    'a',
    (r) => {
      const operand = c[r] as number;
      return ((b[r] as number) + (subtract[r] === 1 ? -operand : operand)) >>> 0;
    },
    count,
  );
};

const addImmediate: ChipFiller = (rows, cells) => {
  putWord(cells, 'a', (r) => ((rows.b[r] as number) + immediateOf(rows, r)) >>> 0, rows.count);
};

const bitwise: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isXor', code.XOR, code.XOR_IN_PLACE);
  putFlag(rows, cells, 'isOr', code.OR, code.OR_IN_PLACE);
  putFlag(rows, cells, 'isAnd', code.AND, code.AND_IN_PLACE);
  const columns = [0, 1, 2, 3].map((i) => cells.get(`andByte${i}`));
  for (const [i, column] of columns.entries()) {
    for (let r = 0; r < rows.count; r++) {
      column[r] = (((rows.b[r] as number) & (rows.c[r] as number)) >>> (8 * i)) & 0xff;
    }
  }
};

const bitwiseImmediate: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isXor', code.XORI);
  putFlag(rows, cells, 'isOr', code.ORI);
  putFlag(rows, cells, 'isAnd', code.ANDI);
  const [c0, c1] = [cells.get('cByte0'), cells.get('cByte1')];
  const [and0, and1] = [cells.get('andByte0'), cells.get('andByte1')];
  const andHigh = cells.get('and1');
  for (let r = 0; r < rows.count; r++) {
    const c = immediateOf(rows, r);
    const both = (rows.b[r] as number) & c;
    c0[r] = c & 0xff;
    c1[r] = (c >>> 8) & 0xff;
    and0[r] = both & 0xff;
    and1[r] = (both >>> 8) & 0xff;
    andHigh[r] = both >>> 16;
  }
};

/** The amount of a shift, 0 to 31, from the immediate or rs2. */
function shift(rows: Rows, cells: Cells, amountOf: (r: number) => number): void {
  putFlag(rows, cells, 'left', code.SLL, code.SLLI, code.SLLI_IN_PLACE);
  putFlag(rows, cells, 'arithmetic', code.SRA, code.SRAI, code.SRAI_IN_PLACE);
  const [left, arithmetic] = [cells.get('left'), cells.get('arithmetic')];
  const [sign, high] = [cells.get('sign'), cells.get('high')];
  const [low0, top0, low1, top1] = ['low0', 'top0', 'low1', 'top1'].map((name) =>
    cells.get(name),
  ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const [power, complement] = [cells.get('power'), cells.get('complement')];
  for (let r = 0; r < rows.count; r++) {
    const b = rows.b[r] as number;
    const u = amountOf(r) & 15;
    const bits = left[r] === 1 ? 16 - u : u;
    const mask = 2 ** bits - 1;
    high[r] = amountOf(r) >>> 4;
    sign[r] = arithmetic[r] === 1 ? b >>> 31 : 0;
    low0[r] = b & mask;
    top0[r] = (b & 0xffff) >>> bits;
    low1[r] = (b >>> 16) & mask;
    top1[r] = (b >>> 16) >>> bits;
    power[r] = 2 ** bits;
    complement[r] = 2 ** (16 - bits);
  }
  const result = (r: number): number => {
    const b = rows.b[r] as number;
    if (left[r] === 1) return (b << amountOf(r)) >>> 0;
    return (arithmetic[r] === 1 ? b >> amountOf(r) : b >>> amountOf(r)) >>> 0;
  };
  putWord(cells, 'a', result, rows.count);
}

const shiftRegister: ChipFiller = (rows, cells) => {
  const amount = (r: number): number => (rows.c[r] as number) & 31;
  shift(rows, cells, amount);
  const [u, rest] = [cells.get('u'), cells.get('rest')];
  for (let r = 0; r < rows.count; r++) {
    u[r] = amount(r) & 15;
    rest[r] = ((rows.c[r] as number) & 0xffff) >>> 5;
  }
};

const shiftImmediate: ChipFiller = (rows, cells) => {
  const { code: table } = rows.trace;
  const bits = cells.get('bits');
  for (let r = 0; r < rows.count; r++) bits[r] = table.rs2[rows.codeRow[r] as number] as number;
  // The row may stand for an addition of a register to itself, whose immediate is not the amount.
  shift(rows, cells, (r) => {
    const row = rows.codeRow[r] as number;
    const n = table.rs2[row] as number;
    const left = table.operation[row] === code.SLLI || table.operation[row] === code.SLLI_IN_PLACE;
    const u = (left ? 16 - n : n) & 15;
    return u + ((table.flags[row] as number) === 0 ? 0 : 16);
  });
};

/** Borrow of the low limbs, and sign bits where the comparison is signed. */
function compare(rows: Rows, cells: Cells, other: (r: number) => number): void {
  const [signed, sign1] = [cells.get('signed'), cells.get('sign1')];
  const sign2 = cells.find('sign2');
  const borrow = cells.get('borrow');
  for (let r = 0; r < rows.count; r++) {
    const b = rows.b[r] as number;
    const c = other(r);
    borrow[r] = (b & 0xffff) < (c & 0xffff) ? 1 : 0;
    sign1[r] = signed[r] === 1 ? b >>> 31 : 0;
    if (sign2 !== undefined) sign2[r] = signed[r] === 1 ? c >>> 31 : 0;
  }
}

function isLess(b: number, c: number, signed: boolean): boolean {
  return signed ? (b | 0) < (c | 0) : b < c;
}

function setIfLess(other: (rows: Rows, r: number) => number): ChipFiller {
  return (rows, cells) => {
    putFlag(rows, cells, 'signed', code.SLT, code.SLTI);
    const [signed, less] = [cells.get('signed'), cells.get('less')];
    for (let r = 0; r < rows.count; r++) {
      less[r] = isLess(rows.b[r] as number, other(rows, r), signed[r] === 1) ? 1 : 0;
    }
    compare(rows, cells, (r) => other(rows, r));
  };
}

const branchLess: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'signed', code.BLT, code.BGE);
  putFlag(rows, cells, 'atLeast', code.BGE, code.BGEU);
  const [signed, atLeast] = [cells.get('signed'), cells.get('atLeast')];
  const taken = cells.get('taken');
  for (let r = 0; r < rows.count; r++) {
    const less = isLess(rows.b[r] as number, rows.c[r] as number, signed[r] === 1);
    taken[r] = less === (atLeast[r] === 0) ? 1 : 0;
  }
  compare(rows, cells, (r) => rows.c[r] as number);
};

/** Differences of two limbs and sums of two have a magnitude below this. */
const MOST_SMALL = 2 ** 17;
let smallInverses: Uint32Array | undefined;

/** 1/a in the field for an integer 0 < |a| < 2^17; 0 for 0. */
function smallInverse(a: number): number {
  smallInverses ??= inversesBelow(MOST_SMALL);
  const inverse = smallInverses[Math.abs(a)] as number;
  return a < 0 ? KoalaBear.neg(inverse) : inverse;
}

/** From p = q a + r follows 1/a = -q / r, and r < a. */
function inversesBelow(end: number): Uint32Array {
  const { MODULUS, mul, neg } = KoalaBear;
  const inverses = new Uint32Array(end);
  inverses[1] = 1;
  for (let a = 2; a < end; a++) {
    inverses[a] = mul(neg(Math.floor(MODULUS / a)), inverses[MODULUS % a] as number);
  }
  return inverses;
}

const branchZero: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isEqual', code.BEQZ);
  putFlag(rows, cells, 'isUnequal', code.BNEZ);
  const [taken, inverse, isEqual] = [
    cells.get('taken'),
    cells.get('inverse'),
    cells.get('isEqual'),
  ];
  for (let r = 0; r < rows.count; r++) {
    const b = rows.b[r] as number;
    taken[r] = (b === 0) === (isEqual[r] === 1) ? 1 : 0;
    inverse[r] = smallInverse((b & 0xffff) + (b >>> 16));
  }
};

const branchEqual: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isEqual', code.BEQ);
  putFlag(rows, cells, 'isUnequal', code.BNE);
  const [taken, isEqual] = [cells.get('taken'), cells.get('isEqual')];
  const [inverse0, inverse1] = [cells.get('inverse0'), cells.get('inverse1')];
  for (let r = 0; r < rows.count; r++) {
    const b = rows.b[r] as number;
    const c = rows.c[r] as number;
    taken[r] = (b === c) === (isEqual[r] === 1) ? 1 : 0;
    const low = (b & 0xffff) - (c & 0xffff);
    inverse0[r] = smallInverse(low);
    inverse1[r] = low !== 0 ? 0 : smallInverse((b >>> 16) - (c >>> 16));
  }
};

export const ARITHMETIC_FILLERS: Readonly<Record<string, ChipFiller>> = {
  ADD: add,
  ADD_IN_PLACE: add,
  ADDI: addImmediate,
  ADDI_IN_PLACE: addImmediate,
  BITWISE: bitwise,
  BITWISE_IN_PLACE: bitwise,
  BITWISE_I: bitwiseImmediate,
  SHIFT: shiftRegister,
  SHIFT_I: shiftImmediate,
  SHIFT_I_IN_PLACE: shiftImmediate,
  SLT: setIfLess((rows, r) => rows.c[r] as number),
  SLT_I: setIfLess(immediateOf),
  BEQZ: branchZero,
  BEQ: branchEqual,
  BLT: branchLess,
};
