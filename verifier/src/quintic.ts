/**
 * The challenge field E = F[X]/(X^5 + X^2 - 1), of 2^154.9 elements. An element is the tuple of its
 * five canonical coordinates, constant term first. In E, X^5 = 1 - X^2.
 */
import * as F from './koala-bear.ts';

/** An element of E: c0 + c1 X + c2 X^2 + c3 X^3 + c4 X^4. Never changed in place. */
export type Quintic = readonly [number, number, number, number, number];

/** Degree of E over F. */
export const DEGREE = 5;

/** Bytes of an encoded element: its five coordinates. */
export const QUINTIC_BYTES: number = DEGREE * F.ELEMENT_BYTES;

export const ZERO: Quintic = [0, 0, 0, 0, 0];
export const ONE: Quintic = [1, 0, 0, 0, 0];

/** An element of F as an element of E. */
export function fromBase(a: number): Quintic {
  return [a, 0, 0, 0, 0];
}

export function isZero(a: Quintic): boolean {
  return (a[0] | a[1] | a[2] | a[3] | a[4]) === 0;
}

export function equals(a: Quintic, b: Quintic): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4];
}

export function add(a: Quintic, b: Quintic): Quintic {
  return [
    F.add(a[0], b[0]),
    F.add(a[1], b[1]),
    F.add(a[2], b[2]),
    F.add(a[3], b[3]),
    F.add(a[4], b[4]),
  ];
}

export function sub(a: Quintic, b: Quintic): Quintic {
  return [
    F.sub(a[0], b[0]),
    F.sub(a[1], b[1]),
    F.sub(a[2], b[2]),
    F.sub(a[3], b[3]),
    F.sub(a[4], b[4]),
  ];
}

export function neg(a: Quintic): Quintic {
  return [F.neg(a[0]), F.neg(a[1]), F.neg(a[2]), F.neg(a[3]), F.neg(a[4])];
}

/** The product of an element of E and one of F. */
export function scale(a: Quintic, s: number): Quintic {
  return [F.mul(a[0], s), F.mul(a[1], s), F.mul(a[2], s), F.mul(a[3], s), F.mul(a[4], s)];
}

/**
 * The product: the nine coefficients of the polynomial product, with X^5 = 1 - X^2,
 * X^6 = X - X^3, X^7 = X^2 - X^4 and X^8 = X^3 + X^2 - 1, one reduction modulo p per coordinate.
 * Each coefficient is kept twice (see koala-bear.ts): `v` the rounded value, `w` the low word.
 */
export function mul(a: Quintic, b: Quintic): Quintic {
  const a0 = a[0];
  const a1 = a[1];
  const a2 = a[2];
  const a3 = a[3];
  const a4 = a[4];
  const b0 = b[0];
  const b1 = b[1];
  const b2 = b[2];
  const b3 = b[3];
  const b4 = b[4];
  const { imul } = Math;
  const v5 = a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1;
  const v6 = a2 * b4 + a3 * b3 + a4 * b2;
  const v7 = a3 * b4 + a4 * b3;
  const v8 = a4 * b4;
  const w5 = (imul(a1, b4) + imul(a2, b3) + imul(a3, b2) + imul(a4, b1)) | 0;
  const w6 = (imul(a2, b4) + imul(a3, b3) + imul(a4, b2)) | 0;
  const w7 = (imul(a3, b4) + imul(a4, b3)) | 0;
  const w8 = imul(a4, b4);
  const v2 = a0 * b2 + a1 * b1 + a2 * b0;
  const v3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
  const v4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
  const w2 = (imul(a0, b2) + imul(a1, b1) + imul(a2, b0)) | 0;
  const w3 = (imul(a0, b3) + imul(a1, b2) + imul(a2, b1) + imul(a3, b0)) | 0;
  const w4 = (imul(a0, b4) + imul(a1, b3) + imul(a2, b2) + imul(a3, b1) + imul(a4, b0)) | 0;
  return [
    F.reduceProducts(imul(a0, b0) + w5 - w8, a0 * b0 + v5 - v8),
    F.reduceProducts(imul(a0, b1) + imul(a1, b0) + w6, a0 * b1 + a1 * b0 + v6),
    F.reduceProducts(w2 - w5 + w7 + w8, v2 - v5 + v7 + v8),
    F.reduceProducts(w3 - w6 + w8, v3 - v6 + v8),
    F.reduceProducts(w4 - w7, v4 - v7),
  ];
}

export function square(a: Quintic): Quintic {
  return mul(a, a);
}

/** a^exponent for a non-negative safe integer. */
export function pow(a: Quintic, exponent: number): Quintic {
  let result = ONE;
  let power = a;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = mul(result, power);
    power = mul(power, power);
  }
  return result;
}

/** X^(jp) for j = 0..4: the images of the basis under the Frobenius map. */
const FROBENIUS_BASIS: readonly Quintic[] = /* @__PURE__ */ frobeniusBasis();

function frobeniusBasis(): Quintic[] {
  const image = pow([0, 1, 0, 0, 0], F.MODULUS);
  return [0, 1, 2, 3, 4].map((j) => pow(image, j));
}

/** The Frobenius map a -> a^p, which is linear over F. */
export function frobenius(a: Quintic): Quintic {
  return FROBENIUS_BASIS.reduce((sum, image, j) => add(sum, scale(image, a[j] as number)), ZERO);
}

/**
 * 1/a = a^(p + p^2 + p^3 + p^4) / N(a), where the norm N(a) = a^(1 + p + p^2 + p^3 + p^4) is in F.
 * Zero, the only element of norm zero, fails the check `field/division-by-zero`.
 */
export function inverse(a: Quintic): Quintic {
  const conjugate = frobenius(a);
  const two = mul(conjugate, frobenius(conjugate));
  const four = mul(two, frobenius(frobenius(two)));
  return scale(four, F.inverse(mul(a, four)[0]));
}

/** The inverses of all values for the price of one (Montgomery's trick). Throws as `inverse`. */
export function batchInverse(values: readonly Quintic[]): Quintic[] {
  const prefixes: Quintic[] = [];
  let product = ONE;
  for (const value of values) {
    prefixes.push(product);
    product = mul(product, value);
  }
  let rest = inverse(product);
  const inverses = new Array<Quintic>(values.length).fill(ZERO);
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = mul(rest, prefixes[i] as Quintic);
    rest = mul(rest, values[i] as Quintic);
  }
  return inverses;
}
