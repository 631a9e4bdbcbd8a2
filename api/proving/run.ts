/** From a program and its inputs to the tables of its one segment. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { FilledRun } from '../../prover/index.ts';
import { FillError, HALT_PC, TableFiller } from '../../trace-arith/index.ts';
import {
  type ExecuteOptions,
  type Execution,
  LimitError,
  type Program,
  record,
  type Segment,
} from '../../vm/index.ts';
import { ProveError } from './errors.ts';
import type { ProvableProgram } from './program.ts';

/** Most cycles of a run that can be proved: those of one segment. */
export const MAX_PROVABLE_CYCLES: number = 2 ** 21;

/** A run that ended with an exit code, and its record. */
export interface RecordedRun {
  readonly execution: Execution;
  readonly exitCode: number;
  readonly segment: Segment;
}

/**
 * Runs a program and records it.
 *
 * @throws ProveError `prove/trap` or `prove/too-long`; LimitError for a lower limit of the caller;
 *   OptionError; the signal's reason when it is aborted
 */
export async function recordRun(program: Program, options: ExecuteOptions): Promise<RecordedRun> {
  const wanted = options.limits?.cycles;
  const isLonger = wanted === undefined || wanted > MAX_PROVABLE_CYCLES;
  const limits = { ...options.limits, ...(isLonger && { cycles: MAX_PROVABLE_CYCLES }) };
  const segmentCycles = MAX_PROVABLE_CYCLES;
  try {
    return await recordSegment(program, { ...options, limits, segmentCycles });
  } catch (error) {
    if (isLonger && error instanceof LimitError && error.code === 'limit/cycles') {
      throw tooLong(error);
    }
    throw error;
  }
}

async function recordSegment(
  program: Program,
  options: Parameters<typeof record>[1],
): Promise<RecordedRun> {
  const segments: Segment[] = [];
  const run = record(program, options);
  for (;;) {
    const next = await run.next();
    if (!next.done) {
      segments.push(next.value);
      continue;
    }
    const { outcome } = next.value;
    if (outcome.kind === 'trap') {
      const { trap } = outcome;
      const message = `the program trapped (${trap.cause}): ${trap.message}`;
      const remedy = 'a trap cannot be proved; a program that fails provably exits with a code';
      throw new ProveError('prove/trap', message, remedy, { trap });
    }
    const [segment] = segments;
    if (segment === undefined) throw new Error('a run has at least one cycle');
    return { execution: next.value, exitCode: outcome.code, segment };
  }
}

function tooLong(cause: unknown): ProveError {
  return new ProveError(
    'prove/too-long',
    `the program has not ended after ${MAX_PROVABLE_CYCLES} cycles, the most that can be proved`,
    'make the run shorter: a profile shows where its cycles go; longer runs cannot be proved yet',
    { cause },
  );
}

/** @throws ProveError `prove/tables` */
export function fillRun(
  { table }: ProvableProgram,
  { execution, exitCode, segment }: RecordedRun,
  inputs: { readonly publicInput: Uint8Array; readonly privateInput: Uint8Array },
): FilledRun {
  const { publicInput } = inputs;
  try {
    const { instances } = new TableFiller(table, inputs).fill(segment);
    return {
      publicInput: { length: publicInput.length, digest: sha256(publicInput) },
      exitCode,
      journal: execution.journal,
      segments: [
        {
          tables: instances,
          pcStart: table.entry,
          pcEnd: HALT_PC,
          cycleEnd: segment.cycles + 1,
        },
      ],
    };
  } catch (cause) {
    if (!(cause instanceof FillError)) throw cause;
    const remedy = 'let the program use less of this, or do its work in several runs';
    throw new ProveError('prove/tables', cause.message, remedy, { cause });
  }
}
