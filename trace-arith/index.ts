/** Public entry points of the arithmetisation. */
export { type Census, type CensusRow, census } from './census.ts';
export {
  type CheckOptions,
  type CheckReport,
  checkTables,
  type Imbalance,
  type Violation,
} from './check.ts';
export { type CompiledMachine, compile } from './compile.ts';
export { HALT_PC, REGISTER_ROWS } from './constants.ts';
export { CompileError, FillError, type FillErrorCode } from './errors.ts';
export type { LastAccesses, RunInputs } from './fill/memory.ts';
export { TableFiller } from './fill.ts';
export { machine } from './machine.ts';
export { buildProgramTable, type ProgramTable } from './program-table.ts';
export type { SegmentTables, TableInstance } from './tables.ts';
export {
  type Claim,
  type SegmentEnds,
  segmentEndsProblem,
  type VerifierTerm,
  verifierTerms,
} from './verifier-terms.ts';
