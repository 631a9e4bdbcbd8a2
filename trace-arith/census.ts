/** How much there is to prove, and where it comes from. */
import type { Chip, ConstraintProgram } from '@vouch/verifier';
import { INSTRUCTION_CHIPS } from './machine.ts';
import type { SegmentTables } from './tables.ts';

/** One chip of a segment. */
export interface CensusRow {
  readonly chip: string;
  /** Columns, constraints and interactions of the chip. */
  readonly mainColumns: number;
  readonly constraints: number;
  readonly interactions: number;
  readonly instances: number;
  /** Rows that stand for something, and rows with padding. */
  readonly usedRows: number;
  readonly rows: number;
}

export interface Census {
  readonly rows: readonly CensusRow[];
  readonly cycles: number;
  /** Means over the executed instructions, without padding: cells and interactions of their rows. */
  readonly cellsPerInstruction: number;
  readonly interactionsPerInstruction: number;
  /** All tables with padding, divided by the instructions. */
  readonly committedCellsPerCycle: number;
  readonly leavesPerCycle: number;
}

/** Counts a segment's tables. */
export function census(machine: ConstraintProgram, tables: SegmentTables): Census {
  const rows = machine.chips.map((chip, index) => censusRow(chip, index, tables));
  const instructions = rows.slice(0, INSTRUCTION_CHIPS.length);
  const cycles = sum(instructions, (row) => row.usedRows);
  return {
    rows,
    cycles,
    cellsPerInstruction: sum(instructions, (row) => row.usedRows * row.mainColumns) / cycles,
    interactionsPerInstruction:
      sum(instructions, (row) => row.usedRows * row.interactions) / cycles,
    committedCellsPerCycle: sum(rows, (row) => row.rows * row.mainColumns) / cycles,
    leavesPerCycle: sum(rows, (row) => row.rows * row.interactions) / cycles,
  };
}

function censusRow(chip: Chip, index: number, tables: SegmentTables): CensusRow {
  const instances = tables.instances.filter((instance) => instance.chip === index);
  const rows = instances.reduce((total, { logHeight }) => total + 2 ** logHeight, 0);
  const definition = INSTRUCTION_CHIPS[index];
  // Instruction rows have a cycle, which is never 0; every other chip's rows count as used.
  const cycle = definition === undefined ? -1 : chip.mainColumns.indexOf('cycle');
  const used = instances.reduce(
    (total, { main }) =>
      total + (main[cycle]?.reduce((count, value) => count + (value === 0 ? 0 : 1), 0) ?? 0),
    0,
  );
  return {
    chip: chip.name,
    mainColumns: chip.mainColumns.length,
    constraints: chip.constraints.length,
    interactions: chip.interactions.length,
    instances: instances.length,
    usedRows: cycle < 0 ? rows : used,
    rows,
  };
}

function sum<Row>(rows: readonly Row[], value: (row: Row) => number): number {
  return rows.reduce((total, row) => total + value(row), 0);
}
