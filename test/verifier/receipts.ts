/** Receipts of the courier machine, as the tests of the verifier use them. */
import assert from 'node:assert/strict';
import {
  type Check,
  type ExpectedProgram,
  encodeReceipt,
  type ParameterSet,
  type ProgramTables,
  programId,
  type Receipt,
  type TranscriptEntry,
  VerificationError,
  type VerifyOptions,
  verify,
} from '@vouch/verifier';
import { commitProgram, type FilledRun, proveStatement } from '../../prover/scalar/prove.ts';
import { courier, courierParameters } from '../prover/courier-machine.ts';
import { courierInstructions, courierProgram, courierRun } from '../prover/courier-runs.ts';

export type Mode = ExpectedProgram['kind'];

export const publicInput: Uint8Array = Uint8Array.of(0xfe, 0xca, 0x01, 0x80, 0x55, 0xaa, 0x33);

export const program: ProgramTables = courierProgram(courierInstructions());

/** A run of the program, cut into segments after these instructions. */
export function honestRun(cuts: readonly number[] = []): FilledRun {
  return courierRun(program, courierInstructions(), publicInput, cuts);
}

export interface Proved {
  readonly receipt: Receipt;
  readonly bytes: Uint8Array;
  readonly log: readonly TranscriptEntry[];
}

export function proveRun(
  mode: Mode,
  run: FilledRun,
  of: ProgramTables = program,
  parameters: ParameterSet = courierParameters,
): Proved {
  const log: TranscriptEntry[] = [];
  const receipt = proveStatement(courier, parameters, mode, of, run, log);
  return { receipt, bytes: encodeReceipt(receipt), log };
}

/** What a caller who wants the honest run expects. */
export function expectations(
  mode: Mode,
  of: ProgramTables = program,
): VerifyOptions & { readonly program: ExpectedProgram } {
  const expected: ExpectedProgram =
    mode === 'id'
      ? { kind: 'id', id: programId(courier, commitProgram(courier, of)) }
      : { kind: 'program', ...of };
  return { machine: courier, program: expected, publicInput, minSecurityBits: 0 };
}

/** A type of which every field may be written. */
export type Editable<T> = T extends Uint8Array | bigint
  ? T
  : T extends object
    ? { -readonly [Key in keyof T]: Editable<T[Key]> }
    : T;

/** The encoding of a receipt after a change. */
export function edited(receipt: Receipt, edit: (copy: Editable<Receipt>) => void): Uint8Array {
  const copy = structuredClone(receipt) as Editable<Receipt>;
  edit(copy);
  return encodeReceipt(copy as Receipt);
}

/** Fails unless the receipt is refused by a `VerificationError`, of one of the checks if given. */
export function assertRefused(
  bytes: Uint8Array,
  options: VerifyOptions,
  ...checks: readonly Check[]
): void {
  assert.throws(
    () => verify(bytes, options),
    (error) => {
      assert.ok(error instanceof VerificationError, String(error));
      if (checks.length > 0) assert.ok(checks.includes(error.check), error.message);
      return true;
    },
  );
}
