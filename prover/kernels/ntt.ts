/**
 * Low-degree extension: the values of polynomials on a larger subgroup, in bit-reversed order.
 *
 * A column holds the 2^r coefficients of f, lowest first. The result is f(w^bitrev(i)) at index i,
 * for w of order 2^(r+k). Block B of a layer holds f modulo X^n - T[B]^2, where
 * T[B] = w^bitrev(B), and its halves are f modulo X^(n/2) - T[B] and X^(n/2) + T[B]: one butterfly
 * x0 + T x1, x0 - T x1 for each pair, one factor for a whole block. One table serves every layer
 * and every size, because T[B] does not depend on them. The first k layers find only zeros in the
 * upper half, so each of their 2^k blocks starts as a copy of the coefficients: the layer that
 * follows reads the source instead.
 *
 * Layers are done two at a time (radix 4), in blocks that fit the caches: the outer layers on
 * pieces of 64 bytes that are copied to contiguous memory, because rows a power of two apart fall
 * into the same cache set; the inner ones on 2^INNER_LOG neighbours; the last four in registers.
 * Columns are done GROUP at a time so that a block's factors serve all of them.
 */
import {
  add,
  addScalar,
  even,
  odd,
  mulConstant,
  poolP,
  P,
  root,
  scratch,
  shoupQuotient,
  sub,
  subScalar,
} from './field';

/** log2 of the elements of a block that stays in the second-level cache. */
const INNER_LOG: u32 = 16;
/** Columns that share a pass over the factors. */
const GROUP: usize = 4;
/** Bytes of a row that the outer layers take at a time. */
const PIECE: usize = 64;

/** The factors T, then their Shoup quotients. */
let factors: usize = 0;
let quotients: usize = 0;

/**
 * Writes the table T[i] = g^bitrev(i), i < 2^logSize, g of order 2^(logSize+1), canonical integers;
 * then floor(2^32 T[i] / p). It serves transforms to at most 2^(logSize+1) values.
 */
export function makeTwiddles(table: usize, logSize: u32): void {
  const size: usize = 4 << logSize;
  store<u32>(table, 1);
  for (let level: u32 = 0; level < logSize; level++) {
    const w = root(level + 2);
    for (let i: usize = 0; i < <usize>4 << level; i += 4) {
      const value = <u32>((<u64>load<u32>(table + i) * w) % P);
      store<u32>(table + (<usize>4 << level) + i, value);
    }
  }
  for (let i: usize = 0; i < size; i += 4) {
    store<u32>(table + size + i, shoupQuotient(load<u32>(table + i)));
  }
}

/**
 * Extends columns [from, to): column c has 2^logRows coefficients at source + c sourceStride and
 * gets its 2^(logRows+logBlowup) values at target + c targetStride (strides in bytes). `table` is
 * that of makeTwiddles with logTable >= logRows + logBlowup - 1. Source and target do not overlap.
 */
export function extendColumns(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  logRows: u32,
  logBlowup: u32,
  table: usize,
  logTable: u32,
  from: u32,
  to: u32,
): void {
  factors = table;
  quotients = table + (<usize>4 << logTable);
  for (let first: usize = from; first < to; first += GROUP) {
    const count = min(GROUP, <usize>to - first);
    const s = source + first * sourceStride;
    const t = target + first * targetStride;
    for (let coset: u32 = 0; coset < 1 << logBlowup; coset++) {
      extendGroup(s, sourceStride, t + (<usize>coset << (logRows + 2)), targetStride, logRows, coset, count);
    }
  }
}

/** One coset of `count` columns; `block` is the block that the 2^logRows values are in their layer. */
function extendGroup(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  logRows: u32,
  block: u32,
  count: usize,
): void {
  if (logRows <= INNER_LOG) {
    for (let c: usize = 0; c < count; c++) {
      inner(source + c * sourceStride, target + c * targetStride, logRows, block);
    }
    return;
  }
  const logOuter = logRows - INNER_LOG;
  for (let c: usize = 0; c < count; c++) {
    outer(source + c * sourceStride, target + c * targetStride, logOuter, block);
  }
  for (let b: u32 = 0; b < 1 << logOuter; b++) {
    for (let c: usize = 0; c < count; c++) {
      const at = target + c * targetStride + (<usize>b << (INNER_LOG + 2));
      inner(at, at, INNER_LOG, (block << logOuter) + b);
    }
  }
}

/** The first logRows layers of 2^logRows rows of 2^INNER_LOG elements, PIECE bytes at a time. */
function outer(source: usize, target: usize, logRows: u32, block: u32): void {
  const row: usize = 4 << INNER_LOG;
  const rows: usize = 1 << logRows;
  for (let o: usize = 0; o < row; o += PIECE) {
    let from = source + o;
    let fromRow = row;
    let log = logRows;
    let blocks: u32 = 1;
    if (log & 1) {
      const last = log == 1;
      const to = last ? target + o : scratch;
      const toRow = last ? row : PIECE;
      const half = rows / 2;
      for (let j: usize = 0; j < half; j++) {
        butterfly2(from + j * fromRow, half * fromRow, to + j * toRow, half * toRow, PIECE, block);
      }
      from = to;
      fromRow = toRow;
      blocks = 2;
      log -= 1;
    }
    while (log > 0) {
      const last = log == 2;
      const to = last ? target + o : scratch;
      const toRow = last ? row : PIECE;
      const quarter: usize = 1 << (log - 2);
      for (let b: u32 = 0; b < blocks; b++) {
        const start = (<usize>b) << log;
        for (let j: usize = start; j < start + quarter; j++) {
          butterfly4(
            from + j * fromRow,
            quarter * fromRow,
            to + j * toRow,
            quarter * toRow,
            PIECE,
            block * blocks + b,
          );
        }
      }
      from = to;
      fromRow = toRow;
      blocks <<= 2;
      log -= 2;
    }
  }
}

/** All layers of one contiguous block; the first one reads the source. */
function inner(source: usize, target: usize, log: u32, block: u32): void {
  if (log < 4) return small(source, target, log, block);
  if (log & 1) {
    const half: usize = <usize>2 << log;
    butterfly2(source, half, target, half, half, block);
    inner(target, target, log - 1, 2 * block);
    inner(target + half, target + half, log - 1, 2 * block + 1);
    return;
  }
  let from = source;
  let blocks: u32 = 1;
  for (; log > 4; log -= 2) {
    const bytes: usize = <usize>4 << log;
    for (let b: u32 = 0; b < blocks; b++) {
      const o = bytes * b;
      butterfly4(from + o, bytes / 4, target + o, bytes / 4, bytes / 4, block * blocks + b);
    }
    from = target;
    blocks <<= 2;
  }
  for (let b: u32 = 0; b < blocks; b++) {
    const o: usize = 64 * b;
    sixteen(from + o, target + o, block * blocks + b);
  }
}

/** Both layers of the block `index` on four rows of `bytes` bytes, a multiple of 16. */
// @ts-ignore: decorator
@inline
function butterfly4(
  source: usize,
  sourceRow: usize,
  target: usize,
  targetRow: usize,
  bytes: usize,
  index: u32,
): void {
  const p = poolP();
  const w1 = v128.load32_splat(factors + 4 * index);
  const q1 = v128.load32_splat(quotients + 4 * index);
  const w2 = v128.load32_splat(factors + 8 * index);
  const q2 = v128.load32_splat(quotients + 8 * index);
  const w3 = v128.load32_splat(factors + 8 * index, 4);
  const q3 = v128.load32_splat(quotients + 8 * index, 4);
  for (let o: usize = 0; o < bytes; o += 16) {
    const s = source + o;
    const t = target + o;
    const x0 = v128.load(s);
    const x1 = v128.load(s + sourceRow);
    const y2 = mulConstant(v128.load(s + 2 * sourceRow), w1, q1, p);
    const y3 = mulConstant(v128.load(s + 3 * sourceRow), w1, q1, p);
    const a0 = add(x0, y2, p);
    const a2 = sub(x0, y2, p);
    const b1 = mulConstant(i32x4.add(x1, y3), w2, q2, p);
    const b3 = mulConstant(i32x4.add(i32x4.sub(x1, y3), p), w3, q3, p);
    v128.store(t, add(a0, b1, p));
    v128.store(t + targetRow, sub(a0, b1, p));
    v128.store(t + 2 * targetRow, add(a2, b3, p));
    v128.store(t + 3 * targetRow, sub(a2, b3, p));
  }
}

/** One layer of the block `index` on two rows of `bytes` bytes, a multiple of 16. */
// @ts-ignore: decorator
@inline
function butterfly2(
  source: usize,
  sourceRow: usize,
  target: usize,
  targetRow: usize,
  bytes: usize,
  index: u32,
): void {
  const p = poolP();
  const w = v128.load32_splat(factors + 4 * index);
  const q = v128.load32_splat(quotients + 4 * index);
  for (let o: usize = 0; o < bytes; o += 16) {
    const x = v128.load(source + o);
    const y = mulConstant(v128.load(source + sourceRow + o), w, q, p);
    v128.store(target + o, add(x, y, p));
    v128.store(target + targetRow + o, sub(x, y, p));
  }
}

/** The last four layers: block `index`, of sixteen elements. */
// @ts-ignore: decorator
@inline
function sixteen(source: usize, target: usize, index: u32): void {
  const p = poolP();
  let x0 = v128.load(source);
  let x1 = v128.load(source, 16);
  let x2 = v128.load(source, 32);
  let x3 = v128.load(source, 48);
  let w = v128.load32_splat(factors + 4 * index);
  let q = v128.load32_splat(quotients + 4 * index);
  x2 = mulConstant(x2, w, q, p);
  x3 = mulConstant(x3, w, q, p);
  const u = factors + 8 * index;
  const v = quotients + 8 * index;
  const b1 = mulConstant(i32x4.add(x1, x3), v128.load32_splat(u), v128.load32_splat(v), p);
  const d = i32x4.add(i32x4.sub(x1, x3), p);
  const b3 = mulConstant(d, v128.load32_splat(u, 4), v128.load32_splat(v, 4), p);
  const a0 = add(x0, x2, p);
  const a2 = sub(x0, x2, p);
  x0 = add(a0, b1, p);
  x1 = sub(a0, b1, p);
  x2 = add(a2, b3, p);
  x3 = sub(a2, b3, p);
  // Each vector is a block of four now: transpose, so that a vector holds one place of each block.
  const t0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const t2 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const t3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  x0 = v128.shuffle<i64>(t0, t1, 0, 2);
  x1 = v128.shuffle<i64>(t0, t1, 1, 3);
  x2 = v128.shuffle<i64>(t2, t3, 0, 2);
  x3 = v128.shuffle<i64>(t2, t3, 1, 3);
  w = v128.load(factors + 16 * index);
  q = v128.load(quotients + 16 * index);
  x2 = mulConstant(x2, w, q, p);
  x3 = mulConstant(x3, w, q, p);
  const f0 = v128.load(factors + 32 * index);
  const f1 = v128.load(factors + 32 * index, 16);
  const g0 = v128.load(quotients + 32 * index);
  const g1 = v128.load(quotients + 32 * index, 16);
  const c1 = mulConstant(i32x4.add(x1, x3), even(f0, f1), even(g0, g1), p);
  const e = i32x4.add(i32x4.sub(x1, x3), p);
  const c3 = mulConstant(e, odd(f0, f1), odd(g0, g1), p);
  const c0 = add(x0, x2, p);
  const c2 = sub(x0, x2, p);
  x0 = add(c0, c1, p);
  x1 = sub(c0, c1, p);
  x2 = add(c2, c3, p);
  x3 = sub(c2, c3, p);
  const s0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const s1 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const s2 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const s3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(s0, s1, 0, 2));
  v128.store(target, v128.shuffle<i64>(s0, s1, 1, 3), 16);
  v128.store(target, v128.shuffle<i64>(s2, s3, 0, 2), 32);
  v128.store(target, v128.shuffle<i64>(s2, s3, 1, 3), 48);
}

/** Fewer than sixteen elements, one at a time. */
function small(source: usize, target: usize, log: u32, block: u32): void {
  memory.copy(target, source, <usize>4 << log);
  for (let layer: u32 = 0; layer < log; layer++) {
    const half: u32 = 1 << (log - layer - 1);
    for (let b: u32 = 0; b < 1 << layer; b++) {
      const w = load<u32>(factors + 4 * ((block << layer) + b));
      for (let i: u32 = 2 * half * b; i < 2 * half * b + half; i++) {
        const x = load<u32>(target + 4 * i);
        const y = <u32>((<u64>load<u32>(target + 4 * (i + half)) * w) % P);
        store<u32>(target + 4 * i, addScalar(x, y));
        store<u32>(target + 4 * (i + half), subScalar(x, y));
      }
    }
  }
}
