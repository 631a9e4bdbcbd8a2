/** Polynomials in the variables of a row, multiplied out. */
import {
  type Chip,
  KoalaBear,
  NODE_ADD,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_WORDS,
} from '@vouch/verifier';

const { add, mul, MODULUS, sub } = KoalaBear;

/** A product of variables with a coefficient; without variables, a constant. */
export interface Term {
  readonly coefficient: number;
  readonly variables: readonly number[];
}

export type Polynomial = readonly Term[];

/** Values of all nodes in a row of a chip without preprocessed columns, in segment 1. */
export function nodeValues({ expressions: { nodes } }: Chip, cells: readonly number[]): number[] {
  const values: number[] = [];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    const [operation = 0, a = 0, b = 0] = nodes.slice(at, at + NODE_WORDS);
    const [left, right] = [values[a] as number, values[b] as number];
    if (operation === NODE_MAIN) values.push(cells[a] as number);
    else if (operation < NODE_ADD) values.push(operation === NODE_CONSTANT ? a : 1);
    else if (operation === NODE_ADD) values.push(add(left, right));
    else values.push(operation === NODE_MULTIPLY ? mul(left, right) : sub(left, right));
  }
  return values;
}

export const term = (coefficient: number, ...variables: number[]): Term => ({
  coefficient,
  variables,
});

export function product(left: Polynomial, right: Polynomial): Polynomial {
  return merged(
    left.flatMap((x) =>
      right.map((y) => ({
        coefficient: mul(x.coefficient, y.coefficient),
        variables: [...x.variables, ...y.variables].sort((i, j) => i - j),
      })),
    ),
  );
}

export function difference(left: Polynomial, right: Polynomial): Polynomial {
  const negative = right.map(({ coefficient, variables }) => ({
    coefficient: mul(coefficient, MODULUS - 1),
    variables,
  }));
  return merged([...left, ...negative]);
}

export function merged(terms: Polynomial): Polynomial {
  const sums = new Map<string, Term>();
  for (const { coefficient, variables } of terms) {
    const key = variables.join();
    const before = sums.get(key)?.coefficient ?? 0;
    sums.set(key, { coefficient: add(before, coefficient), variables });
  }
  return [...sums.values()].filter(({ coefficient }) => coefficient !== 0);
}
