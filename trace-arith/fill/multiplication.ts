/** Columns of the chips of the M extension. */
import * as code from '../codes.ts';
import { type ChipFiller, putFlag } from './arithmetic.ts';
import type { Cells } from './rows.ts';

function columnsOf(cells: Cells, prefix: string, count: number): Uint32Array[] {
  return Array.from({ length: count }, (_, i) => cells.get(`${prefix}${i}`));
}

/** Writes the bytes of a word, lowest first. */
function putBytes(columns: readonly Uint32Array[], r: number, word: number): void {
  for (const [i, column] of columns.entries()) column[r] = (word >>> (8 * i)) & 0xff;
}

/** Writes the limbs of a word. */
function putLimbs([low, high]: readonly Uint32Array[], r: number, word: number): void {
  if (low === undefined || high === undefined) throw new RangeError('a word has two limbs');
  low[r] = word & 0xffff;
  high[r] = word >>> 16;
}

const multiply: ChipFiller = (rows, cells) => {
  const bytes = columnsOf(cells, 'aByte', 4);
  for (let r = 0; r < rows.count; r++) {
    putBytes(bytes, r, Math.imul(rows.b[r] as number, rows.c[r] as number));
  }
};

/** High half of the unsigned product. */
function multiplyHigh(b: number, c: number): number {
  const [b0, b1, c0, c1] = [b & 0xffff, b >>> 16, c & 0xffff, c >>> 16];
  const middle = b1 * c0 + Math.floor((b0 * c0) / 65536);
  const lower = (middle & 0xffff) + b0 * c1;
  return b1 * c1 + Math.floor(middle / 65536) + Math.floor(lower / 65536);
}

const multiplyHighs: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isMulh', code.MULH);
  putFlag(rows, cells, 'isMulhsu', code.MULHSU);
  putFlag(rows, cells, 'isMulhu', code.MULHU);
  const [isMulh, isMulhu] = [cells.get('isMulh'), cells.get('isMulhu')];
  const product = columnsOf(cells, 'product', 6);
  const a = columnsOf(cells, 'a', 2);
  const [wrap0, wrap1] = [cells.get('wrap0'), cells.get('wrap1')];
  const [sign1, sign2] = [cells.get('sign1'), cells.get('sign2')];
  for (let r = 0; r < rows.count; r++) {
    const [b, c] = [rows.b[r] as number, rows.c[r] as number];
    const high = multiplyHigh(b, c);
    putBytes(product.slice(0, 4), r, Math.imul(b, c));
    putBytes(product.slice(4), r, high);
    const s1 = isMulhu[r] === 1 ? 0 : b >>> 31;
    const s2 = isMulh[r] === 1 ? c >>> 31 : 0;
    sign1[r] = s1;
    sign2[r] = s2;
    const result = (high - s1 * c - s2 * b) >>> 0;
    putLimbs(a, r, result);
    const low = (result & 0xffff) + s1 * (c & 0xffff) + s2 * (b & 0xffff);
    const carry = Math.floor(low / 65536);
    wrap0[r] = carry;
    wrap1[r] = Math.floor(((result >>> 16) + s1 * (c >>> 16) + s2 * (b >>> 16) + carry) / 65536);
  }
};

interface Quotient {
  readonly quotient: number;
  readonly remainder: number;
}

/** Absolute values; `negative` says that the quotient's word is the negative of `quotient`. */
function divideAbsolute(dividend: number, divisor: number, negative: boolean): Quotient {
  if (divisor === 0) return { quotient: negative ? 1 : 0xffff_ffff, remainder: dividend };
  return { quotient: Math.floor(dividend / divisor), remainder: dividend % divisor };
}

const divide: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'isRem', code.REM, code.REMU);
  putFlag(rows, cells, 'signed', code.DIV, code.REM);
  const [isRem, signed] = [cells.get('isRem'), cells.get('signed')];
  const [sign1, sign2] = [cells.get('sign1'), cells.get('sign2')];
  const [opposite, byZero, borrow] = [
    cells.get('opposite'),
    cells.get('byZero'),
    cells.get('borrow'),
  ];
  const [dividendBytes, divisorBytes] = [
    columnsOf(cells, 'dividendByte', 4),
    columnsOf(cells, 'divisorByte', 4),
  ];
  const [quotients, remainders] = [
    columnsOf(cells, 'quotient', 2),
    columnsOf(cells, 'remainder', 2),
  ];
  const a = columnsOf(cells, 'a', 2);
  for (let r = 0; r < rows.count; r++) {
    const [b, c] = [rows.b[r] as number, rows.c[r] as number];
    const s1 = signed[r] === 1 ? b >>> 31 : 0;
    const s2 = signed[r] === 1 ? c >>> 31 : 0;
    const dividend = (s1 === 1 ? -b : b) >>> 0;
    const divisor = (s2 === 1 ? -c : c) >>> 0;
    const { quotient, remainder } = divideAbsolute(dividend, divisor, s1 !== s2);
    sign1[r] = s1;
    sign2[r] = s2;
    opposite[r] = s1 ^ s2;
    byZero[r] = c === 0 ? 1 : 0;
    borrow[r] = c !== 0 && (divisor & 0xffff) < (remainder & 0xffff) + 1 ? 1 : 0;
    putBytes(dividendBytes, r, dividend);
    putBytes(divisorBytes, r, divisor);
    putLimbs(quotients, r, quotient);
    putLimbs(remainders, r, remainder);
    const magnitude = isRem[r] === 1 ? remainder : quotient;
    const negative = isRem[r] === 1 ? s1 === 1 : s1 !== s2;
    putLimbs(a, r, (negative ? -magnitude : magnitude) >>> 0);
  }
};

export const MULTIPLICATION_FILLERS: Readonly<Record<string, ChipFiller>> = {
  MUL: multiply,
  MUL_IN_PLACE: multiply,
  MULH: multiplyHighs,
  DIV: divide,
};
