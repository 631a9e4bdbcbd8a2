/**
 * What the runs of a proof count for in its progress: about nanoseconds of one thread, as measured on
 * the guests of the benchmark. Only their proportions within a stage matter.
 */
import { leafLayout } from '@vouch/verifier';

/** Conversion of one element. */
export const LOAD_WORK = 1;
/** One element of a code matrix, encoded and hashed; one leaf's share of the tree. */
const ENCODE_WORK = 4;
const HASH_ELEMENT_WORK = 5;
const TREE_WORK = 300;

/** Encoding `count` columns into codes of 2^logLength rows. */
export function encodeWork(count: number, logLength: number): number {
  return ENCODE_WORK * count * 2 ** logLength;
}

/** Hashing the rows of such codes. */
export function hashWork(count: number, logLength: number): number {
  return HASH_ELEMENT_WORK * count * 2 ** logLength;
}

/** Hashing the tree on top of 2^depth leaves. */
export function treeWork(depth: number): number {
  return TREE_WORK * 2 ** depth;
}

/** All of a commitment. */
export function commitWork(count: number, logLength: number): number {
  const { depth } = leafLayout(count, logLength);
  return encodeWork(count, logLength) + hashWork(count, logLength) + treeWork(depth);
}

/** One leaf of LogUp. */
export const LEAF_WORK = 55;
/** One pair of a layer: added, mixed, in a round, folded. */
export const ADD_WORK = 75;
export const MIX_WORK = 25;
export const ROUND_WORK = 45;
export const FOLD_WORK = 30;

/** One cell of a table: in a weighted sum, in the first round and in later ones. */
export const LINE_WORK = 7;
export const FIRST_ROUND_WORK = 10;
export const LATER_ROUND_WORK = 18;

/** One element of S in each pass of the reduction. */
export const PASS_WORK = 6;

/** One hash of a proof of work. */
const NONCE_WORK = 40;

/** A proof of work, as expected. */
export function grindWork(bits: number): number {
  return NONCE_WORK * 2 ** bits;
}

/** One element of S in each pass of the opening. */
export const CHUNK_WORK = 2;
/** One element of a vector over E that is transformed. */
export const TRANSFORM_WORK = 130;
