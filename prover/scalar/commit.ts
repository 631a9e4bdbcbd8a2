/** Interleaved Reed-Solomon commitments: rows of a code matrix under a Merkle tree. */
import {
  compress,
  type Digest,
  domainPoint,
  KoalaBear,
  leafHash,
  leafLayout,
  leavesOfRows,
  type OpenedLeaves,
} from '@vouch/verifier';

/** A committed matrix: everything needed to open rows of it. */
export interface CommittedMatrix {
  readonly rows: readonly (readonly number[])[];
  /** In the layout of `leafLayout`. */
  readonly leaves: readonly (readonly number[])[];
  /** Levels of the tree, leaves first. */
  readonly levels: readonly (readonly Digest[])[];
}

/**
 * Encodes each column of coefficients and commits to the rows; row i holds the columns' values at
 * `domainPoint(i)`.
 */
export function commitColumns(
  columns: readonly (readonly number[])[],
  logInverseRate: number,
  context: string,
): CommittedMatrix {
  const logLength = Math.log2((columns[0] as readonly number[]).length) + logInverseRate;
  const codewords = columns.map((column) => encode(column, logLength));
  const rows = Array.from({ length: 2 ** logLength }, (_, i) =>
    codewords.map((codeword) => codeword[i] as number),
  );
  return commitRows(rows, context);
}

/** Values of the polynomial at all points of the domain of length 2^logLength. */
function encode(coefficients: readonly number[], logLength: number): number[] {
  return Array.from({ length: 2 ** logLength }, (_, i) => {
    const x = domainPoint(i, logLength);
    return coefficients.reduceRight((sum, c) => KoalaBear.add(KoalaBear.mul(sum, x), c), 0);
  });
}

/** Commits to rows, whether they are of a code or not. */
export function commitRows(rows: readonly (readonly number[])[], context: string): CommittedMatrix {
  const { depth } = layoutOf(rows);
  // A leaf's elements: those of the same column, row by row, before those of the next column.
  const leaves = Array.from({ length: 2 ** depth }, (_, place) => {
    const together = rows.filter((_, i) => i % 2 ** depth === place);
    return (rows[0] ?? []).flatMap((_, column) => together.map((row) => row[column] as number));
  });
  const levels: Digest[][] = [leaves.map(leafHash(context))];
  for (let nodes = levels[0] as Digest[]; nodes.length > 1; ) {
    const below = nodes;
    nodes = Array.from({ length: below.length / 2 }, (_, i) =>
      compress(below[2 * i] as Digest, below[2 * i + 1] as Digest),
    );
    levels.push(nodes);
  }
  return { rows, leaves, levels };
}

function layoutOf(rows: CommittedMatrix['rows']): ReturnType<typeof leafLayout> {
  return leafLayout((rows[0] ?? []).length, Math.log2(rows.length));
}

export function rootOf(matrix: CommittedMatrix): Digest {
  return (matrix.levels.at(-1) as readonly Digest[])[0] as Digest;
}

/** The leaves that hold these rows, with the siblings that `verifyMultiproof` expects. */
export function openRows(matrix: CommittedMatrix, rows: readonly number[]): OpenedLeaves {
  const places = leavesOfRows(layoutOf(matrix.rows), rows);
  const siblings: Digest[] = [];
  let known = places;
  for (const level of matrix.levels.slice(0, -1)) {
    const have = new Set(known);
    for (const index of known) {
      if (!have.has(index ^ 1)) siblings.push(level[index ^ 1] as Digest);
    }
    known = [...new Set(known.map((index) => index >> 1))];
  }
  return { leaves: places.map((place) => matrix.leaves[place] as readonly number[]), siblings };
}
