/** Elements of E in memory: products of what lies in planes, sums that are kept in scratch. */
import { add, addScalar, scratch } from './field';
import { coordinate, prepare, product } from './quintic';

/** Bytes of a prepared factor. */
export const PREPARED_BYTES: usize = 240;

/** In scratch, behind what quintic.ts uses: a value of four lanes, sums of a block, sums of a job. */
export const VALUE: usize = 0x1000;
export const BLOCK_SUMS: usize = 0x1100;
export const JOB_SUMS: usize = 0x1200;
/** In scratch: a word that nobody reads. */
const TOUCHED: usize = 0x1300;
/** In scratch: one prepared factor for each four rows of a block. */
export const EQ_FACTORS: usize = 0x2000;

/** Bytes of a cache line. */
const LINE: usize = 64;

/**
 * Loads `count` lines of the block that comes next. Its planes are four lines each, too short for a
 * processor to see streams in them; read line by line the block is one stream, which it fetches ahead.
 */
// @ts-ignore: decorator
@inline
export function touch(at: usize, count: usize): void {
  let word: u32 = 0;
  for (let line: usize = 0; line < count; line++) word |= load<u32>(at + LINE * line);
  store<u32>(scratch + TOUCHED, word);
}

/** Prepares four elements at `x`. */
// @ts-ignore: decorator
@inline
export function prepareAt(at: usize, x: usize, stride: usize): void {
  prepare(
    at,
    v128.load(x),
    v128.load(x + stride),
    v128.load(x + 2 * stride),
    v128.load(x + 3 * stride),
    v128.load(x + 4 * stride),
  );
}

/** Prepares one element for all lanes. */
export function prepareElement(at: usize, x: usize, stride: usize): void {
  prepare(
    at,
    v128.load32_splat(x),
    v128.load32_splat(x + stride),
    v128.load32_splat(x + 2 * stride),
    v128.load32_splat(x + 3 * stride),
    v128.load32_splat(x + 4 * stride),
  );
}

/** Product of the four elements at `x` and a prepared factor. */
// @ts-ignore: decorator
@inline
export function productAt(x: usize, stride: usize, factor: usize): void {
  product(
    v128.load(x),
    v128.load(x + stride),
    v128.load(x + 2 * stride),
    v128.load(x + 3 * stride),
    v128.load(x + 4 * stride),
    factor,
  );
}

/** Stores the last product in five planes, or adds it to what is there. */
// @ts-ignore: decorator
@inline
export function keepProduct(
  at: usize,
  stride: usize,
  accumulate: bool,
  p: v128,
  inverse: v128,
): void {
  for (let j: usize = 0; j < 5; j++) {
    const target = at + stride * j;
    const c = coordinate(j, p, inverse);
    v128.store(target, accumulate ? add(v128.load(target), c, p) : c);
  }
}

/** Adds the four lanes of five sums to the five words at `target`. */
export function addLanes(sums: usize, target: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const at = sums + 16 * j;
    const first = addScalar(load<u32>(at), load<u32>(at, 4));
    const second = addScalar(load<u32>(at, 8), load<u32>(at, 12));
    store<u32>(target + 4 * j, addScalar(addScalar(first, second), load<u32>(target + 4 * j)));
  }
}
