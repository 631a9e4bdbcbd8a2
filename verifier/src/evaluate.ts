/** Evaluates a chip's expressions at a point, given the values of its columns there. */
import {
  type Chip,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  NODE_WORDS,
} from './constraint-program.ts';
import { add, fromBase, mul, type Quintic, sub } from './quintic.ts';

/** Values that a chip's expressions are made of. */
export interface ColumnValues {
  readonly main: readonly Quintic[];
  readonly preprocessed: readonly Quintic[];
  /** In the order of CLOSED_FORMS. */
  readonly closedForms: readonly Quintic[];
  /** In the order of PARAMETERS. */
  readonly parameters: readonly Quintic[];
}

/** The value of every node of the chip. */
export function evaluateNodes(chip: Chip, columns: ColumnValues): Quintic[] {
  const { nodes } = chip.expressions;
  const values: Quintic[] = [];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    const a = nodes[at + 1] as number;
    const b = nodes[at + 2] as number;
    values.push(evaluateNode(nodes[at] as number, a, b, values, columns));
  }
  return values;
}

function evaluateNode(
  operation: number,
  a: number,
  b: number,
  values: readonly Quintic[],
  columns: ColumnValues,
): Quintic {
  switch (operation) {
    case NODE_CONSTANT:
      return fromBase(a);
    case NODE_MAIN:
      return columns.main[a] as Quintic;
    case NODE_PREPROCESSED:
      return columns.preprocessed[a] as Quintic;
    case NODE_CLOSED_FORM:
      return columns.closedForms[a] as Quintic;
    case NODE_PARAMETER:
      return columns.parameters[a] as Quintic;
    case NODE_ADD:
      return add(values[a] as Quintic, values[b] as Quintic);
    case NODE_SUBTRACT:
      return sub(values[a] as Quintic, values[b] as Quintic);
    case NODE_MULTIPLY:
      return mul(values[a] as Quintic, values[b] as Quintic);
    default:
      throw new RangeError(`no node has the operation ${operation}`);
  }
}
