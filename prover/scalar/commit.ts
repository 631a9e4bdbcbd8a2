/** Interleaved Reed-Solomon commitments: rows of a code matrix under a Merkle tree. */
import { compress, type Digest, domainPoint, KoalaBear, leafHash } from '@vouch/verifier';

/** A committed matrix: everything needed to open rows of it. */
export interface CommittedMatrix {
  readonly rows: readonly (readonly number[])[];
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

function commitRows(rows: readonly (readonly number[])[], context: string): CommittedMatrix {
  const hash = leafHash(context);
  const levels: Digest[][] = [rows.map((row) => hash(row))];
  for (let nodes = levels[0] as Digest[]; nodes.length > 1; ) {
    const below = nodes;
    nodes = Array.from({ length: below.length / 2 }, (_, i) =>
      compress(below[2 * i] as Digest, below[2 * i + 1] as Digest),
    );
    levels.push(nodes);
  }
  return { rows, levels };
}

export function rootOf(matrix: CommittedMatrix): Digest {
  return (matrix.levels.at(-1) as readonly Digest[])[0] as Digest;
}

/** Rows at strictly increasing positions, with the siblings that `verifyMultiproof` expects. */
export function openRows(
  matrix: CommittedMatrix,
  indices: readonly number[],
): { rows: (readonly number[])[]; siblings: Digest[] } {
  const siblings: Digest[] = [];
  let known = [...indices];
  for (const level of matrix.levels.slice(0, -1)) {
    const have = new Set(known);
    for (const index of known) {
      if (!have.has(index ^ 1)) siblings.push(level[index ^ 1] as Digest);
    }
    known = [...new Set(known.map((index) => index >> 1))];
  }
  return { rows: indices.map((index) => matrix.rows[index] as readonly number[]), siblings };
}
