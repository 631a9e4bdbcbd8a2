import assert from 'node:assert/strict';
import {
  extensionBits,
  FIELD_DIGEST_BITS,
  foldBits,
  lineErrorLog,
  listBits,
  logUpBits,
  type ProofShape,
  provableSecurity,
  type Regime,
  type SecurityParameters,
  type WhirRound,
} from '@vouch/verifier';
import { assertNear, johnson as J, shape, UNIQUE as U } from './security-support.ts';

interface Work {
  readonly query: number;
  readonly fold: number;
  readonly lookup: number;
}

/** A parameter set as the design's table writes it: rates, regimes and queries of the rounds. */
function parameterSet(
  firstFold: number,
  logInverseRates: readonly number[],
  regimes: readonly Regime[],
  queries: readonly number[],
  { query, fold, lookup }: Work,
  digestBits = FIELD_DIGEST_BITS,
): SecurityParameters {
  const rounds = logInverseRates.map((logInverseRate, i): WhirRound => {
    const regime = regimes[i] as Regime;
    return {
      regime,
      logInverseRate,
      foldedVariables: i === 0 ? firstFold : 4,
      queries: queries[i] as number,
      queryWork: query,
      foldWork: fold,
      outOfDomainSamples: i > 0 && regime.kind === 'johnson' ? 1 : 0,
    };
  });
  return { extensionDegree: 5, digestBits, lookupWork: lookup, rounds };
}

const seg100 = parameterSet(7, [1, 3, 6, 9], [U, J(8), J(8), J(8)], [193, 57, 28, 19], {
  query: 20,
  fold: 0,
  lookup: 12,
});
const seg120 = parameterSet(6, [1, 2, 5, 8], [U, J(8), J(5), J(3)], [237, 108, 42, 26], {
  query: 22,
  fold: 4,
  lookup: 12,
});
const seg128 = parameterSet(
  7,
  [1, 3, 6, 9],
  [U, J(3), J(2), J(1)],
  [251, 82, 39, 27],
  { query: 24, fold: 8, lookup: 12 },
  256,
);

function termOf(parameters: SecurityParameters, size: ProofShape, name: string): number {
  const term = provableSecurity(parameters, size).terms.find((one) => one.name === name);
  assert.ok(term, name);
  return term.bits;
}

describe('Security of the segment sets', () => {
  const sets: [level: number, parameters: SecurityParameters][] = [
    [100, seg100],
    [120, seg120],
    [128, seg128],
  ];
  for (const [level, parameters] of sets) {
    it(`reaches ${level} bits, not with a query less in any round`, () => {
      assert.ok(provableSecurity(parameters, shape).bits >= level);
      parameters.rounds.forEach((_, i) => {
        const rounds = parameters.rounds.map((round, j) =>
          i === j ? { ...round, queries: round.queries - 1 } : round,
        );
        assert.ok(provableSecurity({ ...parameters, rounds }, shape).bits < level, `round ${i}`);
      });
    });
  }

  it('reports the least of its terms', () => {
    const { bits, terms } = provableSecurity(seg120, shape);
    assert.equal(bits, Math.min(...terms.map((term) => term.bits)));
    assert.equal(new Set(terms.map((term) => term.name)).size, terms.length);
  });

  it('has these terms, with L = 17 codewords in reach of the commitment', () => {
    const parameters = parameterSet(7, [2, 4], [J(8), J(8)], [88, 42], {
      query: 20,
      fold: 3,
      lookup: 12,
    });
    const E = 5 * Math.log2(2 ** 31 - 2 ** 24 + 1);
    const log = Math.log2;
    // Error of a line by theorem 4.2: (2 h^5 + 3 h delta rho) n / (3 rho^1.5) + h / rho^0.5.
    const line = (rho: number, n: number): number => {
      const delta = 1 - Math.sqrt(rho) * (17 / 16);
      return ((2 * 8.5 ** 5 + 3 * 8.5 * delta * rho) * n) / (3 * rho ** 1.5) + 8.5 / Math.sqrt(rho);
    };
    const expected: Record<string, number> = {
      LogUp: E - log(17 * 2 ** 24 * 11) + 12,
      'GKR rounds': E - log(17 * 3),
      'GKR batching': E - log(17),
      'zerocheck batching': E - log(17 * (2000 + 80)),
      'zerocheck rounds': E - log(17 * 5),
      'zerocheck claim point': E - log(17 * 20),
      'claim reduction batching': E - log(17 * 1000),
      'claim reduction rounds': E - log(17 * 2),
      'WHIR 0 fold': E - log(3 * 17 + line(1 / 4, 2 ** 20)) + 3,
      'WHIR 0 queries': -log((17 / 32) ** 88 * 2 ** -20 + (34 * 89) / 2 ** E),
      'WHIR 1 out of domain': E + 1 - 18 - 2 * log(34),
      'WHIR 1 fold': E - log(3 * 34 + line(1 / 16, 2 ** 18)) + 3,
      'WHIR 1 queries': 42 * log(64 / 17) + 20,
      'digest collisions': 4 * log(2 ** 31 - 2 ** 24 + 1),
      'leaf hash collisions': 128,
    };
    const { terms } = provableSecurity(parameters, shape);
    assert.deepEqual(
      terms.map((term) => term.name),
      Object.keys(expected),
    );
    for (const { name, bits } of terms) assertNear(bits, expected[name] as number, 1e-6, name);
  });

  it('caps the level at half the bits of a digest', () => {
    const digests = { ...seg128, digestBits: FIELD_DIGEST_BITS };
    assertNear(provableSecurity(digests, shape).bits, 123.95, 0.01, 'eight elements');
    assert.equal(termOf(seg128, shape, 'leaf hash collisions'), 128);
  });

  it('loses the level without its work, in the queries, folds and LogUp alike', () => {
    const without = (change: Partial<WhirRound>): SecurityParameters => ({
      ...seg120,
      rounds: seg120.rounds.map((round) => ({ ...round, ...change })),
    });
    assert.ok(provableSecurity(without({ queryWork: 0 }), shape).bits < 100);
    assert.ok(provableSecurity(without({ foldWork: 0 }), shape).bits < 120);
    const many = { ...shape, messages: 2 ** 43 };
    assert.ok(provableSecurity(seg120, many).bits >= 120);
    assert.ok(provableSecurity({ ...seg120, lookupWork: 0 }, many).bits < 120);
  });

  it('holds for LogUp up to 2^43 messages at 120 bits and 2^35 at 128 with 12 bits of work', () => {
    for (const [log, level] of [
      [43, 120],
      [35, 128],
    ] as const) {
      const bits = (messages: number): number => termOf(seg128, { ...shape, messages }, 'LogUp');
      assert.ok(bits(2 ** log) >= level);
      assert.ok(bits(2 ** (log + 1)) < level);
    }
  });

  it('decides the multiplicity: J3 misses 120 bits by 0.01 in the last round of 2^22 cycles', () => {
    const last = (m: number): number => {
      const line = lineErrorLog(J(m), 9, 8);
      return foldBits(extensionBits(5), listBits(J(m), 9), line);
    };
    assertNear(last(3), 115.99, 0.005, 'J3');
    assert.ok(last(3) + 4 < 120);
    assert.ok(last(2) + 4 >= 120);
  });

  it('multiplies the witnesses of all segments when the first round is in the Johnson regime', () => {
    const list = listBits(J(8), 2);
    assertNear(2 ** list, 17, 1e-9, 'list size at rate 1/4');
    const field = extensionBits(5);
    const lost = (segments: number): number =>
      logUpBits(field, 0, { ...shape, segments }) - logUpBits(field, list, { ...shape, segments });
    assertNear(lost(1), Math.log2(17), 1e-9, 'one segment');
    assertNear(lost(64), 261.6, 0.05, '64 segments');
    const johnson = parameterSet(7, [2, 4, 7, 10], [J(8), J(8), J(8), J(8)], [88, 42, 24, 17], {
      query: 20,
      fold: 0,
      lookup: 12,
    });
    assert.ok(provableSecurity(johnson, shape).bits >= 100);
    assert.ok(provableSecurity(johnson, { ...shape, segments: 64 }).bits < 0);
  });

  it('refuses parameters out of range', () => {
    const round = (change: Partial<WhirRound>): SecurityParameters => ({
      ...seg120,
      rounds: seg120.rounds.map((one, i) => (i === 1 ? { ...one, ...change } : one)),
    });
    const bad: [SecurityParameters, ProofShape][] = [
      [{ ...seg120, rounds: [] }, shape],
      [{ ...seg120, extensionDegree: 0 }, shape],
      [{ ...seg120, lookupWork: -1 }, shape],
      [{ ...seg120, digestBits: Number.NaN }, shape],
      [round({ outOfDomainSamples: 0 }), shape],
      [round({ queries: 0 }), shape],
      [round({ regime: J(0) }), shape],
      [round({ logInverseRate: 0 }), shape],
      [round({ regime: J(1), logInverseRate: 1 }), shape],
      [round({ foldWork: 0.5 }), shape],
      [seg120, { ...shape, variables: 17 }],
      [seg120, { ...shape, segments: 0 }],
      [seg120, { ...shape, messages: Number.POSITIVE_INFINITY }],
    ];
    for (const [parameters, size] of bad) {
      assert.throws(() => provableSecurity(parameters, size), RangeError);
    }
  });
});
