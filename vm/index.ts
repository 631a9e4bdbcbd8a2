/** Public entry points of the machine. */
export {
  type AddressRange,
  type DisassemblyLine,
  disassemble,
  disassembleAt,
  formatDisassembly,
  formatInstruction,
} from './disassemble.ts';
export {
  ElfError,
  type ElfErrorCode,
  LimitError,
  type LimitErrorCode,
  OptionError,
  VmError,
} from './errors.ts';
export { execute } from './execute.ts';
export type {
  ExecuteOptions,
  Execution,
  ExecutionLimits,
  ExecutionProgress,
  Outcome,
  Trap,
  TrapCause,
} from './execution.ts';
export type { Instruction } from './instruction.ts';
export { loadProgram } from './load.ts';
export { MAX_MEMORY_BYTES } from './options.ts';
export {
  type Profile,
  type ProfileFunction,
  type ProfileNode,
  Profiler,
  type ProfilerBounds,
} from './profile.ts';
export {
  collapsedStacks,
  profileTable,
  type SpeedscopeEvent,
  type SpeedscopeFile,
  speedscope,
} from './profile-formats.ts';
export type { CodeTable, ImageRange, Program } from './program.ts';
export { programId } from './program-id.ts';
export { type RecordOptions, record, replay } from './record.ts';
export {
  CROSSING_ENTRY,
  CROSSING_TIME,
  CROSSING_VALUE,
  CROSSING_WORDS,
  ENTRY_MEMORY_TIME,
  ENTRY_OLD,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_RS2,
  ENTRY_WORDS,
  type Segment,
  type Snapshot,
  type TouchedPage,
} from './segment.ts';
export {
  type OperationClass,
  type OperationCount,
  type Statistics,
  StatisticsCollector,
} from './statistics.ts';
export { type FunctionSymbol, SymbolTable } from './symbols.ts';
export { textTable } from './text-table.ts';
