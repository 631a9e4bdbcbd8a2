import { eqTable, type Quintic, QuinticField } from '@vouch/verifier';
import type { Kernels } from '../kernel.ts';
import type { FieldMemory } from './field-memory.ts';

const { add, fromBase, mul, scale, sub, ZERO } = QuinticField;

export type MultilinearKernels = Pick<
  Kernels,
  | 'bindColumnHigh'
  | 'bindColumnLow'
  | 'bindQuinticsHigh'
  | 'bindQuinticsLow'
  | 'eqTable'
  | 'dotColumns'
>;

/** Twins of kernels/multilinear.ts. */
export function multilinearTwins(memory: FieldMemory): MultilinearKernels {
  const bind = (
    pair: (i: number) => readonly [Quintic, Quintic],
    r: number,
    target: number,
    stride: number,
    [from, to]: readonly [number, number],
  ): void => {
    const challenge = memory.constant(r);
    for (let i = from; i < to; i++) {
      const [zero, one] = pair(i);
      memory.setQuintic(target, stride, i, add(zero, mul(challenge, sub(one, zero))));
    }
  };
  return {
    bindColumnHigh(a, half, r, target, stride, from, to) {
      const element = (i: number): Quintic => fromBase(memory.element(a + 4 * i));
      bind((i) => [element(i), element(i + half)], r, target, stride, [from, to]);
    },
    bindColumnLow(a, r, target, stride, from, to) {
      const element = (i: number): Quintic => fromBase(memory.element(a + 4 * i));
      bind((i) => [element(2 * i), element(2 * i + 1)], r, target, stride, [from, to]);
    },
    bindQuinticsHigh(a, aStride, half, r, target, stride, from, to) {
      const element = (i: number): Quintic => memory.quintic(a, aStride, i);
      bind((i) => [element(i), element(i + half)], r, target, stride, [from, to]);
    },
    bindQuinticsLow(a, aStride, r, target, stride, from, to) {
      const element = (i: number): Quintic => memory.quintic(a, aStride, i);
      bind((i) => [element(2 * i), element(2 * i + 1)], r, target, stride, [from, to]);
    },
    eqTable(point, variables, target, stride, logParts, from, to) {
      const coordinates = Array.from({ length: variables }, (_, k) =>
        memory.constant(point + 20 * k),
      );
      const size = 2 ** (variables - logParts);
      for (const [i, value] of eqTable(coordinates).entries()) {
        if (i >= from * size && i < to * size) memory.setQuintic(target, stride, i, value);
      }
    },
    dotColumns(columns, columnStride, count, weights, weightStride, results, from, to) {
      for (let c = 0; c < count; c++) {
        let sum = ZERO;
        for (let i = from; i < to; i++) {
          const element = memory.element(columns + c * columnStride + 4 * i);
          sum = add(sum, scale(memory.quintic(weights, weightStride, i), element));
        }
        memory.setQuintic(results + 20 * c, 4, 0, sum);
      }
    },
  };
}
