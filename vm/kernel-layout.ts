/**
 * Layout of the interpreter's own memory, shared by the kernel (`asc`) and its driver (`tsc`).
 * All tables have fixed places so that their addresses are constants of the compiled code; memory
 * that a run does not touch costs nothing.
 */

/** Registers x0..x31, then a slot that takes writes to x0. */
export const REGISTERS = 0x400;
/** Byte offset of the slot behind x31. */
export const DISCARD_OFFSET = 128;

export const PAGE_BITS = 12;
export const PAGE_BYTES = 4096;
/** A frame holds a page's bytes, then the time of each word's last access. */
export const FRAME_BYTES = 8192;

/** For each of 2^20 guest pages: address of the frame to load from without a check, or 0. */
export const LOAD_FRAMES = 0x40_0000;
/** The same for stores. */
export const STORE_FRAMES = 0x80_0000;
/** For each guest page: its frame's address with the flags below, 0 if it has none. */
export const DIRECTORY = 0xc0_0000;
/** Only some words of the page exist: the bitmap behind the frame says which. */
export const PAGE_PARTIAL = 1;
/** The page is in the list at TOUCHED. */
export const PAGE_TOUCHED = 2;
/**
 * Pages accessed since the segment began, in order of first access. At most 1.5 GiB of memory
 * (options.ts) are 393,216 pages, for which there is room here and in DIRTY.
 */
export const TOUCHED = 0x100_0000;
/** Pages stored to since the segment began, in order of first store. */
export const DIRTY = 0x120_0000;

/** Committed words. */
export const JOURNAL = 0x200_0000;

/**
 * Decoded rows: the code window's, then those that stand for addresses outside it. A window of
 * 2 MiB has 2^20 rows, and jumps of at most 1 MiB lead from it to at most 2^20 even addresses.
 */
export const CODE = 0x300_0000;
export const ROW_BYTES = 16;
/** Row: operation, rd, rs1, rs2 (one byte each; registers as byte offsets). */
export const ROW_HEAD = 0;
export const ROW_IMMEDIATE = 4;
/** Address of the row that follows. */
export const ROW_NEXT = 8;
/** Address of the target's row; for JALR the link. */
export const ROW_TARGET = 12;
/** Operation of a row outside the code window; its immediate is the guest address. */
export const OUTSIDE = 63;

/** Segment entries, crossings and frames follow, placed anew for each run. */
export const DYNAMIC = 0x500_0000;

/** Why `run` returned. */
export const STOP_BUDGET = 0;
export const STOP_HALT = 1;
export const STOP_DEBUG_PRINT = 2;
export const STOP_ABORT_CAUSE = 3;
export const STOP_ILLEGAL = 4;
export const STOP_FETCH = 5;
export const STOP_LOAD = 6;
export const STOP_STORE = 7;
export const STOP_HOST_CALL = 8;
export const STOP_JOURNAL_MISMATCH = 9;
export const STOP_JOURNAL_LIMIT = 10;
export const STOP_MEMORY_LIMIT = 11;
