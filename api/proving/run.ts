/** From a program and its inputs to the tables of its segments. */
import type { FilledSegment } from '../../prover/index.ts';
import { FillError, HALT_PC, type RunInputs, TableFiller } from '../../trace-arith/index.ts';
import {
  type ExecuteOptions,
  type Execution,
  type ExecutionLimits,
  execute,
  LimitError,
  type Program,
  record,
  type Segment,
} from '../../vm/index.ts';
import { ProveError } from './errors.ts';
import type { ProvableProgram } from './program.ts';

/** Most cycles of a segment. */
export const MAX_SEGMENT_CYCLES: number = 2 ** 21;
/** Most cycles of a run that is proved, unless the caller allows more: about an hour's work. */
export const DEFAULT_PROVABLE_CYCLES: number = 2 ** 30;

/** A run that ended with an exit code. */
export interface FinishedRun {
  readonly execution: Execution;
  readonly exitCode: number;
}

/**
 * Runs a program to its end, without a record.
 *
 * @throws ProveError `prove/trap` or `prove/too-long`; LimitError for a limit of the caller;
 *   OptionError; the signal's reason when it is aborted
 */
export async function finishRun(program: Program, options: ExecuteOptions): Promise<FinishedRun> {
  const limits = { cycles: DEFAULT_PROVABLE_CYCLES, ...options.limits };
  const execution = await execute(program, { ...options, limits }).catch((error: unknown) => {
    const isDefault = options.limits?.cycles === undefined;
    if (isDefault && error instanceof LimitError && error.code === 'limit/cycles') {
      throw tooLong(error);
    }
    throw error;
  });
  const { outcome } = execution;
  if (outcome.kind === 'exit') return { execution, exitCode: outcome.code };
  const { trap } = outcome;
  const message = `the program trapped (${trap.cause}): ${trap.message}`;
  const remedy = 'a trap cannot be proved; a program that fails provably exits with a code';
  throw new ProveError('prove/trap', message, remedy, { trap });
}

function tooLong(cause: unknown): ProveError {
  return new ProveError(
    'prove/too-long',
    `the program has not ended after ${DEFAULT_PROVABLE_CYCLES} cycles`,
    'make the run shorter (a profile shows where its cycles go), or raise limits.cycles',
    { cause },
  );
}

/** The limits of an execution, without those of a proof. */
export function executionLimits(
  limits: (ExecutionLimits & { readonly proverBytes?: number }) | undefined,
): ExecutionLimits {
  const { proverBytes: _, ...rest } = limits ?? {};
  return rest;
}

/**
 * The cycles of each segment but the last: as even as can be, for segments of at most so many.
 *
 * @param most cycles of a segment
 */
export function segmentLength(cycles: number, most: number): number {
  return Math.ceil(cycles / Math.ceil(cycles / most));
}

/** What comes of a segment when the run passes it. */
export interface PassedSegment {
  /** From 1. */
  readonly number: number;
  readonly cycles: number;
  /** Undefined where it was not wanted. */
  readonly filled: FilledSegment | undefined;
}

export interface PassOptions {
  readonly segmentCycles: number;
  readonly limits?: ExecutionLimits | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a segment's tables are wanted. */
  readonly wanted?: (segment: number) => boolean;
  /** Called in front of a segment's execution, and in front of its filling. */
  readonly onStage?: (stage: 'execute' | 'fill') => void;
}

/**
 * Runs a program and fills the tables of its segments, one at a time. The same run can be passed again.
 *
 * @throws ProveError `prove/tables`; the signal's reason when it is aborted
 */
export async function* passRun(
  { program, table }: ProvableProgram,
  inputs: RunInputs,
  { segmentCycles, limits = {}, signal, wanted = () => true, onStage = () => {} }: PassOptions,
): AsyncGenerator<PassedSegment, void, void> {
  const filler = new TableFiller(table, inputs);
  const recordOptions = {
    ...{ ...inputs, segmentCycles, limits, transient: true },
    ...(signal && { signal }),
  };
  for await (const segment of record(program, recordOptions)) {
    signal?.throwIfAborted();
    const number = segment.start.segment;
    if (wanted(number)) {
      onStage('fill');
      yield { number, cycles: segment.cycles, filled: fillSegment(filler, segment) };
    } else {
      filler.skip(segment);
      yield { number, cycles: segment.cycles, filled: undefined };
    }
    onStage('execute');
  }
}

/** The tables of the filler's next segment, and its place in the run. Throws ProveError `prove/tables`. */
export function fillSegment(filler: TableFiller, segment: Segment): FilledSegment {
  return {
    tables: tablesOf(() => filler.fill(segment).instances),
    pcStart: segment.start.pc / 2,
    pcEnd: segment.last ? HALT_PC : segment.end.pc / 2,
    cycleEnd: segment.cycles + 1,
  };
}

/** What the filler says of a segment; throws ProveError `prove/tables` where it throws FillError. */
export function tablesOf<Tables>(task: () => Tables): Tables {
  try {
    return task();
  } catch (cause) {
    if (!(cause instanceof FillError)) throw cause;
    const remedy = 'let the program use less of this, or do its work in several runs';
    throw new ProveError('prove/tables', cause.message, remedy, { cause });
  }
}
