import assert from 'node:assert/strict';
import {
  bitsPerQuery,
  extensionBits,
  FIELD_DIGEST_BITS,
  foldBits,
  lineErrorLog,
  listBits,
  logUpBits,
  outOfDomainBits,
  type ProofShape,
  powersBatchingBits,
  provableSecurity,
  type Regime,
  type SecurityParameters,
  shiftBits,
  type WhirRound,
} from '@vouch/verifier';
import { readVectors } from './support.ts';

const U: Regime = { kind: 'unique' };
const J = (m: number): Regime => ({ kind: 'johnson', m });

function assertNear(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected}`);
}

/** A machine of the size that the design assumes, 2^20 cycles a segment. */
const shape: ProofShape = {
  segments: 1,
  messages: 2 ** 24,
  messageLength: 9,
  constraints: 2000,
  instances: 40,
  constraintDegree: 4,
  maxLogHeight: 20,
  columns: 1000,
  variables: 25,
};

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

describe('Published figures', () => {
  it('bits of a query at each rate', () => {
    const unique = [0.415, 0.678, 0.83, 0.913];
    unique.forEach((bits, i) => {
      assertNear(bitsPerQuery(U, i + 1), bits, 5e-4, `unique decoding, rate 2^-${i + 1}`);
    });
    for (const [log, bits] of [
      [1, 0.41],
      [2, 0.91],
      [3, 1.41],
      [4, 1.91],
      [6, 2.91],
    ] as const) {
      assertNear(bitsPerQuery(J(8), log), bits, 5e-3, `J8, rate 2^-${log}`);
    }
  });

  /** Rows of the design's table: target without work, then rate, regime and queries of rounds. */
  const queryTable: Record<string, [target: number, rows: [number, Regime, number][]]> = {
    'SEG-100': [
      80,
      [
        [1, U, 193],
        [3, J(8), 57],
        [6, J(8), 28],
        [9, J(8), 19],
      ],
    ],
    'SEG-100r': [
      80,
      [
        [2, J(8), 88],
        [4, J(8), 42],
        [7, J(8), 24],
        [10, J(8), 17],
      ],
    ],
    'SEG-120': [
      98,
      [
        [1, U, 237],
        [2, J(8), 108],
        [5, J(5), 42],
        [8, J(3), 26],
      ],
    ],
    'SEG-128': [
      104,
      [
        [1, U, 251],
        [3, J(3), 82],
        [6, J(2), 39],
        [9, J(1), 27],
      ],
    ],
    'SEG-120, 2^22': [
      98,
      [
        [1, U, 237],
        [3, J(5), 72],
        [6, J(3), 36],
        [9, J(1), 26],
      ],
    ],
    'SEG-128, 2^22': [
      104,
      [
        [1, U, 251],
        [3, J(2), 89],
        [5, J(2), 48],
        [7, J(1), 36],
        [9, J(1), 27],
      ],
    ],
    'REC-100': [
      84,
      [
        [3, J(8), 60],
        [5, J(8), 35],
        [8, J(8), 22],
      ],
    ],
    'REC-120': [
      104,
      [
        [3, J(3), 82],
        [5, J(3), 46],
        [8, J(2), 29],
      ],
    ],
    'REC-128': [
      112,
      [
        [3, J(2), 96],
        [5, J(2), 52],
        [8, J(1), 33],
      ],
    ],
    'WRAP-100, BN254': [
      80,
      [
        [6, J(8), 28],
        [8, J(8), 21],
        [10, J(8), 17],
      ],
    ],
    'WRAP-120, BN254': [
      100,
      [
        [6, J(2), 38],
        [8, J(1), 30],
        [10, J(1), 23],
      ],
    ],
    'WRAP-128, BN254': [
      108,
      [
        [6, J(1), 45],
        [7, J(1), 38],
        [9, J(1), 28],
      ],
    ],
    'WRAP-100, keccak': [
      74,
      [
        [6, J(8), 26],
        [8, J(8), 19],
        [10, J(8), 16],
      ],
    ],
    'WRAP-120, keccak': [
      94,
      [
        [6, J(2), 36],
        [8, J(1), 28],
        [10, J(1), 22],
      ],
    ],
    'WRAP-128, keccak': [
      102,
      [
        [6, J(1), 43],
        [7, J(1), 35],
        [9, J(1), 27],
      ],
    ],
    'unique decoding, 100': [
      80,
      [
        [1, U, 193],
        [3, U, 97],
        [6, U, 82],
        [9, U, 81],
      ],
    ],
    'unique decoding, 120': [
      98,
      [
        [1, U, 237],
        [3, U, 119],
        [6, U, 101],
        [9, U, 99],
      ],
    ],
    'unique decoding, 128': [
      104,
      [
        [1, U, 251],
        [3, U, 126],
        [6, U, 107],
        [9, U, 105],
      ],
    ],
    'degree 4, 100': [
      78,
      [
        [1, U, 188],
        [3, J(2), 67],
        [7, J(1), 27],
      ],
    ],
  };
  for (const [name, [target, rows]] of Object.entries(queryTable)) {
    it(`queries of ${name}`, () => {
      const found = rows.map(([log, regime]) => Math.ceil(target / bitsPerQuery(regime, log)));
      assert.deepEqual(
        found,
        rows.map(([, , queries]) => queries),
      );
    });
  }

  it('error terms of a univariate proof over 500 columns', () => {
    // degree, log2 of the height, -log2 of the rate, regime; batching, folding by eight, LogUp.
    const table: [number, number, number, Regime, number, number, number][] = [
      [4, 18, 1, U, 97.9, 107.1, 95.3],
      [4, 22, 1, U, 93.9, 103.1, 91.3],
      [4, 22, 2, J(3), 79.4, 88.7, 88.5],
      [5, 22, 1, U, 124.9, 134.1, 122.3],
      [5, 22, 2, J(3), 110.4, 119.7, 119.5],
      [6, 22, 2, J(3), 141.4, 150.7, 150.5],
    ];
    for (const [degree, height, rate, regime, batch, fold, logUp] of table) {
      const field = extensionBits(degree);
      const what = `degree ${degree}, 2^${height}, rate 2^-${rate}`;
      // 500 columns and the pieces of the quotient. The table does not give their number: eight of
      // `degree` columns each fit all six rows.
      const functions = 500 + 8 * degree;
      const line = lineErrorLog(regime, rate, height);
      assertNear(powersBatchingBits(field, line, functions), batch, 0.051, `${what}, batching`);
      const folded = lineErrorLog(regime, rate, height - 3);
      assertNear(powersBatchingBits(field, folded, 8), fold, 0.051, `${what}, folding`);
      // The table counts a message of 8 with a factor of 8: here, that of a message of 6.
      const messages = 25 * 8 * 2 ** height;
      const size = { ...shape, messages, messageLength: 6 };
      const list = listBits(regime, rate);
      assertNear(logUpBits(field, list, size), logUp, 0.051, `${what}, LogUp`);
    }
  });

  it('LogUp over 2^24 and 2^34 messages of 8', () => {
    const bits = (messages: number): number =>
      logUpBits(extensionBits(5), 0, { ...shape, messages, messageLength: 8 });
    assertNear(bits(2 ** 24), 127.6, 0.05, '2^24');
    assertNear(bits(2 ** 34), 117.6, 0.05, '2^34');
  });

  interface Circuit {
    readonly circuit: string;
    readonly variables: number;
    readonly logInverseRate: number;
    readonly regime: Regime;
    readonly queries: readonly number[];
    readonly foldWork: number;
    readonly batchingWork: number;
    readonly queryWork: number;
    readonly batchedFunctions: number;
    readonly bits: Readonly<Record<string, number>>;
  }
  const { circuits } = readVectors<{ circuits: readonly Circuit[] }>('soundcalc-openvm2.json');
  const field = 4 * Math.log2(2013265921);

  /** The terms of soundcalc's report, in whose WHIR a fold halves the code. */
  function soundcalcTerms(one: Circuit): Record<string, number> {
    const { regime, queries } = one;
    const terms: Record<string, number> = {};
    queries.forEach((count, i) => {
      const rate = one.logInverseRate + 3 * i;
      const variables = one.variables - 4 * i;
      const list = listBits(regime, rate);
      const queryBits = count * bitsPerQuery(regime, rate);
      for (let s = 1; s <= 4; s++) {
        const line = lineErrorLog(regime, rate, variables - s);
        terms[`fold(i=${i},s=${s})`] = foldBits(field, list, line) + one.foldWork;
      }
      if (i > 0) terms[`OOD(i=${i})`] = outOfDomainBits(field, list, variables, 1);
      const next = queries[i + 1] === undefined ? undefined : listBits(regime, rate + 3);
      // soundcalc counts the work for both summands of the term.
      const bits = next === undefined ? queryBits : shiftBits(field, queryBits, count, next);
      terms[next === undefined ? 'fin' : `Shift(i=${i + 1})`] = bits + one.queryWork;
    });
    const line = lineErrorLog(regime, one.logInverseRate, one.variables);
    terms.batching = powersBatchingBits(field, line, one.batchedFunctions) + one.batchingWork;
    return terms;
  }

  for (const one of circuits) {
    it(`terms of soundcalc for the ${one.circuit} circuit of OpenVM 2`, () => {
      const { gkr_batching, gkr_sumcheck, ...expected } = one.bits;
      const found = Object.entries(soundcalcTerms(one)).map(([name, bits]) => [
        name,
        Math.floor(bits),
      ]);
      assert.deepEqual(Object.fromEntries(found), expected);
      assertNear(field, gkr_batching as number, 0.05, 'GKR batching');
      assertNear(field - Math.log2(3), gkr_sumcheck as number, 0.05, 'GKR rounds');
    });
  }
});
