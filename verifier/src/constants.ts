/** Numbers of the machine that the verifier's own messages and bounds are made of (proof-spec 2, 4). */

/** Half-word address that HALT leads to; no program row is there. */
export const HALT_PC: number = 2 ** 30;

/** Key of the public input's length word; its bytes follow, four to a key. */
export const PUBLIC_INPUT_KEY = 0x0800_0000;
/** Key behind the last memory word. */
export const MEMORY_END_KEY: number = 2 ** 29;

/** Largest public input in bytes: with its length word it fills 2^22 words. */
export const MAX_INPUT_BYTES = 0x00ff_fffc;
/** Largest journal in bytes. */
export const MAX_JOURNAL_BYTES = 0x0100_0000;

/** Largest cycle counter at the end of a segment, so that time stamps 2c + 1 stay below 2^23. */
export const MAX_CYCLE_END: number = 2 ** 22;
/** Most segments of a run. */
export const MAX_SEGMENTS: number = 2 ** 17;
