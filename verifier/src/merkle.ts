/**
 * Binary Merkle trees. A leaf is the Blake3 digest of a row of elements under the context of its
 * tree; an inner node is the Poseidon2 compression of its two children. The two are different
 * functions, and the depth comes from the verifier, so a leaf cannot pass for a node.
 */
import { VerificationError } from './errors.ts';
import { TWO_ADICITY } from './koala-bear.ts';
import { compress, DIGEST_ELEMENTS, type Digest } from './poseidon2.ts';

/** Some leaves of a tree and the nodes that are needed to compute the root from them. */
export interface Multiproof {
  /** Levels between the leaves and the root: the tree has 2^depth leaves. */
  readonly depth: number;
  /** Positions of the leaves, strictly increasing, each in [0, 2^depth). */
  readonly indices: readonly number[];
  /** Digest of the leaf at each position. */
  readonly leaves: readonly Digest[];
  /**
   * The siblings that cannot be computed, level by level from the leaves, from left to right in a
   * level. No other node may be present.
   */
  readonly siblings: readonly Digest[];
}

export function digestsEqual(a: Digest, b: Digest): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i]);
}

/** Positions in increasing order without repetition, as a multiproof has them. */
export function sortedDistinct(indices: readonly number[]): number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}

/**
 * Checks that the leaves are in the tree with this root.
 *
 * Fails `merkle/indices`, `merkle/leaf` (one digest for each index), `merkle/proof-length` (too few
 * or too many siblings) or `merkle/root`.
 */
export function verifyMultiproof(root: Digest, proof: Multiproof): void {
  checkIndices(proof);
  let positions = proof.indices;
  let nodes = proof.leaves;
  let used = 0;
  for (let level = 0; level < proof.depth; level++) {
    const parentPositions: number[] = [];
    const parents: Digest[] = [];
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] as number;
      const node = nodes[i] as Digest;
      let sibling: Digest | undefined;
      if (position % 2 === 0 && positions[i + 1] === position + 1) sibling = nodes[++i];
      else sibling = proof.siblings[used++];
      if (sibling === undefined) {
        throw new VerificationError('merkle/proof-length', 'siblings are missing', { level });
      }
      parentPositions.push(position >> 1);
      parents.push(position % 2 === 0 ? compress(node, sibling) : compress(sibling, node));
    }
    positions = parentPositions;
    nodes = parents;
  }
  if (used !== proof.siblings.length) {
    const found = proof.siblings.length;
    throw new VerificationError('merkle/proof-length', 'unused siblings', {
      expected: used,
      found,
    });
  }
  if (!digestsEqual(nodes[0] as Digest, root)) {
    throw new VerificationError('merkle/root', 'the leaves are not in the committed tree');
  }
}

function checkIndices({ depth, indices, leaves, siblings }: Multiproof): void {
  if (!(Number.isInteger(depth) && depth >= 0 && depth <= TWO_ADICITY)) {
    throw new RangeError(`a tree has a depth in 0..${TWO_ADICITY}, not ${depth}`);
  }
  if (indices.length === 0) throw new VerificationError('merkle/indices', 'no leaf is opened');
  let previous = -1;
  for (const index of indices) {
    if (!(Number.isInteger(index) && index > previous && index < 2 ** depth)) {
      const details = { index, previous, depth };
      throw new VerificationError('merkle/indices', 'positions must increase', details);
    }
    previous = index;
  }
  if (leaves.length !== indices.length) {
    const details = { expected: indices.length, found: leaves.length };
    throw new VerificationError('merkle/leaf', 'one digest for each position', details);
  }
  for (const digest of [...leaves, ...siblings]) {
    if (digest.length !== DIGEST_ELEMENTS) {
      const details = { expected: DIGEST_ELEMENTS, found: digest.length };
      throw new VerificationError('merkle/leaf', 'a digest has eight elements', details);
    }
  }
}

/**
 * The root over digests that are padded with zero digests to a power of two; of one digest, itself.
 * Throws a RangeError for none.
 */
export function merkleRoot(digests: readonly Digest[]): Digest {
  if (digests.length === 0) throw new RangeError('a tree has at least one leaf');
  const padding: Digest = new Array<number>(DIGEST_ELEMENTS).fill(0);
  let nodes = digests;
  let absent = padding;
  while (nodes.length > 1) {
    const parents: Digest[] = [];
    for (let i = 0; i < nodes.length; i += 2) {
      parents.push(compress(nodes[i] as Digest, nodes[i + 1] ?? absent));
    }
    absent = compress(absent, absent);
    nodes = parents;
  }
  return nodes[0] as Digest;
}
