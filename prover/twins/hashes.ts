import { compress, type Digest, KoalaBear, permute } from '@vouch/verifier';
import { hashChunk } from '../blake3.ts';
import type { Kernels } from '../kernel.ts';
import type { FieldMemory } from './field-memory.ts';

export type HashKernels = Pick<Kernels, 'hashLeaves' | 'grind' | 'permute' | 'compressLevels'>;

/** Twins of kernels/leaves.ts, grind.ts, poseidon2.ts and merkle.ts. */
export function hashTwins(memory: FieldMemory): HashKernels {
  return {
    hashLeaves(columns, columnStride, width, key, flags, digests, planeStride, from, to) {
      for (let i = from; i < to; i++) {
        const row = Array.from({ length: width }, (_, c) =>
          memory.element(columns + c * columnStride + 4 * i),
        );
        const hash = hashChunk(memory.eightWords(key), row, 4 * width, flags);
        for (const [j, word] of hash.entries()) {
          memory.setElement(digests + j * planeStride + 4 * i, word % KoalaBear.MODULUS);
        }
      }
    },
    grind(key, flags, seed, nonceHigh, mask, found, from, to) {
      const [keyWords, seedWords] = [memory.eightWords(key), memory.eightWords(seed)];
      memory.setWord(found, 0xffff_ffff);
      for (let n = from; n < to; n++) {
        const hash = hashChunk(keyWords, [...seedWords, n, nonceHigh], 40, flags);
        if (((hash[0] as number) & mask) === 0) {
          memory.setWord(found, n);
          return;
        }
      }
    },
    permute(state) {
      const elements = Array.from({ length: 16 }, (_, i) => memory.element(state + 4 * i));
      permute(elements);
      for (const [i, element] of elements.entries()) memory.setElement(state + 4 * i, element);
    },
    compressLevels(tree, planeStride, logLeaves, fromLevel, toLevel, logParts, from, to) {
      const all = 2 ** (logLeaves + 1);
      const start = (level: number): number => tree + 4 * (all - all / 2 ** level);
      for (let level = fromLevel; level < toLevel; level++) {
        const nodes = 2 ** (logLeaves - level - 1 - logParts);
        for (let i = from * nodes; i < to * nodes; i++) {
          const left = readDigest(memory, start(level) + 8 * i, planeStride);
          const right = readDigest(memory, start(level) + 8 * i + 4, planeStride);
          for (const [j, element] of compress(left, right).entries()) {
            memory.setElement(start(level + 1) + j * planeStride + 4 * i, element);
          }
        }
      }
    },
  };
}

function readDigest(memory: FieldMemory, at: number, planeStride: number): Digest {
  return Array.from({ length: 8 }, (_, j) => memory.element(at + j * planeStride));
}
