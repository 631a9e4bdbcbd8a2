/**
 * Random programs that run alike under Linux and on the machine: a loop over random items, whose
 * 31 registers are written to memory after each round; at the end all that is written out. Only the
 * epilogue differs.
 *
 * ```
 * DATA_START  scratch area, 4 KiB, across a page's end; its last words are the loop's variables
 * + 4 KiB     32 words for each round: registers x0 .. x31
 * ```
 */
import { DATA_START, HOST_CALL_COMMIT, READ_ONLY_START } from '../../vm/memory-map.ts';
import * as asm from './assembler.ts';
import { Assembler } from './assembler.ts';
import { PF_R, PF_W, PF_X, writeElf } from './elf-writer.ts';
import { EDGE_VALUES, halt } from './guest-program.ts';
import type { Random } from './random.ts';
import {
  type Item,
  ItemSource,
  itemEncodings,
  itemText,
  SCRATCH_BYTES_BEFORE,
  SCRATCH_BYTES_BEHIND,
} from './random-items.ts';

/** A random program, of which items and rounds can be taken away. */
export interface RandomProgram {
  readonly items: readonly Item[];
  readonly rounds: number;
  /** Register that points into the scratch area. */
  readonly base: number;
  /** Registers of the code around the items. */
  readonly helpers: readonly [number, number];
  /** Registers that take up a new random value in each round. */
  readonly stirred: readonly number[];
  /** Registers before the first round. */
  readonly registers: readonly number[];
  /** The scratch area before the first round. */
  readonly scratch: Uint8Array;
}

export type Epilogue = 'linux' | 'machine';

const SCRATCH_START = DATA_START + 0x800;
const SCRATCH_BYTES = 4096;
const BASE_ADDRESS = SCRATCH_START + SCRATCH_BYTES_BEFORE;
export const ROUND_BYTES = 128;

/** The loop's variables, by offset from the base register. */
const SAVED_FIRST = SCRATCH_BYTES_BEHIND;
const SAVED_SECOND = SAVED_FIRST + 4;
const ROUND_POINTER = SAVED_FIRST + 8;
const GENERATOR = SAVED_FIRST + 12;

export const OUTPUT_HEADER_BYTES: number = SCRATCH_BYTES;
const outputBytes = (program: RandomProgram): number =>
  SCRATCH_BYTES + program.rounds * ROUND_BYTES;

/** Draws a program of `count` items. */
export function randomProgram(random: Random, count: number, rounds: number): RandomProgram {
  const base = random.chance(0.3) ? 2 : random.between(1, 31);
  const others = Array.from({ length: 31 }, (_, i) => i + 1).filter((r) => r !== base);
  const first = random.pick(others);
  const second = random.pick(others.filter((r) => r !== first));
  const source = new ItemSource(random, base);
  return {
    items: Array.from({ length: count }, () => source.next()),
    rounds,
    base,
    helpers: [first, second],
    stirred: Array.from({ length: 6 }, () => random.pick(others.filter((r) => r !== second))),
    registers: Array.from({ length: 32 }, () => randomWord(random)),
    scratch: randomScratch(random),
  };
}

const randomWord = (random: Random): number =>
  random.chance(0.5) ? random.pick(EDGE_VALUES) : random.word();

function randomScratch(random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(SCRATCH_BYTES));
  for (let at = 0; at < SCRATCH_BYTES; at += 4) view.setUint32(at, randomWord(random), true);
  const before = SCRATCH_BYTES_BEFORE;
  view.setUint32(before + ROUND_POINTER, SCRATCH_START + SCRATCH_BYTES, true);
  return new Uint8Array(view.buffer);
}

/** Segments lie in the file as in memory modulo the page size, which Linux asks for. */
const PAGE = 4096;
const HEADERS_BYTES = 52 + 3 * 32;
const PT_NULL = 0;

/** The program as an ELF file for Linux or for the machine. */
export function randomElf(program: RandomProgram, epilogue: Epilogue): Uint8Array {
  const assembler = new Assembler(READ_ONLY_START);
  writeCode(assembler, program);
  if (epilogue === 'linux') linuxEpilogue(assembler, outputBytes(program));
  else machineEpilogue(assembler, outputBytes(program));
  const code = assembler.assemble();
  const paddedCode = new Uint8Array(Math.ceil(code.length / PAGE) * PAGE);
  paddedCode.set(code);
  const data = new Uint8Array(SCRATCH_START - DATA_START + SCRATCH_BYTES);
  data.set(program.scratch, SCRATCH_START - DATA_START);
  return writeElf({
    entry: READ_ONLY_START,
    segments: [
      { type: PT_NULL, address: 0, bytes: new Uint8Array(PAGE - HEADERS_BYTES), flags: 0 },
      { address: READ_ONLY_START, bytes: paddedCode, flags: PF_R | PF_X },
      {
        address: DATA_START,
        bytes: data,
        memorySize: data.length + program.rounds * ROUND_BYTES,
        flags: PF_R | PF_W,
      },
    ],
  });
}

function writeCode(assembler: Assembler, program: RandomProgram): void {
  program.registers.forEach((value, r) => {
    if (r !== 0) assembler.li(r, r === program.base ? BASE_ADDRESS : value);
  });
  assembler.label('round');
  stir(assembler, program);
  writeItems(assembler, program.items);
  keepRegisters(assembler, program);
}

/** Adds the next number of a linear congruential generator to some registers. */
function stir(x: Assembler, { base, helpers: [first, second], stirred }: RandomProgram): void {
  x.put(asm.sw(first, SAVED_FIRST, base), asm.sw(second, SAVED_SECOND, base));
  x.put(asm.lw(second, GENERATOR, base))
    .li(first, 1_664_525)
    .put(asm.mul(second, second, first));
  x.li(first, 1_013_904_223).put(asm.add(second, second, first));
  x.put(asm.sw(second, GENERATOR, base), asm.lw(first, SAVED_FIRST, base));
  for (const r of stirred) x.put(asm.xor(r, r, second));
  x.put(asm.lw(second, SAVED_SECOND, base));
}

/** A jump over the last item lands behind it. */
function writeItems(assembler: Assembler, items: readonly Item[]): void {
  items.forEach((item, i) => {
    assembler.put(...itemEncodings(item, distance(items, i)));
  });
}

function distance(items: readonly Item[], i: number): number {
  return items.slice(i, i + 1 + (items[i]?.skip ?? 0)).reduce((sum, item) => sum + item.bytes, 0);
}

/** Writes all registers behind those of the rounds before; goes round again until space ends. */
function keepRegisters(x: Assembler, program: RandomProgram): void {
  const { base, helpers, rounds } = program;
  const [pointer, other] = helpers;
  x.put(asm.sw(pointer, SAVED_FIRST, base), asm.lw(pointer, ROUND_POINTER, base));
  for (let r = 0; r < 32; r++) if (r !== pointer) x.put(asm.sw(r, 4 * r, pointer));
  x.put(asm.lw(other, SAVED_FIRST, base), asm.sw(other, 4 * pointer, pointer));
  x.put(asm.addi(pointer, pointer, ROUND_BYTES), asm.sw(pointer, ROUND_POINTER, base));
  const end = SCRATCH_START + SCRATCH_BYTES + rounds * ROUND_BYTES;
  x.li(other, end).refer('end', 4, (offset) => asm.beq(other, pointer, offset));
  x.put(asm.lw(other, 4 * other - ROUND_BYTES, pointer));
  x.put(asm.lw(pointer, 4 * pointer - ROUND_BYTES, pointer));
  x.jump('round').label('end');
}

function linuxEpilogue(x: Assembler, bytes: number): void {
  x.li(11, SCRATCH_START).li(12, bytes).label('write').li(10, 1).hostCall(64);
  x.put(asm.add(11, 11, 10), asm.sub(12, 12, 10));
  x.refer('write', 4, (offset) => asm.bne(12, 0, offset));
  x.li(10, 0).hostCall(93);
}

function machineEpilogue(x: Assembler, bytes: number): void {
  x.li(5, SCRATCH_START)
    .li(6, SCRATCH_START + bytes)
    .li(17, HOST_CALL_COMMIT);
  x.label('commit').put(asm.lw(10, 0, 5), asm.ecall, asm.addi(5, 5, 4));
  x.refer('commit', 4, (offset) => asm.bne(5, 6, offset));
  halt(x, 0, bytes / 4);
}

/** The program's items as assembly, with what it takes to run them again. */
export function programText(program: RandomProgram): string {
  const registers = program.registers.map((value, r) =>
    r === program.base ? `x${r} = scratch` : `x${r} = 0x${(r === 0 ? 0 : value).toString(16)}`,
  );
  const lines = program.items.flatMap((item, i) => itemText(item, distance(program.items, i)));
  return [
    `rounds: ${program.rounds}`,
    `registers before: ${registers.join(', ')}`,
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
}
