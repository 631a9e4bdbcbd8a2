/** Counts how often each row of a lookup table is looked up, from the filled tables themselves. */
import { type Chip, type ConstraintProgram, PARAMETERS } from '@vouch/verifier';
import { BLOCK_ROWS, BlockEvaluator, type RowSource } from './evaluate.ts';
import type { ProgramTable } from './program-table.ts';
import type { TableInstance } from './tables.ts';

/**
 * Rows of the lookup tables.
 *
 * @param rangeLog log of the rows of R20
 */
export function lookupRows(
  { preprocessed }: ProgramTable,
  rangeLog: number,
): Readonly<Record<'PROG' | 'R20' | 'VR' | 'AND8' | 'POW', number>> {
  const [pc] = preprocessed.get('PROG') as readonly Uint32Array[];
  return { PROG: pc?.length ?? 0, R20: 2 ** rangeLog, VR: 2 ** 17, AND8: 2 ** 16, POW: 32 };
}

/** Counts of one bus: `rowOf` finds the row of a message, or says that there is none. */
export interface LookupCounter {
  readonly bus: string;
  readonly counts: Uint32Array;
  /** The row that shows message i, a number outside the table if none does. */
  readonly rowOf: (columns: readonly Uint32Array[], i: number) => number;
}

/** Adds the lookups of an instance to the counters. */
export function countLookups(
  machine: ConstraintProgram,
  segment: number,
  instance: TableInstance,
  counters: ReadonlyMap<number, LookupCounter>,
): void {
  const chip = machine.chips[instance.chip] as Chip;
  const lookups = chip.interactions.filter(({ bus, sign }) => sign === 1 && counters.has(bus));
  if (lookups.length === 0) return;
  const nodes = lookups.flatMap(({ multiplicity, message }) => [multiplicity, ...message]);
  const evaluator = new BlockEvaluator(chip, nodes);
  const source = rowSource(segment, instance);
  const height = 2 ** instance.logHeight;
  for (let first = 0; first < height; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, height - first);
    evaluator.evaluate(source, first, count);
    for (const { bus, multiplicity, message } of lookups) {
      const columns = message.map((node) => evaluator.values(node));
      countBlock(
        counters.get(bus) as LookupCounter,
        evaluator.values(multiplicity),
        columns,
        count,
      );
    }
  }
}

function countBlock(
  { counts, rowOf }: LookupCounter,
  multiplicities: Uint32Array,
  columns: readonly Uint32Array[],
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const times = multiplicities[i] as number;
    if (times === 0) continue;
    const row = rowOf(columns, i);
    if (row < counts.length) counts[row] = (counts[row] as number) + times;
  }
}

/** Columns and parameters of an instance. */
export function rowSource(segment: number, instance: TableInstance): RowSource {
  const { main, preprocessed, instanceStart } = instance;
  const values = { segment, instanceStart };
  return { main, preprocessed, parameters: PARAMETERS.map((name) => values[name]) };
}
