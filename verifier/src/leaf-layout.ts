/**
 * Which rows of a code matrix share a leaf of its tree. A narrow row would leave most of a Blake3
 * block empty and need a tree as tall as the code is long, so a leaf holds 2^g rows: as many as fit
 * into one block of 16 elements. Then a tree has 2^g times fewer nodes and an opening g siblings less.
 *
 * The leaf at place l has the rows l + j 2^(n-g) of the 2^n, j < 2^g, column by column: the matrix is
 * hashed as if it were one of 2^g times as many columns of 2^(n-g) rows.
 *
 * Binding is that of a tree with one row to a leaf: every element of every row is at one place of one
 * leaf, a leaf has exactly width 2^g elements, and g and the depth follow from the shape. A prover
 * answers a query with the whole leaf; which row of it counts is the verifier's choice.
 */
import { sortedDistinct } from './merkle.ts';
import { ceilLog2 } from './shape.ts';

/** Log of the elements of a Blake3 block. */
const LOG_BLOCK_ELEMENTS = 4;

export interface LeafLayout {
  /** Elements of a leaf. */
  readonly elements: number;
  /** g: log of the rows of a leaf. */
  readonly logRows: number;
  /** Levels of the tree: it has 2^depth leaves. */
  readonly depth: number;
}

/** The layout for 2^logLength rows of `width` elements, at least one. */
export function leafLayout(width: number, logLength: number): LeafLayout {
  const fitting = Math.max(0, LOG_BLOCK_ELEMENTS - ceilLog2(width));
  const logRows = Math.min(fitting, logLength);
  return { elements: width * 2 ** logRows, logRows, depth: logLength - logRows };
}

/** Places of the leaves that hold these rows, strictly increasing. */
export function leavesOfRows({ depth }: LeafLayout, rows: readonly number[]): number[] {
  return sortedDistinct(rows.map((row) => row % 2 ** depth));
}

/** The elements of one row in its leaf, by column. */
export function rowOfLeaf(
  { depth, logRows }: LeafLayout,
  leaf: readonly number[],
  row: number,
): number[] {
  const first = Math.floor(row / 2 ** depth);
  return Array.from({ length: leaf.length / 2 ** logRows }, (_, column) => {
    return leaf[column * 2 ** logRows + first] as number;
  });
}
