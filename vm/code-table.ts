import { expand } from './compressed.ts';
import { encodingLength } from './decode.ts';
import { type Form, findForm, IMMEDIATES, readRd, readRs1, readRs2 } from './encodings.ts';
import { ABORT_CAUSE_HINT, DEBUG_PRINT_HINT } from './memory-map.ts';
import * as op from './operations.ts';
import type { CodeTable } from './program.ts';

/** Bytes that may be executed. */
export interface CodeRange {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * Decodes the instruction at every even address of `ranges`, overlapping ones included; each must
 * lie wholly inside one range. The ranges are disjoint and at least one is not empty. The caller
 * bounds the distance from the first to the last byte, to which time and memory are proportional.
 */
export function buildCodeTable(ranges: readonly CodeRange[]): CodeTable {
  const used = ranges.filter((range) => range.bytes.length > 0);
  const start = Math.min(...used.map((range) => range.address)) & ~1;
  const end = Math.max(...used.map((range) => range.address + range.bytes.length));
  const rows = Math.ceil((end - start) / 2);
  const table: CodeTable = {
    start,
    rows,
    operation: new Uint8Array(rows),
    rd: new Uint8Array(rows),
    rs1: new Uint8Array(rows),
    rs2: new Uint8Array(rows),
    immediate: new Uint32Array(rows),
    target: new Uint32Array(rows),
    length: new Uint8Array(rows),
  };
  for (const range of used) decodeRange(table, range);
  return table;
}

function decodeRange(table: CodeTable, { address, bytes }: CodeRange): void {
  for (let at = address & 1; at + 2 <= bytes.length; at += 2) {
    const half = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const length = encodingLength(half);
    if (at + length > bytes.length) continue;
    const encoding =
      length === 2
        ? expand(half)
        : half | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    const form = findForm(encoding);
    if (form !== undefined) writeRow(table, address + at, length, form, encoding);
  }
}

function writeRow(table: CodeTable, pc: number, length: 2 | 4, form: Form, encoding: number): void {
  const row = (pc - table.start) >>> 1;
  const rd = readRd(encoding);
  table.length[row] = length;
  if (form.pure && rd === 0) {
    table.operation[row] = operationOfHint(form, encoding);
    return;
  }
  const immediate = IMMEDIATES[form.format](encoding);
  table.operation[row] = form.operation;
  switch (form.format) {
    case 'R':
      table.rd[row] = rd;
      table.rs1[row] = readRs1(encoding);
      table.rs2[row] = readRs2(encoding);
      return;
    case 'I':
    case 'SHIFT':
      if (form.operation === op.NOP) return;
      table.rd[row] = rd;
      table.rs1[row] = readRs1(encoding);
      table.immediate[row] = immediate;
      return;
    case 'S':
      table.rs1[row] = readRs1(encoding);
      table.rs2[row] = readRs2(encoding);
      table.immediate[row] = immediate;
      return;
    case 'B':
      table.rs1[row] = readRs1(encoding);
      table.rs2[row] = readRs2(encoding);
      table.immediate[row] = pc + immediate;
      return;
    case 'U':
      table.rd[row] = rd;
      table.immediate[row] = form.operation === op.AUIPC ? pc + immediate : immediate;
      return;
    case 'J':
      writeJump(table, row, rd, pc + immediate, pc + length);
      return;
    case 'NONE':
      return;
  }
}

function writeJump(table: CodeTable, row: number, rd: number, target: number, link: number): void {
  if (rd === 0) {
    table.operation[row] = op.JUMP;
    table.immediate[row] = target;
  } else {
    table.rd[row] = rd;
    table.immediate[row] = link;
    table.target[row] = target;
  }
}

/** A computation into x0: NOP unless it is one of the two that speak to the host. */
function operationOfHint(form: Form, encoding: number): number {
  if (form.operation !== op.SLTI || readRs1(encoding) !== 0) return op.NOP;
  const immediate = IMMEDIATES.I(encoding);
  if (immediate === DEBUG_PRINT_HINT) return op.DEBUG_PRINT;
  if (immediate === ABORT_CAUSE_HINT) return op.ABORT_CAUSE;
  return op.NOP;
}
