/** The verifier: from the bytes of a receipt to the journal of a run, or the check that failed. */
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { VerificationError } from './errors.ts';
import type { Machine } from './machine.ts';
import type { ParameterSet } from './parameters.ts';
import type { Digest } from './poseidon2.ts';
import { checkProgramValues, outlineOf, type ProgramTables, programId } from './program.ts';
import {
  bytesEqual,
  type Claim,
  type DecodedReceipt,
  decodeReceipt,
  outlineOfStatement,
  type Receipt,
} from './receipt.ts';
import { receiptSecurity } from './receipt-security.ts';
import { riscvMachine } from './riscv-machine.ts';
import { type MessageSum, type SegmentProof, verifySegment } from './segment.ts';
import type { SegmentShape } from './shape.ts';
import {
  boundarySum,
  checkBalance,
  checkPath,
  lookupChallenges,
  segmentTranscript,
  statementDigest,
} from './statement.ts';
import type { TranscriptEntry } from './transcript.ts';
import type { LookupChallenges } from './zerocheck.ts';

/** The program whose run the receipt must prove. */
export type ExpectedProgram =
  /** A pinned id of 32 bytes; see `programId`. */
  | { readonly kind: 'id'; readonly id: Uint8Array }
  /** The loaded program itself. */
  | ({ readonly kind: 'program' } & ProgramTables);

export interface VerifyOptions {
  /** RV32IMC with the parameter sets S120 and S100 by default. */
  readonly machine?: Machine;
  /** A string is a pinned id in 64 hexadecimal digits. */
  readonly program: string | ExpectedProgram;
  /** Empty by default. */
  readonly publicInput?: Uint8Array;
  /** The exit code that the run must have; 0 by default. */
  readonly exitCode?: number;
  /** Least provable security in bits; 120 by default. */
  readonly minSecurityBits?: number;
  /** Receives every message of the transcripts, to compare implementations. */
  readonly transcriptLog?: TranscriptEntry[];
}

/** Options with their defaults. */
interface Expectations extends VerifyOptions {
  readonly machine: Machine;
  readonly program: ExpectedProgram;
  readonly publicInput: Uint8Array;
}

/** What is proved when `verify` returns. */
export interface VerifiedRun {
  /** What the program wrote. */
  readonly journal: Uint8Array;
  readonly exitCode: number;
  /** Instructions executed. */
  readonly cycles: number;
  readonly segments: number;
  /** Provable security of this receipt, from its parameters and its shape. */
  readonly securityBits: number;
  /** Name of the parameter set. */
  readonly parameters: string;
}

export const DEFAULT_SECURITY_BITS = 120;

/**
 * Verifies that the program, run on the public input and some private input, ended with the exit
 * code and wrote the journal that it returns. Needs nothing but its arguments.
 *
 * @throws VerificationError naming the failed check; nothing that a receipt holds brings about
 *   another exception
 * @throws RangeError if the options are impossible: an id that is not 32 bytes or 64 digits, tables of
 *   the wrong size, a number of bits that is none
 */
export function verify(receiptBytes: Uint8Array, options: VerifyOptions): VerifiedRun {
  const expected = completeOptions(options);
  const { machine, publicInput, transcriptLog: log } = expected;

  // Format and shape.
  const decoded = decodeReceipt(receiptBytes, machine);
  const { receipt, parameters, shapes } = decoded;
  const { claim, segments, proofs } = receipt;

  // What the caller expects, and what every run has in common.
  checkClaim(expected, claim);
  checkPath(outlineOfStatement(claim.program).entry, segments);
  const securityBits = checkSecurity(expected, decoded);

  // Challenges of LogUp, behind the whole statement and all commitments.
  const statement = statementDigest(machine, parameters, claim, segments, log);
  const nonce = receipt.lookupNonce;
  const { challenges } = lookupChallenges(statement, parameters, () => nonce, log);

  // Each segment's proof.
  const sums = shapes.map((shape, i) =>
    verifySegmentOf(expected, receipt, { parameters, statement, challenges, shape, index: i }),
  );

  // Messages of the segments and those of the verifier cancel.
  const boundary = boundarySum(machine, challenges, claim, publicInput, segments);
  checkBalance([...sums, boundary]);

  return {
    journal: claim.journal,
    exitCode: claim.exitCode,
    cycles: segments.reduce((sum, { cycleEnd }) => sum + cycleEnd - 1, 0),
    segments: proofs.length,
    securityBits,
    parameters: parameters.name,
  };
}

function completeOptions(options: VerifyOptions): Expectations {
  const { machine = riscvMachine(), publicInput = new Uint8Array(0) } = options;
  const { exitCode = 0, minSecurityBits = 0 } = options;
  const program = expectedProgram(options.program);
  if (program.kind === 'id' && program.id.length !== 32) {
    throw new RangeError(`a program id has 32 bytes, not ${program.id.length}`);
  }
  if (exitCode !== exitCode >>> 0) throw new RangeError(`${exitCode} is not an exit code`);
  if (!(minSecurityBits >= 0)) throw new RangeError(`${minSecurityBits} is no number of bits`);
  return { ...options, machine, program, publicInput };
}

function expectedProgram(program: string | ExpectedProgram): ExpectedProgram {
  if (typeof program !== 'string') return program;
  if (!/^[0-9a-f]{64}$/i.test(program)) throw new RangeError('a program id has 64 hex digits');
  return { kind: 'id', id: hexToBytes(program) };
}

/** Fails `statement/mode`, `statement/program`, `statement/public-input` or `statement/exit-code`. */
function checkClaim(options: Expectations, claim: Claim): void {
  const { machine, program, publicInput, exitCode = 0 } = options;
  if (claim.program.mode !== program.kind) throw modeError(program, claim);
  if (!isExpectedProgram(machine, program, claim)) {
    throw new VerificationError('statement/program', 'the receipt is of another program');
  }
  const { length, digest } = claim.publicInput;
  if (length !== publicInput.length || !bytesEqual(digest, sha256(publicInput))) {
    const details = { expected: publicInput.length, found: length };
    throw new VerificationError('statement/public-input', 'another public input', details);
  }
  if (claim.exitCode !== exitCode) {
    const details = { expected: exitCode, found: claim.exitCode };
    throw new VerificationError('statement/exit-code', 'the run ended otherwise', details);
  }
}

function isExpectedProgram(machine: Machine, expected: ExpectedProgram, claim: Claim): boolean {
  const found = claim.program;
  if (expected.kind === 'id') {
    return found.mode === 'id' && bytesEqual(programId(machine, found.commitment), expected.id);
  }
  if (found.mode === 'id') return false;
  const { entry, imageEnd, logHeights } = outlineOf(machine, expected);
  return (
    bytesEqual(found.digest, expected.digest) &&
    found.outline.entry === entry &&
    found.outline.imageEnd === imageEnd &&
    found.outline.logHeights.every((logHeight, i) => logHeight === logHeights[i])
  );
}

/** Fails `security/bits`: too few for the caller, or for the name of the parameter set. */
function checkSecurity(options: Expectations, decoded: DecodedReceipt): number {
  const { machine, minSecurityBits = DEFAULT_SECURITY_BITS } = options;
  const { securityBits, name } = decoded.parameters;
  const { bits } = receiptSecurity(machine, decoded);
  const expected = Math.max(minSecurityBits, securityBits);
  if (!(bits >= expected)) {
    const details = { parameters: name, expected, found: bits };
    throw new VerificationError('security/bits', 'the receipt is not secure enough', details);
  }
  return bits;
}

interface SegmentStep {
  readonly parameters: ParameterSet;
  readonly statement: Digest;
  readonly challenges: LookupChallenges;
  readonly shape: SegmentShape;
  /** From 0. */
  readonly index: number;
}

/** Returns the sum over the segment's messages. */
function verifySegmentOf(
  { machine, program, transcriptLog }: Expectations,
  { claim, lookupNonce, segments, proofs }: Receipt,
  { parameters, statement, challenges, shape, index }: SegmentStep,
): MessageSum {
  const segment = index + 1;
  const proof = proofs[index] as SegmentProof;
  const mainRoot = (segments[index] as Receipt['segments'][number]).root;
  const transcript = segmentTranscript(statement, lookupNonce, segment, transcriptLog);
  const common = { machine: machine.constraints, shape, segment, challenges, mainRoot, parameters };
  if (program.kind === 'program') {
    const { sum, point } = verifySegment(transcript, common, proof);
    const { preprocessedValues } = proof.zerocheck;
    checkProgramValues(machine, program, shape.instances, point, preprocessedValues);
    return sum;
  }
  if (claim.program.mode !== 'id') throw modeError(program, claim);
  const tree = machine.rowLogs.indexOf(shape.logRows);
  const preprocessedRoot = claim.program.commitment.roots[tree] as Digest;
  return verifySegment(transcript, { ...common, preprocessedRoot }, proof).sum;
}

function modeError(program: ExpectedProgram, claim: Claim): VerificationError {
  const details = { expected: program.kind, found: claim.program.mode };
  return new VerificationError('statement/mode', 'the program is known otherwise', details);
}
