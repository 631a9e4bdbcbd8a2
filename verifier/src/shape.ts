/**
 * The shape of a segment's proof: where every table, column and interaction lies. A function of the
 * machine, the instance heights and the parameters, so that nobody else can choose it.
 */
import type { Chip, ConstraintProgram } from './constraint-program.ts';

/** One table: a chip with 2^logHeight rows. */
export interface Instance {
  /** Index into `ConstraintProgram.chips`. */
  readonly chip: number;
  readonly logHeight: number;
}

/** What the program fixes of the shape of every segment. */
export interface ProgramShape {
  /** Tables with preprocessed columns, by chip. */
  readonly tables: readonly Instance[];
  /** Key of the first word behind the program's image. */
  readonly imageEnd: number;
}

/** A committed column in the stacked vector S. */
export interface PlacedColumn {
  readonly instance: number;
  readonly logHeight: number;
  /** First element in S, a multiple of 2^logHeight. */
  readonly offset: number;
}

/** The leaves of one interaction of one instance in the LogUp tree. */
export interface Block {
  readonly instance: number;
  readonly interaction: number;
  readonly logHeight: number;
  /** First leaf, a multiple of 2^logHeight. */
  readonly offset: number;
}

/** Some chunk columns of S with a Merkle tree of their own. */
export interface ChunkRange {
  /** First chunk. */
  readonly start: number;
  readonly count: number;
}

export interface SegmentShape {
  readonly instances: readonly Instance[];
  /** `imageEnd` and the rows of the instances of the same chip before each instance. */
  readonly instanceStarts: readonly number[];
  /** H: log of the tallest table. */
  readonly maxLogHeight: number;
  /** Blocks by height, tallest first; ties by instance, then interaction. */
  readonly blocks: readonly Block[];
  /** n_L: log of the number of leaves. */
  readonly logLeaves: number;
  /** Main columns by instance, then column. */
  readonly mainColumns: readonly PlacedColumn[];
  /** Preprocessed columns by instance, then column; empty if the verifier evaluates them itself. */
  readonly preprocessedColumns: readonly PlacedColumn[];
  /**
   * Preprocessed columns that are in the tree although the segment has no instance of their chip;
   * `instance` is the index into `ProgramShape.tables`.
   */
  readonly absentColumns: readonly PlacedColumn[];
  /** r: log of the elements of a chunk. */
  readonly logRows: number;
  readonly mainChunks: ChunkRange;
  /** `count` 0 if there is no preprocessed tree. */
  readonly preprocessedChunks: ChunkRange;
  /** k0: log of the number of chunks of S, uncommitted ones included. */
  readonly logChunks: number;
}

/**
 * @param chooseLogRows r as a function of the number of main cells
 * @param preprocessed whether preprocessed columns are committed
 * @param program its tables are in the preprocessed tree of every segment, with the same layout, so
 *   that all segments have the same tree; without it those of the segment's instances are
 */
export function segmentShape(
  machine: ConstraintProgram,
  instances: readonly Instance[],
  chooseLogRows: (cells: number) => number,
  preprocessed: boolean,
  program: ProgramShape = { tables: [], imageEnd: 0 },
): SegmentShape {
  const chips = instances.map(({ chip }) => machine.chips[chip] as Chip);
  const mainCounts = chips.map((chip) => chip.mainColumns.length);
  const main = stack(instances, mainCounts, 0);
  const logRows = chooseLogRows(main.end);
  const rows = 2 ** logRows;
  const mainChunks = { start: 0, count: Math.ceil(main.end / rows) };
  const owners = preprocessed ? preprocessedOwners(machine, instances, program) : [];
  const tallest = Math.max(0, ...owners.map(({ table }) => table.logHeight - logRows));
  const alignment = 2 ** tallest;
  const preprocessedStart = Math.ceil(mainChunks.count / alignment) * alignment;
  const extra = placePreprocessed(machine, owners, preprocessedStart * rows);
  const preprocessedCount = Math.ceil(extra.end / rows) - preprocessedStart;
  const chunks = preprocessedCount === 0 ? mainChunks.count : preprocessedStart + preprocessedCount;
  const leaves = placeBlocks(instances, chips);
  return {
    instances,
    instanceStarts: instanceStarts(instances, program.imageEnd),
    maxLogHeight: Math.max(...instances.map(({ logHeight }) => logHeight)),
    blocks: leaves.blocks,
    logLeaves: ceilLog2(leaves.end),
    mainColumns: main.columns,
    preprocessedColumns: extra.present,
    absentColumns: extra.absent,
    logRows,
    mainChunks,
    preprocessedChunks: { start: preprocessedStart, count: preprocessedCount },
    logChunks: ceilLog2(chunks),
  };
}

/** The least k with 2^k >= n, for a positive integer below 2^53. */
export function ceilLog2(n: number): number {
  let k = 0;
  while (2 ** k < n) k++;
  return k;
}

/** Instances in the order of falling height; equal heights keep their order. */
function tallestFirst(instances: readonly Instance[]): number[] {
  const height = (i: number): number => (instances[i] as Instance).logHeight;
  return instances.map((_, i) => i).sort((a, b) => height(b) - height(a) || a - b);
}

function stack(
  instances: readonly Instance[],
  counts: readonly number[],
  start: number,
): { columns: PlacedColumn[]; end: number } {
  const byInstance: PlacedColumn[][] = instances.map(() => []);
  let offset = start;
  for (const instance of tallestFirst(instances)) {
    const { logHeight } = instances[instance] as Instance;
    for (let column = 0; column < (counts[instance] as number); column++) {
      (byInstance[instance] as PlacedColumn[]).push({ instance, logHeight, offset });
      offset += 2 ** logHeight;
    }
  }
  return { columns: byInstance.flat(), end: offset };
}

/** A table whose preprocessed columns are committed, and where it is listed. */
interface Owner {
  readonly table: Instance;
  /** Index into the segment's instances, or into the program's tables if it is absent there. */
  readonly index: number;
  readonly present: boolean;
}

/** By chip, whether or not the segment has an instance of it. */
function preprocessedOwners(
  machine: ConstraintProgram,
  instances: readonly Instance[],
  program: ProgramShape,
): Owner[] {
  const present = instances.map((table, index) => ({ table, index, present: true }));
  const absent = program.tables
    .map((table, index) => ({ table, index, present: false }))
    .filter(({ table }) => instances.every(({ chip }) => chip !== table.chip));
  return [...present, ...absent]
    .filter(({ table }) => (machine.chips[table.chip] as Chip).preprocessedColumns.length > 0)
    .sort((a, b) => a.table.chip - b.table.chip);
}

function placePreprocessed(
  machine: ConstraintProgram,
  owners: readonly Owner[],
  start: number,
): { present: PlacedColumn[]; absent: PlacedColumn[]; end: number } {
  const tables = owners.map(({ table }) => table);
  const { columns, end } = stackPreprocessed(machine, tables, start);
  const owned = columns.map((column) => {
    const { index, present } = owners[column.instance] as Owner;
    return { column: { ...column, instance: index }, present };
  });
  const of = (wanted: boolean): PlacedColumn[] =>
    owned
      .filter(({ present }) => present === wanted)
      .map(({ column }) => column)
      .sort((a, b) => a.instance - b.instance);
  return { present: of(true), absent: of(false), end };
}

/**
 * Places of the preprocessed columns of tables, given by chip, in the vector whose chunks the
 * preprocessed tree holds; `instance` is the index into `tables`.
 */
export function stackPreprocessed(
  machine: ConstraintProgram,
  tables: readonly Instance[],
  start = 0,
): { columns: PlacedColumn[]; end: number } {
  const counts = tables.map(({ chip }) => (machine.chips[chip] as Chip).preprocessedColumns.length);
  return stack(tables, counts, start);
}

function placeBlocks(
  instances: readonly Instance[],
  chips: readonly Chip[],
): { blocks: Block[]; end: number } {
  const blocks: Block[] = [];
  let offset = 0;
  for (const instance of tallestFirst(instances)) {
    const { logHeight } = instances[instance] as Instance;
    for (const interaction of (chips[instance] as Chip).interactions.keys()) {
      blocks.push({ instance, interaction, logHeight, offset });
      offset += 2 ** logHeight;
    }
  }
  return { blocks, end: offset };
}

function instanceStarts(instances: readonly Instance[], first: number): number[] {
  const rows = new Map<number, number>();
  return instances.map(({ chip, logHeight }) => {
    const start = rows.get(chip) ?? first;
    rows.set(chip, start + 2 ** logHeight);
    return start;
  });
}
