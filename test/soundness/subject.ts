/** The run that is attacked, and what an honest prover says of it. */
import { DATA_START, PRIVATE_INPUT_START, PUBLIC_INPUT_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, commit, halt, programOf } from '../tools/guest-program.ts';
import { claimOf, fillRun, type RecordedRun, recordRun } from '../trace-arith/support.ts';
import { type FalseRun, programTables } from './real-prover.ts';

const PUBLIC_INPUT = Uint8Array.of(5, 0, 0, 0);
const PRIVATE_INPUT = Uint8Array.of(7, 0, 0, 0);
export interface Variant {
  readonly step?: number;
  readonly exitCode?: number;
  readonly privateInput?: Uint8Array;
  readonly segmentCycles?: number;
  /** The loop begins at the private input instead of 0: it is in every segment. */
  readonly fromInput?: boolean;
}

/**
 * Commits the inputs' sum and product and the result of a loop that counts in memory, by `step`.
 */
export function subject(variant: Variant = {}): Promise<RecordedRun> {
  const { step = 1, exitCode = 0, privateInput = PRIVATE_INPUT, segmentCycles = 2 ** 20 } = variant;
  const { fromInput = false } = variant;
  const x = new Assembler(CODE_START);
  x.li(5, PUBLIC_INPUT_START).put(asm.lw(6, 4, 5));
  x.li(5, PRIVATE_INPUT_START).put(asm.lw(7, 4, 5));
  x.put(asm.add(8, 6, 7), asm.mul(9, 6, 7));
  commit(x, 8);
  commit(x, 9);
  x.li(5, DATA_START).li(12, 0);
  if (fromInput) x.put(asm.addi(12, 7, 0));
  x.li(13, 15);
  x.label('loop').put(asm.addi(12, 12, step), asm.sw(12, 0, 5), asm.lbu(14, 0, 5));
  x.put(asm.xor(15, 12, 14), asm.addi(13, 13, -1));
  x.refer('loop', 4, (offset) => asm.bne(13, 0, offset));
  x.put(asm.lw(14, 0, 5));
  commit(x, 14);
  halt(x, exitCode, 3);
  const program = programOf({ code: x.assemble(), data: Uint8Array.of(1, 2, 3, 4) });
  return recordRun(program, { publicInput: PUBLIC_INPUT, privateInput, segmentCycles });
}

/** The truth about a run. */
export function honest(run: RecordedRun): FalseRun {
  const program = programTables(run.program, run.table);
  return { ...claimOf(run), tables: fillRun(run), program };
}
