import assert from 'node:assert/strict';
import type { Job } from '../../prover/kernel.ts';
import { fromMontgomery, toMontgomery } from '../../prover/montgomery.ts';
import { at, EDGES, Harness, P } from './kernel-harness.ts';

const RADIX = 2n ** 32n;

/** x 2^-32 mod p by integer arithmetic alone. */
function integerOf(word: number): bigint {
  const p = BigInt(P);
  let inverse = 1n;
  for (let e = p - 2n, b = RADIX % p; e > 0n; e >>= 1n) {
    if (e & 1n) inverse = (inverse * b) % p;
    b = (b * b) % p;
  }
  return (BigInt(word) * inverse) % p;
}

describe('kernels on vectors of base-field elements', () => {
  const n = 300;
  const harness = new Harness(16 * 1024);
  const [a, b, target] = [at(0), at(512), at(1024)];
  const cuts = [[4], [1, 2, 3, 150], [299], [64, 128, 256]];

  it('work on Montgomery forms that integer arithmetic confirms', () => {
    for (const edge of EDGES) {
      assert.equal(BigInt(fromMontgomery(edge)), integerOf(edge));
      assert.equal(toMontgomery(fromMontgomery(edge)), edge);
    }
  });

  const kernels: Record<string, (from: number, to: number) => Job> = {
    addVectors: (from, to) => ['addVectors', a, b, target, from, to],
    subtractVectors: (from, to) => ['subtractVectors', a, b, target, from, to],
    multiplyVectors: (from, to) => ['multiplyVectors', a, b, target, from, to],
    fromMontgomery: (from, to) => ['fromMontgomery', a, target, from, to],
    invertVector: (from, to) => ['invertVector', a, target, from, to],
  };
  for (const [name, job] of Object.entries(kernels)) {
    it(`${name} agrees with its twin for any split`, () => {
      harness.fill(2);
      harness.checkSplits(job, n, cuts);
    });
    it(`${name} agrees with its twin on every pair of edges`, () => {
      harness.fill(3);
      const pairs = EDGES.flatMap((x) => EDGES.map((y) => [x, y] as const));
      harness.write(
        a,
        pairs.map(([x]) => x),
      );
      harness.write(
        b,
        pairs.map(([, y]) => y),
      );
      harness.check(job(0, pairs.length));
    });
  }

  it('an operation may write over its operand', () => {
    harness.fill(4);
    harness.check(['addVectors', a, b, a, 0, n]);
    harness.check(['multiplyVectors', a, b, b, 0, n]);
    harness.check(['subtractVectors', a, a, a, 0, n]);
  });

  it('scaleVector takes every edge as its constant', () => {
    for (const c of EDGES) {
      harness.fill(5);
      harness.checkSplits((from, to) => ['scaleVector', a, c, target, from, to], n, [[37]]);
    }
  });

  it('toMontgomery takes any 32-bit integers', () => {
    harness.fill(6);
    const integers = [0, 1, P - 1, P, P + 1, 2 ** 31, 2 * P - 1, 2 * P, 2 ** 32 - 1, 2 ** 32 - 2];
    harness.write(a, integers);
    harness.checkSplits((from, to) => ['toMontgomery', a, target, from, to], n, cuts);
  });

  it('invertVector gives 0 for 0 and inverses for the rest', () => {
    harness.fill(7);
    const values = [0, 0, 5, P - 1, 0, 2 ** 32 % P, 0];
    harness.write(a, values);
    harness.check(['invertVector', a, target, 0, values.length]);
    for (const [i, inverse] of harness.read(target, values.length).entries()) {
      const product = (integerOf(inverse) * integerOf(values[i] as number)) % BigInt(P);
      assert.equal(product, values[i] === 0 ? 0n : 1n);
    }
    harness.check(['invertVector', at(900), target, 0, 0]);
  });
});
