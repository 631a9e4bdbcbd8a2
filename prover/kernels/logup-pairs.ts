/** What the kernels of LogUp share: places in a layer, neighbours that are folded or stored. */
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from '../kernel-layout';
import { even, odd, sub } from './field';
import { prepare, product } from './quintic';

/** First planes of the four vectors, in bytes from the start of a block. */
export const LEFT_NUMERATOR: usize = 0;
export const RIGHT_NUMERATOR: usize = 5 * BLOCK_BYTES;
export const LEFT_DENOMINATOR: usize = 10 * BLOCK_BYTES;
export const RIGHT_DENOMINATOR: usize = 15 * BLOCK_BYTES;
export const PLANE: usize = BLOCK_BYTES;

/** Plane 0 of pair i. */
// @ts-ignore: decorator
@inline
export function pairAt(layer: usize, i: u32): usize {
  return layer + <usize>LAYER_BLOCK_BYTES * <usize>(i / BLOCK) + 4 * <usize>(i % BLOCK);
}

/** The block behind that of pair i, or the last one that holds pairs before `to`. */
// @ts-ignore: decorator
@inline
export function blockBehind(layer: usize, i: u32, to: u32): usize {
  return layer + <usize>LAYER_BLOCK_BYTES * min(i / BLOCK + 1, (to - 1) / BLOCK);
}

/** Of eight elements in plane j, those at even places and those at odd places less these. */
// @ts-ignore: decorator
@inline
export function atZero(at: usize, j: usize): v128 {
  return even(v128.load(at + j * PLANE), v128.load(at + j * PLANE, 16));
}

// @ts-ignore: decorator
@inline
export function difference(at: usize, j: usize, p: v128): v128 {
  const first = v128.load(at + j * PLANE);
  const second = v128.load(at + j * PLANE, 16);
  return sub(odd(first, second), even(first, second), p);
}

// @ts-ignore: decorator
@inline
export function productAtZero(at: usize, factor: usize): void {
  product(
    atZero(at, 0),
    atZero(at, 1),
    atZero(at, 2),
    atZero(at, 3),
    atZero(at, 4),
    factor,
  );
}

// @ts-ignore: decorator
@inline
export function productOfDifference(at: usize, factor: usize, p: v128): void {
  product(
    difference(at, 0, p),
    difference(at, 1, p),
    difference(at, 2, p),
    difference(at, 3, p),
    difference(at, 4, p),
    factor,
  );
}

// @ts-ignore: decorator
@inline
export function prepareAtZero(factor: usize, at: usize): void {
  prepare(factor, atZero(at, 0), atZero(at, 1), atZero(at, 2), atZero(at, 3), atZero(at, 4));
}

// @ts-ignore: decorator
@inline
export function prepareDifference(factor: usize, at: usize, p: v128): void {
  prepare(
    factor,
    difference(at, 0, p),
    difference(at, 1, p),
    difference(at, 2, p),
    difference(at, 3, p),
    difference(at, 4, p),
  );
}

/** Eight elements at `values` become four pairs: left vector, then right vector five planes on. */
// @ts-ignore: decorator
@inline
export function storePairs(values: usize, at: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const first = v128.load(values + 16 * j);
    const second = v128.load(values + 80 + 16 * j);
    v128.store(at + j * PLANE, even(first, second));
    v128.store(at + (5 + j) * PLANE, odd(first, second));
  }
}

