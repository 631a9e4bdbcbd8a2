/** The prover's side of verifier/src/segment.ts: one segment, from its tables to its proof. */
import {
  type Chip,
  type ChunkRange,
  MAIN_CONTEXT,
  type ParameterSet,
  type PlacedColumn,
  PREPROCESSED_CONTEXT,
  type SegmentProof,
  type SegmentShape,
  type Transcript,
} from '@vouch/verifier';
import {
  type CommittedMatrix,
  commitColumns,
  freeMatrix,
  makeTwiddles,
  type Twiddles,
} from './commit.ts';
import type { Job } from './kernel.ts';
import { fillLeaves } from './leaves.ts';
import { LoadedTable } from './loaded-table.ts';
import { proveLogup } from './logup.ts';
import type { Region } from './memory.ts';
import { type Grinder, proveOpening } from './opening.ts';
import { type Pool, split } from './pool.ts';
import type { ProvingContext } from './proving-context.ts';
import { proveReduction } from './reduction.ts';
import { type StageListener, stackElements } from './stages.ts';
import type { Table } from './table.ts';
import { LOAD_WORK } from './work.ts';
import { proveZerocheck } from './zerocheck.ts';

/** A segment's columns in the kernels' memory, and their commitments. */
export interface CommittedSegment {
  /** The elements of `stackElements`. */
  readonly stack: Region;
  readonly tables: readonly LoadedTable[];
  readonly main: CommittedMatrix;
  readonly preprocessed: CommittedMatrix | undefined;
  readonly twiddles: Twiddles;
  /** Preprocessed columns that are not part of the stack. */
  readonly loose: readonly Region[];
}

/**
 * Loads the tables and commits to their columns.
 *
 * @param programTables the tables of `ProgramShape.tables`, if there are absent ones
 */
export async function commitSegment(
  pool: Pool,
  shape: SegmentShape,
  tables: readonly Table[],
  chips: readonly Chip[],
  parameters: ParameterSet,
  programTables: readonly Pick<Table, 'preprocessed'>[] = [],
  onStage: StageListener = () => {},
): Promise<CommittedSegment> {
  const { arena } = pool;
  onStage('load');
  const elements = stackElements(shape);
  const stack = arena.allocate('stacked columns', 4 * elements);
  arena.words(stack).fill(0);
  const place = (placed: readonly PlacedColumn[], columns: readonly Uint32Array[]): void => {
    const words = arena.words(stack);
    for (const [i, { offset }] of placed.entries()) words.set(columns[i] as Uint32Array, offset);
  };
  place(
    shape.mainColumns,
    tables.flatMap(({ main }) => main),
  );
  const isCommitted = shape.preprocessedChunks.count > 0;
  if (isCommitted) {
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
  await toMontgomery(pool, stack, elements, LOAD_WORK * elements);
  const loose: Region[] = [];
  const loaded = await loadTables(pool, shape, tables, chips, stack, loose, isCommitted);
  onStage('commit');
  const [round] = parameters.schedule(shape.logChunks, shape.logRows).rounds;
  if (round === undefined) throw new RangeError('a schedule has at least one round');
  const twiddles = await makeTwiddles(pool, shape.logRows + round.logInverseRate);
  const commit = (range: ChunkRange, context: string): Promise<CommittedMatrix> =>
    commitColumns(
      pool,
      twiddles,
      {
        offset: stack.offset + 4 * range.start * 2 ** shape.logRows,
        stride: 4 * 2 ** shape.logRows,
        count: range.count,
        logRows: shape.logRows,
      },
      round.logInverseRate,
      context,
    );
  const main = await commit(shape.mainChunks, MAIN_CONTEXT);
  const preprocessed = isCommitted
    ? await commit(shape.preprocessedChunks, PREPROCESSED_CONTEXT)
    : undefined;
  return { stack, tables: loaded, main, preprocessed, twiddles, loose };
}

/** Brings the first elements of a region into Montgomery form. */
export async function toMontgomery(
  pool: Pool,
  region: Region,
  elements: number,
  work = 0,
): Promise<void> {
  await pool.run(
    split(elements, 4 * pool.threads, 1024).map(
      ([from, to]): Job => ['toMontgomery', region.offset, region.offset, from, to],
    ),
    work,
  );
}

async function loadTables(
  pool: Pool,
  shape: SegmentShape,
  tables: readonly Table[],
  chips: readonly Chip[],
  stack: Region,
  loose: Region[],
  isCommitted: boolean,
): Promise<LoadedTable[]> {
  let main = 0;
  let preprocessed = 0;
  const loaded: LoadedTable[] = [];
  const addressOf = (column: PlacedColumn | undefined): number =>
    stack.offset + 4 * (column?.offset ?? 0);
  for (const table of tables) {
    const chip = chips[table.chip] as Chip;
    let preprocessedAt = addressOf(shape.preprocessedColumns[preprocessed]);
    if (!isCommitted && table.preprocessed.length > 0) {
      const region = await loadLoose(pool, table);
      loose.push(region);
      preprocessedAt = region.offset;
    }
    const mainAt = addressOf(shape.mainColumns[main]);
    loaded.push(new LoadedTable(pool, chip, table.logHeight, mainAt, preprocessedAt));
    main += chip.mainColumns.length;
    preprocessed += chip.preprocessedColumns.length;
  }
  return loaded;
}

async function loadLoose(pool: Pool, table: Table): Promise<Region> {
  const rows = 2 ** table.logHeight;
  const region = pool.arena.allocate('preprocessed columns', 4 * rows * table.preprocessed.length);
  const words = pool.arena.words(region);
  for (const [i, column] of table.preprocessed.entries()) words.set(column, i * rows);
  await toMontgomery(pool, region, rows * table.preprocessed.length);
  return region;
}

/** Gives back a segment's memory. */
export function freeSegment(pool: Pool, segment: CommittedSegment): void {
  for (const table of segment.tables) table.free();
  freeMatrix(pool, segment.main);
  if (segment.preprocessed !== undefined) freeMatrix(pool, segment.preprocessed);
  for (const region of [segment.stack, segment.twiddles.region, ...segment.loose]) {
    pool.arena.free(region);
  }
}

/** Proves a committed segment; the transcript holds the statement already. */
export async function proveSegment(
  pool: Pool,
  transcript: Transcript,
  context: ProvingContext,
  segment: CommittedSegment,
  parameters: ParameterSet,
  grind: Grinder,
  onStage: StageListener = () => {},
): Promise<SegmentProof> {
  const { shape } = context;
  onStage('logup');
  const leaves = await fillLeaves(pool, context, segment.tables);
  const logup = await proveLogup(pool, transcript, leaves);
  onStage('zerocheck');
  const zerocheck = await proveZerocheck(pool, transcript, context, segment.tables, logup.claim);
  for (const table of segment.tables) table.free();
  onStage('reduction');
  const stack = segment.stack.offset;
  const reduction = await proveReduction(pool, transcript, shape, stack, zerocheck.point);
  onStage('opening');
  const matrices = [
    segment.main,
    ...(segment.preprocessed === undefined ? [] : [segment.preprocessed]),
  ];
  const opening = await proveOpening(
    { pool, transcript, twiddles: segment.twiddles, grind },
    { stack, shape, matrices },
    parameters.schedule(shape.logChunks, shape.logRows),
    reduction.claim,
  );
  return {
    logup: logup.proof,
    zerocheck: zerocheck.proof,
    reduction: reduction.proof,
    opening,
  };
}
