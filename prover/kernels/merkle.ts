/**
 * Merkle trees: eight planes, each with all levels one after the other, the leaves first. Element j
 * of the digest at place i of level l is at tree + j planeStride + 4 (2n - (2n >> l) + i), for n
 * leaves. A node is the compression of its children: the first eight elements of x + permute(x) for
 * x = left || right.
 */
import { add, even, odd, poolP, scratch, storeLanes } from './field';
import { permuteStates, STATES } from './poseidon2';

/** Nodes that one call of `permuteStates` computes. */
const NODES: u32 = 8;

/**
 * Computes levels fromLevel + 1 .. toLevel of a tree with 2^logLeaves leaves, in the parts
 * [from, to) of 2^logParts: part k of a level is its nodes above the k-th part of the leaves.
 * toLevel + logParts <= logLeaves.
 */
export function compressLevels(
  tree: usize,
  planeStride: usize,
  logLeaves: u32,
  fromLevel: u32,
  toLevel: u32,
  logParts: u32,
  from: u32,
  to: u32,
): void {
  const all: u32 = 2 << logLeaves;
  for (let part = from; part < to; part++) {
    for (let level = fromLevel; level < toLevel; level++) {
      const count: u32 = 1 << (logLeaves - level - 1 - logParts);
      const source = tree + 4 * <usize>(all - (all >> level) + 2 * part * count);
      const target = tree + 4 * <usize>(all - (all >> (level + 1)) + part * count);
      for (let node: u32 = 0; node < count; node += NODES) {
        const o: usize = 4 * node;
        compressNodes(source + 2 * o, target + o, planeStride, count - node);
      }
    }
  }
}

/** Compresses the 16 neighbours at `source` to eight nodes; stores the first `nodes` of them. */
// @ts-ignore: decorator
@inline
function compressNodes(source: usize, target: usize, planeStride: usize, nodes: u32): void {
  const s = scratch + STATES;
  for (let j: usize = 0; j < 8; j++) {
    const at = source + j * planeStride;
    for (let o: usize = 0; o < 32; o += 16) {
      const first = v128.load(at + 2 * o);
      const second = v128.load(at + 2 * o, 16);
      v128.store(s + 32 * j + o, even(first, second));
      v128.store(s + 32 * j + o, odd(first, second), 256);
    }
  }
  permuteStates();
  const p = poolP();
  for (let j: usize = 0; j < 8; j++) {
    const from = source + j * planeStride;
    const at = target + j * planeStride;
    for (let o: usize = 0; o < 32; o += 16) {
      if (<u32>o >= 4 * nodes) break;
      const left = even(v128.load(from + 2 * o), v128.load(from + 2 * o, 16));
      const digest = add(left, v128.load(s + 32 * j + o), p);
      storeLanes(at + o, digest, nodes - (<u32>o >> 2));
    }
  }
}
