/** Options of proofs and provers, and their check. */
import { type ParameterSet, S100, S120 } from '@vouch/verifier';
import type { RunInputs } from '../../trace-arith/index.ts';
import { type ExecuteOptions, type ExecutionLimits, OptionError } from '../../vm/index.ts';
import { defaultThreads } from './cost.ts';
import type { ProofProgress } from './progress.ts';
import { executionLimits, MAX_SEGMENT_CYCLES } from './run.ts';

const MAX_PARALLEL_SEGMENTS = 64;

/** `S120` has 120 provable bits of security, `S100` 100 and is quicker. */
export type SecurityLevel = 'S120' | 'S100';
/** How the receipt names the program: by its id, or by the loaded program, which costs no opening. */
export type ProgramMode = 'id' | 'program';

export interface ProverOptions {
  /** Threads, 1 to 256. Default: the processor's cores. */
  readonly threads?: number;
}

export interface ProofLimits extends ExecutionLimits {
  /**
   * Most bytes of memory that the proof may take; a run is cut into segments that do not take more.
   * Default: what the system has available.
   */
  readonly proverBytes?: number;
}

export interface ProofOptions
  extends Pick<ExecuteOptions, 'publicInput' | 'privateInput' | 'signal' | 'onDebug'> {
  readonly limits?: ProofLimits;
  /** Default `S120`. */
  readonly security?: SecurityLevel;
  /** Default `id`. */
  readonly programMode?: ProgramMode;
  /**
   * Most cycles of a segment, 1 to 2^21. Default: as many as fit into 3 GiB, `limits.proverBytes`,
   * or three quarters of the memory of a smaller machine.
   */
  readonly segmentCycles?: number;
  /**
   * Segments that are proved at a time, 1 to 64, each on its share of the threads and in memory of its
   * own. Default 1.
   */
  readonly parallelSegments?: number;
  /**
   * A folder that keeps finished segments. A proof that was stopped, by `kill -9` too, goes on from
   * there and ends with the same receipt. It can be removed when the receipt is there.
   */
  readonly workDirectory?: string;
  readonly onProgress?: (progress: ProofProgress) => void;
}

/** Options of a proof that are known to be right, with the defaults. */
export interface CheckedOptions {
  readonly parameters: ParameterSet;
  readonly programMode: ProgramMode;
  /** Most cycles of a segment; undefined if that is for the plan to say. */
  readonly mostCycles: number | undefined;
  /** Segments that are proved at a time. */
  readonly parallelSegments: number;
  readonly inputs: RunInputs;
  readonly limits: ProofLimits | undefined;
  readonly signal: AbortSignal | undefined;
}

/** @throws OptionError */
export function checkedOptions(options: ProofOptions): CheckedOptions {
  const { security = 'S120', programMode = 'id', segmentCycles, limits, signal } = options;
  const { parallelSegments = 1 } = options;
  const { publicInput = new Uint8Array(0), privateInput = new Uint8Array(0) } = options;
  return {
    parameters: parameterSet(security),
    programMode: checkedMode(programMode),
    mostCycles: checkedLength(segmentCycles),
    parallelSegments: checkedParallel(parallelSegments),
    inputs: { publicInput, privateInput },
    limits,
    signal,
  };
}

/** The number of threads. @throws OptionError */
export function checkedThreads({ threads = defaultThreads() }: ProverOptions): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new OptionError('threads', threads, 'an integer from 1 to 256');
}

/** What the executor sees of the options. */
export function executeOptions({
  publicInput,
  privateInput,
  signal,
  onDebug,
  limits,
}: ProofOptions): ExecuteOptions {
  return {
    ...(publicInput && { publicInput }),
    ...(privateInput && { privateInput }),
    ...(signal && { signal }),
    ...(onDebug && { onDebug }),
    limits: executionLimits(limits),
  };
}

function parameterSet(security: SecurityLevel): ParameterSet {
  const found = [S120, S100].find(({ name }) => name === security);
  if (found === undefined) throw new OptionError('security', security, "'S120' or 'S100'");
  return found;
}

function checkedLength(segmentCycles: number | undefined): number | undefined {
  if (segmentCycles === undefined) return undefined;
  const fits = segmentCycles >= 1 && segmentCycles <= MAX_SEGMENT_CYCLES;
  if (Number.isInteger(segmentCycles) && fits) return segmentCycles;
  throw new OptionError(
    'segmentCycles',
    segmentCycles,
    `an integer from 1 to ${MAX_SEGMENT_CYCLES}`,
  );
}

function checkedParallel(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_PARALLEL_SEGMENTS) return count;
  const most = MAX_PARALLEL_SEGMENTS;
  throw new OptionError('parallelSegments', count, `an integer from 1 to ${most}`);
}

function checkedMode(mode: ProgramMode): ProgramMode {
  if (mode === 'id' || mode === 'program') return mode;
  throw new OptionError('programMode', mode, "'id' or 'program'");
}
