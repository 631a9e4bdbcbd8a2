import assert from 'node:assert/strict';
import {
  bitsPerQuery,
  extensionBits,
  foldBits,
  lineErrorLog,
  listBits,
  logUpBits,
  outOfDomainBits,
  powersBatchingBits,
  type Regime,
  shiftBits,
} from '@vouch/verifier';
import { assertNear, johnson as J, shape, UNIQUE as U } from './security-support.ts';
import { readVectors } from './support.ts';

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
