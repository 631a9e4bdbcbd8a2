/**
 * The KoalaBear field F of p = 2^31 - 2^24 + 1 elements. An element is a JS number, the canonical
 * representative in [0, p); every function expects and returns that.
 *
 * Products have 62 bits and a double holds 53. So a product is kept twice: its low 32 bits, exact
 * modulo 2^32 (`Math.imul`), and its value, rounded (`*` on doubles). The rounded value gives the
 * quotient by p with an error of at most one, and only when the remainder is within 2^12 of 0 or
 * p; the low bits then give the remainder exactly, because it fits 32 bits.
 */
import { VerificationError } from './errors.ts';

/** p = 2^31 - 2^24 + 1. */
export const MODULUS = 0x7f000001;

/** 1/p, rounded: turns a division into a multiplication. */
export const MODULUS_INVERSE: number = 1 / MODULUS;

/** Largest k such that 2^k divides p - 1. */
export const TWO_ADICITY = 24;

/** A generator of the multiplicative group. */
export const GENERATOR = 3;

/** Bytes of an encoded element: an unsigned 32-bit word, little-endian. */
export const ELEMENT_BYTES = 4;

export function add(a: number, b: number): number {
  const sum = a - MODULUS + b;
  return sum + ((sum >> 31) & MODULUS);
}

export function sub(a: number, b: number): number {
  const difference = a - b;
  return difference + ((difference >> 31) & MODULUS);
}

export function neg(a: number): number {
  return a === 0 ? 0 : MODULUS - a;
}

export function mul(a: number, b: number): number {
  const quotient = (a * b * MODULUS_INVERSE) | 0;
  let r = (Math.imul(a, b) - Math.imul(quotient, MODULUS)) | 0;
  r += (r >> 31) & MODULUS;
  r -= MODULUS;
  return r + ((r >> 31) & MODULUS);
}

/**
 * The element that is congruent to an integer known by its low 32 bits and by its rounded value.
 * Exact when |value| < 2^66 and the rounding error is below 2^22: sums of up to sixteen products.
 */
export function reduceProducts(low: number, value: number): number {
  const quotient = Math.floor(value * MODULUS_INVERSE);
  const r = (low - Math.imul(quotient, MODULUS)) | 0;
  return r < 0 ? r + MODULUS : r >= MODULUS ? r - MODULUS : r;
}

/** The element congruent to an integer of magnitude below 2^52. */
export function reduceInteger(value: number): number {
  const r = value - Math.floor(value * MODULUS_INVERSE) * MODULUS;
  return r < 0 ? r + MODULUS : r >= MODULUS ? r - MODULUS : r;
}

/** a^exponent for a non-negative safe integer. */
export function pow(a: number, exponent: number): number {
  let result = 1;
  let square = a;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mul(result, square);
    square = mul(square, square);
  }
  return result;
}

/** 1/a by Fermat's theorem. Zero fails the check `field/division-by-zero`. */
export function inverse(a: number): number {
  if (a === 0) throw new VerificationError('field/division-by-zero', 'zero has no inverse');
  return pow(a, MODULUS - 2);
}

/** The inverses of all values for the price of one (Montgomery's trick). Throws as `inverse`. */
export function batchInverse(values: readonly number[]): number[] {
  const prefixes: number[] = [];
  let product = 1;
  for (const value of values) {
    prefixes.push(product);
    product = mul(product, value);
  }
  let rest = inverse(product);
  const inverses = new Array<number>(values.length).fill(0);
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = mul(rest, prefixes[i] as number);
    rest = mul(rest, values[i] as number);
  }
  return inverses;
}

/** A generator of the subgroup of order 2^logOrder, logOrder in 0..24. */
export function twoAdicGenerator(logOrder: number): number {
  if (!(Number.isInteger(logOrder) && logOrder >= 0 && logOrder <= TWO_ADICITY)) {
    throw new RangeError(`the field has no subgroup of order 2^${logOrder}`);
  }
  return pow(GENERATOR, (MODULUS - 1) / 2 ** logOrder);
}

/** Whether a number is the canonical representative of an element. */
export function isCanonical(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < MODULUS;
}

/** Writes elements as little-endian words. */
export function toBytes(elements: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES * elements.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < elements.length; i++) {
    view.setUint32(ELEMENT_BYTES * i, elements[i] as number, true);
  }
  return bytes;
}
