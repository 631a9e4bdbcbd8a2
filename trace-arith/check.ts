/**
 * The debug checker: evaluates every constraint in every row and balances every bus, message by
 * message. It works from the compiled constraint program, so what it checks is what is proved; a
 * proof replaces the comparison of messages by one of their fingerprints and nothing else.
 */
import {
  type Bus,
  type Chip,
  type ConstraintProgram,
  type Interaction,
  KoalaBear,
} from '@vouch/verifier';
import type { CompiledMachine } from './compile.ts';
import { BLOCK_ROWS, BlockEvaluator } from './evaluate.ts';
import { rowSource } from './lookups.ts';
import { MessageTable } from './message-table.ts';
import type { SegmentTables, TableInstance } from './tables.ts';
import type { VerifierTerm } from './verifier-terms.ts';

/** A constraint that is not zero in a row. */
export interface Violation {
  readonly segment: number;
  readonly chip: string;
  /** Row of the chip, counted through its instances. */
  readonly row: number;
  readonly constraint: string;
  /** Cells of the row by column. */
  readonly cells: Readonly<Record<string, number>>;
  /** Address of the instruction, where the chip has one, with its function if a name is known. */
  readonly location?: string;
}

/** A message that is not received as often as it is sent. */
export interface Imbalance {
  readonly bus: string;
  /** Segment of a local bus; 0 for a global one. */
  readonly segment: number;
  readonly message: readonly number[];
  /** Sends less receives, as an integer of least magnitude. */
  readonly excess: number;
}

export interface CheckReport {
  /** The first violations and imbalances found. */
  readonly violations: readonly Violation[];
  readonly imbalances: readonly Imbalance[];
  /** Shapes that the verifier would refuse, in words. */
  readonly shapeProblems: readonly string[];
  /** Whether nothing is wrong. */
  readonly ok: boolean;
}

export interface CheckOptions {
  /** Most violations and imbalances to report, each. Default 10. */
  readonly limit?: number;
  /** Names an instruction's address. */
  readonly describe?: (address: number) => string;
}

/** Checks all segments of a run with the verifier's terms. */
export function checkTables(
  machine: CompiledMachine,
  segments: readonly SegmentTables[],
  terms: readonly VerifierTerm[],
  options: CheckOptions = {},
): CheckReport {
  const checker = new Checker(machine, options);
  for (const [i, tables] of segments.entries()) {
    checker.checkShape(tables, i === segments.length - 1);
    for (const instance of tables.instances) checker.checkInstance(tables, instance);
  }
  for (const term of terms) checker.addTerm(term);
  return checker.report();
}

const MODULUS = KoalaBear.MODULUS;

class Checker {
  readonly #program: ConstraintProgram;
  readonly #names: CompiledMachine['constraintNames'];
  readonly #limit: number;
  readonly #describe: ((address: number) => string) | undefined;
  readonly #violations: Violation[] = [];
  readonly #shapeProblems: string[] = [];
  /** By segment (0 for global buses) and bus. */
  readonly #messages = new Map<number, (MessageTable | undefined)[]>();

  constructor(machine: CompiledMachine, options: CheckOptions) {
    this.#program = machine.constraintProgram;
    this.#names = machine.constraintNames;
    this.#limit = options.limit ?? 10;
    this.#describe = options.describe;
  }

  /** Heights, numbers of instances and presence, as the verifier derives them. */
  checkShape({ instances, segment }: SegmentTables, last: boolean): void {
    for (const [index, chip] of this.#program.chips.entries()) {
      const own = instances.filter((instance) => instance.chip === index);
      const problem = shapeProblem(chip, own, last);
      if (problem !== undefined) this.#shapeProblems.push(`segment ${segment}: ${problem}`);
    }
  }

  checkInstance(tables: SegmentTables, instance: TableInstance): void {
    const chip = this.#program.chips[instance.chip] as Chip;
    const nodes = chip.interactions.flatMap((one) => [one.multiplicity, ...one.message]);
    const evaluator = new BlockEvaluator(chip, [...chip.constraints, ...nodes]);
    const source = rowSource(tables.segment, instance);
    const height = 2 ** instance.logHeight;
    for (let first = 0; first < height; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, height - first);
      evaluator.evaluate(source, first, count);
      this.#checkConstraints(tables, instance, evaluator, first, count);
      for (const interaction of chip.interactions) {
        this.#addMessages(tables.segment, interaction, evaluator, count);
      }
    }
  }

  #checkConstraints(
    tables: SegmentTables,
    instance: TableInstance,
    evaluator: BlockEvaluator,
    first: number,
    count: number,
  ): void {
    const chip = this.#program.chips[instance.chip] as Chip;
    for (const [index, node] of chip.constraints.entries()) {
      const values = evaluator.values(node);
      for (let i = 0; i < count; i++) {
        if (values[i] === 0 || this.#violations.length >= this.#limit) continue;
        this.#violations.push(this.#violation(tables, instance, index, first + i));
      }
    }
  }

  #violation(
    { segment, instances }: SegmentTables,
    instance: TableInstance,
    constraint: number,
    row: number,
  ): Violation {
    const chip = this.#program.chips[instance.chip] as Chip;
    const cells = Object.fromEntries(
      chip.mainColumns.map((name, i) => [name, instance.main[i]?.[row] ?? 0]),
    );
    const before = instances
      .slice(0, instances.indexOf(instance))
      .filter((other) => other.chip === instance.chip);
    const address = cells.pc === undefined ? undefined : 2 * cells.pc;
    return {
      segment,
      chip: chip.name,
      row: row + before.reduce((total, other) => total + 2 ** other.logHeight, 0),
      constraint: this.#names[instance.chip]?.[constraint] ?? `constraint ${constraint}`,
      cells,
      ...(address === undefined ? {} : { location: this.#location(address) }),
    };
  }

  #location(address: number): string {
    return this.#describe?.(address) ?? `0x${address.toString(16).padStart(8, '0')}`;
  }

  #addMessages(
    segment: number,
    { bus, sign, multiplicity, message }: Interaction,
    evaluator: BlockEvaluator,
    count: number,
  ): void {
    const table = this.#table(bus, segment, message.length);
    const multiplicities = evaluator.values(multiplicity);
    const columns = message.map((node) => evaluator.values(node));
    const elements = new Uint32Array(message.length);
    for (let i = 0; i < count; i++) {
      const times = multiplicities[i] as number;
      if (times === 0) continue;
      for (let j = 0; j < columns.length; j++) {
        elements[j] = (columns[j] as Uint32Array)[i] as number;
      }
      table.add(elements, sign === 1 ? times : KoalaBear.neg(times));
    }
  }

  #table(bus: number, segment: number, length: number): MessageTable {
    const scope = (this.#program.buses[bus] as Bus).scope;
    const key = scope === 'global' ? 0 : segment;
    let tables = this.#messages.get(key);
    if (tables === undefined) {
      tables = [];
      this.#messages.set(key, tables);
    }
    let table = tables[bus];
    if (table === undefined) {
      table = new MessageTable(length);
      tables[bus] = table;
    }
    return table;
  }

  addTerm({ bus: name, segment, sign, message }: VerifierTerm): void {
    const bus = this.#program.buses.findIndex((one) => one.name === name);
    const table = this.#table(bus, segment, message.length);
    table.add(message, sign === 1 ? 1 : MODULUS - 1);
  }

  report(): CheckReport {
    const imbalances: Imbalance[] = [];
    for (const [segment, tables] of this.#messages) {
      for (const [bus, table] of tables.entries()) {
        if (table === undefined) continue;
        for (const { message, multiplicity } of table.remainders()) {
          if (imbalances.length >= this.#limit) break;
          const excess = multiplicity > MODULUS / 2 ? multiplicity - MODULUS : multiplicity;
          imbalances.push({ bus: this.#program.buses[bus]?.name ?? '', segment, message, excess });
        }
      }
    }
    const violations = this.#violations;
    const shapeProblems = this.#shapeProblems;
    const ok = violations.length + imbalances.length + shapeProblems.length === 0;
    return { violations, imbalances, shapeProblems, ok };
  }
}

function shapeProblem(
  chip: Chip,
  instances: readonly TableInstance[],
  last: boolean,
): string | undefined {
  const { name, minLogHeight, maxLogHeight, maxInstances, presence } = chip;
  const required = presence === 'required' || (presence === 'last' && last);
  const forbidden = (presence === 'last' || presence === 'lastOptional') && !last;
  if (required && instances.length === 0) return `${name} is missing`;
  if (forbidden && instances.length > 0) return `${name} is not allowed before the last segment`;
  if (instances.length > maxInstances) return `${name} has ${instances.length} instances`;
  const heights = instances.map(({ logHeight }) => logHeight);
  const wrong = heights.find((height) => height < minLogHeight || height > maxLogHeight);
  return wrong === undefined ? undefined : `${name} has a height of 2^${wrong}`;
}
