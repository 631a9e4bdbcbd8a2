/** Changes in filled tables, for attacks. Tables are never changed in place. */
import type { Chip } from '@vouch/verifier';
import { machine, type SegmentTables, type TableInstance } from '../../trace-arith/index.ts';

export type CellChanges = Readonly<Record<string, number>>;

export function chipNumber(name: string): number {
  const index = machine().constraintProgram.chips.findIndex((chip) => chip.name === name);
  if (index < 0) throw new Error(`no chip ${name}`);
  return index;
}

/** The only instance of a chip. */
export function instanceOf(tables: SegmentTables, name: string): TableInstance {
  const [instance, ...others] = tables.instances.filter(({ chip }) => chip === chipNumber(name));
  if (instance === undefined || others.length > 0) throw new Error(`${name} has not one instance`);
  return instance;
}

function columnNumber(instance: TableInstance, name: string): number {
  const chip = machine().constraintProgram.chips[instance.chip] as Chip;
  const index = chip.mainColumns.indexOf(name);
  if (index < 0) throw new Error(`${chip.name} has no column ${name}`);
  return index;
}

export function column(instance: TableInstance, name: string): Uint32Array {
  return instance.main[columnNumber(instance, name)] as Uint32Array;
}

/** Changes by column number. */
export function changesOf(instance: TableInstance, changes: CellChanges): Map<number, number> {
  return new Map(
    Object.entries(changes).map(([name, value]) => [columnNumber(instance, name), value]),
  );
}

/** Rows that satisfy a condition on the named cells. */
export function rowsWhere(
  instance: TableInstance,
  condition: (cell: (name: string) => number) => boolean,
): number[] {
  const height = 2 ** instance.logHeight;
  return Array.from({ length: height }, (_, row) => row).filter((row) =>
    condition((name) => column(instance, name)[row] as number),
  );
}

/** The first padding row. */
export function paddingRow(instance: TableInstance): number {
  const [row] = rowsWhere(instance, (cell) => cell('real') === 0);
  if (row === undefined) throw new Error('the table has no padding');
  return row;
}

/** Tables in which cells of one row of a chip have other values. */
export function withRow(
  tables: SegmentTables,
  chip: string,
  row: number,
  changes: CellChanges,
): SegmentTables {
  const instance = instanceOf(tables, chip);
  const main = [...instance.main];
  for (const [index, value] of changesOf(instance, changes)) {
    const copy = Uint32Array.from(main[index] as Uint32Array);
    copy[row] = value;
    main[index] = copy;
  }
  return withInstance(tables, instance, { ...instance, main });
}

/** Tables with one instance replaced, or left out. */
export function withInstance(
  tables: SegmentTables,
  instance: TableInstance,
  replacement?: TableInstance,
): SegmentTables {
  const instances = tables.instances.flatMap((other) => {
    if (other !== instance) return [other];
    return replacement === undefined ? [] : [replacement];
  });
  return { ...tables, instances };
}

/** Counts `times` more lookups of a row of a table. */
export function withLookups(
  tables: SegmentTables,
  chip: string,
  count: string,
  row: number,
  times: number,
): SegmentTables {
  const before = column(instanceOf(tables, chip), count)[row] as number;
  return withRow(tables, chip, row, { [count]: before + times });
}
