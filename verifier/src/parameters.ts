/** Parameters of the proof: what fixes its security, its size and its cost. */
import type { Regime, WhirRound } from './security.ts';

/** Rounds of the opening of a stacked vector of 2^logChunks chunks of 2^logRows elements. */
export interface OpeningSchedule {
  /** Round 0 folds the chunks. */
  readonly rounds: readonly WhirRound[];
  /** Log of the number of coefficients that are sent in the clear at the end. */
  readonly finalVariables: number;
}

export interface ParameterSet {
  /** Stated in the receipt. */
  readonly id: number;
  readonly name: string;
  /** Bits that the calculator must find for every receipt. */
  readonly securityBits: number;
  /** Bits of work in front of the challenges of LogUp. */
  readonly lookupWork: number;
  /** r for a number of main cells. */
  logRows(cells: number): number;
  schedule(logChunks: number, logRows: number): OpeningSchedule;
}

/** Work for LogUp is the same in all sets (proof-spec 2). */
const LOOKUP_WORK = 12;
/** Chunks of 2^17 elements up to this many cells, of 2^19 above. */
const SMALL_CELLS = 2 ** 22;
/** Variables that each round after the first binds: 16 columns of E. */
const FOLDED_VARIABLES = 4;

interface RoundParameters {
  readonly regime: Regime;
  readonly logInverseRate: number;
  readonly queries: number;
}

function parameterSet(
  id: number,
  name: string,
  securityBits: number,
  work: Pick<WhirRound, 'queryWork' | 'foldWork'>,
  rounds: readonly RoundParameters[],
): ParameterSet {
  return {
    id,
    name,
    securityBits,
    lookupWork: LOOKUP_WORK,
    logRows: (cells) => (cells <= SMALL_CELLS ? 17 : 19),
    schedule: (logChunks, logRows) => ({
      rounds: rounds.map((round, i) => ({
        ...round,
        ...work,
        foldedVariables: i === 0 ? logChunks : FOLDED_VARIABLES,
        outOfDomainSamples: round.regime.kind === 'unique' ? 0 : 1,
      })),
      finalVariables: logRows - FOLDED_VARIABLES * (rounds.length - 1),
    }),
  };
}

const unique: Regime = { kind: 'unique' };
function johnson(m: number): Regime {
  return { kind: 'johnson', m };
}

/** The default: 120 provable bits. */
export const S120: ParameterSet = /* @__PURE__ */ parameterSet(
  1,
  'S120',
  120,
  { queryWork: 20, foldWork: 4 },
  [
    { regime: unique, logInverseRate: 1, queries: 241 },
    { regime: johnson(8), logInverseRate: 2, queries: 110 },
    { regime: johnson(5), logInverseRate: 5, queries: 43 },
    { regime: johnson(3), logInverseRate: 8, queries: 27 },
  ],
);

/** For tests and quick runs: 100 provable bits. */
export const S100: ParameterSet = /* @__PURE__ */ parameterSet(
  2,
  'S100',
  100,
  { queryWork: 16, foldWork: 0 },
  [
    { regime: unique, logInverseRate: 1, queries: 203 },
    { regime: johnson(8), logInverseRate: 3, queries: 60 },
    { regime: johnson(8), logInverseRate: 6, queries: 29 },
    { regime: johnson(8), logInverseRate: 9, queries: 20 },
  ],
);
