import { C_EBREAK, expand, findCompressed } from './compressed.ts';
import { findForm, IMMEDIATES, REGISTERS, readRd, readRs1, readRs2 } from './encodings.ts';
import type { Instruction } from './instruction.ts';
import type { ImageRange, Program } from './program.ts';

/**
 * The instruction in the low bits of `word`, the 32 bits found at its address; undefined if it is
 * no legal instruction of RV32IMC at user level. Only ECALL exists of the SYSTEM instructions, and
 * FENCE.I (Zifencei) does not.
 */
export function decode(word: number): Instruction | undefined {
  const length = encodingLength(word);
  const compressed = length === 2 ? findCompressed(word & 0xffff) : undefined;
  const encoding = length === 2 ? expand(word & 0xffff) : word;
  const form = findForm(encoding);
  if (form === undefined) return undefined;
  const has = REGISTERS[form.format];
  return {
    mnemonic: form.mnemonic,
    ...(compressed === undefined ? {} : { compressed: compressed.mnemonic }),
    length,
    rd: has.rd ? readRd(encoding) : 0,
    rs1: has.rs1 ? readRs1(encoding) : 0,
    rs2: has.rs2 ? readRs2(encoding) : 0,
    immediate: IMMEDIATES[form.format](encoding),
  };
}

/**
 * The instruction of the program at `address`; undefined where the code table has none, even if the
 * bytes there look like one.
 */
export function decodeAt(program: Program, address: number): Instruction | undefined {
  const { start, rows, length } = program.code;
  const row = (address - start) / 2;
  if (!Number.isInteger(row) || row < 0 || row >= rows || length[row] === 0) return undefined;
  return decode(readEncoding(program, address)?.bits ?? 0);
}

/** Why no instruction can be executed at an address. */
export type IllegalCause =
  | 'illegal-instruction'
  | 'breakpoint'
  | 'csr-access'
  | 'fetch-outside-code';

/**
 * Why no row of the code table is at `address`: `breakpoint` for EBREAK and C.EBREAK, `csr-access`
 * for the instructions of Zicsr, `fetch-outside-code` where the ELF has placed nothing.
 */
export function classifyIllegal(program: Program, address: number): IllegalCause {
  const encoding = readEncoding(program, address);
  if (encoding === undefined) return 'fetch-outside-code';
  return classifyEncoding(encoding.bits, encoding.bytes);
}

const EBREAK = 0x0010_0073;
const SYSTEM = 0x73;

/** The same for the `bytes` (2 or 4) bytes of memory in `bits`. */
export function classifyEncoding(bits: number, bytes: 2 | 4): IllegalCause {
  if ((bits & 0xffff) === C_EBREAK) return 'breakpoint';
  if (bytes === 2) return 'illegal-instruction';
  if (bits === EBREAK) return 'breakpoint';
  const isCsr = (bits & 0x7f) === SYSTEM && ((bits >>> 12) & 3) !== 0;
  return isCsr ? 'csr-access' : 'illegal-instruction';
}

/** Bytes of the encoding that begins with the low half-word of `word`. */
export function encodingLength(word: number): 2 | 4 {
  return (word & 3) === 3 ? 4 : 2;
}

/** What memory holds at an address, as far as an instruction there can reach. */
export interface Encoding {
  /** Unsigned; the upper half is 0 where only a half-word exists. */
  readonly bits: number;
  /** Bytes that exist: 2 or 4. */
  readonly bytes: 2 | 4;
}

/** Reads from the program's read-only words; undefined if there are none at `address`. */
export function readEncoding(program: Program, address: number): Encoding | undefined {
  const low = readHalf(program.readOnly, address);
  if (low === undefined) return undefined;
  const high = readHalf(program.readOnly, address + 2);
  if (high === undefined) return { bits: low, bytes: 2 };
  return { bits: ((high << 16) | low) >>> 0, bytes: 4 };
}

function readHalf(ranges: readonly ImageRange[], address: number): number | undefined {
  for (const range of ranges) {
    const offset = address - range.address;
    if (offset >= 0 && offset + 2 <= range.bytes.length) {
      return (range.bytes[offset] as number) | ((range.bytes[offset + 1] as number) << 8);
    }
  }
  return undefined;
}
