/**
 * What the kernels evaluate for a chip: its expressions as a short program over slots. A part of the
 * expressions that is linear in the columns needs no program, only coefficients.
 */
import {
  type Chip,
  KoalaBear,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  NODE_WORDS,
} from '@vouch/verifier';
import { PLAN_ADD, PLAN_MULTIPLY, PLAN_SCALE, PLAN_SUBTRACT } from './kernel-layout.ts';

/** A column of a chip: its kind (NODE_MAIN, NODE_PREPROCESSED, NODE_CLOSED_FORM) and index. */
export interface ColumnReference {
  readonly kind: number;
  readonly index: number;
}

/** constant + sum of coefficient times column, all over F. */
export interface LinearForm {
  readonly constant: number;
  /** Coefficients by column, as numbered by `ChipAnalysis.columns`. */
  readonly coefficients: ReadonlyMap<number, number>;
}

/** A chip's expressions with parameters filled in. */
export interface ChipAnalysis {
  /** All columns that the expressions mention. */
  readonly columns: readonly ColumnReference[];
  /** For each node its linear form; undefined if it is not linear. */
  readonly linear: readonly (LinearForm | undefined)[];
  readonly chip: Chip;
}

/** @param parameters values of PARAMETERS, canonical */
export function analyseChip(chip: Chip, parameters: readonly number[]): ChipAnalysis {
  const columns: ColumnReference[] = [];
  const numbers = new Map<string, number>();
  const column = (kind: number, index: number): number => {
    const key = `${kind}:${index}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, columns.length);
    columns.push({ kind, index });
    return columns.length - 1;
  };
  const { nodes } = chip.expressions;
  const linear: (LinearForm | undefined)[] = [];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    const [operation, a, b] = nodes.slice(at, at + NODE_WORDS) as [number, number, number];
    linear.push(linearForm(operation, a, b, linear, parameters, column));
  }
  return { columns, linear, chip };
}

function linearForm(
  operation: number,
  a: number,
  b: number,
  known: readonly (LinearForm | undefined)[],
  parameters: readonly number[],
  column: (kind: number, index: number) => number,
): LinearForm | undefined {
  switch (operation) {
    case NODE_CONSTANT:
      return { constant: a, coefficients: new Map() };
    case NODE_PARAMETER:
      return { constant: parameters[a] as number, coefficients: new Map() };
    case NODE_MAIN:
    case NODE_PREPROCESSED:
    case NODE_CLOSED_FORM:
      return { constant: 0, coefficients: new Map([[column(operation, a), 1]]) };
  }
  const left = known[a];
  const right = known[b];
  if (left === undefined || right === undefined) return undefined;
  if (operation === NODE_ADD) return combine(left, right, 1);
  if (operation === NODE_SUBTRACT) return combine(left, right, KoalaBear.MODULUS - 1);
  if (right.coefficients.size === 0) return scaleForm(left, right.constant);
  if (left.coefficients.size === 0) return scaleForm(right, left.constant);
  return undefined;
}

function combine(left: LinearForm, right: LinearForm, factor: number): LinearForm {
  const coefficients = new Map(left.coefficients);
  for (const [column, value] of right.coefficients) {
    const sum = KoalaBear.add(coefficients.get(column) ?? 0, KoalaBear.mul(factor, value));
    if (sum === 0) coefficients.delete(column);
    else coefficients.set(column, sum);
  }
  const constant = KoalaBear.add(left.constant, KoalaBear.mul(factor, right.constant));
  return { constant, coefficients };
}

function scaleForm(form: LinearForm, factor: number): LinearForm {
  if (factor === 0) return { constant: 0, coefficients: new Map() };
  const coefficients = new Map(
    [...form.coefficients].map(([column, value]) => [column, KoalaBear.mul(factor, value)]),
  );
  return { constant: KoalaBear.mul(factor, form.constant), coefficients };
}

/** One instruction: `target`, `a`, `b` are slots. */
export interface Instruction {
  readonly operation: number;
  readonly target: number;
  readonly a: number;
  readonly b: number;
}

/**
 * A program that computes some nodes of a chip. Slots 0 .. columns - 1 are the columns; then
 * `reserved` slots that the program leaves alone; then constants; then results.
 */
export interface Plan {
  /** Columns to load, as numbers of `ChipAnalysis.columns`. */
  readonly columns: readonly number[];
  readonly constants: readonly { readonly slot: number; readonly value: number }[];
  readonly instructions: readonly Instruction[];
  /** Slot of each wanted node, in the order asked for. */
  readonly outputs: readonly number[];
  readonly slots: number;
}

/** @param wanted nodes whose values are needed */
export function planNodes(
  analysis: ChipAnalysis,
  wanted: readonly number[],
  reserved: number,
): Plan {
  return new Planner(analysis, reserved).plan(wanted);
}

class Planner {
  readonly #analysis: ChipAnalysis;
  readonly #reserved: number;
  readonly #columnSlots = new Map<number, number>();
  readonly #constantSlots = new Map<number, number>();
  readonly #symbols = new Map<number, string>();
  readonly #steps: { operation: number; target: string; a: string; b: string }[] = [];

  constructor(analysis: ChipAnalysis, reserved: number) {
    this.#analysis = analysis;
    this.#reserved = reserved;
  }

  plan(wanted: readonly number[]): Plan {
    const outputs = wanted.map((node) => this.#evaluate(node));
    const constantsStart = this.#columnSlots.size + this.#reserved;
    const resultsStart = constantsStart + this.#constantSlots.size;
    const slotOf = (symbol: string): number => {
      const index = Number(symbol.slice(1));
      if (symbol.startsWith('c')) return index;
      return symbol.startsWith('k') ? constantsStart + index : resultsStart + index;
    };
    return {
      columns: [...this.#columnSlots.keys()],
      constants: [...this.#constantSlots].map(([value, index]) => ({
        slot: constantsStart + index,
        value,
      })),
      instructions: this.#steps.map(({ operation, target, a, b }) => ({
        operation,
        target: slotOf(target),
        a: slotOf(a),
        b: slotOf(b),
      })),
      outputs: outputs.map(slotOf),
      slots: resultsStart + this.#steps.length,
    };
  }

  /** Symbol of a node's slot: c column, k constant, r result. */
  #evaluate(node: number): string {
    const known = this.#symbols.get(node);
    if (known !== undefined) return known;
    const symbol = this.#symbolOf(node);
    this.#symbols.set(node, symbol);
    return symbol;
  }

  #symbolOf(node: number): string {
    const form = this.#analysis.linear[node];
    if (form !== undefined && form.coefficients.size === 0) return this.#constant(form.constant);
    const { nodes } = this.#analysis.chip.expressions;
    const [operation, a, b] = nodes.slice(NODE_WORDS * node, NODE_WORDS * node + NODE_WORDS) as [
      number,
      number,
      number,
    ];
    if (operation < NODE_ADD)
      return this.#column([...(form?.coefficients.keys() ?? [])][0] as number);
    const left = this.#evaluate(a);
    const right = this.#evaluate(b);
    if (operation === NODE_ADD) return this.#step(PLAN_ADD, left, right);
    if (operation === NODE_SUBTRACT) return this.#step(PLAN_SUBTRACT, left, right);
    if (operation !== NODE_MULTIPLY) throw new RangeError(`no node has the operation ${operation}`);
    if (right.startsWith('k')) return this.#step(PLAN_SCALE, left, right);
    if (left.startsWith('k')) return this.#step(PLAN_SCALE, right, left);
    return this.#step(PLAN_MULTIPLY, left, right);
  }

  #column(column: number): string {
    if (!this.#columnSlots.has(column)) this.#columnSlots.set(column, this.#columnSlots.size);
    return `c${this.#columnSlots.get(column)}`;
  }

  #constant(value: number): string {
    if (!this.#constantSlots.has(value)) this.#constantSlots.set(value, this.#constantSlots.size);
    return `k${this.#constantSlots.get(value)}`;
  }

  #step(operation: number, a: string, b: string): string {
    const target = `r${this.#steps.length}`;
    this.#steps.push({ operation, target, a, b });
    return target;
  }
}
