/**
 * The verification of one segment's proof, apart from the others': what it needs is plain data that a
 * worker can be sent, beside the proof's bytes.
 */
import { Reader } from './decode.ts';
import type { ExpectedProgram } from './expectations.ts';
import { checkedShape } from './instances.ts';
import type { Machine } from './machine.ts';
import type { ParameterSet } from './parameters.ts';
import type { Digest } from './poseidon2.ts';
import {
  checkProgramValues,
  outlineOf,
  type ProgramCommitment,
  type ProgramTables,
} from './program.ts';
import { readSegmentProof } from './proof-codec.ts';
import type { CheckedHead, SegmentHeader } from './receipt.ts';
import { riscvMachine } from './riscv-machine.ts';
import { type MessageSum, type SegmentProof, verifySegment } from './segment.ts';
import type { SegmentShape } from './shape.ts';
import { segmentTranscript } from './statement.ts';
import type { TranscriptEntry } from './transcript.ts';
import type { LookupChallenges } from './zerocheck.ts';

export interface SegmentTask {
  /** From 1. */
  readonly number: number;
  /** Segments of the receipt. */
  readonly segments: number;
  /** Id of the parameter set. */
  readonly parameters: number;
  readonly header: SegmentHeader;
  /** How the program is known: the commitment behind the id that the caller expects, or its tables. */
  readonly program: ({ readonly kind: 'id' } & ProgramCommitment) | TaskTables;
  readonly statement: Digest;
  readonly lookupNonce: bigint;
  readonly challenges: LookupChallenges;
}

type TaskTables = { readonly kind: 'program' } & ProgramTables;

/** What the tasks of all segments have in common. */
export type SharedTask = Pick<SegmentTask, 'statement' | 'challenges'>;

/** @param program that the receipt is known to be of */
export function segmentTask(
  { claim, lookupNonce, segments, parameters }: CheckedHead,
  program: ExpectedProgram,
  shared: SharedTask,
  index: number,
): SegmentTask {
  const header = segments[index] as SegmentHeader;
  const known = claim.program;
  return {
    number: index + 1,
    segments: segments.length,
    parameters: parameters.id,
    header,
    program: known.mode === 'id' ? { kind: 'id', ...known.commitment } : (program as TaskTables),
    lookupNonce,
    ...shared,
  };
}

/**
 * Verifies a segment's proof, in the same program or in another one on another thread. The sum counts
 * only together with those of all other segments: `verifyStream` adds them.
 *
 * @throws VerificationError
 */
export function verifySegmentProof(
  task: SegmentTask,
  proof: Uint8Array,
  machine: Machine = riscvMachine(),
): MessageSum {
  const parameters = machine.parameterSets.find(({ id }) => id === task.parameters);
  if (parameters === undefined) throw new RangeError(`no parameter set ${task.parameters}`);
  const { program, header } = task;
  const isCommitted = program.kind === 'id';
  const outline = isCommitted ? program : outlineOf(machine, program);
  const shape = checkedShape(machine, parameters, outline, header.instances, isCommitted);
  const reader = new Reader(proof);
  const decoded = readSegmentProof(reader, machine, shape, parameters);
  reader.end();
  return verifyTask(machine, parameters, task, shape, decoded);
}

/** As `verifySegmentProof`, with a proof that is decoded. */
export function verifyTask(
  machine: Machine,
  parameters: ParameterSet,
  task: SegmentTask,
  shape: SegmentShape,
  proof: SegmentProof,
  log?: TranscriptEntry[],
): MessageSum {
  const { number, header, program, statement, lookupNonce, challenges } = task;
  const transcript = segmentTranscript(statement, lookupNonce, number, log);
  const common = {
    machine: machine.constraints,
    segment: number,
    mainRoot: header.root,
    ...{ shape, challenges, parameters },
  };
  if (program.kind === 'program') {
    const { sum, point } = verifySegment(transcript, common, proof);
    const { preprocessedValues } = proof.zerocheck;
    checkProgramValues(machine, program, shape.instances, point, preprocessedValues);
    return sum;
  }
  const preprocessedRoot = program.roots[machine.rowLogs.indexOf(shape.logRows)] as Digest;
  return verifySegment(transcript, { ...common, preprocessedRoot }, proof).sum;
}
