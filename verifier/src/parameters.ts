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
/**
 * Chunks have 2^17, 2^18 or 2^19 elements: as few as give at most so many chunks, if any does. Fewer
 * and longer chunks cost siblings and work, more and shorter ones cost elements of a leaf.
 */
const FEWEST_LOG_ROWS = 17;
const MOST_LOG_ROWS = 19;
const MOST_SHORT_CHUNKS = 64;
/** Variables that each round after the first binds: 16 columns of E. */
const FOLDED_VARIABLES = 4;
/** Rounds go on until the last vector has at most so many variables. */
const MOST_FINAL_VARIABLES = 9;

interface RoundParameters {
  readonly regime: Regime;
  readonly logInverseRate: number;
  readonly queries: number;
  readonly queryWork: number;
}

function parameterSet(
  id: number,
  name: string,
  securityBits: number,
  foldWork: number,
  rounds: readonly RoundParameters[],
): ParameterSet {
  return {
    id,
    name,
    securityBits,
    lookupWork: LOOKUP_WORK,
    logRows: chunkLogRows,
    schedule: (logChunks, logRows) => {
      const foldings = Math.ceil((logRows - MOST_FINAL_VARIABLES) / FOLDED_VARIABLES);
      return {
        rounds: rounds.slice(0, foldings + 1).map((round, i) => ({
          ...round,
          foldWork,
          foldedVariables: i === 0 ? logChunks : FOLDED_VARIABLES,
          outOfDomainSamples: round.regime.kind === 'unique' ? 0 : 1,
        })),
        finalVariables: logRows - FOLDED_VARIABLES * foldings,
      };
    },
  };
}

function chunkLogRows(cells: number): number {
  let logRows = FEWEST_LOG_ROWS;
  while (logRows < MOST_LOG_ROWS && cells > MOST_SHORT_CHUNKS * 2 ** logRows) logRows++;
  return logRows;
}

const unique: Regime = { kind: 'unique' };
function johnson(m: number): Regime {
  return { kind: 'johnson', m };
}

/** The default: 120 provable bits. Work is where a query costs most bytes: in the first round. */
export const S120: ParameterSet = /* @__PURE__ */ parameterSet(1, 'S120', 120, 4, [
  { regime: unique, logInverseRate: 1, queries: 239, queryWork: 21 },
  { regime: johnson(10), logInverseRate: 3, queries: 71, queryWork: 19 },
  { regime: johnson(5), logInverseRate: 6, queries: 36, queryWork: 17 },
  { regime: johnson(3), logInverseRate: 9, queries: 24, queryWork: 18 },
]);

/** For tests and quick runs: 100 provable bits. */
export const S100: ParameterSet = /* @__PURE__ */ parameterSet(2, 'S100', 100, 0, [
  { regime: unique, logInverseRate: 1, queries: 203, queryWork: 16 },
  { regime: johnson(8), logInverseRate: 3, queries: 60, queryWork: 16 },
  { regime: johnson(8), logInverseRate: 6, queries: 29, queryWork: 16 },
  { regime: johnson(8), logInverseRate: 9, queries: 20, queryWork: 16 },
]);
