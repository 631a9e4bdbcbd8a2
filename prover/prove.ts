/** From filled tables to a receipt: the prover's side of verifier/src/verify.ts. */
import {
  beginLookup,
  type Claim,
  type Digest,
  finishLookup,
  type Instance,
  LOOKUP_TAG,
  type Machine,
  outlineOf,
  type ParameterSet,
  PREPROCESSED_CONTEXT,
  type ProgramCommitment,
  type ProgramStatement,
  type ProgramTables,
  programShape,
  type Receipt,
  SEGMENT_TAG,
  type SegmentHeader,
  segmentShape,
  segmentTranscript,
  stackPreprocessed,
  statementDigest,
  Transcript,
  type TranscriptEntry,
} from '@vouch/verifier';
import { commitColumns, freeMatrix, makeTwiddles } from './commit.ts';
import type { Grinder } from './opening.ts';
import type { Pool } from './pool.ts';
import { findNonce } from './proof-of-work.ts';
import type { FilledRun, FilledSegment } from './scalar/prove.ts';
import {
  commitSegment,
  freeSegment,
  proveSegment,
  type StageListener,
  toMontgomery,
} from './segment.ts';

/** What is proved, and how. */
export interface Statement {
  readonly machine: Machine;
  readonly parameters: ParameterSet;
  readonly program: ProgramTables;
  /** How the verifier will know the program; with `id` its commitment. */
  readonly mode:
    | { readonly kind: 'program' }
    | { readonly kind: 'id'; readonly commitment: ProgramCommitment };
}

export interface ProveHooks {
  readonly signal?: AbortSignal;
  readonly onStage?: StageListener;
  /** Receives every message of the transcripts, to compare them with the verifier's. */
  readonly log?: TranscriptEntry[];
}

/** Commits to a program's tables, once for each r: what its id is the hash of. */
export async function commitProgram(
  pool: Pool,
  machine: Machine,
  program: ProgramTables,
): Promise<ProgramCommitment> {
  const outline = outlineOf(machine, program);
  const { tables } = programShape(machine, outline);
  const { columns, end } = stackPreprocessed(machine.constraints, tables);
  const contents = program.tables.flat();
  const roots: Digest[] = [];
  for (const r of machine.rowLogs) {
    const count = Math.ceil(end / 2 ** r);
    const stack = pool.arena.allocate('program tables', 4 * count * 2 ** r);
    const words = pool.arena.words(stack).fill(0);
    for (const [i, { offset }] of columns.entries()) words.set(contents[i] as Uint32Array, offset);
    await toMontgomery(pool, stack, count * 2 ** r);
    const twiddles = await makeTwiddles(pool, r + machine.logInverseRate);
    const coefficients = { offset: stack.offset, stride: 4 * 2 ** r, count, logRows: r };
    const matrix = await commitColumns(
      pool,
      twiddles,
      coefficients,
      machine.logInverseRate,
      PREPROCESSED_CONTEXT,
    );
    roots.push(matrix.root);
    freeMatrix(pool, matrix);
    for (const region of [twiddles.region, stack]) pool.arena.free(region);
  }
  return { ...outline, roots };
}

/**
 * Proves a run of one segment. The same run gives the same receipt for any number of threads.
 *
 * @throws ProverError, and the signal's reason when it is aborted
 */
export async function proveRun(
  pool: Pool,
  statement: Statement,
  run: FilledRun,
  hooks: ProveHooks = {},
): Promise<Receipt> {
  const { machine, parameters, mode, program } = statement;
  const { log } = hooks;
  const [filled, ...others] = run.segments;
  if (filled === undefined || others.length > 0) throw new RangeError('a run of one segment');
  const onStage: StageListener = (stage) => {
    hooks.signal?.throwIfAborted();
    hooks.onStage?.(stage);
  };
  const claim = claimOf(statement, run);

  // Commit to the segment.
  const instances = filled.tables.map(({ chip, logHeight }): Instance => ({ chip, logHeight }));
  const shape = segmentShape(
    machine.constraints,
    instances,
    (cells) => parameters.logRows(cells),
    mode.kind === 'id',
    programShape(machine, outlineOf(machine, program)),
  );
  const programTables = program.tables.map((preprocessed) => ({ preprocessed }));
  const { chips } = machine.constraints;
  const segment = await commitSegment(
    pool,
    shape,
    filled.tables,
    chips,
    parameters,
    programTables,
    onStage,
  );
  try {
    const header = headerOf(filled, instances, segment.main.root);

    // Challenges of LogUp, behind the whole statement and all commitments.
    const digest = statementDigest(machine, parameters, claim, [header], log);
    const lookup = new Transcript(LOOKUP_TAG, log);
    const seed = beginLookup(lookup, digest);
    const lookupNonce = await findNonce(pool, LOOKUP_TAG, seed, parameters.lookupWork);
    const challenges = finishLookup(lookup, parameters, seed, lookupNonce);

    // The segment's proof.
    const transcript = segmentTranscript(digest, lookupNonce, 1, log);
    const context = { machine: machine.constraints, shape, segment: 1, challenges };
    const grind: Grinder = (workSeed, bits) => findNonce(pool, SEGMENT_TAG, workSeed, bits);
    const proof = await proveSegment(
      pool,
      transcript,
      context,
      segment,
      parameters,
      grind,
      onStage,
    );
    return { claim, lookupNonce, segments: [header], proofs: [proof] };
  } finally {
    freeSegment(pool, segment);
  }
}

function claimOf({ machine, parameters, mode, program }: Statement, run: FilledRun): Claim {
  const named: ProgramStatement =
    mode.kind === 'id'
      ? { mode: 'id', commitment: mode.commitment }
      : { mode: 'program', outline: outlineOf(machine, program), digest: program.digest };
  return {
    machine: machine.digest,
    parameters: parameters.id,
    program: named,
    publicInput: run.publicInput,
    exitCode: run.exitCode,
    journal: run.journal,
  };
}

function headerOf(
  { pcStart, pcEnd, cycleEnd }: FilledSegment,
  instances: readonly Instance[],
  root: Digest,
): SegmentHeader {
  return { root, instances, pcStart, pcEnd, cycleEnd };
}
