import type { SymbolTable } from './symbols.ts';

/**
 * The decoded program: one row for every even address of the code window, overlapping decodings
 * included. Row i is the instruction at `start + 2 i`.
 */
export interface CodeTable {
  /** Byte address of row 0. */
  readonly start: number;
  /** Rows; the window ends at `start + 2 * rows`. */
  readonly rows: number;
  /** Operation (see operations.ts), ILLEGAL where no legal instruction begins. */
  readonly operation: Uint8Array;
  readonly rd: Uint8Array;
  readonly rs1: Uint8Array;
  readonly rs2: Uint8Array;
  /**
   * Immediate of I-type, loads, stores and JALR; shift amount; the finished value of LUI and AUIPC;
   * the link of JAL; the target address of branches and of JUMP. Unsigned 32-bit.
   */
  readonly immediate: Uint32Array;
  /** Target address of JAL (0 elsewhere). */
  readonly target: Uint32Array;
  /** Bytes of the instruction: 2 or 4, 0 where it is illegal. */
  readonly length: Uint8Array;
}

/** A run of memory words that the program places before the first cycle. */
export interface ImageRange {
  /** Byte address, a multiple of 4. */
  readonly address: number;
  /** Contents, a multiple of 4 bytes. */
  readonly bytes: Uint8Array;
}

/** A loaded program: everything that a run depends on besides its inputs. */
export interface Program {
  /** Byte address of the first instruction. */
  readonly entry: number;
  readonly code: CodeTable;
  /** Words of the read-only window, ascending, disjoint, never adjacent. */
  readonly readOnly: readonly ImageRange[];
  /**
   * Words from DATA_START up to `imageEnd`; absent if the program has no initialised data. Zeros at the end
   * are left out: every later word of the data region starts as zero anyway.
   */
  readonly writable: ImageRange | undefined;
  /** First byte address of the data region behind the image, at least DATA_START. */
  readonly imageEnd: number;
  /** Names of functions; never part of the program's meaning. */
  readonly symbols: SymbolTable;
}
