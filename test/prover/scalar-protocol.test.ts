import assert from 'node:assert/strict';
import {
  betaPowers,
  QuinticField as E,
  fingerprint,
  type Quintic,
  type SegmentProof,
  type SegmentShape,
  type SegmentStatement,
  segmentShape,
  Transcript,
  type TranscriptEntry,
  VerificationError,
  verifySegment,
  workHash,
} from '@vouch/verifier';
import { rootOf } from '../../prover/scalar/commit.ts';
import { sequentialGrinder } from '../../prover/scalar/opening.ts';
import { commitSegment, proveSegment } from '../../prover/scalar/segment.ts';
import type { Table } from '../../prover/table.ts';
import { toyMachine, toyParameters, toyTables } from './toy-machine.ts';

const TAG = 'toy transcript';

interface Proved {
  readonly statement: SegmentStatement;
  readonly proof: SegmentProof;
  readonly log: TranscriptEntry[];
}

function start(statement: Pick<SegmentStatement, 'mainRoot'>, log?: TranscriptEntry[]): Transcript {
  const transcript = new Transcript(TAG, log);
  transcript.absorbDigest('main root', statement.mainRoot);
  return transcript;
}

function prove(tables: readonly Table[]): Proved {
  const instances = tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
  const shape = segmentShape(toyMachine, instances, toyParameters.logRows, true);
  const committed = commitSegment(shape, tables, toyParameters);
  const mainRoot = rootOf(committed.main);
  const log: TranscriptEntry[] = [];
  const transcript = start({ mainRoot }, log);
  const alpha = transcript.squeezeExtension('alpha');
  const beta = transcript.squeezeExtension('beta');
  const challenges = { alpha, beta };
  const context = { machine: toyMachine, shape, segment: 1, challenges };
  const grind = sequentialGrinder(workHash(TAG));
  const proof = proveSegment(transcript, context, tables, committed, toyParameters, grind);
  assert.ok(committed.preprocessed);
  const statement = {
    machine: toyMachine,
    shape,
    segment: 1,
    challenges,
    mainRoot,
    preprocessedRoot: rootOf(committed.preprocessed),
    parameters: toyParameters,
  };
  return { statement, proof, log };
}

/** Verifies as a verifier would: the challenges come from its own transcript. */
function verify(
  { statement, proof }: Pick<Proved, 'statement' | 'proof'>,
  log?: TranscriptEntry[],
): Quintic {
  const transcript = start(statement, log);
  const alpha = transcript.squeezeExtension('alpha');
  const beta = transcript.squeezeExtension('beta');
  const challenges = { alpha, beta };
  const { sum } = verifySegment(transcript, { ...statement, challenges }, proof);
  return E.add(E.mul(sum.numerator, E.inverse(sum.denominator)), boundary(challenges));
}

/** Send STEP (0), receive STEP (40): what enters and leaves the chain of forty steps. */
function boundary(challenges: { alpha: Quintic; beta: Quintic }, steps = 40): Quintic {
  const betas = betaPowers(toyMachine, challenges.beta);
  const term = (x: number): Quintic =>
    E.inverse(E.sub(challenges.alpha, fingerprint(toyMachine, betas, 1, 1, [E.fromBase(x)])));
  return E.sub(term(0), term(steps));
}

describe('the protocol on a toy machine', () => {
  const honest = prove(toyTables(40));

  it('accepts an honest proof, and the messages cancel', () => {
    assert.ok(E.isZero(verify(honest)));
  });

  it('has the same transcript on both sides, entry by entry', () => {
    const log: TranscriptEntry[] = [];
    verify(honest, log);
    assert.deepEqual(log, honest.log);
  });

  it('does not cancel when a step is missing', () => {
    assert.ok(!E.isZero(verify(prove(toyTables(39)))));
  });

  it('does not cancel when a looked-up value is wrong', () => {
    const tables = toyTables(40);
    const wrong = tables[0]?.main[2];
    assert.ok(wrong);
    wrong[3] = 10;
    assert.ok(!E.isZero(verify(prove(tables))));
  });

  for (const [column, row] of [
    [3, 5],
    [0, 2],
  ] as const) {
    it(`rejects a table whose constraint fails in row ${row} of column ${column}`, () => {
      const tables = toyTables(40);
      const values = tables[0]?.main[column];
      assert.ok(values);
      values[row] = 7;
      assert.throws(() => verify(prove(tables)), VerificationError);
    });
  }

  it('rejects every proof in which one number is changed', () => {
    let checked = 0;
    for (const mutate of mutations(honest.proof)) {
      const proof = structuredClone(honest.proof);
      mutate(proof);
      assert.throws(
        () => assert.ok(E.isZero(verify({ statement: honest.statement, proof }))),
        (error: unknown) => error instanceof VerificationError,
        `mutation ${checked} was accepted`,
      );
      checked++;
    }
    assert.ok(checked > 500);
  });

  it('rejects a proof under another root or shape', () => {
    const mainRoot = [...honest.statement.mainRoot];
    mainRoot[0] = ((mainRoot[0] ?? 0) + 1) % 0x7f000001;
    const statement = { ...honest.statement, mainRoot };
    assert.throws(() => verify({ statement, proof: honest.proof }), VerificationError);
    const shape: SegmentShape = segmentShape(
      toyMachine,
      [
        { chip: 0, logHeight: 6 },
        { chip: 0, logHeight: 6 },
        { chip: 1, logHeight: 6 },
      ],
      toyParameters.logRows,
      true,
    );
    const other = { ...honest.statement, shape };
    assert.throws(() => verify({ statement: other, proof: honest.proof }), VerificationError);
  });
});

type Path = (string | number)[];

/** One mutation for every number in the proof, nonces included. */
function* mutations(proof: SegmentProof): Generator<(target: SegmentProof) => void> {
  for (const path of leaves(proof, [])) {
    yield (target) => {
      const parent = path
        .slice(0, -1)
        .reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], target);
      const key = path.at(-1) as string | number;
      const record = parent as Record<string | number, number | bigint>;
      const value = record[key] as number | bigint;
      record[key] = typeof value === 'bigint' ? value + 1n : (value + 1) % 0x7f000001;
    };
  }
}

function* leaves(node: unknown, path: Path): Generator<Path> {
  if (typeof node === 'number' || typeof node === 'bigint') {
    yield path;
    return;
  }
  for (const key of Object.keys(node as object)) {
    yield* leaves((node as Record<string, unknown>)[key], [...path, key]);
  }
}
