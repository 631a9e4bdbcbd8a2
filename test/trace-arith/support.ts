/** Runs programs and turns their records into tables, as a prover would. */
import {
  buildProgramTable,
  type Claim,
  HALT_PC,
  type ProgramTable,
  type SegmentTables,
  TableFiller,
} from '../../trace-arith/index.ts';
import { type Execution, type Program, record, type Segment } from '../../vm/index.ts';

/** A recorded run. */
export interface RecordedRun {
  readonly program: Program;
  readonly table: ProgramTable;
  readonly segments: readonly Segment[];
  readonly execution: Execution;
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
}

export interface RunOptions {
  readonly publicInput?: Uint8Array;
  readonly privateInput?: Uint8Array;
  readonly segmentCycles?: number;
}

/** Runs a program to its end and keeps the record of all segments. */
export async function recordRun(program: Program, options: RunOptions = {}): Promise<RecordedRun> {
  const segments: Segment[] = [];
  const { publicInput = new Uint8Array(0), privateInput = new Uint8Array(0) } = options;
  const run = record(program, { ...options, publicInput, privateInput });
  for (;;) {
    const { value, done } = await run.next();
    if (done === true) {
      const table = buildProgramTable(program);
      return { program, table, segments, execution: value, publicInput, privateInput };
    }
    segments.push(value);
  }
}

/** The tables of all segments. */
export function fillRun({
  table,
  segments,
  publicInput,
  privateInput,
}: RecordedRun): SegmentTables[] {
  const filler = new TableFiller(table, { publicInput, privateInput });
  return segments.map((segment) => filler.fill(segment));
}

/** What an honest prover claims of the run. */
export function claimOf({ segments, execution, publicInput }: RecordedRun): Claim {
  const { outcome, journal } = execution;
  if (outcome.kind !== 'exit') throw new Error(`the run ended in a trap: ${outcome.trap.message}`);
  return {
    publicInput,
    journal,
    exitCode: outcome.code,
    segments: segments.map((segment) => ({
      pcStart: segment.start.pc / 2,
      pcEnd: segment.last ? HALT_PC : segment.end.pc / 2,
      cycleEnd: segment.cycles + 1,
    })),
  };
}
