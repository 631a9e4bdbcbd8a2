/** Counts the lookups of forged tables anew, as a cheating prover would. */
import type { ConstraintProgram } from '@vouch/verifier';
import { BUSES } from '../../trace-arith/buses.ts';
import { machine, type SegmentTables, type TableInstance } from '../../trace-arith/index.ts';
import { countLookups, type LookupCounter } from '../../trace-arith/lookups.ts';

/** Columns of counts: chip, column, bus. */
const COUNTS = [
  ['PROG', 0, 'PROG'],
  ['R20', 0, 'R20'],
  ['VR', 0, 'VR'],
  ['AND8', 0, 'AND8'],
  ['AND8', 1, 'PAIR8'],
  ['POW', 0, 'POW'],
] as const;

const OUTSIDE: number = 2 ** 32;
const { constraintProgram } = machine();

/**
 * The tables with counts that are right wherever a lookup can be found in its table.
 *
 * @param program the machine that looks up; the real one by default
 */
export function recounted(
  tables: SegmentTables,
  program: ConstraintProgram = constraintProgram,
): SegmentTables {
  const counters = new Map<number, LookupCounter>();
  const fresh = new Map<TableInstance, Uint32Array[]>();
  for (const [chip, column, bus] of COUNTS) {
    const instance = tables.instances.find((one) => nameOf(one) === chip);
    if (instance === undefined) continue;
    const counts = new Uint32Array(2 ** instance.logHeight);
    const columns = fresh.get(instance) ?? [...instance.main];
    columns[column] = counts;
    fresh.set(instance, columns);
    const index = BUSES.findIndex(({ name }) => name === bus);
    counters.set(index, { bus, counts, rowOf: rowFinder(bus, instance) });
  }
  for (const instance of tables.instances) {
    if (!fresh.has(instance)) countLookups(program, tables.segment, instance, counters);
  }
  const instances = tables.instances.map((instance) => {
    const main = fresh.get(instance);
    return main === undefined ? instance : { ...instance, main };
  });
  return { ...tables, instances };
}

function nameOf({ chip }: TableInstance): string {
  return constraintProgram.chips[chip]?.name ?? '';
}

function rowFinder(bus: string, instance: TableInstance): LookupCounter['rowOf'] {
  if (bus === 'PROG') {
    const { preprocessed } = instance;
    const rows = new Map<string, number>();
    for (let row = 2 ** instance.logHeight - 1; row >= 0; row--) {
      rows.set(preprocessed.map((column) => column[row]).join(), row);
    }
    return (columns, i) => rows.get(columns.map((column) => column[i]).join()) ?? OUTSIDE;
  }
  if (bus === 'VR') return of((v, b) => (b <= 16 && v < 2 ** b ? 2 ** b + v : OUTSIDE));
  if (bus === 'AND8' || bus === 'PAIR8') {
    return of((x, y) => (x < 256 && y < 256 ? 256 * x + y : OUTSIDE));
  }
  const limit = bus === 'POW' ? 16 : 2 ** instance.logHeight;
  return of((v) => (v < limit ? v : OUTSIDE));
}

/** By the first two elements of a message. */
function of(row: (first: number, second: number) => number): LookupCounter['rowOf'] {
  return (columns, i) => row(columns[0]?.[i] ?? OUTSIDE, columns[1]?.[i] ?? 0);
}
