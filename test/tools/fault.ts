/** Programs that must trap, and the check that they trap as expected. */
import { strict as assert } from 'node:assert';
import type { ExecuteOptions, Execution, TrapCause } from '../../vm/execution.ts';
import type { Assembler } from './assembler.ts';
import { PF_R } from './elf-writer.ts';
import { type ProgramParts, runCode } from './guest-program.ts';

export interface Fault {
  readonly name: string;
  readonly code: (assembler: Assembler) => void;
  readonly cause: TrapCause;
  /** Default: where the label `fault` is. */
  readonly pc?: number;
  readonly address?: number;
  /** Instructions before the trap. */
  readonly cycles: number;
  readonly parts?: Omit<ProgramParts, 'code'>;
  readonly options?: ExecuteOptions;
}

/** A code segment is followed by zeros that are read-only but not part of the code window. */
export const CONSTANTS: number = 0x0080_0000;
export const WITH_CONSTANTS: Omit<ProgramParts, 'code'> = {
  data: Uint8Array.of(1, 2, 3, 4, 5),
  segments: [{ address: CONSTANTS, bytes: Uint8Array.of(1, 2, 3, 4, 5), flags: PF_R }],
};

/** Runs the program, without and with a record. */
export async function checkFault({
  code,
  cause,
  pc,
  address,
  cycles,
  parts,
  options,
}: Fault): Promise<Execution> {
  let faultAt = 0;
  const execution = await runCode(
    (assembler) => {
      code(assembler);
      faultAt = pc ?? assembler.address('fault');
    },
    parts,
    options,
  );
  const { outcome } = execution;
  assert.equal(outcome.kind, 'trap');
  assert.ok(outcome.kind === 'trap');
  const { message, ...trap } = outcome.trap;
  const where = { cause, pc: faultAt };
  const expected = address === undefined ? where : { ...where, address };
  assert.deepEqual(trap, expected);
  assert.equal(execution.cycles, cycles);
  assert.ok(message.includes((pc ?? faultAt).toString(16)), message);
  return execution;
}
