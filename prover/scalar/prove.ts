/**
 * From filled tables to a receipt, on plain arrays: the prover's side of verifier/src/verify.ts, for
 * machines small enough. It is what faster provers are compared with.
 */
import {
  type Digest,
  type Instance,
  LOOKUP_TAG,
  lookupChallenges,
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
  type SegmentShape,
  segmentShape,
  segmentTranscript,
  stackPreprocessed,
  statementDigest,
  type TranscriptEntry,
  workHash,
} from '@vouch/verifier';
import type { Table } from '../table.ts';
import { commitColumns, rootOf } from './commit.ts';
import { sequentialGrinder } from './opening.ts';
import { type CommittedSegment, commitSegment, proveSegment } from './segment.ts';

/** The filled tables of a segment, in the order of the receipt, and its place in the run. */
export interface FilledSegment extends Pick<SegmentHeader, 'pcStart' | 'pcEnd' | 'cycleEnd'> {
  readonly tables: readonly Table[];
}

/** A run that is to be proved. */
export interface FilledRun {
  readonly publicInput: { readonly length: number; readonly digest: Uint8Array };
  readonly exitCode: number;
  readonly journal: Uint8Array;
  readonly segments: readonly FilledSegment[];
}

/** Commits to a program's tables, once for each r. */
export function commitProgram(machine: Machine, program: ProgramTables): ProgramCommitment {
  const outline = outlineOf(machine, program);
  const { tables } = programShape(machine, outline);
  const { columns, end } = stackPreprocessed(machine.constraints, tables);
  const roots = machine.rowLogs.map((r): Digest => {
    const chunks = Math.ceil(end / 2 ** r);
    const stack = new Uint32Array(chunks * 2 ** r);
    const contents = program.tables.flat();
    for (const [i, { offset }] of columns.entries()) stack.set(contents[i] as Uint32Array, offset);
    const chunkColumns = Array.from({ length: chunks }, (_, y) =>
      Array.from(stack.subarray(y * 2 ** r, (y + 1) * 2 ** r)),
    );
    return rootOf(commitColumns(chunkColumns, machine.logInverseRate, PREPROCESSED_CONTEXT));
  });
  return { ...outline, roots };
}

/** @param log receives every message of the transcripts, to compare them with the verifier's */
export function proveStatement(
  machine: Machine,
  parameters: ParameterSet,
  mode: ProgramStatement['mode'],
  program: ProgramTables,
  run: FilledRun,
  log?: TranscriptEntry[],
): Receipt {
  const { publicInput, exitCode, journal, segments } = run;
  const claim = {
    machine: machine.digest,
    parameters: parameters.id,
    program: programStatement(machine, mode, program),
    publicInput,
    exitCode,
    journal,
  };

  // Commit to every segment.
  const committed = segments.map((segment) => commit(machine, parameters, mode, program, segment));
  const headers = segments.map(({ tables, pcStart, pcEnd, cycleEnd }, i): SegmentHeader => {
    const root = rootOf((committed[i] as Committed).segment.main);
    return { root, instances: instancesOf(tables), pcStart, pcEnd, cycleEnd };
  });

  // Challenges of LogUp, behind the whole statement and all commitments.
  const statement = statementDigest(machine, parameters, claim, headers, log);
  const grindLookup = sequentialGrinder(workHash(LOOKUP_TAG));
  const work = parameters.lookupWork;
  const { challenges, nonce } = lookupChallenges(
    statement,
    parameters,
    (seed) => grindLookup(seed, work),
    log,
  );

  // Each segment's proof.
  const grind = sequentialGrinder(workHash(SEGMENT_TAG));
  const proofs = segments.map(({ tables }, i) => {
    const { shape, segment } = committed[i] as Committed;
    const transcript = segmentTranscript(statement, nonce, i + 1, log);
    const context = { machine: machine.constraints, shape, segment: i + 1, challenges };
    return proveSegment(transcript, context, tables, segment, parameters, grind);
  });
  return { claim, lookupNonce: nonce, segments: headers, proofs };
}

function programStatement(
  machine: Machine,
  mode: ProgramStatement['mode'],
  program: ProgramTables,
): ProgramStatement {
  if (mode === 'id') return { mode, commitment: commitProgram(machine, program) };
  return { mode, outline: outlineOf(machine, program), digest: program.digest };
}

interface Committed {
  readonly shape: SegmentShape;
  readonly segment: CommittedSegment;
}

function commit(
  machine: Machine,
  parameters: ParameterSet,
  mode: ProgramStatement['mode'],
  program: ProgramTables,
  { tables }: FilledSegment,
): Committed {
  const shape = segmentShape(
    machine.constraints,
    instancesOf(tables),
    (cells) => parameters.logRows(cells),
    mode === 'id',
    programShape(machine, outlineOf(machine, program)),
  );
  const programTables = program.tables.map((preprocessed) => ({ preprocessed }));
  return { shape, segment: commitSegment(shape, tables, parameters, programTables) };
}

function instancesOf(tables: readonly Table[]): Instance[] {
  return tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
}
