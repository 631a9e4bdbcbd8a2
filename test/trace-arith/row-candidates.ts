/** Which variable to try next, and with which values. */
import { KoalaBear } from '@vouch/verifier';
import { below, inverseOf, lineSection, type Section, union } from './affine-range.ts';
import type { Open } from './row-deduction.ts';
import type { Polynomial } from './row-polynomials.ts';
import { type Reduced, reduce, type Values } from './row-values.ts';

const { mul, sub } = KoalaBear;

export interface Candidate {
  readonly variable: number;
  readonly section: Section;
}

/** The variable with the fewest values, by equations, tables, or an equation of two variables. */
export function smallest(values: Values, open: Open): Candidate | undefined {
  const { roots, limits } = open;
  let best: Candidate | undefined;
  const consider = (variable: number, section: Section): void => {
    if (values[variable] !== undefined) return;
    if (best === undefined || section.size < best.section.size) best = { variable, section };
  };
  for (const [variable, all] of roots) {
    consider(variable, { size: all.length, values: () => [...all] });
  }
  for (const [variable, limit] of limits) consider(variable, below(limit));
  for (const line of [...open.lines, ...joined(open)]) {
    const [x, y] = (line[0] as Reduced).variables as [number, number];
    const [xLimit, yLimit] = [limits.get(x), limits.get(y)];
    if (xLimit === undefined || yLimit === undefined) continue;
    const sections = line.map((one) => {
      // a x + b y + constant = 0
      const minus = sub(0, inverseOf(coefficientOf(one, y)));
      const slope = mul(coefficientOf(one, x), minus);
      return lineSection(xLimit, yLimit, slope, mul(one.constant, minus));
    });
    consider(x, sections.length === 1 ? (sections[0] as Section) : union(sections));
  }
  return best;
}

const coefficientOf = ({ variables, coefficients }: Reduced, variable: number): number =>
  coefficients[variables.indexOf(variable)] as number;

/** Equations of two bounded variables, from two equations that share an unbounded one. */
function joined({ lines, limits }: Open): Reduced[][] {
  const single = lines.flatMap((line) => (line.length === 1 ? line : []));
  return single.flatMap((first, i) =>
    single.slice(i + 1).flatMap((second) => {
      const shared = first.variables.find(
        (variable) => !limits.has(variable) && second.variables.includes(variable),
      );
      const [x] = first.variables.filter((variable) => variable !== shared);
      const [y] = second.variables.filter((variable) => variable !== shared);
      if (shared === undefined || x === undefined || y === undefined || x === y) return [];
      // second - ratio first
      const ratio = mul(coefficientOf(second, shared), inverseOf(coefficientOf(first, shared)));
      const variables = [x, y];
      const coefficients = [sub(0, mul(ratio, coefficientOf(first, x))), coefficientOf(second, y)];
      const constant = sub(second.constant, mul(ratio, first.constant));
      return [[{ constant, variables, coefficients, isLinear: true }]];
    }),
  );
}

/** A variable of an open rule or membership that nothing bounds, if there is one. */
export function looseVariable(values: Values, open: Open): number | undefined {
  const { rules, memberships, roots, limits } = open;
  const all: Polynomial[] = [
    ...rules.flatMap(({ factors }) => factors),
    ...memberships.map(({ times }) => times),
  ];
  for (const one of all) {
    const { variables } = reduce(one, values);
    const loose = variables.find((variable) => !roots.has(variable) && !limits.has(variable));
    if (loose !== undefined) return loose;
  }
  return undefined;
}
