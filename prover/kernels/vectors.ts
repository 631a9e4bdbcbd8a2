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
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, add(v128.load(a + o), v128.load(b + o), p));
  if (o < end) storeLanes(target + o, add(v128.load(a + o), v128.load(b + o), p), <u32>(end - o) / 4);
}

/** target = a - b. */
export function subtractVectors(a: usize, b: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, sub(v128.load(a + o), v128.load(b + o), p));
  if (o < end) storeLanes(target + o, sub(v128.load(a + o), v128.load(b + o), p), <u32>(end - o) / 4);
}

/** target = a b, element by element. */
export function multiplyVectors(a: usize, b: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, mul(v128.load(a + o), v128.load(b + o), p, inverse));
  if (o < end) storeLanes(target + o, mul(v128.load(a + o), v128.load(b + o), p, inverse), <u32>(end - o) / 4);
}

/** target = c a for a constant c in Montgomery form. */
export function scaleVector(a: usize, c: u32, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const factor = toIntegerScalar(c);
  const w = i32x4.splat(factor);
  const quotient = i32x4.splat(shoupQuotient(factor));
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, mulConstant(v128.load(a + o), w, quotient, p));
  if (o < end) storeLanes(target + o, mulConstant(v128.load(a + o), w, quotient, p), <u32>(end - o) / 4);
}

/** Any 32-bit integers to elements in Montgomery form. */
export function toMontgomery(a: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  const rSquared = poolRSquared();
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, mul(v128.load(a + o), rSquared, p, inverse));
  if (o < end) storeLanes(target + o, mul(v128.load(a + o), rSquared, p, inverse), <u32>(end - o) / 4);
}

/** Elements in Montgomery form to their canonical integers. */
export function fromMontgomery(a: usize, target: usize, from: u32, to: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  let o: usize = 4 * from;
  const end: usize = 4 * to;
  for (; o + 16 <= end; o += 16) v128.store(target + o, toInteger(v128.load(a + o), p, inverse));
  if (o < end) storeLanes(target + o, toInteger(v128.load(a + o), p, inverse), <u32>(end - o) / 4);
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
