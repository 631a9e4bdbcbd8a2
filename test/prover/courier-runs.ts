/** Programs and runs of the courier machine, and their tables. */
import { sha256 } from '@noble/hashes/sha2.js';
import { HALT_PC, type ProgramTables, PUBLIC_INPUT_KEY } from '@vouch/verifier';
import type { FilledRun, FilledSegment } from '../../prover/scalar/prove.ts';
import type { Table } from '../../prover/table.ts';
import {
  DELIVER,
  HALT,
  HEAP,
  IMAGE,
  IMAGE_END,
  IMAGE_KEY,
  INPUT_WORD,
  JUMP,
  OPERATION_DELIVER,
  OPERATION_HALT,
  OPERATION_JUMP,
  PROG,
  SINK,
} from './courier-machine.ts';

/** (pc, operation, next, a, b) */
type Instruction = readonly [number, number, number, number, number];

const ENTRY = 16;
const HEAP_KEY = IMAGE_END + 9;
/** Bytes of the journal: three words, the last one half used. */
export const JOURNAL_LENGTH = 10;

/** Delivers a word of the input, one of the image and one of the heap, then halts. */
export function courierInstructions(
  exitCode = 0,
  journalLength: number = JOURNAL_LENGTH,
): Instruction[] {
  return [
    [16, OPERATION_DELIVER, 18, INPUT_WORD, 0],
    [18, OPERATION_JUMP, 20, 0, 0],
    [20, OPERATION_DELIVER, 22, IMAGE_KEY + 1, 1],
    [22, OPERATION_DELIVER, 24, HEAP_KEY, 2],
    [24, OPERATION_HALT, HALT_PC, exitCode, journalLength],
  ];
}

export function courierProgram(instructions: readonly Instruction[]): ProgramTables {
  const image = [
    [IMAGE_KEY, 0x1111, 0x2222, 1],
    [IMAGE_KEY + 1, 0x3333, 0x4444, 1],
    [IMAGE_KEY + 2, 0x5555, 0x6666, 1],
  ];
  const tables = [columns(image, 4, 2), columns(instructions, 5, 3)];
  const digest = sha256(
    Uint8Array.from(tables.flat(2).flatMap((c) => [...new Uint8Array(c.buffer)])),
  );
  return { entry: ENTRY, imageEnd: IMAGE_END, digest, tables };
}

/** Rows of numbers as columns of 2^logHeight, the rest zero. */
function columns(
  rows: readonly (readonly number[])[],
  width: number,
  logHeight: number,
): Uint32Array[] {
  return Array.from({ length: width }, (_, j) =>
    Uint32Array.from({ length: 2 ** logHeight }, (_, i) => rows[i]?.[j] ?? 0),
  );
}

/** Little-endian words as bytes. */
function bytesOf(words: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    words.flatMap(([low, high]) => [low & 255, low >> 8, high & 255, high >> 8]),
  );
}

interface Word {
  readonly low: number;
  readonly high: number;
  segment: number;
}

/**
 * Runs the program of `courierInstructions` and fills its tables.
 *
 * @param cuts instructions after which a segment ends
 */
export function courierRun(
  program: ProgramTables,
  instructions: readonly Instruction[],
  publicInput: Uint8Array,
  cuts: readonly number[],
): FilledRun {
  const memory = initialMemory(program, publicInput);
  const journal: [number, number][] = [];
  const segments: FilledSegment[] = [];
  const ends = [...cuts, instructions.length];
  for (const [i, end] of ends.entries()) {
    const start = ends[i - 1] ?? 0;
    const executed = instructions.slice(start, end);
    const rows = executeSegment(executed, memory, journal, i + 1);
    const boundary = i + 1 === ends.length ? finalTables(program, publicInput, memory) : [];
    segments.push({
      tables: [...rows, ...boundary, programTable(program, executed)],
      pcStart: executed[0]?.[0] ?? 0,
      pcEnd: executed.at(-1)?.[2] ?? 0,
      cycleEnd: executed.length + 1,
    });
  }
  const [, , , exitCode = 0, length = 0] = instructions.at(-1) ?? [];
  return {
    publicInput: { length: publicInput.length, digest: sha256(publicInput) },
    exitCode,
    journal: bytesOf(journal).slice(0, length),
    segments,
  };
}

function initialMemory(program: ProgramTables, publicInput: Uint8Array): Map<number, Word> {
  const memory = new Map<number, Word>();
  const [keys, low, high, selector] = program.tables[0] as readonly Uint32Array[];
  for (const [i, key] of (keys as Uint32Array).entries()) {
    if (selector?.[i] === 1) {
      memory.set(key, { low: low?.[i] ?? 0, high: high?.[i] ?? 0, segment: 0 });
    }
  }
  for (let i = 0; i < 12; i++) memory.set(IMAGE_END + i, { low: 0, high: 0, segment: 0 });
  for (const [i, [lowHalf, highHalf]] of inputWords(publicInput).entries()) {
    memory.set(PUBLIC_INPUT_KEY + i, { low: lowHalf, high: highHalf, segment: 0 });
  }
  return memory;
}

/** The length word, then the bytes. */
function inputWords(publicInput: Uint8Array): [number, number][] {
  const at = (i: number): number => publicInput[i] ?? 0;
  const words = Array.from(
    { length: Math.ceil(publicInput.length / 4) },
    (_, i): [number, number] => [
      at(4 * i) + 256 * at(4 * i + 1),
      at(4 * i + 2) + 256 * at(4 * i + 3),
    ],
  );
  return [[publicInput.length, 0], ...words];
}

function executeSegment(
  executed: readonly Instruction[],
  memory: Map<number, Word>,
  journal: [number, number][],
  segment: number,
): Table[] {
  const jumps: number[][] = [];
  const deliveries: number[][] = [];
  const halts: number[][] = [];
  for (const [i, [pc, operation, next, a, b]] of executed.entries()) {
    const cycle = i + 1;
    if (operation === OPERATION_JUMP) jumps.push([1, pc, cycle, next]);
    else if (operation === OPERATION_HALT) halts.push([1, pc, cycle, a, b]);
    else {
      const word = memory.get(a) as Word;
      deliveries.push([1, pc, cycle, next, a, word.low, word.high, word.segment, b]);
      journal.push([word.low, word.high]);
      word.segment = segment;
    }
  }
  return [
    table(JUMP, jumps, 4, 1),
    table(DELIVER, deliveries, 9, 2),
    table(HALT, halts, 5, 1),
  ].filter(({ main }) => main[0]?.[0] === 1);
}

function table(chip: number, rows: readonly number[][], width: number, logHeight: number): Table {
  return { chip, logHeight, main: columns(rows, width, logHeight), preprocessed: [] };
}

/** Tables of the last segment: where words end and where those of image and heap come from. */
function finalTables(
  program: ProgramTables,
  publicInput: Uint8Array,
  memory: Map<number, Word>,
): Table[] {
  const last = (key: number): number => memory.get(key)?.segment ?? 0;
  const sink = inputWords(publicInput).map(([low, high], i) => {
    const key = PUBLIC_INPUT_KEY + i;
    return [1, key, low, high, last(key)];
  });
  const heapRows = (start: number, count: number): number[][] =>
    Array.from({ length: count }, (_, i) => [0, 0, last(start + i)]);
  const image = program.tables[0] as readonly Uint32Array[];
  const imageRows = Array.from(image[0] as Uint32Array, (key) => [last(key)]);
  return [
    table(SINK, sink, 5, 2),
    table(HEAP, heapRows(IMAGE_END, 8), 3, 3),
    table(HEAP, heapRows(IMAGE_END + 8, 4), 3, 2),
    { chip: IMAGE, logHeight: 2, main: columns(imageRows, 1, 2), preprocessed: image },
  ];
}

function programTable(program: ProgramTables, executed: readonly Instruction[]): Table {
  const preprocessed = program.tables[1] as readonly Uint32Array[];
  const counts = Array.from(preprocessed[0] as Uint32Array, (pc) => [
    executed.filter(([address]) => address === pc).length,
  ]);
  return { chip: PROG, logHeight: 3, main: columns(counts, 1, 3), preprocessed };
}
