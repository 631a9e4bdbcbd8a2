import assert from 'node:assert/strict';
import { compress, hasWork, leafHash, merkleRoot, workHash } from '@vouch/verifier';
import { contextKey, DERIVE_KEY_MATERIAL } from '../../prover/blake3.ts';
import type { Job } from '../../prover/kernel.ts';
import { fromMontgomery } from '../../prover/montgomery.ts';
import { at, EDGES, Harness } from './kernel-harness.ts';

const CONTEXT = 'Vouch test of leaf hashing v1';

describe('kernel of the leaf hashes', () => {
  const rows = 44;
  const stride = 4 * 64;
  const harness = new Harness(stride * 256 + 8192);
  const [key, columns] = [at(0), at(1024)];
  const digests = columns + 256 * stride;

  const hash =
    (width: number) =>
    (from: number, to: number): Job => {
      return [
        'hashLeaves',
        columns,
        stride,
        width,
        key,
        DERIVE_KEY_MATERIAL,
        digests,
        256,
        from,
        to,
      ];
    };

  for (const width of [1, 2, 15, 16, 17, 31, 32, 33, 96, 100, 255, 256]) {
    it(`agrees with its twin and the verifier for rows of ${width} elements`, () => {
      harness.fill(width);
      harness.write(key, contextKey(CONTEXT));
      harness.checkSplits(hash(width), rows, [[8], [1, 2, 5], [43], [13, 20, 24]]);
      const verifierHash = leafHash(CONTEXT);
      for (const i of [0, 7, 8, 43]) {
        const row = Array.from({ length: width }, (_, c) =>
          fromMontgomery(harness.read(columns + c * stride + 4 * i, 1)[0] as number),
        );
        const digest = Array.from({ length: 8 }, (_, j) =>
          fromMontgomery(harness.read(digests + 256 * j + 4 * i, 1)[0] as number),
        );
        assert.deepEqual(digest, verifierHash(row));
      }
    });
  }

  it('hashes rows of equal edges to different digests', () => {
    const seen = new Set<string>();
    harness.write(key, contextKey(CONTEXT));
    for (const edge of EDGES) {
      harness.write(columns, new Array(64).fill(edge));
      harness.check(hash(1)(0, 1));
      seen.add(harness.read(digests, 1).join());
    }
    assert.equal(seen.size, new Set(EDGES).size);
  });

  it('takes contexts of more than one block', () => {
    for (const length of [1, 63, 64, 65, 128, 200, 1024]) {
      const context = 'c'.repeat(length);
      harness.write(key, contextKey(context));
      harness.check(hash(3)(0, 1));
      const row = [0, 1, 2].map((c) =>
        fromMontgomery(harness.read(columns + c * stride, 1)[0] as number),
      );
      const word = fromMontgomery(harness.read(digests, 1)[0] as number);
      assert.equal(word, leafHash(context)(row)[0]);
    }
    assert.throws(() => contextKey('c'.repeat(1025)), RangeError);
  });
});

describe('kernel of the Merkle trees', () => {
  const harness = new Harness(8 * 4 * 1100);
  const tree = at(0);

  it('agrees with its twin for trees of 1 to 512 leaves', () => {
    for (let log = 0; log <= 9; log++) {
      harness.fill(300 + log);
      const stride = 4 * 2 ** (log + 1) + 64;
      harness.check(['compressLevels', tree, stride, log, 0, log, 0, 0, 1]);
    }
  });

  it('gives the same tree by parts', () => {
    const log = 7;
    const stride = 4 * 2 ** (log + 1);
    for (const logParts of [1, 2, 5, 7]) {
      harness.fill(400 + logParts);
      const split = log - logParts;
      const part = (from: number, to: number): Job => {
        return ['compressLevels', tree, stride, log, 0, split, logParts, from, to];
      };
      const parts = 2 ** logParts;
      harness.check(
        ['compressLevels', tree, stride, log, 0, log, 0, 0, 1],
        [part(1, parts), part(0, 1), ['compressLevels', tree, stride, log, split, log, 0, 0, 1]],
      );
    }
  });

  it('gives the root that the verifier computes', () => {
    const [log, stride] = [4, 4 * 32];
    harness.fill(500);
    const leaves = Array.from({ length: 2 ** log }, (_, i) =>
      Array.from({ length: 8 }, (_, j) =>
        fromMontgomery(harness.read(tree + j * stride + 4 * i, 1)[0] as number),
      ),
    );
    harness.check(['compressLevels', tree, stride, log, 0, log, 0, 0, 1]);
    const root = Array.from({ length: 8 }, (_, j) =>
      fromMontgomery(harness.read(tree + j * stride + 4 * 30, 1)[0] as number),
    );
    assert.deepEqual(root, merkleRoot(leaves));
    assert.notDeepEqual(root, compress(leaves[0] as number[], leaves[1] as number[]));
  });

  it('permute agrees with its twin on edges and on random states', () => {
    for (const edge of EDGES) {
      harness.write(tree, new Array(16).fill(edge));
      harness.check(['permute', tree]);
    }
    for (let seed = 600; seed < 620; seed++) {
      harness.fill(seed);
      harness.check(['permute', tree]);
    }
  });
});

describe('kernel of the proof of work', () => {
  const harness = new Harness(4096);
  const [key, seed, found] = [at(0), at(8), at(16)];
  const tag = 'Vouch test';
  const grind =
    (high: number, mask: number) =>
    (from: number, to: number): Job => {
      return ['grind', key, DERIVE_KEY_MATERIAL, seed, high, mask, found, from, to];
    };

  it('agrees with its twin on what it finds and that it finds nothing', () => {
    harness.fill(700);
    harness.write(key, contextKey(`${tag}: proof of work`));
    const words = [harness.read(found, 1)];
    for (const [from, to] of [
      [0, 1],
      [0, 8],
      [3, 20],
      [100, 100],
      [5, 300],
    ] as const) {
      for (const mask of [0, 1, 0xff, 0xfff, -1]) {
        harness.check(grind(0, mask)(from, to));
        words.push(harness.read(found, 1));
      }
    }
    assert.ok(words.some(([word]) => word === 0xffff_ffff));
    assert.ok(words.some(([word]) => word !== undefined && word > 5 && word < 300));
  });

  it('does not look behind its range', () => {
    harness.fill(701);
    harness.write(key, contextKey(`${tag}: proof of work`));
    for (let to = 0; to < 100; to++) harness.check(grind(0, 0x3f)(0, to));
  });

  it('finds the least nonce that the verifier accepts', () => {
    const digest = [0, 1, 2, 3, 4, 5, 6, 0x7f000000];
    harness.write(seed, digest);
    harness.write(key, contextKey(`${tag}: proof of work`));
    for (const high of [0, 1, 2 ** 32 - 1]) {
      harness.check(grind(high, 0xff)(0, 5000));
      const [low = 0] = harness.read(found, 1);
      const nonce = (n: number): bigint => (BigInt(high) << 32n) + BigInt(n);
      const hash = workHash(tag);
      assert.ok(hasWork(hash, digest, nonce(low), 8));
      for (let n = 0; n < low; n++) assert.ok(!hasWork(hash, digest, nonce(n), 8));
    }
  });
});
