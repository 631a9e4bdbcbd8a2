/** Interleaved Reed-Solomon commitments in the kernels' memory. */
import {
  type Digest,
  type LeafLayout,
  leafLayout,
  leavesOfRows,
  type OpenedLeaves,
} from '@vouch/verifier';
import { contextKey, DERIVE_KEY_MATERIAL } from './blake3.ts';
import { columnStride, type Region } from './memory.ts';
import { buildMerkleTree, type MerkleTree, readDigest, treeSize } from './merkle-tree.ts';
import { fromMontgomery } from './montgomery.ts';
import { type Pool, split } from './pool.ts';
import { encodeWork, hashWork, treeWork } from './work.ts';

/** Leaves that a job hashes. */
const HASH_GRAIN = 8;

/** Columns of coefficients in memory, in Montgomery form. */
export interface Coefficients {
  readonly offset: number;
  readonly stride: number;
  readonly count: number;
  /** Log of the coefficients of a column. */
  readonly logRows: number;
}

/** A code matrix and its Merkle tree. */
export interface CommittedMatrix {
  readonly logLength: number;
  readonly layout: LeafLayout;
  readonly codewords: Region;
  /** Bytes from one element of a leaf to the next. */
  readonly leafStride: number;
  readonly treeRegion: Region;
  readonly tree: MerkleTree;
  readonly root: Digest;
}

/** Tables that every commitment of one pool uses. */
export interface Twiddles {
  readonly region: Region;
  readonly logSize: number;
}

/** Twiddle factors for codes of up to 2^logLength rows. */
export async function makeTwiddles(pool: Pool, logLength: number): Promise<Twiddles> {
  const logSize = Math.max(logLength - 1, 2);
  const region = pool.arena.allocate('twiddles', 2 * 4 * 2 ** logSize + 256);
  await pool.run([['makeTwiddles', region.offset, logSize]]);
  return { region, logSize };
}

/**
 * The distance of codewords of 2^logLength elements in bytes. With several rows in a leaf they lie
 * side by side, so that the pieces that a leaf has an element of are evenly spaced too.
 */
export function codewordStride({ logRows }: LeafLayout, logLength: number): number {
  return logRows > 0 ? 4 * 2 ** logLength : columnStride(2 ** logLength);
}

/** Encodes the columns and commits to the rows; row i holds the values at `domainPoint(i)`. */
export async function commitColumns(
  pool: Pool,
  twiddles: Twiddles,
  columns: Coefficients,
  logInverseRate: number,
  context: string,
): Promise<CommittedMatrix> {
  const { arena, threads } = pool;
  const logLength = columns.logRows + logInverseRate;
  const layout = leafLayout(columns.count, logLength);
  const stride = codewordStride(layout, logLength);
  const codewords = arena.allocate('codewords', columns.count * stride);
  await pool.run(
    split(columns.count, columns.count, 1).map(([from, to]) => [
      'extendColumns',
      columns.offset,
      columns.stride,
      codewords.offset,
      stride,
      columns.logRows,
      logInverseRate,
      twiddles.region.offset,
      twiddles.logSize,
      from,
      to,
    ]),
    encodeWork(columns.count, logLength),
  );
  const { planeStride, bytes } = treeSize(layout.depth);
  const treeRegion = arena.allocate('tree', bytes);
  const tree = { offset: treeRegion.offset, planeStride, logLeaves: layout.depth };
  const leafStride = stride / 2 ** layout.logRows;
  const key = arena.allocate('context key', 64);
  arena.words(key.offset, 8).set(contextKey(context));
  await pool.run(
    split(2 ** layout.depth, 16 * threads, HASH_GRAIN).map(([from, to]) => [
      'hashLeaves',
      codewords.offset,
      leafStride,
      layout.elements,
      key.offset,
      DERIVE_KEY_MATERIAL,
      tree.offset,
      planeStride,
      from,
      to,
    ]),
    hashWork(columns.count, logLength),
  );
  arena.free(key);
  const root = await buildMerkleTree(pool, tree);
  await pool.run([], treeWork(layout.depth));
  return { logLength, layout, codewords, leafStride, treeRegion, tree, root };
}

/** Gives back a matrix and its tree. */
export function freeMatrix(pool: Pool, matrix: CommittedMatrix): void {
  pool.arena.free(matrix.codewords);
  pool.arena.free(matrix.treeRegion);
}

/** The leaves that hold these rows, with the siblings that `verifyMultiproof` expects. */
export function openRows(
  pool: Pool,
  matrix: CommittedMatrix,
  rows: readonly number[],
): OpenedLeaves {
  const places = leavesOfRows(matrix.layout, rows);
  const siblings: Digest[] = [];
  let known = places;
  for (let level = 0; level < matrix.layout.depth; level++) {
    const have = new Set(known);
    for (const index of known) {
      if (!have.has(index ^ 1))
        siblings.push(readDigest(pool.arena, matrix.tree, level, index ^ 1));
    }
    known = [...new Set(known.map((index) => index >> 1))];
  }
  return { leaves: places.map((place) => leafAt(pool, matrix, place)), siblings };
}

function leafAt(pool: Pool, matrix: CommittedMatrix, place: number): number[] {
  const first = matrix.codewords.offset + 4 * place;
  return Array.from({ length: matrix.layout.elements }, (_, i) =>
    fromMontgomery(pool.arena.words(first + i * matrix.leafStride, 1)[0] as number),
  );
}
