import assert from 'node:assert/strict';
import { KoalaBear as F, VerificationError } from '@vouch/verifier';
import fc from 'fast-check';
import { check, element, modulo, readVectors } from './support.ts';

describe('KoalaBear field', () => {
  it('has the prime 2^31 - 2^24 + 1', () => {
    assert.equal(F.MODULUS, 2 ** 31 - 2 ** 24 + 1);
    for (let d = 3; d * d <= F.MODULUS; d += 2) assert.notEqual(F.MODULUS % d, 0, `${d} divides p`);
  });

  it('adds, subtracts, negates and multiplies as integers modulo p', () => {
    check(
      fc.property(element, element, (a, b) => {
        const [x, y] = [BigInt(a), BigInt(b)];
        assert.equal(F.add(a, b), modulo(x + y));
        assert.equal(F.sub(a, b), modulo(x - y));
        assert.equal(F.neg(a), modulo(-x));
        assert.equal(F.mul(a, b), modulo(x * y));
      }),
      20_000,
    );
  });

  it('multiplies right where the rounded quotient is next to an integer', () => {
    for (const a of [3, 127, 2 ** 24, 2 ** 30 + 7, F.MODULUS - 2]) {
      const inverse = F.inverse(a);
      for (const product of [0, 1, 2, 3, F.MODULUS - 1, F.MODULUS - 2, F.MODULUS - 3]) {
        const b = modulo(BigInt(inverse) * BigInt(product));
        assert.equal(F.mul(a, b), product);
      }
    }
  });

  it('reduces sums of sixteen products, at their largest too', () => {
    const largest = new Array<number>(16).fill(F.MODULUS - 1);
    const terms = fc.array(element, { minLength: 16, maxLength: 16 });
    const all = fc.oneof(fc.constant(largest), terms);
    check(
      fc.property(all, all, fc.boolean(), (a, b, negative) => {
        const sign = negative ? -1 : 1;
        let low = 0;
        let value = 0;
        let exact = 0n;
        a.forEach((x, i) => {
          const y = b[i] as number;
          low = (low + sign * Math.imul(x, y)) | 0;
          value += sign * x * y;
          exact += BigInt(sign) * BigInt(x) * BigInt(y);
        });
        assert.equal(F.reduceProducts(low, value), modulo(exact));
      }),
      2_000,
    );
  });

  it('reduces integers of 52 bits of either sign', () => {
    const bound = 2 ** 52 - 1;
    const multiple = fc.integer({ min: -2_000_000, max: 2_000_000 });
    const near = fc
      .tuple(multiple, fc.integer({ min: -2, max: 2 }))
      .map(([k, d]) => k * F.MODULUS + d);
    check(
      fc.property(fc.oneof(fc.integer({ min: -bound, max: bound }), near), (value) => {
        assert.ok(Object.is(F.reduceInteger(value), modulo(BigInt(value))));
      }),
      5_000,
    );
  });

  it('inverts every element but zero', () => {
    check(fc.property(element, (a) => a === 0 || F.mul(a, F.inverse(a)) === 1));
    assert.throws(
      () => F.inverse(0),
      (error) => error instanceof VerificationError && error.check === 'field/division-by-zero',
    );
  });

  it('inverts many elements as it inverts each, and none if one is zero', () => {
    const nonZero = element.filter((a) => a !== 0);
    check(
      fc.property(fc.array(nonZero), (values) => {
        assert.deepEqual(F.batchInverse(values), values.map(F.inverse));
      }),
    );
    assert.throws(() => F.batchInverse([1, 0, 2]), VerificationError);
  });

  it('raises to powers', () => {
    check(
      fc.property(element, fc.nat(200), (a, n) => {
        assert.equal(F.pow(a, n), modulo(BigInt(a) ** BigInt(n)));
      }),
    );
    assert.equal(F.pow(5, F.MODULUS - 1), 1);
  });

  it('has 3 as a generator of its multiplicative group', () => {
    for (const prime of [2, 127]) assert.notEqual(F.pow(F.GENERATOR, (F.MODULUS - 1) / prime), 1);
    assert.equal(127 * 2 ** F.TWO_ADICITY, F.MODULUS - 1);
  });

  it('has the generators of Plonky3 for the subgroups of order 2^k', () => {
    const { twoAdicGenerators } = readVectors<{ twoAdicGenerators: number[] }>('koala-bear.json');
    const found = twoAdicGenerators.map((_, k) => F.twoAdicGenerator(k));
    assert.deepEqual(found, twoAdicGenerators);
    assert.throws(() => F.twoAdicGenerator(25), RangeError);
  });

  it('writes elements as little-endian words', () => {
    assert.deepEqual([...F.toBytes([1, 0x01020304])], [1, 0, 0, 0, 4, 3, 2, 1]);
  });

  it('knows the canonical representatives', () => {
    for (const value of [0, 1, F.MODULUS - 1]) assert.ok(F.isCanonical(value));
    for (const value of [-1, F.MODULUS, 2 ** 32, 0.5, Number.NaN]) assert.ok(!F.isCanonical(value));
  });
});
