/**
 * A prover who lies in one message and goes on from the lie: every later challenge is the one that
 * the verifier will draw, so only the algebra can give him away. On the courier machine, with plain
 * arrays.
 */
import assert from 'node:assert/strict';
import {
  type Check,
  type Claim,
  encodeReceipt,
  LOOKUP_TAG,
  lookupChallenges,
  MAIN_CONTEXT,
  outlineOf,
  programShape,
  type Quintic,
  QuinticField,
  SEGMENT_TAG,
  type SegmentHeader,
  segmentShape,
  statementDigest,
  Transcript,
  VerificationError,
  verify,
  workHash,
} from '@vouch/verifier';
import { commitColumns, rootOf } from '../../prover/scalar/commit.ts';
import { sequentialGrinder } from '../../prover/scalar/opening.ts';
import type { FilledSegment } from '../../prover/scalar/prove.ts';
import { type CommittedSegment, commitSegment, proveSegment } from '../../prover/scalar/segment.ts';
import type { Table } from '../../prover/table.ts';
import { courier, courierParameters, DELIVER } from '../prover/courier-machine.ts';
import { expectations, honestRun, program } from '../verifier/receipts.ts';

const MODULUS = 0x7f00_0001;
const { add, mul, neg } = QuinticField;

/** Changes a message before it is absorbed, in place, so that the proof has the lie too. */
type Lie = (label: string, values: readonly Quintic[], index: number) => boolean;

const set = (value: Quintic, to: Quintic): void => {
  for (let i = 0; i < 5; i++) (value as unknown as number[])[i] = to[i] as number;
};
const ONE_MORE: Quintic = [1, 0, 0, 0, 0];

class LyingTranscript extends Transcript {
  readonly #lie: Lie;
  #messages = 0;
  told = 0;

  constructor(tag: string, lie: Lie) {
    super(tag);
    this.#lie = lie;
  }

  override absorbExtensions(label: string, values: readonly Quintic[]): void {
    if (this.#lie(label, values, this.#messages++)) this.told++;
    super.absorbExtensions(label, values);
  }

  get messages(): number {
    return this.#messages;
  }
}

interface Plan {
  /** Tables that the prover commits to; those of the run by default. */
  readonly committed?: readonly Table[];
  /** Changes the commitment itself. */
  readonly commitment?: (segment: CommittedSegment) => CommittedSegment;
  /** What is proved about, if it is not what is committed to. */
  readonly stack?: readonly Table[];
  readonly lie?: Lie;
}

const run = honestRun();
const [filled] = run.segments as [FilledSegment];
const options = expectations('program');

/** The receipt of a prover of one segment who follows a plan; how many lies he told. */
function prove({ committed = filled.tables, commitment = (x) => x, stack, lie }: Plan): {
  bytes: Uint8Array;
  told: number;
  messages: number;
} {
  const outline = outlineOf(courier, program);
  const claim: Claim = {
    machine: courier.digest,
    parameters: courierParameters.id,
    program: { mode: 'program', outline, digest: program.digest },
    publicInput: run.publicInput,
    exitCode: run.exitCode,
    journal: run.journal,
  };
  const instances = filled.tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
  const shape = segmentShape(
    courier.constraints,
    instances,
    courierParameters.logRows,
    false,
    programShape(courier, outline),
  );
  const segment = commitment(commitSegment(shape, committed, courierParameters));
  const proved =
    stack === undefined
      ? segment
      : { ...segment, stack: commitSegment(shape, stack, courierParameters).stack };
  const { pcStart, pcEnd, cycleEnd } = filled;
  const header: SegmentHeader = { root: rootOf(segment.main), instances, pcStart, pcEnd, cycleEnd };
  const statement = statementDigest(courier, courierParameters, claim, [header]);
  const search = sequentialGrinder(workHash(LOOKUP_TAG));
  const work = courierParameters.lookupWork;
  const lookup = lookupChallenges(statement, courierParameters, (seed) => search(seed, work));
  const { challenges, nonce } = lookup;
  const transcript = new LyingTranscript(SEGMENT_TAG, lie ?? (() => false));
  transcript.absorbDigest('statement', statement);
  transcript.absorbInteger('lookup nonce', nonce);
  transcript.absorbInteger('segment', 1);
  const proof = proveSegment(
    transcript,
    { machine: courier.constraints, shape, segment: 1, challenges },
    filled.tables,
    proved,
    courierParameters,
    sequentialGrinder(workHash(SEGMENT_TAG)),
  );
  const receipt = { claim, lookupNonce: nonce, segments: [header], proofs: [proof] };
  return { bytes: encodeReceipt(receipt), told: transcript.told, messages: transcript.messages };
}

/** The check that refuses a receipt, undefined if none does. */
function refusal(bytes: Uint8Array): Check | undefined {
  try {
    verify(bytes, options);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof VerificationError, String(error));
    return error.check;
  }
}

/** The check that must notice a lie in a message, by its label. */
const NOTICED_BY: Readonly<Record<string, readonly Check[]>> = {
  'logup root': ['logup/layer'],
  'logup round': ['logup/layer'],
  'logup children': ['logup/layer'],
  'zerocheck sums': ['zerocheck/leaves'],
  'zerocheck round': ['zerocheck/values'],
  'main values': ['zerocheck/values'],
  'preprocessed values': ['zerocheck/values'],
  'reduction round': ['reduction/value'],
  'reduction value': ['reduction/value'],
  'opening round': ['opening/final'],
  'out-of-domain value': ['opening/final'],
  'final coefficients': ['opening/final'],
};

describe('a prover who lies in a message and goes on from the lie is refused', function () {
  this.timeout(120_000);
  const honest = prove({});

  it('and one who does not is believed', () => {
    assert.equal(refusal(honest.bytes), undefined);
    assert.ok(honest.messages > 40);
    assert.deepEqual([...QuinticField.ZERO, ...QuinticField.ONE], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('in any of his messages, in its first or its last value', () => {
    const seen = new Set<string>();
    for (let victim = 0; victim < honest.messages; victim++) {
      for (const place of [0, -1]) {
        let said = '';
        const lie: Lie = (label, values, index) => {
          if (index !== victim) return false;
          said = label;
          const value = values.at(place) as Quintic;
          set(value, add(value, ONE_MORE));
          return true;
        };
        const { bytes, told } = prove({ lie });
        assert.equal(told, 1);
        const check = refusal(bytes);
        assert.ok(
          check !== undefined && NOTICED_BY[said]?.includes(check),
          `a lie in message ${victim}, ${said}: ${check ?? 'believed'}`,
        );
        seen.add(said);
      }
    }
    assert.deepEqual([...seen].sort(), Object.keys(NOTICED_BY).sort());
  });

  it('in the sums of two tables, so that together they are right', () => {
    for (const [i, j] of [
      [0, 2],
      [1, 3],
    ] as const) {
      const lie: Lie = (label, values) => {
        if (label !== 'zerocheck sums') return false;
        const [a, b] = [values[i] as Quintic, values[j] as Quintic];
        set(a, add(a, ONE_MORE));
        set(b, add(b, neg(ONE_MORE)));
        return true;
      };
      assert.equal(refusal(prove({ lie }).bytes), 'zerocheck/values');
    }
  });

  it('in the children of a LogUp layer, so that they add up to their parent', () => {
    const refusals = new Set<Check | undefined>();
    for (let layer = 0; ; layer++) {
      let seen = 0;
      let last = false;
      const lie: Lie = (label, values) => {
        if (label === 'zerocheck sums') last = seen <= layer;
        if (label !== 'logup children' || seen++ !== layer) return false;
        const [p0, p1, q0, q1] = values as [Quintic, Quintic, Quintic, Quintic];
        set(p0, add(p0, q0));
        set(p1, add(p1, neg(q1)));
        return true;
      };
      const { bytes } = prove({ lie });
      if (last) break;
      refusals.add(refusal(bytes));
    }
    assert.deepEqual([...refusals].sort(), ['logup/layer', 'zerocheck/leaves']);
  });

  it('in the root, by a factor that leaves the sum as it is', () => {
    const lie: Lie = (label, values) => {
      if (label !== 'logup root') return false;
      for (const value of values) set(value, mul(value, [3, 1, 4, 1, 5]));
      return true;
    };
    assert.equal(refusal(prove({ lie }).bytes), 'logup/layer');
    const zero: Lie = (label, values) => {
      if (label !== 'logup root') return false;
      for (const value of values) set(value, [0, 0, 0, 0, 0]);
      return true;
    };
    assert.equal(refusal(prove({ lie: zero }).bytes), 'logup/denominator');
  });

  /** The run's tables with one word of memory changed. */
  const others = filled.tables.map((table) => {
    if (table.chip !== DELIVER) return table;
    const main = table.main.map((column, i) =>
      i === 5 ? column.map((cell) => (cell + 1) % MODULUS) : column,
    );
    return { ...table, main };
  });

  it('about columns that are not those of the commitment', () => {
    assert.equal(refusal(prove({ committed: others }).bytes), 'reduction/value');
    assert.equal(
      refusal(prove({ committed: others, stack: filled.tables }).bytes),
      'opening/final',
    );
  });

  it('whose commitment is no code word: its polynomials have twice the degree', () => {
    const commitment = (segment: CommittedSegment): CommittedSegment => {
      const rows = segment.main.rows.length;
      const columns = (segment.main.rows[0] ?? []).map((_, y) => {
        const half = Array.from(segment.stack.subarray((y * rows) / 2, ((y + 1) * rows) / 2));
        return [...half, ...half.map((_, i) => i + 1)];
      });
      return { ...segment, main: commitColumns(columns, 0, MAIN_CONTEXT) };
    };
    assert.equal(refusal(prove({ commitment }).bytes), 'opening/final');
    // With zeros for the upper half it is the honest commitment.
    const plain = (segment: CommittedSegment): CommittedSegment => {
      const rows = segment.main.rows.length;
      const columns = (segment.main.rows[0] ?? []).map((_, y) =>
        Array.from(segment.stack.subarray((y * rows) / 2, ((y + 1) * rows) / 2)),
      );
      return { ...segment, main: commitColumns(columns, 1, MAIN_CONTEXT) };
    };
    assert.equal(refusal(prove({ commitment: plain }).bytes), undefined);
  });
});
