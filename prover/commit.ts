/** Interleaved Reed-Solomon commitments in the kernels' memory. */
import type { Digest, OpenedRows } from '@vouch/verifier';
import { contextKey, DERIVE_KEY_MATERIAL } from './blake3.ts';
import { columnStride, type Region } from './memory.ts';
import { buildMerkleTree, type MerkleTree, readDigest, treeSize } from './merkle-tree.ts';
import { fromMontgomery } from './montgomery.ts';
import { type Pool, split } from './pool.ts';
import { encodeWork, hashWork, treeWork } from './work.ts';

/** Rows that a job hashes. */
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
  readonly width: number;
  readonly logLength: number;
  readonly codewords: Region;
  readonly codewordStride: number;
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
  const length = 2 ** logLength;
  const codewordStride = columnStride(length);
  const codewords = arena.allocate('codewords', columns.count * codewordStride);
  await pool.run(
    split(columns.count, columns.count, 1).map(([from, to]) => [
      'extendColumns',
      columns.offset,
      columns.stride,
      codewords.offset,
      codewordStride,
      columns.logRows,
      logInverseRate,
      twiddles.region.offset,
      twiddles.logSize,
      from,
      to,
    ]),
    encodeWork(columns.count, logLength),
  );
  const { planeStride, bytes } = treeSize(logLength);
  const treeRegion = arena.allocate('tree', bytes);
  const tree = { offset: treeRegion.offset, planeStride, logLeaves: logLength };
  const key = arena.allocate('context key', 64);
  arena.words(key.offset, 8).set(contextKey(context));
  await pool.run(
    split(length, 16 * threads, HASH_GRAIN).map(([from, to]) => [
      'hashLeaves',
      codewords.offset,
      codewordStride,
      columns.count,
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
  await pool.run([], treeWork(logLength));
  return { width: columns.count, logLength, codewords, codewordStride, treeRegion, tree, root };
}

/** Gives back a matrix and its tree. */
export function freeMatrix(pool: Pool, matrix: CommittedMatrix): void {
  pool.arena.free(matrix.codewords);
  pool.arena.free(matrix.treeRegion);
}

/** Rows at strictly increasing positions, with the siblings that `verifyMultiproof` expects. */
export function openRows(
  pool: Pool,
  matrix: CommittedMatrix,
  indices: readonly number[],
): OpenedRows {
  const siblings: Digest[] = [];
  let known = [...indices];
  for (let level = 0; level < matrix.logLength; level++) {
    const have = new Set(known);
    for (const index of known) {
      if (!have.has(index ^ 1))
        siblings.push(readDigest(pool.arena, matrix.tree, level, index ^ 1));
    }
    known = [...new Set(known.map((index) => index >> 1))];
  }
  return { rows: indices.map((index) => rowAt(pool, matrix, index)), siblings };
}

function rowAt(pool: Pool, matrix: CommittedMatrix, index: number): number[] {
  const first = matrix.codewords.offset + 4 * index;
  return Array.from({ length: matrix.width }, (_, c) =>
    fromMontgomery(pool.arena.words(first + c * matrix.codewordStride, 1)[0] as number),
  );
}
