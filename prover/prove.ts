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
import { commitColumns, makeTwiddles } from './commit.ts';
import type { Grinder } from './opening.ts';
import type { Pool } from './pool.ts';
import { findNonce } from './proof-of-work.ts';
import type { FilledRun, FilledSegment } from './scalar/prove.ts';
import { commitSegment, proveSegment, toMontgomery } from './segment.ts';
import { LOG_LEAST, type ProvingStage, type StageListener, stageWork } from './stages.ts';
import { WatchedPool, type WatchHooks } from './watched-pool.ts';
import { commitWork } from './work.ts';

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

export interface ProveHooks extends WatchHooks<ProvingStage> {
  /** Receives every message of the transcripts, to compare them with the verifier's. */
  readonly log?: TranscriptEntry[];
}

/**
 * Commits to a program's tables, once for each r: what its id is the hash of.
 *
 * @throws ProverError, and the signal's reason when it is aborted; the memory is given back
 */
export async function commitProgram(
  pool: Pool,
  machine: Machine,
  program: ProgramTables,
  hooks: WatchHooks<'program'> = {},
): Promise<ProgramCommitment> {
  const outline = outlineOf(machine, program);
  const { tables } = programShape(machine, outline);
  const { columns, end } = stackPreprocessed(machine.constraints, tables);
  const contents = program.tables.flat();
  const watched = new WatchedPool(pool, hooks);
  const { arena } = watched;
  const work = (r: number): number =>
    commitWork(Math.ceil(end / 2 ** r), r + machine.logInverseRate);
  watched.begin(
    'program',
    machine.rowLogs.reduce((sum, r) => sum + work(r), 0),
  );
  const roots: Digest[] = [];
  try {
    for (const r of machine.rowLogs) {
      const count = Math.ceil(end / 2 ** r);
      const stack = arena.allocate('program tables', 4 * count * 2 ** r);
      const words = arena.words(stack).fill(0);
      for (const [i, { offset }] of columns.entries())
        words.set(contents[i] as Uint32Array, offset);
      await toMontgomery(watched, stack, count * 2 ** r);
      const twiddles = await makeTwiddles(watched, r + machine.logInverseRate);
      const coefficients = { offset: stack.offset, stride: 4 * 2 ** r, count, logRows: r };
      const { root } = await commitColumns(
        watched,
        twiddles,
        coefficients,
        machine.logInverseRate,
        PREPROCESSED_CONTEXT,
      );
      roots.push(root);
      arena.freeAll();
    }
    watched.end();
  } finally {
    await watched.close();
  }
  return { ...outline, roots };
}

/**
 * Proves a run of one segment. The same run gives the same receipt for any number of threads.
 *
 * @throws ProverError; the signal's reason when it is aborted; RangeError for a run of no or several
 *   segments and for tables of less than 2^LOG_LEAST rows. In each case the memory is given back.
 */
export async function proveRun(
  pool: Pool,
  statement: Statement,
  run: FilledRun,
  hooks: ProveHooks = {},
): Promise<Receipt> {
  const watched = new WatchedPool(pool, hooks);
  try {
    const receipt = await proveOn(watched, statement, run, hooks.log);
    watched.end();
    return receipt;
  } finally {
    await watched.close();
  }
}

async function proveOn(
  pool: WatchedPool<ProvingStage>,
  statement: Statement,
  run: FilledRun,
  log: TranscriptEntry[] | undefined,
): Promise<Receipt> {
  const { machine, parameters, mode, program } = statement;
  const [filled, ...others] = run.segments;
  if (filled === undefined || others.length > 0) throw new RangeError('a run of one segment');
  if (filled.tables.some(({ logHeight }) => logHeight < LOG_LEAST)) {
    throw new RangeError(`every table has at least 2^${LOG_LEAST} rows`);
  }
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
  const schedule = parameters.schedule(shape.logChunks, shape.logRows);
  const work = stageWork(machine.constraints, shape, schedule);
  const onStage: StageListener = (stage) => pool.begin(stage, work[stage]);
  const segment = await commitSegment(
    pool,
    shape,
    filled.tables,
    machine.constraints.chips,
    parameters,
    program.tables.map((preprocessed) => ({ preprocessed })),
    onStage,
  );
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
  const proof = await proveSegment(pool, transcript, context, segment, parameters, grind, onStage);
  return { claim, lookupNonce, segments: [header], proofs: [proof] };
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
