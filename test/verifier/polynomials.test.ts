import assert from 'node:assert/strict';
import {
  eq,
  eqTable,
  evaluateBaseMultilinear,
  evaluateMultilinear,
  evaluateUnivariate,
  interpolate,
  type Point,
  QuinticField as Q,
  type Quintic,
  sumcheckRound,
  VerificationError,
} from '@vouch/verifier';
import fc from 'fast-check';
import { check, element, quintic } from './support.ts';

const point = (length: number): fc.Arbitrary<Point> =>
  fc.array(quintic, { minLength: length, maxLength: length });

/** The bits of an index as a point of the cube, most significant first. */
function corner(index: number, variables: number): Point {
  return Array.from({ length: variables }, (_, j) =>
    Q.fromBase((index >> (variables - 1 - j)) & 1),
  );
}

function dot(a: readonly Quintic[], b: readonly Quintic[]): Quintic {
  return a.reduce((sum, x, i) => Q.add(sum, Q.mul(x, b[i] as Quintic)), Q.ZERO);
}

describe('Multilinear polynomials', () => {
  it('eq is one where two corners of the cube agree and zero elsewhere', () => {
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) {
        assert.deepEqual(eq(corner(i, 3), corner(j, 3)), Q.fromBase(i === j ? 1 : 0));
      }
    }
    assert.throws(() => eq(corner(0, 2), corner(0, 3)), RangeError);
  });

  it('the table of eq has, at each index, eq with its bits, first variable highest', () => {
    check(
      fc.property(fc.nat(5).chain(point), (r) => {
        const table = eqTable(r);
        assert.equal(table.length, 2 ** r.length);
        table.forEach((value, i) => {
          assert.deepEqual(value, eq(r, corner(i, r.length)));
        });
      }),
      40,
    );
  });

  it('evaluates at the corners of the cube to the values', () => {
    const values = Array.from({ length: 16 }, (_, i): Quintic => [i, 2, 3, 4, i * i]);
    values.forEach((value, i) => {
      assert.deepEqual(evaluateMultilinear(values, corner(i, 4)), value);
    });
  });

  it('evaluates to the sum of values times eq', () => {
    const cube = fc
      .nat(5)
      .chain((n) =>
        fc.tuple(point(n), fc.array(quintic, { minLength: 2 ** n, maxLength: 2 ** n })),
      );
    check(
      fc.property(cube, ([r, values]) => {
        assert.deepEqual(evaluateMultilinear(values, r), dot(values, eqTable(r)));
      }),
      60,
    );
  });

  it('evaluates values of the base field as values of the extension', () => {
    const cube = fc
      .nat(7)
      .chain((n) =>
        fc.tuple(point(n), fc.array(element, { minLength: 2 ** n, maxLength: 2 ** n })),
      );
    check(
      fc.property(cube, ([r, values]) => {
        const expected = evaluateMultilinear(values.map(Q.fromBase), r);
        assert.deepEqual(evaluateBaseMultilinear(values, r), expected);
        assert.deepEqual(evaluateBaseMultilinear(Uint32Array.from(values), r), expected);
      }),
      60,
    );
  });

  it('wants 2^n values for n variables', () => {
    assert.throws(() => evaluateMultilinear([Q.ONE, Q.ONE, Q.ONE], corner(0, 2)), RangeError);
    assert.throws(() => evaluateBaseMultilinear([1, 2], corner(0, 2)), RangeError);
  });
});

describe('Univariate polynomials', () => {
  it('evaluates with the constant term first', () => {
    const x: Quintic = [3, 1, 4, 1, 5];
    const [a, b, c] = [Q.fromBase(7), Q.fromBase(11), [0, 1, 0, 0, 2] as Quintic];
    const expected = Q.add(Q.add(a, Q.mul(b, x)), Q.mul(c, Q.mul(x, x)));
    assert.deepEqual(evaluateUnivariate([a, b, c], x), expected);
    assert.deepEqual(evaluateUnivariate([], x), Q.ZERO);
  });

  it('interpolates a polynomial from its values at 0, 1, ..., n - 1', () => {
    const coefficients = fc.array(quintic, { minLength: 1, maxLength: 7 });
    const at = fc.oneof(quintic, fc.nat(8).map(Q.fromBase));
    check(
      fc.property(coefficients, at, (f, x) => {
        const values = f.map((_, j) => evaluateUnivariate(f, Q.fromBase(j)));
        assert.deepEqual(interpolate(values, x), evaluateUnivariate(f, x));
      }),
    );
  });
});

describe('Sumcheck round', () => {
  const round = fc
    .integer({ min: 1, max: 6 })
    .chain((degree) => fc.tuple(fc.constant(degree), point(degree + 1)));

  function message(f: readonly Quintic[]): { claim: Quintic; message: Quintic[] } {
    const at = (x: number): Quintic => evaluateUnivariate(f, Q.fromBase(x));
    const nodes = f.map((_, j) => j).filter((j) => j !== 1);
    return { claim: Q.add(at(0), at(1)), message: nodes.map(at) };
  }

  it('turns a true claim into the value of the polynomial at the challenge', () => {
    check(
      fc.property(round, quintic, ([degree, f], r) => {
        const { claim, message: sent } = message(f);
        assert.deepEqual(sumcheckRound(claim, sent, degree, r), evaluateUnivariate(f, r));
      }),
    );
  });

  it('turns a false claim into a false claim, for all but a few challenges', () => {
    check(
      fc.property(round, quintic, ([degree, f], r) => {
        const { claim, message: sent } = message(f);
        const next = sumcheckRound(Q.add(claim, Q.ONE), sent, degree, r);
        const isRoot = [0, ...f.keys()].some((j) => j !== 1 && Q.equals(r, Q.fromBase(j)));
        assert.equal(Q.equals(next, evaluateUnivariate(f, r)), isRoot);
      }),
    );
  });

  it('proves a sum over the cube, and no other sum', () => {
    const values = Array.from({ length: 8 }, (_, i): Quintic => [i + 1, i, 0, 7, i * 3]);
    const total = values.reduce(Q.add);
    const challenges: Point = [
      [5, 1, 0, 0, 0],
      [9, 0, 2, 0, 0],
      [0, 0, 0, 3, 1],
    ];
    const run = (claimed: Quintic): boolean => {
      let table = values;
      let claim = claimed;
      for (const r of challenges) {
        const half = table.length / 2;
        const [low, high] = [table.slice(0, half), table.slice(half)];
        claim = sumcheckRound(claim, [low.reduce(Q.add)], 1, r);
        table = low.map((x, i) => Q.add(x, Q.mul(r, Q.sub(high[i] as Quintic, x))));
      }
      return Q.equals(claim, evaluateMultilinear(values, challenges));
    };
    assert.ok(run(total));
    assert.ok(!run(Q.add(total, Q.ONE)));
  });

  it('rejects a message of any other length than the degree', () => {
    for (const length of [0, 1, 2, 4, 5]) {
      assert.throws(
        () => sumcheckRound(Q.ONE, new Array<Quintic>(length).fill(Q.ONE), 3, Q.ONE),
        (error) => error instanceof VerificationError && error.check === 'sumcheck/length',
      );
    }
  });
});
