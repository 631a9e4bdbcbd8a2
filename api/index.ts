/** Public entry points: run a RISC-V program, prove that it ran, verify that, look into it. */
export {
  type Check,
  type InspectedReceipt,
  inspectReceipt,
  VerificationError,
  type VerifiedRun,
} from '@vouch/verifier';
export { ProverError, type ProverErrorCode } from '../prover/index.ts';
export {
  type AddressRange,
  type CodeTable,
  collapsedStacks,
  type DisassemblyLine,
  disassemble,
  ElfError,
  type ElfErrorCode,
  type ExecuteOptions,
  type Execution,
  type ExecutionLimits,
  type ExecutionProgress,
  execute,
  type FunctionSymbol,
  formatDisassembly,
  type ImageRange,
  LimitError,
  type LimitErrorCode,
  loadProgram,
  OptionError,
  type Outcome,
  type Profile,
  type ProfileFunction,
  type ProfileNode,
  Profiler,
  type Program,
  profileTable,
  programId as programDigest,
  type RecordOptions,
  record,
  replay,
  type Segment,
  type Snapshot,
  type SpeedscopeFile,
  type Statistics,
  StatisticsCollector,
  SymbolTable,
  speedscope,
  type TouchedPage,
  type Trap,
  type TrapCause,
  textTable,
  VmError,
} from '../vm/index.ts';
export { type ProofPlan, readPlan, segmentCount } from './messages/plan.ts';
export {
  ProveError,
  type ProveErrorCode,
  StepError,
  type StepErrorCode,
  WorkDirectoryError,
  type WorkDirectoryErrorCode,
} from './proving/errors.ts';
export { estimate, type ProofEstimate } from './proving/estimate.ts';
export {
  FITTED_THREADS,
  PROBE_MILLISECONDS,
  STAGE_COSTS,
  type StageCost,
  type WorkMeasure,
} from './proving/model.ts';
export type {
  ProgramMode,
  ProofLimits,
  ProofOptions,
  ProverOptions,
  SecurityLevel,
} from './proving/options.ts';
export type { StepRun } from './proving/planned-run.ts';
export {
  PROOF_STAGES,
  type ProofProgress,
  type ProofStage,
  type StageTime,
} from './proving/progress.ts';
export { programId, prove } from './proving/prove.ts';
export {
  type ProofStatistics,
  type ProvedRun,
  type Prover,
  startProver,
} from './proving/prover.ts';
export { DEFAULT_PROVABLE_CYCLES, MAX_SEGMENT_CYCLES } from './proving/run.ts';
export { measureSpeed, type ProbeTimes, probe } from './proving/speed.ts';
export type { StartMessage, StartsOptions } from './proving/starts.ts';
export type {
  FinishedProof,
  PlanOptions,
  ProofSteps,
  SegmentInput,
  StepOptions,
  StepProgress,
} from './proving/steps.ts';
export { type VerificationOptions, verify } from './proving/verify.ts';
