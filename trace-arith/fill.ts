/** From a recorded segment to filled tables. */
import type { Instance } from '@vouch/verifier';
import type { Segment } from '../vm/segment.ts';
import type { ChipDefinition } from './builder.ts';
import { BUSES } from './buses.ts';
import { FillError } from './errors.ts';
import { ARITHMETIC_FILLERS, type ChipFiller } from './fill/arithmetic.ts';
import { type BoundaryRows, runBoundary, segmentBoundary } from './fill/boundary.ts';
import { RowCounter, type RowCounts } from './fill/count.ts';
import { InitialMemory, type LastAccesses, LastSegments, type RunInputs } from './fill/memory.ts';
import { MULTIPLICATION_FILLERS } from './fill/multiplication.ts';
import { Cells, fillCommonColumns, gatherRows } from './fill/rows.ts';
import { type Trace, traceSegment } from './fill/trace.ts';
import { TRANSFER_FILLERS } from './fill/transfer.ts';
import { forecastInstances } from './forecast.ts';
import { ceilLog2, instanceHeights } from './heights.ts';
import { countLookups, type LookupCounter, lookupRows } from './lookups.ts';
import { CHIPS, INSTRUCTION_CHIPS, machine } from './machine.ts';
import type { ProgramTable } from './program-table.ts';
import type { SegmentTables, TableInstance } from './tables.ts';

const FILLERS: Readonly<Record<string, ChipFiller>> = {
  ...ARITHMETIC_FILLERS,
  ...MULTIPLICATION_FILLERS,
  ...TRANSFER_FILLERS,
};

/** Fills the tables of a run's segments, one after the other from the first, or from a later one. */
export class TableFiller {
  readonly #table: ProgramTable;
  readonly #initial: InitialMemory;
  readonly #lastSegments: LastSegments;
  readonly #counter: RowCounter;

  /** @param accesses what `lastAccesses` of another filler says in front of the first segment here */
  constructor(table: ProgramTable, inputs: RunInputs, accesses?: LastAccesses) {
    this.#table = table;
    this.#initial = new InitialMemory(table, inputs);
    this.#counter = new RowCounter(table.code);
    this.#lastSegments = new LastSegments(accesses);
  }

  /**
   * What the tables of the next segment show of the segments before. A segment that touches no other
   * pages than these needs no more, unless it is the last one: that needs all, which is the default.
   */
  lastAccesses(pages?: Iterable<number>): LastAccesses {
    return this.#lastSegments.accesses(pages);
  }

  /**
   * The tables of the next segment; those of the last one include the beginnings and ends of all
   * words.
   *
   * @throws FillError for a segment out of order or a record that no table can show
   */
  fill(segment: Segment): SegmentTables {
    this.#checkOrder(segment);
    const trace = traceSegment(segment, this.#table);
    const boundary = segmentBoundary(trace, this.#initial, this.#lastSegments);
    this.#lastSegments.note(segment, trace.registerLast);
    if (segment.last) {
      boundary.push(...runBoundary(segment, this.#table, this.#initial, this.#lastSegments));
    }
    const instances = [
      ...instructionInstances(trace, this.#table.imageEnd),
      ...boundary.flatMap((rows) => boundaryInstances(rows, this.#table)),
    ];
    const all = [...instances, ...lookupInstances(instances, trace, this.#table)];
    all.sort((a, b) => a.chip - b.chip || a.instanceStart - b.instanceStart);
    return { segment: segment.start.segment, instances: all };
  }

  /** Passes over the next segment, whose tables nobody needs. Throws as `fill`. */
  skip(segment: Segment): void {
    this.#count(segment);
  }

  /**
   * Passes over the next segment; the chips and heights of the tables that `fill` would make of it.
   * One or both of AND8 and POW may be too many: those that no row looks up. Throws as `fill`.
   */
  forecast(segment: Segment): Instance[] {
    const counts = this.#count(segment);
    const boundary = segment.last
      ? runBoundary(segment, this.#table, this.#initial, this.#lastSegments)
      : [];
    return forecastInstances(segment, this.#table, counts, boundary);
  }

  #count(segment: Segment): RowCounts {
    this.#checkOrder(segment);
    const counts = this.#counter.count(segment);
    this.#lastSegments.note(segment, counts.registerLast);
    return counts;
  }

  #checkOrder({ start }: Segment): void {
    if (start.segment === this.#lastSegments.segment + 1) return;
    throw new FillError('trace/segment-order', `segment ${start.segment} does not come next`);
  }
}

function instructionInstances(trace: Trace, imageEnd: number): TableInstance[] {
  const byChip = cyclesByChip(trace.chip);
  return byChip.flatMap((cycles, chip) => {
    const definition = INSTRUCTION_CHIPS[chip] as ChipDefinition;
    return split(cycles.length, definition, imageEnd, (cells, first, height) => {
      const rows = gatherRows(trace, cycles.subarray(first, first + height));
      fillCommonColumns(rows, cells);
      FILLERS[definition.name]?.(rows, cells);
    });
  });
}

/** For each instruction chip, its cycles in order. */
function cyclesByChip(chips: Uint8Array): Uint32Array[] {
  const counts = new Uint32Array(INSTRUCTION_CHIPS.length);
  for (const chip of chips) counts[chip] = (counts[chip] as number) + 1;
  const lists = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(INSTRUCTION_CHIPS.length);
  for (let i = 0; i < chips.length; i++) {
    const chip = chips[i] as number;
    const at = filled[chip] as number;
    (lists[chip] as Uint32Array)[at] = i;
    filled[chip] = at + 1;
  }
  return lists;
}

function boundaryInstances(rows: BoundaryRows, table: ProgramTable): TableInstance[] {
  const { chip, count } = rows;
  const write: RowWriter = (cells, first, height) => rows.write(cells, first, height);
  const instances = split(count, chipNamed(chip), table.imageEnd, write);
  const preprocessed = table.preprocessed.get(chip);
  return preprocessed === undefined
    ? instances
    : instances.map((instance) => ({ ...instance, preprocessed }));
}

/** Fills the cells of an instance with the rows from `first` on. */
type RowWriter = (cells: Cells, first: number, height: number) => void;

/** Instances for `count` rows; `write` fills the cells of rows [first, first + height). */
function split(
  count: number,
  definition: ChipDefinition,
  start: number,
  write: RowWriter,
): TableInstance[] {
  let first = 0;
  return instanceHeights(count, definition).map((logHeight) => {
    const height = 2 ** logHeight;
    const cells = new Cells(definition.mainColumns, height);
    write(cells, first, height);
    const instance = {
      chip: CHIPS.indexOf(definition),
      logHeight,
      instanceStart: start + first,
      main: cells.columns,
      preprocessed: [],
    };
    first += height;
    return instance;
  });
}

function chipNamed(name: string): ChipDefinition {
  const definition = CHIPS.find((chip) => chip.name === name);
  if (definition === undefined) throw new Error(`no chip ${name}`);
  return definition;
}

/** Tables of the lookup buses with their counts; optional ones only if they are used. */
function lookupInstances(
  instances: readonly TableInstance[],
  trace: Trace,
  table: ProgramTable,
): TableInstance[] {
  const { code, preprocessed, imageEnd } = table;
  const rows = lookupRows(table, trace.bumps.rangeLog);
  const counts = {
    PROG: new Uint32Array(rows.PROG),
    R20: new Uint32Array(rows.R20),
    VR: new Uint32Array(rows.VR),
    AND8: new Uint32Array(rows.AND8),
    PAIR8: new Uint32Array(rows.AND8),
    POW: new Uint32Array(rows.POW),
  };
  for (const row of trace.codeRow) {
    const tableRow = code.tableRow[row] as number;
    counts.PROG[tableRow] = (counts.PROG[tableRow] as number) + 1;
  }
  const counters = new Map<number, LookupCounter>();
  for (const [bus, rowOf] of Object.entries(ROW_OF)) {
    const index = BUSES.findIndex(({ name }) => name === bus);
    counters.set(index, { bus, rowOf, counts: counts[bus as keyof typeof ROW_OF] });
  }
  const { constraintProgram } = machine();
  for (const instance of instances) {
    countLookups(constraintProgram, trace.segment.start.segment, instance, counters);
  }
  const columns: Record<string, Uint32Array[]> = {
    PROG: [counts.PROG],
    R20: [counts.R20],
    VR: [counts.VR],
    AND8: [counts.AND8, counts.PAIR8],
    POW: [counts.POW],
  };
  return Object.entries(columns).flatMap(([name, cells]) => {
    const definition = chipNamed(name);
    const unused = cells.every((column) => column.every((count) => count === 0));
    if (unused && definition.presence === 'optional') return [];
    return [
      {
        chip: CHIPS.indexOf(definition),
        logHeight: ceilLog2((cells[0] as Uint32Array).length),
        instanceStart: imageEnd,
        main: cells,
        preprocessed: preprocessed.get(name) ?? [],
      },
    ];
  });
}

const OUTSIDE: number = 2 ** 32;

/** The row that shows a message, by bus. PROG is counted by cycle. */
const ROW_OF: Readonly<Record<'R20' | 'VR' | 'AND8' | 'PAIR8' | 'POW', LookupCounter['rowOf']>> = {
  R20: (columns, i) => element(columns, 0, i),
  VR: (columns, i) => {
    const value = element(columns, 0, i);
    const bits = element(columns, 1, i);
    return bits <= 16 && value >>> bits === 0 ? (1 << bits) + value : OUTSIDE;
  },
  AND8: byteRow,
  PAIR8: byteRow,
  POW: (columns, i) => {
    const exponent = element(columns, 0, i);
    return exponent < 16 ? exponent : OUTSIDE;
  },
};

function byteRow(columns: readonly Uint32Array[], i: number): number {
  const x = element(columns, 0, i);
  const y = element(columns, 1, i);
  return x < 256 && y < 256 ? 256 * x + y : OUTSIDE;
}

function element(columns: readonly Uint32Array[], j: number, i: number): number {
  return (columns[j] as Uint32Array)[i] as number;
}
