/** Elements of E in the kernels' memory, and their form outside it. */
import type { Quintic } from '@vouch/verifier';
import { type Arena, columnStride, type Region } from './memory.ts';
import { fromMontgomery, toMontgomery } from './montgomery.ts';

/** Bytes of one element whose coordinates follow each other. */
export const ELEMENT_BYTES = 20;

/** A vector over E: plane j of its elements is at `offset + j stride`, both in bytes. */
export interface QuinticVector {
  readonly offset: number;
  readonly stride: number;
  readonly length: number;
}

/** A vector with a region of its own. */
export interface OwnedVector extends QuinticVector {
  readonly region: Region;
}

/** A vector that is not cleared. */
export function allocateVector(arena: Arena, name: string, length: number): OwnedVector {
  const stride = columnStride(length);
  const region = arena.allocate(name, vectorBytes(length));
  return { offset: region.offset, stride, length, region };
}

/** Bytes that `allocateVector` takes. */
export function vectorBytes(length: number): number {
  return 5 * columnStride(length);
}

/** Elements [from, to) as canonical elements. */
export function readVector(
  arena: Arena,
  vector: QuinticVector,
  from = 0,
  to: number = vector.length,
): Quintic[] {
  const planes = [0, 1, 2, 3, 4].map((j) =>
    arena.words(vector.offset + j * vector.stride + 4 * from, to - from),
  );
  return Array.from(
    { length: to - from },
    (_, i) => planes.map((plane) => fromMontgomery(plane[i] as number)) as unknown as Quintic,
  );
}

/** Writes the first elements. */
export function writeVector(arena: Arena, vector: QuinticVector, values: readonly Quintic[]): void {
  for (let j = 0; j < 5; j++) {
    const plane = arena.words(vector.offset + j * vector.stride, values.length);
    for (const [i, value] of values.entries()) plane[i] = toMontgomery(value[j] as number);
  }
}

/** Writes elements one after the other, five words each. */
export function writeElements(arena: Arena, offset: number, values: readonly Quintic[]): void {
  const words = arena.words(offset, 5 * values.length);
  for (const [i, value] of values.entries()) {
    for (let j = 0; j < 5; j++) words[5 * i + j] = toMontgomery(value[j] as number);
  }
}

/** `count` elements one after the other, as canonical elements. */
export function readElements(arena: Arena, offset: number, count: number): Quintic[] {
  const words = arena.words(offset, 5 * count);
  return Array.from(
    { length: count },
    (_, i) =>
      [0, 1, 2, 3, 4].map((j) => fromMontgomery(words[5 * i + j] as number)) as unknown as Quintic,
  );
}
