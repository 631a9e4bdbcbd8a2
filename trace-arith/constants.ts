/** Numbers that chips, tables and verifier terms share (proof-spec, sections 4 to 7). */
import { PRIVATE_INPUT_START, PUBLIC_INPUT_START, STACK_END } from '../vm/memory-map.ts';

/** Key of register r is REGISTER_KEY + r; keys of memory words are addresses / 4, below 2^29. */
export const REGISTER_KEY: number = 2 ** 30;
/** The journal counter lives behind the registers. */
export const JOURNAL_REGISTER = 32;
/** Rows of the table of registers' initial values. */
export const REGISTER_ROWS = 64;

/** Half-word address that HALT leads to; no program row is there. */
export const HALT_PC: number = 2 ** 30;
/** Stands for a constant target where no code can be. */
export const NOWHERE_PC: number = 2 ** 30 + 1;

export const LIMB: number = 2 ** 16;

export const PUBLIC_INPUT_KEY: number = PUBLIC_INPUT_START / 4;
export const PRIVATE_INPUT_KEY: number = PRIVATE_INPUT_START / 4;
/** Key behind the topmost stack word. */
export const STACK_END_KEY: number = STACK_END / 4;
/** Key behind the last memory word. */
export const MEMORY_END_KEY: number = 2 ** 29;

/** Least and greatest height of the range table R20, as logarithms. */
export const LEAST_RANGE_LOG = 17;
export const GREATEST_RANGE_LOG = 20;
/** Times of MEMBUMP are timeLow + BUMP_UNIT timeHigh: every time has a form with timeLow in R20. */
export const BUMP_UNIT: number = 2 ** LEAST_RANGE_LOG;
/** Bits of timeHigh: times are below 2^23. */
export const BUMP_BITS = 6;
