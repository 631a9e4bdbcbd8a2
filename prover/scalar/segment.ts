/** The prover's side of verifier/src/segment.ts, step for step, on plain arrays. */
import {
  type ChunkRange,
  MAIN_CONTEXT,
  type ParameterSet,
  type PlacedColumn,
  PREPROCESSED_CONTEXT,
  type SegmentProof,
  type SegmentShape,
  type Transcript,
} from '@vouch/verifier';
import type { ProvingContext } from '../proving-context.ts';
import type { Table } from '../table.ts';
import { type CommittedMatrix, commitColumns } from './commit.ts';
import { proveLogup } from './logup.ts';
import { type Grinder, proveOpening } from './opening.ts';
import { proveReduction } from './reduction.ts';
import { leafFractions, proveZerocheck } from './zerocheck.ts';

/** A segment's stacked columns and their commitments. */
export interface CommittedSegment {
  /** S: 2^(logChunks + logRows) elements. */
  readonly stack: Uint32Array;
  readonly main: CommittedMatrix;
  readonly preprocessed?: CommittedMatrix;
}

/** @param programTables the tables of `ProgramShape.tables`, if there are absent ones */
export function commitSegment(
  shape: SegmentShape,
  tables: readonly Table[],
  parameters: ParameterSet,
  programTables: readonly Pick<Table, 'preprocessed'>[] = [],
): CommittedSegment {
  const stack = new Uint32Array(2 ** (shape.logChunks + shape.logRows));
  const place = (placed: readonly PlacedColumn[], columns: readonly Uint32Array[]): void => {
    for (const [i, { offset }] of placed.entries()) stack.set(columns[i] as Uint32Array, offset);
  };
  place(
    shape.mainColumns,
    tables.flatMap(({ main }) => main),
  );
  const committed = shape.preprocessedChunks.count > 0;
  if (committed) {
    place(
      shape.preprocessedColumns,
      tables.flatMap(({ preprocessed }) => preprocessed),
    );
    const absent = new Set(shape.absentColumns.map(({ instance }) => instance));
    place(
      shape.absentColumns,
      programTables.flatMap(({ preprocessed }, i) => (absent.has(i) ? preprocessed : [])),
    );
  }
  const [round] = parameters.schedule(shape.logChunks, shape.logRows).rounds;
  if (round === undefined) throw new RangeError('a schedule has at least one round');
  const commit = (range: ChunkRange, context: string): CommittedMatrix =>
    commitColumns(chunksOf(stack, range, shape.logRows), round.logInverseRate, context);
  return {
    stack,
    main: commit(shape.mainChunks, MAIN_CONTEXT),
    ...(committed && { preprocessed: commit(shape.preprocessedChunks, PREPROCESSED_CONTEXT) }),
  };
}

function chunksOf(stack: Uint32Array, { start, count }: ChunkRange, logRows: number): number[][] {
  const rows = 2 ** logRows;
  return Array.from({ length: count }, (_, i) =>
    Array.from(stack.subarray((start + i) * rows, (start + i + 1) * rows)),
  );
}

export function proveSegment(
  transcript: Transcript,
  context: ProvingContext,
  tables: readonly Table[],
  committed: CommittedSegment,
  parameters: ParameterSet,
  grind: Grinder,
): SegmentProof {
  const { shape } = context;
  const logup = proveLogup(transcript, leafFractions(context, tables));
  const zerocheck = proveZerocheck(transcript, context, tables, logup.claim);
  const reduction = proveReduction(transcript, shape, committed.stack, zerocheck.point);
  const matrices = [committed.main];
  if (committed.preprocessed !== undefined) matrices.push(committed.preprocessed);
  const schedule = parameters.schedule(shape.logChunks, shape.logRows);
  const opening = proveOpening(
    transcript,
    matrices,
    schedule,
    committed.stack,
    reduction.claim,
    grind,
  );
  return {
    logup: logup.proof,
    zerocheck: zerocheck.proof,
    reduction: reduction.proof,
    opening,
  };
}
