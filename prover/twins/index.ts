/**
 * Kernels again in plain code over the verifier's field and hashes: what each kernel must write,
 * word for word. Slow; tests run both on equal memories.
 */
import { FieldMemory } from './field-memory.ts';
import { type HashKernels, hashTwins } from './hashes.ts';
import { type MultilinearKernels, multilinearTwins } from './multilinear.ts';
import { type NttKernels, nttTwins } from './ntt.ts';
import { type QuinticKernels, quinticTwins } from './quintic-vectors.ts';
import { type VectorKernels, vectorTwins } from './vectors.ts';

/** The kernels that have twins: all that are not a step of one protocol. */
export type TwinKernels = VectorKernels &
  NttKernels &
  HashKernels &
  QuinticKernels &
  MultilinearKernels;

/** Twins on a memory, as large as it is now. */
export function createTwins(memory: WebAssembly.Memory): TwinKernels {
  const view = new FieldMemory(memory);
  return {
    ...vectorTwins(view),
    ...nttTwins(view),
    ...hashTwins(view),
    ...quinticTwins(view),
    ...multilinearTwins(view),
  };
}
