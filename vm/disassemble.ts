import { COMPRESSED_FORMS } from './compressed.ts';
import { classifyEncoding, decodeAt, encodingLength, readEncoding } from './decode.ts';
import { INSTRUCTION_FORMS } from './encodings.ts';
import type { Instruction } from './instruction.ts';
import type { Program } from './program.ts';
import type { SymbolTable } from './symbols.ts';

/** One instruction of a program, or a piece of its code that is none. */
export interface DisassemblyLine {
  readonly address: number;
  /** Bytes: 2 or 4. */
  readonly length: 2 | 4;
  /** The encoding, unsigned. */
  readonly bits: number;
  /**
   * `c.lwsp ra, 28(sp)`, `c.j 0x00010010 <main+0x10>`; `.half 0x0000` or `.word 0xc0002573` where
   * no legal instruction is, with a comment if it is a breakpoint or a CSR access.
   */
  readonly text: string;
  /** Undefined where no legal instruction is. */
  readonly instruction: Instruction | undefined;
  /** Name of the function that begins here. */
  readonly function: string | undefined;
}

/** Part of the address space; both bounds default to those of the code. */
export interface AddressRange {
  readonly start?: number;
  /** Exclusive. */
  readonly end?: number;
}

/**
 * The code of a program in order of addresses, each line beginning where the one before it ends or
 * at the next byte that the program places in memory.
 */
export function* disassemble(
  program: Program,
  range: AddressRange = {},
): Generator<DisassemblyLine, void> {
  const { code, readOnly } = program;
  const end = Math.min(range.end ?? Number.POSITIVE_INFINITY, code.start + 2 * code.rows);
  const start = Math.max(range.start ?? 0, code.start);
  let address = start + (start % 2);
  while (address < end) {
    const line = disassembleAt(program, address);
    if (line === undefined) {
      const next = readOnly.find((image) => image.address > address);
      if (next === undefined) return;
      address = next.address;
    } else {
      yield line;
      address += line.length;
    }
  }
}

/** The line at an even address of the code; undefined where the program has placed nothing. */
export function disassembleAt(program: Program, address: number): DisassemblyLine | undefined {
  const encoding = readEncoding(program, address);
  if (encoding === undefined) return undefined;
  const instruction = decodeAt(program, address);
  const length = instruction?.length ?? lengthOfData(program, address, encoding);
  const bits = length === 4 ? encoding.bits : encoding.bits & 0xffff;
  const text =
    instruction === undefined
      ? formatData(bits, length)
      : formatInstruction(instruction, { address, symbols: program.symbols });
  const symbol = program.symbols.find(address);
  const name = symbol?.address === address ? symbol.name : undefined;
  return { address, length, bits, text, instruction, function: name };
}

/** The lines as text, each function under a heading: `0x00010000 <main>:`. */
export function* formatDisassembly(lines: Iterable<DisassemblyLine>): Generator<string, void> {
  let isFirst = true;
  for (const { address, length, bits, text, function: name } of lines) {
    if (name !== undefined) {
      if (!isFirst) yield '';
      yield `${hex(address, 4)} <${name}>:`;
    }
    isFirst = false;
    const raw = bits.toString(16).padStart(2 * length, '0');
    yield `${address.toString(16).padStart(8)}:  ${raw.padEnd(8)}  ${text}`;
  }
}

/** Where an instruction stands, so that targets of jumps can be shown. */
export interface InstructionPlace {
  readonly address?: number;
  readonly symbols?: SymbolTable;
}

/**
 * Assembly text of an instruction: the compressed mnemonic if it is one, registers by their names
 * in the calling convention. Without an address, targets are relative: `c.j .+16`.
 */
export function formatInstruction(instruction: Instruction, place: InstructionPlace = {}): string {
  const mnemonic = instruction.compressed ?? instruction.mnemonic;
  const operands = OPERANDS.get(mnemonic) ?? [];
  const shown = operands.map((operand) => FORMATTERS[operand]?.(instruction, place) ?? '');
  const list = shown.filter((operand) => operand !== '').join(', ');
  return list === '' ? mnemonic : `${mnemonic} ${list}`;
}

const OPERANDS: ReadonlyMap<string, readonly string[]> = new Map(
  [...INSTRUCTION_FORMS, ...COMPRESSED_FORMS].map(({ mnemonic, operands }) => [
    mnemonic,
    operands === '' ? [] : operands.split(' '),
  ]),
);

/** Names of x0 to x31 (RISC-V calling conventions, "Integer Register Convention"). */
export const REGISTER_NAMES: readonly string[] = (
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 ' +
  'a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'
).split(' ');

type OperandFormatter = (instruction: Instruction, place: InstructionPlace) => string;

const FORMATTERS: Readonly<Record<string, OperandFormatter>> = {
  rd: ({ rd }) => register(rd),
  rs1: ({ rs1 }) => register(rs1),
  rs2: ({ rs2 }) => register(rs2),
  immediate: ({ immediate }) => `${immediate}`,
  amount: ({ immediate }) => `${immediate}`,
  upper: ({ immediate }) => `0x${(immediate >>> 12).toString(16)}`,
  'offset(rs1)': ({ immediate, rs1 }) => `${immediate}(${register(rs1)})`,
  target: ({ immediate }, place) => formatTarget(immediate, place),
  fence: ({ immediate }) => `${accesses(immediate >>> 4)}, ${accesses(immediate)}`,
  hint: ({ immediate }) => (immediate === 0 ? '' : `${immediate}`),
};

function register(number: number): string {
  return REGISTER_NAMES[number] ?? `x${number}`;
}

function formatTarget(offset: number, { address, symbols }: InstructionPlace): string {
  if (address === undefined) return offset < 0 ? `.${offset}` : `.+${offset}`;
  const target = (address + offset) >>> 0;
  const symbol = symbols?.find(target);
  if (symbol === undefined) return hex(target, 4);
  const distance = target - symbol.address;
  const suffix = distance === 0 ? '' : `+0x${distance.toString(16)}`;
  return `${hex(target, 4)} <${symbol.name}${suffix}>`;
}

/** The set of accesses that a FENCE orders, from its low four bits. */
function accesses(set: number): string {
  const letters = [...'iorw'].filter((_, i) => ((set >>> (3 - i)) & 1) === 1).join('');
  return letters === '' ? '0' : letters;
}

/** An illegal encoding as long as its low bits say, unless memory or the function ends before. */
function lengthOfData(
  program: Program,
  address: number,
  { bits, bytes }: { bits: number; bytes: 2 | 4 },
): 2 | 4 {
  if (bytes === 2 || encodingLength(bits) === 2) return 2;
  const { start, rows } = program.code;
  if (address + 4 > start + 2 * rows) return 2;
  return program.symbols.find(address + 2)?.address === address + 2 ? 2 : 4;
}

function formatData(bits: number, length: 2 | 4): string {
  const cause = classifyEncoding(bits, length);
  const comment = cause === 'illegal-instruction' ? '' : `  # ${cause}`;
  return `${length === 2 ? '.half' : '.word'} ${hex(bits, length)}${comment}`;
}

function hex(value: number, bytes: number): string {
  return `0x${value.toString(16).padStart(2 * bytes, '0')}`;
}
