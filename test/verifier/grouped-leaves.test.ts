/** Leaves that hold several rows: what is where, and that nobody can answer with another row. */
import assert from 'node:assert/strict';
import {
  type Check,
  type ChunkCommitment,
  QuinticField as E,
  evaluateMultilinear,
  leafLayout,
  leavesOfRows,
  MAIN_CONTEXT,
  type OpenedLeaves,
  type OpeningProof,
  type OpeningSchedule,
  PREPROCESSED_CONTEXT,
  type Quintic,
  rowOfLeaf,
  SEGMENT_TAG,
  type StackClaim,
  Transcript,
  VerificationError,
  verifyOpening,
  workHash,
} from '@vouch/verifier';
import {
  type CommittedMatrix,
  commitColumns,
  commitRows,
  openRows,
  rootOf,
} from '../../prover/scalar/commit.ts';
import { proveOpening, sequentialGrinder } from '../../prover/scalar/opening.ts';
import { Random } from '../tools/random.ts';

const LOG_ROWS = 7;
const LOG_LENGTH = LOG_ROWS + 1;
/** Trees of 3 and of 1 columns: leaves of 4 rows and of 16. */
const TREES = [
  { chunks: { start: 0, count: 3 }, context: MAIN_CONTEXT },
  { chunks: { start: 3, count: 1 }, context: PREPROCESSED_CONTEXT },
];
/** One round and a last vector: what round 0 lets pass, only the final sum can notice. */
const SCHEDULE: OpeningSchedule = {
  rounds: [
    {
      regime: { kind: 'unique' },
      logInverseRate: 1,
      foldedVariables: 2,
      queries: 8,
      queryWork: 1,
      foldWork: 0,
      outOfDomainSamples: 0,
    },
    {
      regime: { kind: 'johnson', m: 3 },
      logInverseRate: 3,
      foldedVariables: 2,
      queries: 4,
      queryWork: 1,
      foldWork: 0,
      outOfDomainSamples: 1,
    },
  ],
  finalVariables: LOG_ROWS - 2,
};

const random = new Random(20);
const stack = Uint32Array.from({ length: 4 * 2 ** LOG_ROWS }, () => random.below(0x7f00_0001));
const claim: StackClaim = (() => {
  const element = (): Quintic => [1, 2, 3, 4, 5].map(() => random.below(2 ** 30)) as never;
  const point = Array.from({ length: 2 + LOG_ROWS }, element);
  const values = Array.from(stack, (x) => E.fromBase(x));
  return { point, value: evaluateMultilinear(values, point) };
})();
const matrices = TREES.map(({ chunks: { start, count }, context }) => {
  const columns = Array.from({ length: count }, (_, i) =>
    Array.from(stack.subarray((start + i) * 2 ** LOG_ROWS, (start + i + 1) * 2 ** LOG_ROWS)),
  );
  return commitColumns(columns, 1, context);
});

function start(): Transcript {
  const transcript = new Transcript(SEGMENT_TAG);
  transcript.absorbExtensions('claim', [...claim.point, claim.value]);
  return transcript;
}

/** Opens these matrices honestly, whatever they are. */
function open(opened: readonly CommittedMatrix[] = matrices): {
  proof: OpeningProof;
  rows: number[];
} {
  let rows: number[] = [];
  class Listening extends Transcript {
    override squeezeIndices(label: string, count: number, bits: number): number[] {
      const drawn = super.squeezeIndices(label, count, bits);
      if (rows.length === 0) rows = drawn;
      return drawn;
    }
  }
  const transcript = new Listening(SEGMENT_TAG);
  transcript.absorbExtensions('claim', [...claim.point, claim.value]);
  const grind = sequentialGrinder(workHash(SEGMENT_TAG));
  return { proof: proveOpening(transcript, opened, SCHEDULE, stack, claim, grind), rows };
}

/** The check that refuses a proof, undefined if none does. */
function refusal(
  proof: OpeningProof,
  of: readonly CommittedMatrix[] = matrices,
): Check | undefined {
  const commitments = TREES.map(
    (tree, i): ChunkCommitment => ({ ...tree, root: rootOf(of[i] as CommittedMatrix) }),
  );
  try {
    verifyOpening(start(), commitments, SCHEDULE, claim, proof);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof VerificationError, String(error));
    return error.check;
  }
}

/** The honest proof with other leaves in one tree of round 0. */
function withLeaves(tree: number, change: (opened: OpenedLeaves) => OpenedLeaves): OpeningProof {
  const { proof } = open();
  const [first, ...others] = proof.rounds;
  assert.ok(first);
  const opened = first.opened.map((one, t) => (t === tree ? change(one) : one));
  return { ...proof, rounds: [{ ...first, opened }, ...others] };
}

const withLeaf = (leaves: OpenedLeaves['leaves'], to: readonly number[]): OpenedLeaves['leaves'] =>
  leaves.map((leaf, i) => (i === 0 ? to : leaf));

describe('the layout of leaves', () => {
  const layouts = [1, 2, 3, 4, 5, 8, 9, 16, 17, 80, 256].flatMap((width) =>
    [0, 1, 3, 6].map((logLength) => ({ width, logLength, layout: leafLayout(width, logLength) })),
  );

  it('fills a block with the rows that fit into it, and no more than there are', () => {
    for (const { width, logLength, layout } of layouts) {
      const { elements, logRows, depth } = layout;
      assert.equal(depth + logRows, logLength);
      assert.equal(elements, width * 2 ** logRows);
      assert.ok(logRows === 0 || elements <= 16, `${width}`);
      const more = 2 ** Math.ceil(Math.log2(width)) * 2 ** (logRows + 1);
      assert.ok(logRows === logLength || more > 16, `${width}`);
    }
  });

  it('has every element of every row once', () => {
    for (const { width, logLength, layout } of layouts) {
      const { depth, elements } = layout;
      const leaves = Array.from({ length: 2 ** depth }, (_, place) =>
        Array.from({ length: elements }, (_, i) => place * elements + i),
      );
      const seen = new Set<number>();
      for (let row = 0; row < 2 ** logLength; row++) {
        const [place, ...others] = leavesOfRows(layout, [row]);
        assert.ok(place !== undefined && others.length === 0);
        const found = rowOfLeaf(layout, leaves[place] as number[], row);
        assert.equal(found.length, width);
        for (const element of found) seen.add(element);
      }
      assert.equal(seen.size, width * 2 ** logLength);
    }
  });

  it('asks for a leaf once, however many of its rows are queried', () => {
    // Rows 2^4 apart share a leaf.
    const layout = leafLayout(3, 6);
    assert.deepEqual(leavesOfRows(layout, [3, 2 + 48, 2, 3 + 16, 2 + 32]), [2, 3]);
  });

  it('is that of the prover', () => {
    for (const [t, { chunks }] of TREES.entries()) {
      const layout = leafLayout(chunks.count, LOG_LENGTH);
      const { rows, leaves } = matrices[t] as CommittedMatrix;
      for (const [i, row] of rows.entries()) {
        const [place] = leavesOfRows(layout, [i]);
        assert.deepEqual(rowOfLeaf(layout, leaves[place as number] as number[], i), row);
      }
    }
  });
});

describe('an opening of leaves with several rows', () => {
  it('verifies, also where two queries meet in a leaf', () => {
    const { proof, rows } = open();
    assert.equal(refusal(proof), undefined);
    const found = (proof.rounds[0]?.opened ?? []).map(({ leaves }) => leaves.length);
    const expected = TREES.map(({ chunks: { count } }) => {
      return leavesOfRows(leafLayout(count, LOG_LENGTH), rows).length;
    });
    assert.deepEqual(found, expected);
    assert.ok((found[1] as number) < new Set(rows).size);
  });

  for (const [t, { chunks, context }] of TREES.entries()) {
    const layout = leafLayout(chunks.count, LOG_LENGTH);
    const group = 2 ** layout.logRows;
    const what = `tree of ${group} rows to a leaf`;

    it(`does not let another row of a leaf answer: ${what}`, () => {
      for (const shift of [1, group - 1]) {
        // The prover has committed to the rows of each leaf in another order.
        const rows = (matrices[t] as CommittedMatrix).rows;
        const moved = rows.map((_, i) => rows[(i + shift * 2 ** layout.depth) % rows.length]);
        const forged = matrices.with(t, commitRows(moved as number[][], context));
        assert.equal(refusal(open(forged).proof, forged), 'opening/final');
      }
    });

    it(`does not let another leaf answer: ${what}`, () => {
      const { rows } = open();
      for (const shift of [1, 2 ** layout.depth - 1]) {
        const next = rows.map((row) => (row + shift) % 2 ** LOG_LENGTH);
        const others = openRows(matrices[t] as CommittedMatrix, next);
        const count = leavesOfRows(layout, rows).length;
        assert.equal(others.leaves.length, count);
        const refused = refusal(withLeaves(t, () => others));
        assert.ok(refused === 'merkle/root' || refused === 'merkle/proof-length', refused);
        const onlyLeaves = withLeaves(t, (honest) => ({ ...honest, leaves: others.leaves }));
        assert.equal(refusal(onlyLeaves), 'merkle/root');
      }
    });

    it(`does not take the rows of a leaf in another order: ${what}`, () => {
      const exchanged = withLeaves(t, ({ leaves, siblings }) => {
        const [leaf = []] = leaves;
        // Elements of a column lie side by side: neighbours are of neighbouring rows.
        return {
          siblings,
          leaves: withLeaf(
            leaves,
            leaf.map((_, i) => leaf[i ^ 1] as number),
          ),
        };
      });
      assert.equal(refusal(exchanged), 'merkle/root');
    });

    it(`takes all leaves and no other, each whole: ${what}`, () => {
      const changes: ((leaves: OpenedLeaves['leaves']) => OpenedLeaves['leaves'])[] = [
        (leaves) => leaves.slice(1),
        (leaves) => [...leaves, leaves[0] ?? []],
        () => [],
        (leaves) => withLeaf(leaves, leaves[0]?.slice(0, -1) ?? []),
        (leaves) => withLeaf(leaves, [...(leaves[0] ?? []), 0]),
        (leaves) => withLeaf(leaves, leaves[0]?.slice(0, chunks.count) ?? []),
        (leaves) => withLeaf(leaves, []),
      ];
      for (const change of changes) {
        const proof = withLeaves(t, (honest) => ({ ...honest, leaves: change(honest.leaves) }));
        assert.equal(refusal(proof), 'opening/shape');
      }
    });
  }
});
