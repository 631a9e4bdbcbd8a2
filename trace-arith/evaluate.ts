/** Evaluates a chip's expressions over many rows at once, from the compiled form. */
import {
  type Chip,
  CLOSED_FORMS,
  closedFormAt,
  KoalaBear,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_WORDS,
} from '@vouch/verifier';

/** Rows that are evaluated together. */
export const BLOCK_ROWS = 1024;

/** What expressions are made of, for one instance. */
export interface RowSource {
  readonly main: readonly Uint32Array[];
  readonly preprocessed: readonly Uint32Array[];
  /** In the order of PARAMETERS. */
  readonly parameters: readonly number[];
}

const { add, mul, sub } = KoalaBear;

/** Values of chosen nodes of one chip, a block of rows at a time. */
export class BlockEvaluator {
  readonly #nodes: readonly number[];
  /** Nodes to evaluate, operands first. */
  readonly #order: readonly number[];
  readonly #values: Uint32Array[] = [];

  /** @param wanted numbers of nodes */
  constructor(chip: Chip, wanted: readonly number[]) {
    this.#nodes = chip.expressions.nodes;
    this.#order = neededNodes(this.#nodes, wanted);
    for (const node of this.#order) this.#values[node] = new Uint32Array(BLOCK_ROWS);
  }

  /** Evaluates rows [first, first + count), count at most BLOCK_ROWS. */
  evaluate(source: RowSource, first: number, count: number): void {
    for (const node of this.#order) this.#evaluateNode(node, source, first, count);
  }

  /** Values of a wanted node in the last evaluated rows; valid until the next call. */
  values(node: number): Uint32Array {
    return this.#values[node] as Uint32Array;
  }

  #evaluateNode(node: number, source: RowSource, first: number, count: number): void {
    const [operation, a, b] = this.#nodes.slice(NODE_WORDS * node, NODE_WORDS * (node + 1)) as [
      number,
      number,
      number,
    ];
    const values = this.#values[node] as Uint32Array;
    switch (operation) {
      case NODE_CONSTANT:
        values.fill(a);
        return;
      case NODE_PARAMETER:
        values.fill(source.parameters[a] as number);
        return;
      case NODE_MAIN:
        values.set((source.main[a] as Uint32Array).subarray(first, first + count));
        return;
      case NODE_PREPROCESSED:
        values.set((source.preprocessed[a] as Uint32Array).subarray(first, first + count));
        return;
      case NODE_CLOSED_FORM:
        fillClosedForm(values, a, first, count);
        return;
      default:
        combine(operation, values, this.values(a), this.values(b), count);
    }
  }
}

function fillClosedForm(values: Uint32Array, form: number, first: number, count: number): void {
  const name = CLOSED_FORMS[form];
  if (name === undefined) throw new RangeError(`no closed form has the number ${form}`);
  for (let i = 0; i < count; i++) values[i] = closedFormAt(name, first + i);
}

function combine(
  operation: number,
  values: Uint32Array,
  left: Uint32Array,
  right: Uint32Array,
  count: number,
): void {
  if (operation === NODE_ADD) {
    for (let i = 0; i < count; i++) values[i] = add(left[i] as number, right[i] as number);
  } else if (operation === NODE_MULTIPLY) {
    for (let i = 0; i < count; i++) values[i] = mul(left[i] as number, right[i] as number);
  } else {
    for (let i = 0; i < count; i++) values[i] = sub(left[i] as number, right[i] as number);
  }
}

function neededNodes(nodes: readonly number[], wanted: readonly number[]): number[] {
  const needed = new Set(wanted);
  for (let node = nodes.length / NODE_WORDS - 1; node >= 0; node--) {
    if (!needed.has(node) || (nodes[NODE_WORDS * node] as number) < NODE_ADD) continue;
    needed.add(nodes[NODE_WORDS * node + 1] as number);
    needed.add(nodes[NODE_WORDS * node + 2] as number);
  }
  return [...needed].sort((a, b) => a - b);
}
