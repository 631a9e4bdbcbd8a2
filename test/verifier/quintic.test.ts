import assert from 'node:assert/strict';
import {
  KoalaBear as F,
  QuinticField as Q,
  type Quintic,
  VerificationError,
} from '@vouch/verifier';
import fc from 'fast-check';
import { check, element, modulo, quintic, readVectors } from './support.ts';

const P = BigInt(F.MODULUS);

/** Polynomials over F as BigInt coefficients, constant term first, without leading zeros. */
type Polynomial = bigint[];

function trim(f: Polynomial): Polynomial {
  const g = f.map((c) => ((c % P) + P) % P);
  while (g.length > 0 && g[g.length - 1] === 0n) g.pop();
  return g;
}

function multiply(f: Polynomial, g: Polynomial): Polynomial {
  const product = new Array<bigint>(Math.max(f.length + g.length - 1, 0)).fill(0n);
  f.forEach((a, i) => {
    g.forEach((b, j) => {
      product[i + j] = (product[i + j] as bigint) + a * b;
    });
  });
  return trim(product);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function remainder(f: Polynomial, g: Polynomial): Polynomial {
  let rest = trim(f);
  const inverse = power(g[g.length - 1] as bigint, P - 2n);
  while (rest.length >= g.length) {
    const factor = (rest[rest.length - 1] as bigint) * inverse;
    const shift = rest.length - g.length;
    rest = trim(rest.map((c, i) => c - (i >= shift ? factor * (g[i - shift] as bigint) : 0n)));
  }
  return rest;
}

function greatestCommonDivisor(f: Polynomial, g: Polynomial): Polynomial {
  return g.length === 0 ? f : greatestCommonDivisor(g, remainder(f, g));
}

/** X^(p^k) modulo f. */
function frobeniusPower(f: Polynomial, k: number): Polynomial {
  let result: Polynomial = [0n, 1n];
  for (let i = 0; i < k; i++) {
    const base = result;
    result = [1n];
    for (const bit of P.toString(2)) {
      result = remainder(multiply(result, result), f);
      if (bit === '1') result = remainder(multiply(result, base), f);
    }
  }
  return result;
}

function minusX(f: Polynomial): Polynomial {
  const [c0 = 0n, c1 = 0n, ...rest] = f;
  return trim([c0, c1 - 1n, ...rest]);
}

const MODULUS: Polynomial = [P - 1n, 0n, 1n, 0n, 0n, 1n];

function toPolynomial(a: Quintic): Polynomial {
  return trim(a.map(BigInt));
}

function fromPolynomial(f: Polynomial): Quintic {
  return [0, 1, 2, 3, 4].map((i) => modulo(f[i] ?? 0n)) as unknown as Quintic;
}

describe('Quintic extension', () => {
  it('is a field: X^5 + X^2 - 1 has no factor of degree 1 or 2, by gcd(X^(p^k) - X, f)', () => {
    for (const k of [1, 2]) {
      const gcd = greatestCommonDivisor(MODULUS, minusX(frobeniusPower(MODULUS, k)));
      assert.equal(gcd.length, 1, `a common factor with X^(p^${k}) - X`);
    }
    assert.deepEqual(frobeniusPower(MODULUS, 5), [0n, 1n]);
  });

  it('would find a factor of a reducible polynomial', () => {
    const reducible = multiply([P - 3n, 1n], [7n, 0n, 0n, 1n, 1n]);
    const gcd = greatestCommonDivisor(reducible, minusX(frobeniusPower(reducible, 1)));
    assert.ok(gcd.length > 1);
  });

  it('multiplies and squares as polynomials modulo X^5 + X^2 - 1', () => {
    const top = F.MODULUS - 1;
    const largest: Quintic = [top, top, top, top, top];
    const operand = fc.oneof(quintic, fc.constant(largest));
    check(
      fc.property(operand, operand, (a, b) => {
        const product = remainder(multiply(toPolynomial(a), toPolynomial(b)), MODULUS);
        assert.deepEqual(Q.mul(a, b), fromPolynomial(product));
        assert.deepEqual(Q.square(a), Q.mul(a, a));
      }),
      5_000,
    );
  });

  it('adds, subtracts and negates coordinate by coordinate', () => {
    check(
      fc.property(quintic, quintic, (a, b) => {
        const [x, y] = [a.map(BigInt), b.map(BigInt)] as [bigint[], bigint[]];
        assert.deepEqual(
          Q.add(a, b),
          x.map((c, i) => modulo(c + (y[i] as bigint))),
        );
        assert.deepEqual(
          Q.sub(a, b),
          x.map((c, i) => modulo(c - (y[i] as bigint))),
        );
        assert.deepEqual(Q.neg(a), Q.sub(Q.ZERO, a));
      }),
    );
  });

  it('satisfies the axioms of a field', () => {
    check(
      fc.property(quintic, quintic, quintic, (a, b, c) => {
        assert.deepEqual(Q.mul(a, b), Q.mul(b, a));
        assert.deepEqual(Q.mul(Q.mul(a, b), c), Q.mul(a, Q.mul(b, c)));
        assert.deepEqual(Q.mul(a, Q.add(b, c)), Q.add(Q.mul(a, b), Q.mul(a, c)));
        assert.deepEqual(Q.mul(a, Q.ONE), a);
        assert.deepEqual(Q.add(a, Q.neg(a)), Q.ZERO);
        if (!Q.isZero(a)) assert.deepEqual(Q.mul(a, Q.inverse(a)), Q.ONE);
      }),
    );
  });

  it('contains the base field', () => {
    check(
      fc.property(quintic, element, element, (a, s, t) => {
        assert.deepEqual(Q.scale(a, s), Q.mul(a, Q.fromBase(s)));
        assert.deepEqual(Q.mul(Q.fromBase(s), Q.fromBase(t)), Q.fromBase(F.mul(s, t)));
      }),
    );
  });

  it('has the Frobenius map of Plonky3, which is a -> a^p and of order five', () => {
    const { frobenius } = readVectors<{ frobenius: number[][] }>('koala-bear.json');
    frobenius.forEach((image, i) => {
      const basis = [0, 0, 0, 0, 0];
      basis[i + 1] = 1;
      assert.deepEqual(Q.frobenius(basis as unknown as Quintic), image);
    });
    check(
      fc.property(quintic, (a) => {
        assert.deepEqual(Q.frobenius(a), Q.pow(a, F.MODULUS));
        let image = a;
        for (let i = 0; i < 5; i++) image = Q.frobenius(image);
        assert.deepEqual(image, a);
      }),
      50,
    );
  });

  it('has no inverse of zero', () => {
    const isDivisionByZero = (error: unknown): boolean =>
      error instanceof VerificationError && error.check === 'field/division-by-zero';
    assert.throws(() => Q.inverse(Q.ZERO), isDivisionByZero);
    assert.throws(() => Q.batchInverse([Q.ONE, Q.ZERO]), isDivisionByZero);
  });

  it('inverts many elements as it inverts each', () => {
    const nonZero = quintic.filter((a) => !Q.isZero(a));
    check(
      fc.property(fc.array(nonZero, { maxLength: 10 }), (values) => {
        assert.deepEqual(Q.batchInverse(values), values.map(Q.inverse));
      }),
    );
  });

  it('compares all five coordinates', () => {
    const a: Quintic = [1, 2, 3, 4, 5];
    assert.ok(Q.equals(a, [1, 2, 3, 4, 5]));
    for (let i = 0; i < 5; i++) {
      const b = [...a];
      b[i] = 9;
      assert.ok(!Q.equals(a, b as unknown as Quintic));
      const unit = [0, 0, 0, 0, 0];
      unit[i] = 1;
      assert.ok(!Q.isZero(unit as unknown as Quintic));
    }
  });
});
