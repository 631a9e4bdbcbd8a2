/** The language in which chips are written: columns, constraints, bus messages. */
import type { Bus, Chip, ClosedForm, Parameter } from '@vouch/verifier';
import {
  closedForm,
  type Expression,
  expression,
  mainColumn,
  type Operand,
  parameter,
  preprocessedColumn,
  sum,
} from './expression.ts';

/** A constraint and what a person calls it. */
export interface NamedConstraint {
  readonly name: string;
  readonly expression: Expression;
}

export interface InteractionDefinition {
  readonly bus: Bus;
  readonly sign: 1 | -1;
  readonly multiplicity: Expression;
  readonly message: readonly Expression[];
}

/** What tables of a chip may look like. */
export type ChipShape = Pick<Chip, 'minLogHeight' | 'maxLogHeight' | 'maxInstances' | 'presence'>;

export interface ChipDefinition extends ChipShape {
  readonly name: string;
  readonly mainColumns: readonly string[];
  readonly preprocessedColumns: readonly string[];
  /** 1 in rows that stand for something, 0 in padding rows; undefined if all rows do. */
  readonly real: Expression | undefined;
  readonly constraints: readonly NamedConstraint[];
  readonly interactions: readonly InteractionDefinition[];
}

/** Most rows of an instruction chip's instance: 2^22, far above a segment's cycles. */
const INSTRUCTION_SHAPE: ChipShape = {
  minLogHeight: 5,
  maxLogHeight: 22,
  maxInstances: 3,
  presence: 'optional',
};

/** Writes down a chip. `shape` defaults to that of an instruction chip. */
export function defineChip(
  name: string,
  build: (chip: ChipBuilder) => void,
  shape: Partial<ChipShape> = {},
): ChipDefinition {
  const chip = new ChipBuilder();
  build(chip);
  return { name, ...INSTRUCTION_SHAPE, ...shape, ...chip.finish() };
}

/** One column for each name. */
export type Columns<Names extends readonly string[]> = { [Key in keyof Names]: Expression };

export class ChipBuilder {
  readonly #main: string[] = [];
  readonly #preprocessed: string[] = [];
  readonly #constraints: NamedConstraint[] = [];
  readonly #interactions: InteractionDefinition[] = [];
  #real: Expression | undefined;

  /** A committed column. */
  column(name: string): Expression {
    this.#main.push(name);
    return mainColumn(this.#main.length - 1);
  }

  columns<const Names extends readonly string[]>(...names: Names): Columns<Names> {
    return names.map((name) => this.column(name)) as Columns<Names>;
  }

  /** A committed column that is 0 or 1 in every row. */
  boolean(name: string): Expression {
    const column = this.column(name);
    this.assertBoolean(column, name);
    return column;
  }

  /** The boolean column that tells rows from padding. */
  real(): Expression {
    this.#real = this.boolean('real');
    return this.#real;
  }

  /**
   * The same as a sum of one-hot boolean columns, which it returns in order. At most one of them is
   * 1, because the sum is boolean too.
   */
  realOneOf<const Names extends readonly string[]>(...names: Names): Columns<Names> {
    const flags = names.map((name) => this.boolean(name));
    this.#real = sum(flags);
    this.assertBoolean(this.#real, 'real');
    return flags as Columns<Names>;
  }

  /** A boolean column that is 0 in padding rows, so that it may be a multiplicity. */
  flag(name: string): Expression {
    const column = this.boolean(name);
    this.assertZero(column.mul(expression(1).sub(this.isReal)), `${name} only in real rows`);
    return column;
  }

  get isReal(): Expression {
    if (this.#real === undefined) throw new Error('the chip does not tell real rows from padding');
    return this.#real;
  }

  preprocessed(name: string): Expression {
    this.#preprocessed.push(name);
    return preprocessedColumn(this.#preprocessed.length - 1);
  }

  closedForm(name: ClosedForm): Expression {
    return closedForm(name);
  }

  parameter(name: Parameter): Expression {
    return parameter(name);
  }

  assertZero(value: Expression, name: string): void {
    this.#constraints.push({ name, expression: value });
  }

  assertEqual(left: Expression, right: Operand, name: string): void {
    this.assertZero(left.sub(right), name);
  }

  assertBoolean(value: Expression, name: string): void {
    this.assertZero(value.mul(expression(1).sub(value)), `${name} is boolean`);
  }

  send(bus: Bus, multiplicity: Operand, message: readonly Operand[]): void {
    this.#interact(bus, 1, multiplicity, message);
  }

  receive(bus: Bus, multiplicity: Operand, message: readonly Operand[]): void {
    this.#interact(bus, -1, multiplicity, message);
  }

  /** The message is a row of the bus's table, `multiplicity` times. */
  lookup(bus: Bus, multiplicity: Operand, message: readonly Operand[]): void {
    this.#interact(bus, 1, multiplicity, message);
  }

  /** Rows of a lookup table, each with the number of times that it is looked up. */
  provide(bus: Bus, multiplicity: Expression, message: readonly Operand[]): void {
    this.#interact(bus, -1, multiplicity, message);
  }

  #interact(bus: Bus, sign: 1 | -1, multiplicity: Operand, message: readonly Operand[]): void {
    this.#interactions.push({
      bus,
      sign,
      multiplicity: expression(multiplicity),
      message: message.map(expression),
    });
  }

  finish(): Omit<ChipDefinition, 'name' | keyof ChipShape> {
    return {
      mainColumns: this.#main,
      preprocessedColumns: this.#preprocessed,
      real: this.#real,
      constraints: this.#constraints,
      interactions: this.#interactions,
    };
  }
}
