import assert from 'node:assert/strict';
import {
  type Check,
  compress,
  type Digest,
  KoalaBear as F,
  leafHash,
  type Multiproof,
  merkleRoot,
  sortedDistinct,
  VerificationError,
  verifyMultiproof,
} from '@vouch/verifier';
import fc from 'fast-check';
import { buildTree, openTree } from './multiproof.ts';
import { check, digest } from './support.ts';

const hash = leafHash('test tree');

function tree(depth: number): Digest[][] {
  return buildTree(Array.from({ length: 2 ** depth }, (_, i) => hash([i, depth])));
}

const trees = [0, 1, 2, 3, 4, 5].map(tree);

function rootOf(levels: readonly (readonly Digest[])[]): Digest {
  return levels.at(-1)?.[0] as Digest;
}

function failsWith(...names: Check[]): (error: unknown) => boolean {
  return (error) => error instanceof VerificationError && names.includes(error.check);
}

const opening = fc
  .nat(5)
  .chain((depth) =>
    fc
      .uniqueArray(fc.nat(2 ** depth - 1), { minLength: 1, maxLength: 12 })
      .map((indices) => ({ levels: trees[depth] as Digest[][], indices: sortedDistinct(indices) })),
  );

/** Each digest of a proof with each of its elements changed. */
function* corruptions(proof: Multiproof): Generator<Multiproof> {
  for (const field of ['leaves', 'siblings'] as const) {
    for (let i = 0; i < proof[field].length; i++) {
      for (let j = 0; j < 8; j++) {
        const changed = (proof[field][i] as Digest).map((x, k) => (k === j ? F.add(x, 1) : x));
        yield { ...proof, [field]: proof[field].with(i, changed) };
      }
    }
  }
}

describe('Merkle multiproof', () => {
  it('accepts any set of leaves of any tree', () => {
    check(
      fc.property(opening, ({ levels, indices }) => {
        verifyMultiproof(rootOf(levels), openTree(levels, indices));
      }),
      150,
    );
  });

  it('needs no sibling when all leaves are open', () => {
    const levels = trees[4] as Digest[][];
    const proof = openTree(levels, [...Array(16).keys()]);
    assert.equal(proof.siblings.length, 0);
    verifyMultiproof(rootOf(levels), proof);
  });

  it('rejects any change of any element of any digest', () => {
    const levels = trees[4] as Digest[][];
    const proof = openTree(levels, [0, 5, 6, 7, 12]);
    for (const changed of corruptions(proof)) {
      assert.throws(() => verifyMultiproof(rootOf(levels), changed), failsWith('merkle/root'));
    }
  });

  it('rejects another root', () => {
    check(
      fc.property(opening, digest, ({ levels, indices }, root) => {
        const proof = openTree(levels, indices);
        assert.throws(() => verifyMultiproof(root, proof), failsWith('merkle/root'));
      }),
      50,
    );
  });

  it('rejects a root of which one element is another', () => {
    const levels = trees[4] as Digest[][];
    const proof = openTree(levels, [3, 8]);
    const root = rootOf(levels);
    for (const [i, element] of root.entries()) {
      const other = root.with(i, element === 0 ? 1 : element - 1);
      assert.throws(() => verifyMultiproof(other, proof), failsWith('merkle/root'));
    }
  });

  it('rejects leaves at other positions', () => {
    const levels = trees[4] as Digest[][];
    const proof = openTree(levels, [3, 8]);
    for (const indices of [
      [2, 8],
      [3, 9],
      [3, 10],
      [4, 8],
    ]) {
      const moved = { ...proof, indices };
      const rejected = failsWith('merkle/root', 'merkle/proof-length');
      assert.throws(() => verifyMultiproof(rootOf(levels), moved), rejected);
    }
  });

  it('consumes its siblings exactly', () => {
    check(
      fc.property(opening, digest, ({ levels, indices }, extra) => {
        const proof = openTree(levels, indices);
        const longer = { ...proof, siblings: [...proof.siblings, extra] };
        const wrongLength = failsWith('merkle/proof-length');
        assert.throws(() => verifyMultiproof(rootOf(levels), longer), wrongLength);
        if (proof.siblings.length > 0) {
          const shorter = { ...proof, siblings: proof.siblings.slice(0, -1) };
          assert.throws(() => verifyMultiproof(rootOf(levels), shorter), wrongLength);
        }
      }),
      50,
    );
  });

  it('wants positions that strictly increase inside the tree, one digest each', () => {
    const levels = trees[3] as Digest[][];
    const proof = openTree(levels, [1, 4]);
    for (const indices of [[], [4, 1], [1, 1], [-1, 4], [1, 8], [0.5, 4], [1, Number.NaN]]) {
      const changed = { ...proof, indices };
      assert.throws(() => verifyMultiproof(rootOf(levels), changed), failsWith('merkle/indices'));
    }
    const [leaf] = proof.leaves as [Digest];
    for (const leaves of [
      [leaf],
      [leaf, leaf, leaf],
      [leaf, leaf.slice(1)],
      [leaf, [...leaf, 0]],
    ]) {
      const changed = { ...proof, leaves };
      assert.throws(() => verifyMultiproof(rootOf(levels), changed), failsWith('merkle/leaf'));
    }
  });

  it('does not take the levels of a tree of another depth', () => {
    const levels = trees[4] as Digest[][];
    const inner = { ...openTree(levels.slice(1), [2]), depth: 4 };
    assert.throws(() => verifyMultiproof(rootOf(levels), inner), failsWith('merkle/proof-length'));
  });

  it('sorts query positions and drops repetitions', () => {
    assert.deepEqual(sortedDistinct([10, 9, 10, 2, 0, 2]), [0, 2, 9, 10]);
  });
});

describe('Merkle root', () => {
  it('pads with zero digests to a power of two', () => {
    const zero: Digest = new Array(8).fill(0);
    for (let count = 1; count <= 9; count++) {
      const digests = Array.from({ length: count }, (_, i) => hash([i]));
      const size = 2 ** Math.ceil(Math.log2(count));
      const padded = [...digests, ...new Array<Digest>(size - count).fill(zero)];
      assert.deepEqual(merkleRoot(digests), rootOf(buildTree(padded)), `${count} digests`);
    }
  });

  it('of one digest is the digest, of two their compression', () => {
    const [a, b] = [hash([1]), hash([2])];
    assert.deepEqual(merkleRoot([a]), a);
    assert.deepEqual(merkleRoot([a, b]), compress(a, b));
    assert.throws(() => merkleRoot([]), RangeError);
  });
});
