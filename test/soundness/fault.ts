/** What a fault is: a cheating prover's change at one cycle of a run, after Arguzz. */
import type { Chip } from '@vouch/verifier';
import { FillError, machine, type SegmentTables } from '../../trace-arith/index.ts';
import { ENTRY_WORDS, type Segment, type Snapshot } from '../../vm/index.ts';
import { type CellChanges, column, instanceOf, withRow } from '../trace-arith/forgery.ts';
import { fillRun, type RecordedRun } from '../trace-arith/support.ts';

/** The cycle that a fault strikes. */
export interface Victim {
  readonly run: RecordedRun;
  readonly segment: Segment;
  readonly tables: SegmentTables;
  /** From 0. */
  readonly cycle: number;
  readonly chip: string;
  /** Destination, 0 if there is none. */
  readonly rd: number;
}

/** What a prover makes of a fault. */
export interface Forgery {
  readonly tables: SegmentTables;
  /** The record that the claim is about; the honest one by default. */
  readonly segment?: Segment;
}

/**
 * `impossible`: no tables can be filled; undefined: the fault does not apply to the instruction.
 */
export type Outcome = Forgery | 'impossible' | undefined;
export type Fault = (victim: Victim) => Outcome | Promise<Outcome>;

/** The tables of an altered record. */
export function refill({ run }: Victim, segment: Segment): Outcome {
  try {
    const [tables] = fillRun({ ...run, segments: [segment] });
    return tables === undefined ? 'impossible' : { tables };
  } catch (error) {
    if (error instanceof FillError) return 'impossible';
    throw error;
  }
}

/** One word of the entry of a cycle. */
export const word = (segment: Segment, cycle: number, which: number): number =>
  segment.entries[ENTRY_WORDS * cycle + which] as number;

export function withRegister(state: Snapshot, register: number, value: number): Snapshot {
  const registers = state.registers.slice();
  registers[register] = value;
  return { ...state, registers };
}

/** The cells of the victim's row that exist in its chip, changed; undefined if there are none. */
export function withCells(
  tables: SegmentTables,
  chip: string,
  cycle: number,
  cells: CellChanges,
): SegmentTables | undefined {
  const names = namesOf(chip);
  const known = Object.entries(cells).filter(([name]) => names.includes(name));
  if (Object.keys(cells).length > 0 && known.length === 0) return undefined;
  const row = column(instanceOf(tables, chip), 'cycle').indexOf(cycle + 1);
  return withRow(tables, chip, row, Object.fromEntries(known));
}

export function namesOf(chip: string): readonly string[] {
  const found = machine().constraintProgram.chips.find(({ name }) => name === chip) as Chip;
  return found.mainColumns;
}

export const BIT =
  (bit: number) =>
  (value: number): number =>
    (value ^ (1 << bit)) >>> 0;
