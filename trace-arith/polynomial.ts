/** Expressions multiplied out, so that two ways to write a polynomial compare equal. */
import { KoalaBear, NODE_ADD, NODE_CONSTANT, NODE_MULTIPLY, NODE_SUBTRACT } from '@vouch/verifier';
import type { Expression } from './expression.ts';

const { MODULUS, add, mul, sub } = KoalaBear;

/** Coefficients by monomial; a monomial is its sorted variables joined by `*`, '' for 1. */
export type Polynomial = ReadonlyMap<string, number>;

/** Multiplies out. Meant for small expressions: the number of terms can grow exponentially. */
export function polynomial(expression: Expression): Polynomial {
  const { operation, left, right, value } = expression;
  if (operation === NODE_CONSTANT) return withoutZeros(new Map([['', value]]));
  if (left === undefined || right === undefined) return new Map([[`${operation}:${value}`, 1]]);
  const a = polynomial(left);
  const b = polynomial(right);
  if (operation === NODE_MULTIPLY) return product(a, b);
  return combine(a, b, operation === NODE_ADD ? add : sub, operation === NODE_SUBTRACT);
}

/** Whether one is the other or its negative: as constraints they say the same. */
export function sameUpToSign(a: Polynomial, b: Polynomial): boolean {
  return same(a, b, (value) => value) || same(a, b, (value) => (value === 0 ? 0 : MODULUS - value));
}

function same(a: Polynomial, b: Polynomial, of: (value: number) => number): boolean {
  if (a.size !== b.size) return false;
  for (const [monomial, value] of a) if (b.get(monomial) !== of(value)) return false;
  return true;
}

function combine(
  a: Polynomial,
  b: Polynomial,
  operation: (x: number, y: number) => number,
  negate: boolean,
): Polynomial {
  const result = new Map(a);
  for (const [monomial, value] of b) {
    const before = result.get(monomial) ?? 0;
    result.set(monomial, negate ? sub(before, value) : operation(before, value));
  }
  return withoutZeros(result);
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map<string, number>();
  for (const [x, m] of a) {
    for (const [y, n] of b) {
      const monomial = [...variables(x), ...variables(y)].sort().join('*');
      result.set(monomial, add(result.get(monomial) ?? 0, mul(m, n)));
    }
  }
  return withoutZeros(result);
}

function variables(monomial: string): string[] {
  return monomial === '' ? [] : monomial.split('*');
}

function withoutZeros(terms: Map<string, number>): Polynomial {
  for (const [monomial, value] of terms) if (value === 0) terms.delete(monomial);
  return terms;
}
