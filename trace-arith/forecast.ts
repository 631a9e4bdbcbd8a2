/** Which tables a segment will have, before any of them is filled. */
import type { Instance } from '@vouch/verifier';
import type { Segment } from '../vm/segment.ts';
import type { ChipDefinition } from './builder.ts';
import { type BoundaryRows, boundaryRows } from './fill/boundary.ts';
import type { RowCounts } from './fill/count.ts';
import { instanceHeights } from './heights.ts';
import { lookupRows } from './lookups.ts';
import { CHIPS, INSTRUCTION_CHIPS } from './machine.ts';
import type { ProgramTable } from './program-table.ts';

/**
 * Chips and heights of a segment's tables, in their order.
 *
 * @param runRows rows of the tables in which words begin and end; none unless it is the last segment
 * @throws FillError if a chip cannot have so many rows
 */
export function forecastInstances(
  segment: Segment,
  table: ProgramTable,
  { instructions, registerLast, bumps, rangeLog }: RowCounts,
  runRows: readonly BoundaryRows[],
): Instance[] {
  const rows = new Map<string, number>(runRows.map(({ chip, count }) => [chip, count]));
  for (const [chip, { name }] of INSTRUCTION_CHIPS.entries()) {
    rows.set(name, instructions[chip] as number);
  }
  rows.set('MEMBOUND', boundaryRows(segment, registerLast));
  rows.set('MEMBUMP', bumps);
  for (const [name, count] of Object.entries(lookupRows(table, rangeLog))) {
    rows.set(name, isLookedUp(name, instructions) ? count : 0);
  }
  return CHIPS.flatMap((definition, chip) =>
    instanceHeights(rows.get(definition.name) ?? 0, definition).map((logHeight) => ({
      chip,
      logHeight,
    })),
  );
}

/** Whether some row may look the table up, or it is there without. */
function isLookedUp(name: string, instructions: Uint32Array): boolean {
  const table = CHIPS.find((chip) => chip.name === name) as ChipDefinition;
  if (table.presence === 'required') return true;
  const buses = new Set(table.interactions.map(({ bus }) => bus));
  return INSTRUCTION_CHIPS.some(
    ({ interactions }, chip) =>
      instructions[chip] !== 0 &&
      interactions.some(({ bus, sign }) => sign === 1 && buses.has(bus)),
  );
}
