/** A program in the forms that the proof needs. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { type Chip, type ProgramTables, riscvMachine } from '@vouch/verifier';
import { buildProgramTable, type ProgramTable } from '../../trace-arith/index.ts';
import { loadProgram, type Program, programId as programDigest } from '../../vm/index.ts';

export interface ProvableProgram {
  readonly program: Program;
  /** What tables are filled from. */
  readonly table: ProgramTable;
  /** What is committed to. */
  readonly statement: ProgramTables;
}

/** @param source a loaded program or an ELF file; @throws ElfError */
export function provableProgram(source: Program | Uint8Array): ProvableProgram {
  const program = source instanceof Uint8Array ? loadProgram(source) : source;
  const table = buildProgramTable(program);
  const { constraints, programChips } = riscvMachine();
  const tables = programChips.map((chip) => {
    const { name } = constraints.chips[chip] as Chip;
    const columns = table.preprocessed.get(name);
    if (columns === undefined) throw new Error(`the program has no table ${name}`);
    return columns;
  });
  const digest = hexToBytes(programDigest(program));
  return {
    program,
    table,
    statement: { entry: table.entry, imageEnd: table.imageEnd, digest, tables },
  };
}
