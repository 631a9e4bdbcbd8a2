/** From filled tables to a receipt: the prover's side of verifier/src/verify.ts. */
import {
  beginLookup,
  type Claim,
  type Digest,
  finishLookup,
  type Instance,
  LOOKUP_TAG,
  type LookupChallenges,
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
  type SegmentProof,
  segmentShape,
  segmentTranscript,
  stackPreprocessed,
  statementDigest,
  Transcript,
  type TranscriptEntry,
} from '@vouch/verifier';
import { commitColumns, makeTwiddles } from './commit.ts';
import { ProverError } from './errors.ts';
import type { Grinder } from './opening.ts';
import type { Pool } from './pool.ts';
import { findNonce } from './proof-of-work.ts';
import type { FilledRun, FilledSegment } from './scalar/prove.ts';
import { commitSegment, proveSegment, toMontgomery } from './segment.ts';
import { LOG_LEAST, type ProvingStage, type StageListener, stageWork } from './stages.ts';
import { WatchedPool, type WatchHooks } from './watched-pool.ts';
import { commitWork } from './work.ts';

/** What the commitment to a segment depends on, besides its tables. */
export interface CommitmentStatement {
  readonly machine: Machine;
  readonly parameters: ParameterSet;
  readonly program: ProgramTables;
  /** How the verifier will know the program. */
  readonly mode: { readonly kind: 'program' | 'id' };
}

/** What is proved, and how. */
export interface Statement extends CommitmentStatement {
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

/** What a run claims, besides its segments. */
export type RunClaim = Pick<FilledRun, 'publicInput' | 'exitCode' | 'journal'>;

/** The challenges of LogUp that all segments of a run share, and what they are drawn from. */
export interface SharedChallenges {
  readonly statement: Digest;
  readonly lookupNonce: bigint;
  readonly lookup: LookupChallenges;
}

/**
 * Proves a run. The same run gives the same receipt for any number of threads. The memory taken is
 * that of one segment: all segments but the last are committed to twice, before the challenges that
 * they share are drawn and for their proof.
 *
 * @throws ProverError; the signal's reason when it is aborted; RangeError for a run of no segments and
 *   for tables of less than 2^LOG_LEAST rows. In each case the memory is given back.
 */
export async function proveRun(
  pool: Pool,
  statement: Statement,
  run: FilledRun,
  hooks: ProveHooks = {},
): Promise<Receipt> {
  const { segments } = run;
  const last = segments.at(-1);
  if (last === undefined) throw new RangeError('a run has at least one segment');
  const headers: SegmentHeader[] = [];
  for (const filled of segments.slice(0, -1)) {
    headers.push(await commitToSegment(pool, statement, filled, hooks));
  }
  const opened = await openSegment(pool, statement, last, hooks);
  try {
    headers.push(opened.header);
    const challenges = await drawChallenges(pool, statement, run, headers, hooks.log);
    // The last segment is at hand, so it is proved first; a log has it last.
    const lastLog: TranscriptEntry[] = [];
    const lastProof = await opened.prove(challenges, segments.length, lastLog);
    await opened.close();
    const proofs: SegmentProof[] = [];
    for (const [i, header] of headers.slice(0, -1).entries()) {
      const filled = segments[i] as FilledSegment;
      const number = i + 1;
      proofs.push(
        await proveSegmentAgain(pool, statement, filled, header, challenges, number, hooks),
      );
    }
    hooks.log?.push(...lastLog);
    return makeReceipt(statement, run, challenges, headers, [...proofs, lastProof]);
  } finally {
    await opened.close();
  }
}

/** A segment whose columns are committed to and in memory. */
export interface OpenSegment {
  readonly header: SegmentHeader;
  /**
   * @param number of the segment in the run, from 1
   * @param log receives every message of the segment's transcript
   */
  prove(
    challenges: SharedChallenges,
    number: number,
    log?: TranscriptEntry[],
  ): Promise<SegmentProof>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/** Commits to a segment's columns and keeps them for its proof. Throws as `proveRun`. */
export async function openSegment(
  pool: Pool,
  statement: CommitmentStatement,
  filled: FilledSegment,
  hooks: ProveHooks = {},
): Promise<OpenSegment> {
  const { machine, parameters, mode, program } = statement;
  if (filled.tables.some(({ logHeight }) => logHeight < LOG_LEAST)) {
    throw new RangeError(`every table has at least 2^${LOG_LEAST} rows`);
  }
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
  const watched = new WatchedPool<ProvingStage>(pool, hooks);
  const onStage: StageListener = (stage) => watched.begin(stage, work[stage]);
  const close = (): Promise<void> => watched.close();
  try {
    const segment = await commitSegment(
      watched,
      shape,
      filled.tables,
      machine.constraints.chips,
      parameters,
      program.tables.map((preprocessed) => ({ preprocessed })),
      onStage,
    );
    watched.end();
    const { pcStart, pcEnd, cycleEnd } = filled;
    const header = { root: segment.main.root, instances, pcStart, pcEnd, cycleEnd };
    const prove: OpenSegment['prove'] = async (challenges, number, log) => {
      const { statement: digest, lookupNonce, lookup } = challenges;
      const transcript = segmentTranscript(digest, lookupNonce, number, log);
      const { constraints } = machine;
      const context = { machine: constraints, shape, segment: number, challenges: lookup };
      const grind: Grinder = (seed, bits) => findNonce(watched, SEGMENT_TAG, seed, bits);
      const proof = await proveSegment(
        watched,
        transcript,
        context,
        segment,
        parameters,
        grind,
        onStage,
      );
      watched.end();
      return proof;
    };
    return { header, prove, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The header of a segment; its memory is given back. Throws as `proveRun`. */
export async function commitToSegment(
  pool: Pool,
  statement: CommitmentStatement,
  filled: FilledSegment,
  hooks: ProveHooks = {},
): Promise<SegmentHeader> {
  const { header, close } = await openSegment(pool, statement, filled, hooks);
  await close();
  return header;
}

/**
 * The proof of a segment that was committed to before.
 *
 * @param number of the segment in the run, from 1
 * @throws as `proveRun`; ProverError `segment/changed` if the tables have another header
 */
export async function proveSegmentAgain(
  pool: Pool,
  statement: CommitmentStatement,
  filled: FilledSegment,
  header: SegmentHeader,
  challenges: SharedChallenges,
  number: number,
  hooks: ProveHooks = {},
): Promise<SegmentProof> {
  const opened = await openSegment(pool, statement, filled, hooks);
  try {
    if (!sameHeader(opened.header, header)) {
      throw new ProverError(
        'segment/changed',
        `segment ${number} is not the one that was committed to`,
        'prove the run from its beginning; if that fails too, the computer has a fault',
      );
    }
    return await opened.prove(challenges, number, hooks.log);
  } finally {
    await opened.close();
  }
}

function sameHeader(a: SegmentHeader, b: SegmentHeader): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** alpha and beta, behind the whole statement and all commitments. */
export async function drawChallenges(
  pool: Pool,
  statement: Statement,
  run: RunClaim,
  headers: readonly SegmentHeader[],
  log?: TranscriptEntry[],
): Promise<SharedChallenges> {
  const { machine, parameters } = statement;
  const digest = statementDigest(machine, parameters, claimOf(statement, run), headers, log);
  const transcript = new Transcript(LOOKUP_TAG, log);
  const seed = beginLookup(transcript, digest);
  const lookupNonce = await findNonce(pool, LOOKUP_TAG, seed, parameters.lookupWork);
  const lookup = finishLookup(transcript, parameters, seed, lookupNonce);
  return { statement: digest, lookupNonce, lookup };
}

/** The receipt of a run, all of whose segments are proved. */
export function makeReceipt(
  statement: Statement,
  run: RunClaim,
  { lookupNonce }: SharedChallenges,
  segments: readonly SegmentHeader[],
  proofs: readonly SegmentProof[],
): Receipt {
  return { claim: claimOf(statement, run), lookupNonce, segments, proofs };
}

/** What the receipt of a run claims. */
export function claimOf({ machine, parameters, mode, program }: Statement, run: RunClaim): Claim {
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
