import assert from 'node:assert/strict';
import {
  contextHash,
  digestOfHash,
  KoalaBear as F,
  leafHash,
  MAX_LEAF_ELEMENTS,
} from '@vouch/verifier';
import { readVectors } from './support.ts';

interface Vectors {
  readonly context: string;
  readonly cases: readonly { readonly length: number; readonly hash: string }[];
}

describe('Blake3', () => {
  it('matches the public vectors of the derive-key mode', () => {
    const { context, cases } = readVectors<Vectors>('blake3-derive-key.json');
    const hash = contextHash(context);
    for (const { length, hash: expected } of cases) {
      const input = Uint8Array.from({ length }, (_, i) => i % 251);
      assert.equal(Buffer.from(hash(input)).toString('hex'), expected, `${length} bytes`);
    }
  });

  it('hashes the same again after other messages', () => {
    const hash = contextHash('test');
    const first = hash(Uint8Array.of(1, 2, 3));
    hash(new Uint8Array(5000));
    assert.deepEqual(hash(Uint8Array.of(1, 2, 3)), first);
  });

  it('separates contexts', () => {
    const a = contextHash('test a')(new Uint8Array(8));
    const b = contextHash('test b')(new Uint8Array(8));
    assert.notDeepEqual(a, b);
  });

  it('refuses a context that is not ASCII', () => {
    assert.throws(() => contextHash('tést'), RangeError);
  });

  it('reduces the words of a hash modulo p', () => {
    const bytes = new Uint8Array(32).fill(255);
    bytes.set([1, 0, 0, 0x7f, 2, 0, 0, 0]);
    const rest = 0xffff_ffff % F.MODULUS;
    assert.deepEqual(digestOfHash(bytes), [0, 2, rest, rest, rest, rest, rest, rest]);
  });

  it('hashes leaves as their little-endian words', () => {
    const hash = contextHash('tree');
    const elements = [1, 2, F.MODULUS - 1];
    const expected = digestOfHash(hash(F.toBytes(elements)));
    assert.deepEqual(leafHash('tree')(elements), expected);
    assert.deepEqual(leafHash('tree')(Uint32Array.from(elements)), expected);
    assert.notDeepEqual(leafHash('other tree')(elements), expected);
  });

  it('limits a leaf to one chunk', () => {
    const hash = leafHash('tree');
    assert.equal(hash(new Array(MAX_LEAF_ELEMENTS).fill(1)).length, 8);
    assert.throws(() => hash(new Array(MAX_LEAF_ELEMENTS + 1).fill(1)), RangeError);
    assert.throws(() => hash([]), RangeError);
  });
});
