/**
 * Vectors of base-field elements in Montgomery form. A kernel does the elements [from, to); the
 * target may be an operand, and ranges that do not overlap may run at the same time.
 */
import {
  add,
  ONE,
  inverseScalar,
  mul,
  mulConstant,
  mulScalar,
  poolInverse,
  poolP,
  poolRSquared,
  shoupQuotient,
  storeLanes,
  sub,
  toInteger,
  toIntegerScalar,
} from './field';

/** target = a + b. */
export function addVectors(a: usize, b: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, add(v128.load(a + o), v128.load(b + o), p), to - i);
  }
}

/** target = a - b. */
export function subtractVectors(a: usize, b: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, sub(v128.load(a + o), v128.load(b + o), p), to - i);
  }
}

/** target = a b, element by element. */
export function multiplyVectors(a: usize, b: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, mul(v128.load(a + o), v128.load(b + o), p, inverse), to - i);
  }
}

/** target = c a for a constant c in Montgomery form. */
export function scaleVector(a: usize, c: u32, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const factor = toIntegerScalar(c);
  const w = i32x4.splat(factor);
  const quotient = i32x4.splat(shoupQuotient(factor));
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, mulConstant(v128.load(a + o), w, quotient, p), to - i);
  }
}

/** Any 32-bit integers to elements in Montgomery form. */
export function toMontgomery(a: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  const rSquared = poolRSquared();
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, mul(v128.load(a + o), rSquared, p, inverse), to - i);
  }
}

/** Elements in Montgomery form to their canonical integers. */
export function fromMontgomery(a: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  for (let i = from; i < to; i += 4) {
    const o: usize = 4 * i;
    storeLanes(target + o, toInteger(v128.load(a + o), p, inverse), to - i);
  }
}

/**
 * target = 1/a, and 0 where a is 0, with one inversion for all (Montgomery's trick). The target must
 * not overlap `a`: it holds the products of all elements before, then the inverses.
 */
export function invertVector(a: usize, target: usize, from: u32, to: u32): void {
  let product = ONE;
  for (let i = from; i < to; i++) {
    const value = load<u32>(a + 4 * i);
    store<u32>(target + 4 * i, product);
    if (value) product = mulScalar(product, value);
  }
  let rest = inverseScalar(product);
  for (let i = to; i > from; ) {
    i--;
    const value = load<u32>(a + 4 * i);
    store<u32>(target + 4 * i, value ? mulScalar(rest, load<u32>(target + 4 * i)) : 0);
    if (value) rest = mulScalar(rest, value);
  }
}
