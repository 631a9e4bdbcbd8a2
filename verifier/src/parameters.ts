/** Parameters of the proof: what fixes its security, its size and its cost. */

/** How a committed matrix is opened: one round of WHIR (2024/1586) on interleaved columns. */
export interface OpeningRound {
  /** Variables bound by this round's sumcheck: the matrix has 2^foldedVariables columns. */
  readonly foldedVariables: number;
  /** Log of the inverse rate of the matrix's code. */
  readonly logInverseRate: number;
  /** Rows drawn at random; repetitions are opened once. */
  readonly queries: number;
  /** Values outside the code's domain that bind the next matrix; 0 in the unique-decoding regime. */
  readonly outOfDomainSamples: number;
  /** Work in front of each folding challenge and in front of the queries, in bits. */
  readonly foldingWorkBits: number;
  readonly queryWorkBits: number;
}

/** Rounds for a stacked vector of 2^logChunks chunks of 2^logRows elements. */
export interface OpeningSchedule {
  readonly rounds: readonly OpeningRound[];
  /** Log of the number of coefficients that are sent in the clear at the end. */
  readonly finalVariables: number;
}

export interface ParameterSet {
  readonly name: string;
  /** Bits that the calculator must find for every receipt. */
  readonly securityBits: number;
  /** Work in front of alpha and beta. */
  readonly lookupWorkBits: number;
  /** r for a number of main cells. */
  logRows(cells: number): number;
  schedule(logChunks: number, logRows: number): OpeningSchedule;
}
