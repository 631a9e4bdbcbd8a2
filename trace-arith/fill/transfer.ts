/** Columns of loads, stores, JALR and host calls. */
import { CROSSING_VALUE, CROSSING_WORDS } from '../../vm/segment.ts';
import { LOAD_CASE_NAMES, LOAD_CASES } from '../chips/load.ts';
import { STORE_CASE_NAMES, STORE_CASES } from '../chips/store.ts';
import * as code from '../codes.ts';
import { type ChipFiller, putFlag } from './arithmetic.ts';
import type { Cells, Rows } from './rows.ts';

/** Columns of the address; returns its two lowest bits by row. */
function address(rows: Rows, cells: Cells): Uint8Array {
  const { trace, codeRow, b, immediate, count } = rows;
  const [imm0, imm1] = [cells.get('imm0'), cells.get('imm1')];
  const carry = cells.get('carry');
  const lowest = new Uint8Array(count);
  for (let r = 0; r < count; r++) {
    const row = codeRow[r] as number;
    imm0[r] = trace.code.imm0[row] as number;
    imm1[r] = trace.code.imm1[row] as number;
    carry[r] = ((b[r] as number) & 0xffff) + (imm0[r] as number) > 0xffff ? 1 : 0;
    lowest[r] = ((b[r] as number) + (immediate[r] as number)) & 3;
  }
  return lowest;
}

const jumpRegister: ChipFiller = (rows, cells) => {
  const lowest = address(rows, cells);
  const column = cells.get('lowest');
  const [link0, link1] = [cells.get('link0'), cells.get('link1')];
  const { rs2, next } = rows.trace.code;
  for (let r = 0; r < rows.count; r++) {
    const row = rows.codeRow[r] as number;
    column[r] = (lowest[r] as number) & 1;
    link0[r] = rs2[row] as number;
    link1[r] = next[row] as number;
  }
};

/** Word 0 of the address: the one read, or the one before the store. */
function putWord(rows: Rows, cells: Cells, words: Uint32Array): void {
  const [low, high] = [cells.get('word0'), cells.get('word1')];
  for (let r = 0; r < rows.count; r++) {
    low[r] = (words[r] as number) & 0xffff;
    high[r] = (words[r] as number) >>> 16;
  }
}

const loadWord: ChipFiller = (rows, cells) => {
  address(rows, cells);
  putWord(rows, cells, rows.c);
};

const storeWord: ChipFiller = (rows, cells) => {
  address(rows, cells);
  putWord(rows, cells, rows.old);
};

/** Columns of an access within one limb: offset, the limb's bytes, the other limb. */
function part(rows: Rows, cells: Cells, words: Uint32Array): void {
  const lowest = address(rows, cells);
  const [offset0, offset1] = [cells.get('offset0'), cells.get('offset1')];
  const [low, high, other] = [cells.get('low'), cells.get('high'), cells.get('other')];
  for (let r = 0; r < rows.count; r++) {
    const offset = lowest[r] as number;
    const word = words[r] as number;
    const limb = offset < 2 ? word & 0xffff : word >>> 16;
    offset0[r] = offset & 1;
    offset1[r] = offset >>> 1;
    low[r] = limb & 0xff;
    high[r] = limb >>> 8;
    other[r] = offset < 2 ? word >>> 16 : word & 0xffff;
  }
}

const loadPart: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'half', code.LH, code.LHU);
  putFlag(rows, cells, 'signed', code.LB, code.LH);
  part(rows, cells, rows.c);
  const [half, signed, sign] = [cells.get('half'), cells.get('signed'), cells.get('sign')];
  const [low, high, byte] = [cells.get('low'), cells.get('high'), cells.get('byte')];
  const offset0 = cells.get('offset0');
  for (let r = 0; r < rows.count; r++) {
    byte[r] = (offset0[r] === 1 ? high[r] : low[r]) as number;
    const top = (half[r] === 1 ? high[r] : byte[r]) as number;
    sign[r] = signed[r] === 1 ? top >>> 7 : 0;
  }
};

const storePart: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'half', code.SH);
  part(rows, cells, rows.old);
  const [half, offset0, stored] = [cells.get('half'), cells.get('offset0'), cells.get('stored')];
  const [low, high] = [cells.get('low'), cells.get('high')];
  for (let r = 0; r < rows.count; r++) {
    const c = (rows.c[r] as number) & 0xffff;
    if (half[r] === 1) stored[r] = c;
    else if (offset0[r] === 1) stored[r] = (low[r] as number) + 256 * (c & 0xff);
    else stored[r] = (c & 0xff) + 256 * (high[r] as number);
  }
};

/** Eight bytes from the address's word on, and the one-hot case. */
function crossing(
  rows: Rows,
  cells: Cells,
  words: Uint32Array,
  cases: readonly (readonly [number, number])[],
  names: readonly string[],
): void {
  const lowest = address(rows, cells);
  const { crossing: index, segment } = rows.trace;
  const bytes = Array.from({ length: 8 }, (_, i) => cells.get(`byte${i}`));
  const flags = names.map((name) => cells.get(name));
  for (let r = 0; r < rows.count; r++) {
    const at = index[rows.cycle[r] as number] as number;
    const second = at === 0 ? 0 : segment.crossings[CROSSING_WORDS * (at - 1) + CROSSING_VALUE];
    for (const [i, column] of bytes.entries()) {
      const word = i < 4 ? (words[r] as number) : (second as number);
      column[r] = (word >>> (8 * (i & 3))) & 0xff;
    }
    const which = cases.findIndex(
      ([operation, offset]) => operation === operationOf(rows, r) && offset === lowest[r],
    );
    (flags[which] as Uint32Array)[r] = 1;
  }
}

/** The operation without the difference between LW and its form in place. */
function operationOf({ operation }: Rows, r: number): number {
  return operation[r] === code.LW_IN_PLACE ? code.LW : (operation[r] as number);
}

const loadCrossing: ChipFiller = (rows, cells) => {
  putFlag(rows, cells, 'inPlace', code.LW_IN_PLACE);
  crossing(rows, cells, rows.c, LOAD_CASES, LOAD_CASE_NAMES);
  const sign = cells.get('sign');
  const [lh1, lh3] = [cells.get('lh1'), cells.get('lh3')];
  const [byte2, byte4] = [cells.get('byte2'), cells.get('byte4')];
  for (let r = 0; r < rows.count; r++) {
    const top =
      (lh1[r] as number) * (byte2[r] as number) + (lh3[r] as number) * (byte4[r] as number);
    sign[r] = top >>> 7;
  }
};

const storeCrossing: ChipFiller = (rows, cells) => {
  crossing(rows, cells, rows.old, STORE_CASES, STORE_CASE_NAMES);
};

/** In the record of a host call, `old` is the journal's index or x11. */
const commit: ChipFiller = (rows, cells) => {
  cells.get('index').set(rows.old);
};

const halt: ChipFiller = (rows, cells) => {
  const [low, high] = [cells.get('length0'), cells.get('length1')];
  for (let r = 0; r < rows.count; r++) {
    low[r] = (rows.old[r] as number) & 0xffff;
    high[r] = (rows.old[r] as number) >>> 16;
  }
};

export const TRANSFER_FILLERS: Readonly<Record<string, ChipFiller>> = {
  JALR: jumpRegister,
  LW: loadWord,
  LW_IN_PLACE: loadWord,
  LBH: loadPart,
  LX: loadCrossing,
  SW: storeWord,
  SBH: storePart,
  SX: storeCrossing,
  COMMIT: commit,
  HALT: halt,
};
