/** Merkle trees in the kernels' memory: layout, building, reading. */
import type { Digest } from '@vouch/verifier';
import type { Job } from './kernel.ts';
import { type Arena, columnStride } from './memory.ts';
import { fromMontgomery } from './montgomery.ts';
import type { Pool } from './pool.ts';

/**
 * A tree with 2^logLeaves leaves: eight planes, each with all levels, the leaves first. The digests
 * of the leaves are at the start of the planes, where `hashLeaves` puts them.
 */
export interface MerkleTree {
  readonly offset: number;
  /** Bytes from one plane to the next. */
  readonly planeStride: number;
  readonly logLeaves: number;
}

/** The plane stride of a tree and the bytes of all its planes. */
export function treeSize(logLeaves: number): { planeStride: number; bytes: number } {
  const planeStride = columnStride(2 ** (logLeaves + 1));
  return { planeStride, bytes: 8 * planeStride };
}

/** Least leaves of a part that one job computes alone, and most: a job should be short. */
const LOG_LEAST_LEAVES = 9;
const LOG_MOST_LEAVES = 14;

/** Computes all nodes above the leaves and returns the root. */
export async function buildMerkleTree(pool: Pool, tree: MerkleTree): Promise<Digest> {
  const { offset, planeStride, logLeaves } = tree;
  const wanted = Math.max(logCeil(4 * pool.threads), logLeaves - LOG_MOST_LEAVES);
  const logParts = Math.max(0, Math.min(logLeaves - LOG_LEAST_LEAVES, wanted));
  const split = logLeaves - logParts;
  const levels = (from: number, to: number, log: number, part: number): Job => {
    return ['compressLevels', offset, planeStride, logLeaves, from, to, log, part, part + 1];
  };
  await pool.run(Array.from({ length: 2 ** logParts }, (_, k) => levels(0, split, logParts, k)));
  await pool.run([levels(split, logLeaves, 0, 0)]);
  return readDigest(pool.arena, tree, logLeaves, 0);
}

/** The digest at a place of a level; level 0 are the leaves. */
export function readDigest(arena: Arena, tree: MerkleTree, level: number, place: number): Digest {
  const { offset, planeStride, logLeaves } = tree;
  if (level < 0 || level > logLeaves || place < 0 || place >= 2 ** (logLeaves - level)) {
    throw new RangeError(`the tree has no node ${place} on level ${level}`);
  }
  const all = 2 ** (logLeaves + 1);
  const at = offset + 4 * (all - all / 2 ** level + place);
  return Array.from({ length: 8 }, (_, j) =>
    fromMontgomery(arena.words(at + j * planeStride, 1)[0] as number),
  );
}

function logCeil(value: number): number {
  return Math.ceil(Math.log2(value));
}
