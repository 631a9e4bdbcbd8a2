/** Small programs for the machine, made of assembled bytes, and what a run of them gave. */
import { strict as assert } from 'node:assert';
import { execute } from '../../vm/execute.ts';
import type { ExecuteOptions, Execution } from '../../vm/execution.ts';
import { loadProgram } from '../../vm/load.ts';
import {
  DATA_START,
  HOST_CALL_COMMIT,
  HOST_CALL_HALT,
  READ_ONLY_START,
} from '../../vm/memory-map.ts';
import type { Program } from '../../vm/program.ts';
import { type RecordOptions, record } from '../../vm/record.ts';
import { Assembler, add } from './assembler.ts';
import { type ElfSegment, PF_R, PF_W, PF_X, writeElf } from './elf-writer.ts';

/** Where the programs of the tests begin. */
export const CODE_START: number = READ_ONLY_START;

/** Parts of a program; addresses must lie in the regions of the memory map. */
export interface ProgramParts {
  readonly code: Uint8Array;
  readonly codeStart?: number;
  readonly entry?: number;
  /** Writable data at DATA_START. */
  readonly data?: Uint8Array;
  /** Further segments. */
  readonly segments?: readonly ElfSegment[];
}

/** Loads a program made of these parts. */
export function programOf(parts: ProgramParts): Program {
  const { code, codeStart = CODE_START, entry = codeStart, data, segments = [] } = parts;
  const writable =
    data === undefined ? [] : [{ address: DATA_START, bytes: data, flags: PF_R | PF_W }];
  const elf = writeElf({
    entry,
    segments: [{ address: codeStart, bytes: code, flags: PF_R | PF_X }, ...writable, ...segments],
  });
  return loadProgram(elf);
}

/** `mv a0, source` and the host call that commits a0; changes x10 and x17. */
export function commit(assembler: Assembler, source: number): Assembler {
  if (source !== 10) assembler.put(add(10, source, 0));
  return assembler.hostCall(HOST_CALL_COMMIT);
}

/** Ends the program; `words` is the number of committed words. */
export function halt(assembler: Assembler, exitCode: number, words: number): Assembler {
  return assembler
    .li(10, exitCode)
    .li(11, 4 * words)
    .hostCall(HOST_CALL_HALT);
}

/** Several segments for all but the shortest runs. */
const SEGMENT_CYCLES = 50_000;

/** Builds a program from code and runs it, without and with a record; both give the same. */
export async function runCode(
  write: (assembler: Assembler) => void,
  parts: Omit<ProgramParts, 'code'> = {},
  options: ExecuteOptions = {},
): Promise<Execution> {
  const assembler = new Assembler(parts.codeStart ?? CODE_START);
  write(assembler);
  const program = programOf({ ...parts, code: assembler.assemble() });
  const execution = await execute(program, options);
  const { onDebug: _, ...quiet } = options;
  assert.deepEqual(await recorded(program, { ...quiet, segmentCycles: SEGMENT_CYCLES }), execution);
  return execution;
}

/** What `record` returns at its end. */
export async function recorded(program: Program, options: RecordOptions): Promise<Execution> {
  const segments = record(program, options);
  for (;;) {
    const { done, value } = await segments.next();
    if (done === true) return value;
  }
}

/** The journal's words; fails unless the run ended with exit code 0. */
export function journalOf(execution: Execution): number[] {
  assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
  return wordsOf(execution.journal);
}

/** Little-endian words. */
export function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >>> 2 }, (_, i) => view.getUint32(4 * i, true));
}

/** One experiment: registers before, instructions, the register looked at and its value after. */
export interface Case {
  readonly name: string;
  /** Values of registers before; all others are whatever they are. */
  readonly given: Readonly<Record<number, number>>;
  /** Encodings, or a function that appends them. */
  readonly code: readonly number[] | ((assembler: Assembler) => void);
  /** Register whose value is looked at. */
  readonly observed: number;
  /** That value, taken modulo 2^32; a function where it depends on the code's addresses. */
  readonly expected: number | (() => number);
}

/** Runs all cases in one program and names those whose value differs. */
export async function checkCases(
  cases: readonly Case[],
  parts: Omit<ProgramParts, 'code'> = {},
  options: ExecuteOptions = {},
): Promise<Execution> {
  assert.ok(cases.length > 0);
  const execution = await runCode(
    (assembler) => {
      for (const { given, code, observed } of cases) {
        for (const [number, value] of Object.entries(given)) assembler.li(Number(number), value);
        if (typeof code === 'function') code(assembler);
        else assembler.put(...code);
        commit(assembler, observed);
      }
      halt(assembler, 0, cases.length);
    },
    parts,
    options,
  );
  const words = journalOf(execution);
  const wrong = cases.flatMap(({ name, expected }, i) => {
    const value = (typeof expected === 'function' ? expected() : expected) >>> 0;
    return words[i] === value ? [] : [`${name}: ${hex(words[i])}, expected ${hex(value)}`];
  });
  assert.deepEqual(wrong.slice(0, 20), []);
  assert.equal(words.length, cases.length);
  return execution;
}

export const hex = (value: number | undefined): string =>
  value === undefined ? 'nothing' : `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** Values at which carries, signs and widths change. */
export const EDGE_VALUES: readonly number[] = [
  0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x1_0001, 0x5555_5555,
  0xaaaa_aaaa, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_0000, 0xffff_8000,
  0xffff_fffe, 0xffff_ffff,
];
