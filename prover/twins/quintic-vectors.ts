import { type Quintic, QuinticField } from '@vouch/verifier';
import type { Kernels } from '../kernel.ts';
import type { FieldMemory } from './field-memory.ts';

const { add, mul, scale, sub, ZERO } = QuinticField;

export type QuinticKernels = Pick<
  Kernels,
  | 'addQuintics'
  | 'subtractQuintics'
  | 'multiplyQuintics'
  | 'scaleQuintics'
  | 'multiplyQuinticsByColumn'
  | 'addWeightedColumns'
>;

/** Twins of kernels/quintic-vectors.ts. */
export function quinticTwins(memory: FieldMemory): QuinticKernels {
  type Operation = (x: Quintic, y: Quintic) => Quintic;
  const elementwise =
    (operation: Operation): Kernels['addQuintics'] =>
    (a, aStride, b, bStride, target, stride, from, to) => {
      for (let i = from; i < to; i++) {
        const value = operation(memory.quintic(a, aStride, i), memory.quintic(b, bStride, i));
        memory.setQuintic(target, stride, i, value);
      }
    };
  return {
    addQuintics: elementwise(add),
    subtractQuintics: elementwise(sub),
    multiplyQuintics: elementwise(mul),
    scaleQuintics(a, aStride, c, target, stride, from, to) {
      const factor = memory.constant(c);
      for (let i = from; i < to; i++) {
        memory.setQuintic(target, stride, i, mul(memory.quintic(a, aStride, i), factor));
      }
    },
    multiplyQuinticsByColumn(a, aStride, column, target, stride, from, to) {
      for (let i = from; i < to; i++) {
        const value = scale(memory.quintic(a, aStride, i), memory.element(column + 4 * i));
        memory.setQuintic(target, stride, i, value);
      }
    },
    addWeightedColumns(columns, columnStride, count, weights, overwrite, target, stride, from, to) {
      for (let i = from; i < to; i++) {
        let sum = overwrite ? ZERO : memory.quintic(target, stride, i);
        for (let c = 0; c < count; c++) {
          const element = memory.element(columns + c * columnStride + 4 * i);
          sum = add(sum, scale(memory.constant(weights + 20 * c), element));
        }
        memory.setQuintic(target, stride, i, sum);
      }
    },
  };
}
