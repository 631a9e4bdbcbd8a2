import { KoalaBear } from '@vouch/verifier';
import type { Kernels } from '../kernel.ts';
import type { FieldMemory } from './field-memory.ts';

const { add, inverse, MODULUS, mul, sub } = KoalaBear;

export type VectorKernels = Pick<
  Kernels,
  | 'addVectors'
  | 'subtractVectors'
  | 'multiplyVectors'
  | 'scaleVector'
  | 'toMontgomery'
  | 'fromMontgomery'
  | 'invertVector'
>;

/** Twins of kernels/vectors.ts. */
export function vectorTwins(memory: FieldMemory): VectorKernels {
  type Operation = (x: number, y: number) => number;
  const elementwise =
    (operation: Operation): VectorKernels['addVectors'] =>
    (a, b, target, from, to) => {
      for (let i = from; i < to; i++) {
        const value = operation(memory.element(a + 4 * i), memory.element(b + 4 * i));
        memory.setElement(target + 4 * i, value);
      }
    };
  return {
    addVectors: elementwise(add),
    subtractVectors: elementwise(sub),
    multiplyVectors: elementwise(mul),
    scaleVector(a, c, target, from, to) {
      // The product of two Montgomery forms, one of them read back, is a Montgomery form.
      for (let i = from; i < to; i++) {
        memory.setWord(target + 4 * i, mul(memory.element(a + 4 * i), c));
      }
    },
    toMontgomery(a, target, from, to) {
      for (let i = from; i < to; i++) {
        memory.setElement(target + 4 * i, memory.word(a + 4 * i) % MODULUS);
      }
    },
    fromMontgomery(a, target, from, to) {
      for (let i = from; i < to; i++) memory.setWord(target + 4 * i, memory.element(a + 4 * i));
    },
    invertVector(a, target, from, to) {
      for (let i = from; i < to; i++) {
        const value = memory.element(a + 4 * i);
        memory.setElement(target + 4 * i, value === 0 ? 0 : inverse(value));
      }
    },
  };
}
