/** What a caller expects of a receipt, and whether the receipt claims it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { VerificationError } from './errors.ts';
import type { Machine } from './machine.ts';
import { outlineOf, type ProgramTables, programId } from './program.ts';
import { bytesEqual, type Claim } from './receipt.ts';
import { riscvMachine } from './riscv-machine.ts';

/** The program whose run the receipt must prove. */
export type ExpectedProgram =
  /** A pinned id of 32 bytes; see `programId`. */
  | { readonly kind: 'id'; readonly id: Uint8Array }
  /** The loaded program itself. */
  | ({ readonly kind: 'program' } & ProgramTables);

export interface Expectations {
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
}

/** Expectations with their defaults. */
export interface CheckedExpectations {
  readonly machine: Machine;
  readonly program: ExpectedProgram;
  readonly publicInput: Uint8Array;
  readonly exitCode: number;
  readonly minSecurityBits: number;
}

export const DEFAULT_SECURITY_BITS = 120;

/** Throws RangeError for what no receipt can have. */
export function checkedExpectations(options: Expectations): CheckedExpectations {
  const { machine = riscvMachine(), publicInput = new Uint8Array(0) } = options;
  const { exitCode = 0, minSecurityBits = DEFAULT_SECURITY_BITS } = options;
  const program = expectedProgram(options.program);
  if (program.kind === 'id' && program.id.length !== 32) {
    throw new RangeError(`a program id has 32 bytes, not ${program.id.length}`);
  }
  if (exitCode !== exitCode >>> 0) throw new RangeError(`${exitCode} is not an exit code`);
  if (!(minSecurityBits >= 0)) throw new RangeError(`${minSecurityBits} is no number of bits`);
  return { machine, program, publicInput, exitCode, minSecurityBits };
}

function expectedProgram(program: string | ExpectedProgram): ExpectedProgram {
  if (typeof program !== 'string') return program;
  if (!/^[0-9a-f]{64}$/i.test(program)) throw new RangeError('a program id has 64 hex digits');
  return { kind: 'id', id: hexToBytes(program) };
}

/** Fails `statement/mode`, `statement/program`, `statement/public-input` or `statement/exit-code`. */
export function checkClaim(expected: CheckedExpectations, claim: Claim): void {
  const { machine, program, publicInput, exitCode } = expected;
  if (claim.program.mode !== program.kind) {
    const details = { expected: program.kind, found: claim.program.mode };
    throw new VerificationError('statement/mode', 'the program is known otherwise', details);
  }
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
