/**
 * Leaf digests: Blake3 in derive-key mode of a row of at most 256 elements (one chunk), each a
 * canonical integer in four little-endian bytes; the eight words of the hash, taken modulo p.
 */
import { CHAINING, CHUNK_END, CHUNK_START, compress, MESSAGE, ROOT } from './blake3';
import { mul, poolInverse, poolP, poolRSquared, scratch, storeLanes, toInteger } from './field';

/** Rows that one call of `compress` hashes. */
const ROWS: u32 = 8;

/**
 * Hashes rows [from, to). Column c begins at columns + c columnStride; row i is its elements at
 * index i, c < width <= 256. `key` is the context key, eight words; `flags` is the flag of its mode.
 * Word j of digest i goes to element i of plane j: digests + j planeStride, in Montgomery form.
 */
export function hashLeaves(
  columns: usize,
  columnStride: usize,
  width: u32,
  key: usize,
  flags: u32,
  digests: usize,
  planeStride: usize,
  from: u32,
  to: u32,
): void {
  for (let row = from; row < to; row += ROWS) {
    const rows = columns + 4 * <usize>row;
    for (let j: usize = 0; j < 8; j++) {
      const word = v128.load32_splat(key + 4 * j);
      v128.store(scratch + CHAINING + 32 * j, word);
      v128.store(scratch + CHAINING + 32 * j, word, 16);
    }
    for (let c: u32 = 0; c < width; c += 16) {
      const count = min(16, width - c);
      loadMessage(rows + columnStride * c, columnStride, count);
      const start: u32 = c == 0 ? CHUNK_START : 0;
      const end: u32 = c + 16 >= width ? CHUNK_END | ROOT : 0;
      compress(4 * count, flags | start | end);
    }
    storeDigests(digests + 4 * <usize>row, planeStride, to - row);
  }
}

/** The canonical integers of `count` columns; zeros up to sixteen. */
// @ts-ignore: decorator
@inline
function loadMessage(columns: usize, columnStride: usize, count: usize): void {
  const p = poolP();
  const inverse = poolInverse();
  const m = scratch + MESSAGE;
  for (let j: usize = 0; j < count; j++) {
    const at = columns + j * columnStride;
    v128.store(m + 32 * j, toInteger(v128.load(at), p, inverse));
    v128.store(m + 32 * j, toInteger(v128.load(at, 16), p, inverse), 16);
  }
  if (count < 16) memory.fill(m + 32 * count, 0, 32 * (16 - count));
}

// @ts-ignore: decorator
@inline
function storeDigests(digests: usize, planeStride: usize, rows: u32): void {
  const p = poolP();
  const inverse = poolInverse();
  const rSquared = poolRSquared();
  for (let j: usize = 0; j < 8; j++) {
    const word = scratch + CHAINING + 32 * j;
    const at = digests + j * planeStride;
    storeLanes(at, mul(v128.load(word), rSquared, p, inverse), rows);
    if (rows > 4) storeLanes(at + 16, mul(v128.load(word, 16), rSquared, p, inverse), rows - 4);
  }
}
