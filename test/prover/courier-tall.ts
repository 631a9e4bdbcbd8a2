/** Programs and runs of the courier machine with tables as tall as the kernels want them. */
import type { ProgramTables } from '@vouch/verifier';
import type { FilledRun } from '../../prover/scalar/prove.ts';
import { LOG_LEAST } from '../../prover/stages.ts';
import type { Table } from '../../prover/table.ts';
import { HEAP } from './courier-machine.ts';

/** Zeros behind the rows: in every chip of the machine they say nothing. */
function padded(columns: readonly Uint32Array[]): Uint32Array[] {
  return columns.map((column) => {
    const tall = new Uint32Array(Math.max(column.length, 2 ** LOG_LEAST));
    tall.set(column);
    return tall;
  });
}

export function tallProgram(program: ProgramTables): ProgramTables {
  return { ...program, tables: program.tables.map(padded) };
}

/** The run with the heap in one table, as its keys follow from the places of its rows. */
export function tallRun(run: FilledRun): FilledRun {
  const segments = run.segments.map((segment) => ({
    ...segment,
    tables: joinHeap(segment.tables).map(
      (table): Table => ({
        ...table,
        logHeight: Math.max(table.logHeight, LOG_LEAST),
        main: padded(table.main),
        preprocessed: padded(table.preprocessed),
      }),
    ),
  }));
  return { ...run, segments };
}

function joinHeap(tables: readonly Table[]): Table[] {
  const heaps = tables.filter(({ chip }) => chip === HEAP);
  const [first] = heaps;
  const joined = first?.main.map((_, c) =>
    Uint32Array.from(heaps.flatMap(({ main }) => [...(main[c] ?? [])])),
  );
  return tables
    .filter((table) => table.chip !== HEAP || table === first)
    .map((table) => (table === first ? { ...table, main: joined ?? [] } : table));
}
