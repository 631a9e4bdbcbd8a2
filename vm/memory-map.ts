/**
 * The guest's address space and the limits of the machine, stated once.
 *
 * This file is compiled twice: by `tsc` for the loader, the executor and the proof, and by `asc`
 * for the interpreter kernel. It therefore holds integer constants below 2^31 and nothing else.
 * `guests/sdk/vouch.ld` and `guests/sdk/vouch_memory_map.h` are generated from it.
 *
 * ```
 * 0x0001_0000 .. 0x2000_0000  code and read-only data of the ELF ("read-only window")
 * 0x2000_0000 .. 0x3000_0000  public input: length word, then the bytes, zero-padded to a word
 * 0x3000_0000 .. 0x4000_0000  private input, same layout
 * 0x4080_0000 .. 0x4100_0000  stack, grows down from its end
 * 0x4101_0000 .. 0x8000_0000  writable data of the ELF, zero-initialised data, heap
 * everything else             guard: nothing is there
 * ```
 * Ends are exclusive.
 */

export const READ_ONLY_START = 0x0001_0000;
export const READ_ONLY_END = 0x2000_0000;

export const PUBLIC_INPUT_START = 0x2000_0000;
export const PUBLIC_INPUT_END = 0x3000_0000;

export const PRIVATE_INPUT_START = 0x3000_0000;
export const PRIVATE_INPUT_END = 0x4000_0000;

export const STACK_START = 0x4080_0000;
export const STACK_END = 0x4100_0000;

export const DATA_START = 0x4101_0000;
/** Last byte of the data region; its end, 2^31, does not fit a positive i32. */
export const DATA_LAST = 0x7fff_ffff;

/** Bytes of an input's length word, which lies in front of the input's first byte. */
export const INPUT_HEADER_BYTES = 4;
/** Largest input, public or private: with its length word it fills 2^22 words. */
export const MAX_INPUT_BYTES = 0x00ff_fffc;

/** Largest code window: first to last executable byte, one table row for each half-word. */
export const MAX_CODE_BYTES = 0x0020_0000;
/** Most words that the ELF may place in memory, gaps between writable segments included. */
export const MAX_IMAGE_WORDS = 0x0010_0000;
/** Largest journal in bytes. */
export const MAX_JOURNAL_BYTES = 0x0100_0000;

/** Most cycles of one segment: a time stamp 2c + 1 stays below 2^23. */
export const MAX_SEGMENT_CYCLES = 0x0020_0000;
/** Most segments of one run. */
export const MAX_SEGMENTS = 0x0002_0000;

/** Host calls, chosen by a7 (x17) at an ECALL. */
export const HOST_CALL_REGISTER = 17;
/** a0 = exit code, a1 = journal length in bytes. */
export const HOST_CALL_HALT = 1;
/** a0 = the journal's next word. */
export const HOST_CALL_COMMIT = 2;

/**
 * `slti x0, x0, DEBUG_PRINT_HINT` asks the host to print: a0 = format string, a1 = its arguments in
 * memory. A proof sees an instruction without effect (ISA manual, "HINT Instructions": SLTI with
 * rd = x0 is designated for custom use).
 */
export const DEBUG_PRINT_HINT = 1;
/** `slti x0, x0, ABORT_CAUSE_HINT`: a0 = string that says why the program is about to fail. */
export const ABORT_CAUSE_HINT = 2;
/** Exit code of `abort()` and of a failed assertion: 128 + SIGABRT. */
export const EXIT_CODE_ABORT = 134;
