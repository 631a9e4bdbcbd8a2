import { ADDI, JAL, JALR, JUMP } from '../../vm/operations.ts';
import type { Program } from '../../vm/program.ts';
import {
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_WORDS,
  type Segment,
  type TouchedPage,
} from '../../vm/segment.ts';
import { SymbolTable } from '../../vm/symbols.ts';

/** An instruction of a hand-made program; every one is four bytes long. */
export interface Row {
  readonly operation: number;
  readonly rd?: number;
  readonly rs1?: number;
  readonly immediate?: number;
}

export const step: Row = { operation: ADDI, rd: 10, rs1: 10, immediate: 1 };
export const call: Row = { operation: JAL, rd: 1 };
export const callRegister: Row = { operation: JALR, rd: 1, rs1: 15 };
export const ret: Row = { operation: JALR, rd: 0, rs1: 1 };
export const jump: Row = { operation: JUMP };
export const jumpRegister: Row = { operation: JALR, rd: 0, rs1: 15 };

const START = 0x1_0000;

/** Functions laid out one after the other from 0x10000. */
export function handMadeProgram(functions: Readonly<Record<string, readonly Row[]>>): Program {
  const instructions = Object.values(functions).flat();
  const rows = 2 * instructions.length;
  const code = {
    start: START,
    rows,
    operation: new Uint8Array(rows),
    rd: new Uint8Array(rows),
    rs1: new Uint8Array(rows),
    rs2: new Uint8Array(rows),
    immediate: new Uint32Array(rows),
    target: new Uint32Array(rows),
    length: new Uint8Array(rows),
  };
  instructions.forEach((row, index) => {
    code.operation[2 * index] = row.operation;
    code.rd[2 * index] = row.rd ?? 0;
    code.rs1[2 * index] = row.rs1 ?? 0;
    code.immediate[2 * index] = row.immediate ?? 0;
    code.length[2 * index] = 4;
  });
  let address = START;
  const symbols = Object.entries(functions).map(([name, body]) => {
    const symbol = { name, address, size: 4 * body.length };
    address += symbol.size;
    return symbol;
  });
  return {
    entry: START,
    code,
    readOnly: [],
    writable: undefined,
    imageEnd: 0x4101_0000,
    symbols: new SymbolTable(symbols),
  };
}

/** Address of a function's n-th instruction. */
export function at(program: Program, name: string, instruction = 0): number {
  const symbol = program.symbols.functions.find((found) => found.name === name);
  if (symbol === undefined) throw new Error(`no function ${name}`);
  return symbol.address + 4 * instruction;
}

/** A segment with these addresses; `rs1` gives the base register's value where it matters. */
export function handMadeSegment(
  addresses: readonly number[],
  rs1: readonly number[] = [],
  pages: readonly number[] = [],
): Segment {
  const entries = new Uint32Array(addresses.length * ENTRY_WORDS);
  addresses.forEach((pc, index) => {
    entries[index * ENTRY_WORDS + ENTRY_PC] = pc;
    entries[index * ENTRY_WORDS + ENTRY_RS1] = rs1[index] ?? 0;
  });
  const snapshot = {
    segment: 1,
    cycle: 0,
    pc: addresses[0] ?? START,
    registers: new Uint32Array(32),
    journalWords: 0,
    lastJournalWord: 0,
    pages: new Map<number, Uint8Array>(),
  };
  const touchedPages: TouchedPage[] = pages.map((page) => ({
    page,
    words: new Uint32Array(1024),
    times: new Uint32Array(1024),
  }));
  return {
    start: snapshot,
    cycles: addresses.length,
    entries,
    crossings: new Uint32Array(0),
    touchedPages,
    end: { ...snapshot, segment: 2 },
    last: true,
  };
}
