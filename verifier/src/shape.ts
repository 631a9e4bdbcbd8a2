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
  /** Rows of the instances of the same chip before each instance. */
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
 */
export function segmentShape(
  machine: ConstraintProgram,
  instances: readonly Instance[],
  chooseLogRows: (cells: number) => number,
  preprocessed: boolean,
): SegmentShape {
  const chips = instances.map(({ chip }) => machine.chips[chip] as Chip);
  const mainCounts = chips.map((chip) => chip.mainColumns.length);
  const preprocessedCounts = chips.map((chip) =>
    preprocessed ? chip.preprocessedColumns.length : 0,
  );
  const main = stack(instances, mainCounts, 0);
  const logRows = chooseLogRows(main.end);
  const rows = 2 ** logRows;
  const mainChunks = { start: 0, count: Math.ceil(main.end / rows) };
  const tallest = Math.max(
    0,
    ...instances.map(({ logHeight }, i) => (preprocessedCounts[i] === 0 ? 0 : logHeight - logRows)),
  );
  const alignment = 2 ** tallest;
  const preprocessedStart = Math.ceil(mainChunks.count / alignment) * alignment;
  const extra = stack(instances, preprocessedCounts, preprocessedStart * rows);
  const preprocessedCount = Math.ceil(extra.end / rows) - preprocessedStart;
  const chunks = preprocessedCount === 0 ? mainChunks.count : preprocessedStart + preprocessedCount;
  const leaves = placeBlocks(instances, chips);
  return {
    instances,
    instanceStarts: instanceStarts(instances),
    maxLogHeight: Math.max(...instances.map(({ logHeight }) => logHeight)),
    blocks: leaves.blocks,
    logLeaves: ceilLog2(leaves.end),
    mainColumns: main.columns,
    preprocessedColumns: extra.columns,
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

function instanceStarts(instances: readonly Instance[]): number[] {
  const rows = new Map<number, number>();
  return instances.map(({ chip, logHeight }) => {
    const start = rows.get(chip) ?? 0;
    rows.set(chip, start + 2 ** logHeight);
    return start;
  });
}

/** Bits of offset / 2^logHeight, most significant first, in a space of `logSize` variables. */
export function prefixBits(offset: number, logHeight: number, logSize: number): number[] {
  const prefix = Math.floor(offset / 2 ** logHeight);
  const length = logSize - logHeight;
  return Array.from({ length }, (_, i) => Math.floor(prefix / 2 ** (length - 1 - i)) % 2);
}
