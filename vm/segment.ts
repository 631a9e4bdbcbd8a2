/**
 * The record of one segment: what the arithmetisation cannot derive from the program table alone.
 *
 * Cycle c (1-based, local to the segment) is entry c - 1. Time is 2c for reads, 2c + 1 for writes.
 */

/** 32-bit words of one entry of `Segment.entries`. */
export const ENTRY_WORDS = 5;
/** Byte address of the instruction. */
export const ENTRY_PC = 0;
/** Value of rs1; of a7 for ECALL. */
export const ENTRY_RS1 = 1;
/** Value of rs2; of the addressed (aligned) word for loads; of a0 for ECALL. */
export const ENTRY_RS2 = 2;
/**
 * Value of rd before the instruction; of the addressed (aligned) word before a store; of a1 for HALT;
 * the journal's words so far for COMMIT.
 */
export const ENTRY_OLD = 3;
/** Time of the last access to the addressed word in this segment, 0 for the first one. */
export const ENTRY_MEMORY_TIME = 4;

/** 32-bit words of one crossing: a misaligned access that reaches into the next word. */
export const CROSSING_WORDS = 3;
/** Index of the entry that crosses. */
export const CROSSING_ENTRY = 0;
/** Value of the second word before the access. */
export const CROSSING_VALUE = 1;
/** Time of the last access to the second word, 0 for the first one. */
export const CROSSING_TIME = 2;

/** The machine's state in front of a segment's first cycle. */
export interface Snapshot {
  /** 1-based. */
  readonly segment: number;
  /** Cycles executed before. */
  readonly cycle: number;
  readonly pc: number;
  /** x0 .. x31. */
  readonly registers: Uint32Array;
  /** Journal words committed before. */
  readonly journalWords: number;
  /** The last of them, 0 if there is none: the padding that HALT checks is in it. */
  readonly lastJournalWord: number;
  /** Writable pages that differ from the program's image, by page number (address / 4096). Shared between snapshots; never change them. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** A memory page accessed in a segment. */
export interface TouchedPage {
  /** address / 4096 */
  readonly page: number;
  /** The 1024 words after the segment. */
  readonly words: Uint32Array;
  /** Time of each word's last access in the segment, 0 if it was not accessed. */
  readonly times: Uint32Array;
}

export interface Segment {
  /** State before the first cycle; carries the segment's index. */
  readonly start: Snapshot;
  readonly cycles: number;
  /** `cycles * ENTRY_WORDS` words. */
  readonly entries: Uint32Array;
  /** CROSSING_WORDS words for each crossing, in order. */
  readonly crossings: Uint32Array;
  /** Ascending by page. */
  readonly touchedPages: readonly TouchedPage[];
  /** State after the last cycle; its `segment` is one more. */
  readonly end: Snapshot;
  /** The program halts in this segment. A run that traps has no last segment. */
  readonly last: boolean;
}
