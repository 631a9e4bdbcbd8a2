/** What a run consisted of, counted from its record. */

import * as operations from './operations.ts';
import type { CodeTable, Program } from './program.ts';
import { ENTRY_PC, ENTRY_RS1, ENTRY_WORDS, type Segment } from './segment.ts';

/** Classes of operations, as the statistics name them. */
export type OperationClass =
  | 'alu'
  | 'shift'
  | 'compare'
  | 'branch'
  | 'jump'
  | 'load'
  | 'store'
  | 'multiply'
  | 'divide'
  | 'host call'
  | 'other';

export interface OperationCount {
  readonly name: string;
  readonly class: OperationClass;
  readonly cycles: number;
}

export interface Statistics {
  readonly cycles: number;
  readonly segments: number;
  /** Cycles of every class, zeros included. */
  readonly classes: Readonly<Record<OperationClass, number>>;
  /** Cycles of each operation that ran, by lower-case name, most frequent first. */
  readonly operations: readonly OperationCount[];
  readonly loads: number;
  readonly stores: number;
  /** Loads and stores whose address is not a multiple of their size. */
  readonly misalignedAccesses: number;
  /** 4 KiB pages that the run loaded from or stored to. */
  readonly touchedPages: number;
}

/** Consumes the segments of one run in order. */
export class StatisticsCollector {
  private readonly code: CodeTable;
  /** Bits of an address that are zero when the access of that row is aligned. */
  private readonly alignment: Uint8Array;
  /** Cycles by row; doubles, because a row may run more than 2^32 times. */
  private readonly rowCycles: Float64Array;
  private readonly pages = new Set<number>();
  private misaligned = 0;
  private segments = 0;
  private cycles = 0;

  constructor(program: Program) {
    this.code = program.code;
    this.alignment = program.code.operation.map((operation) => ALIGNMENT.get(operation) ?? 0);
    this.rowCycles = new Float64Array(program.code.rows);
  }

  add(segment: Segment): void {
    const { entries, cycles } = segment;
    const { alignment, rowCycles } = this;
    const { start, immediate } = this.code;
    let misaligned = 0;
    for (let at = 0; at < cycles * ENTRY_WORDS; at += ENTRY_WORDS) {
      const row = ((entries[at + ENTRY_PC] as number) - start) >>> 1;
      (rowCycles[row] as number)++;
      const mask = alignment[row] as number;
      if (mask === 0) continue;
      const address = (entries[at + ENTRY_RS1] as number) + (immediate[row] as number);
      if ((address & mask) !== 0) misaligned++;
    }
    for (const touched of segment.touchedPages) this.pages.add(touched.page);
    this.misaligned += misaligned;
    this.cycles += cycles;
    this.segments++;
  }

  finish(): Statistics {
    const byOperation = new Array<number>(operations.OPERATION_COUNT).fill(0);
    this.rowCycles.forEach((cycles, row) => {
      const operation = this.code.operation[row] as number;
      byOperation[operation] = (byOperation[operation] ?? 0) + cycles;
    });
    const classes = Object.fromEntries(CLASSES.map(([name]) => [name, 0])) as Record<
      OperationClass,
      number
    >;
    byOperation.forEach((cycles, operation) => {
      classes[classOf(operation)] += cycles;
    });
    return {
      cycles: this.cycles,
      segments: this.segments,
      classes,
      operations: byOperation
        .map((cycles, operation) => ({
          name: operationName(operation),
          class: classOf(operation),
          cycles,
        }))
        .filter((operation) => operation.cycles > 0)
        .sort((a, b) => b.cycles - a.cycles),
      loads: classes.load,
      stores: classes.store,
      misalignedAccesses: this.misaligned,
      touchedPages: this.pages.size,
    };
  }
}

const CLASSES: readonly (readonly [OperationClass, readonly number[]])[] = [
  ['alu', pick('ADD SUB XOR OR AND ADDI XORI ORI ANDI LUI AUIPC')],
  ['shift', pick('SLL SRL SRA SLLI SRLI SRAI')],
  ['compare', pick('SLT SLTU SLTI SLTIU')],
  ['branch', pick('BEQ BNE BLT BGE BLTU BGEU')],
  ['jump', pick('JAL JUMP JALR')],
  ['load', pick('LB LH LW LBU LHU')],
  ['store', pick('SB SH SW')],
  ['multiply', pick('MUL MULH MULHSU MULHU')],
  ['divide', pick('DIV DIVU REM REMU')],
  ['host call', pick('ECALL')],
  ['other', pick('NOP DEBUG_PRINT ABORT_CAUSE')],
];

const ALIGNMENT: ReadonlyMap<number, number> = new Map([
  ...pick('LH LHU SH').map((operation) => [operation, 1] as const),
  ...pick('LW SW').map((operation) => [operation, 3] as const),
]);

function pick(names: string): number[] {
  const byName: Readonly<Record<string, number>> = operations;
  return names.split(' ').map((name) => byName[name] as number);
}

function classOf(operation: number): OperationClass {
  return CLASSES.find(([, members]) => members.includes(operation))?.[0] ?? 'other';
}

function operationName(operation: number): string {
  for (const [name, value] of Object.entries(operations)) {
    if (value === operation && name !== 'OPERATION_COUNT') return name.toLowerCase();
  }
  return `operation ${operation}`;
}
