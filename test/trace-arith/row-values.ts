/** Polynomials of a row in which some variables have values. */
import { KoalaBear } from '@vouch/verifier';
import type { Polynomial } from './row-polynomials.ts';
import type { Output } from './row-rules.ts';

const { add, mul } = KoalaBear;

/** By variable; undefined where it has no value yet. */
export type Values = (number | undefined)[];

/** A polynomial in the variables without a value. */
export interface Reduced {
  readonly constant: number;
  /** Variables that occur. */
  readonly variables: readonly number[];
  /** Their coefficients, if the polynomial is linear. */
  readonly coefficients: readonly number[];
  readonly isLinear: boolean;
}

export function reduce(polynomial: Polynomial, values: Values): Reduced {
  let constant = 0;
  const linear = new Map<number, number>();
  const products = new Map<string, { coefficient: number; variables: readonly number[] }>();
  for (const { coefficient, variables } of polynomial) {
    let factor = coefficient;
    const open: number[] = [];
    for (const variable of variables) {
      const value = values[variable];
      if (value === undefined) open.push(variable);
      else factor = mul(factor, value);
    }
    if (factor === 0) continue;
    if (open.length === 0) constant = add(constant, factor);
    else if (open.length === 1) {
      const variable = open[0] as number;
      linear.set(variable, add(linear.get(variable) ?? 0, factor));
    } else {
      const key = open.join();
      const before = products.get(key)?.coefficient ?? 0;
      products.set(key, { coefficient: add(before, factor), variables: open });
    }
  }
  for (const [variable, coefficient] of linear) if (coefficient === 0) linear.delete(variable);
  const higher = [...products.values()].filter(({ coefficient }) => coefficient !== 0);
  const occurring = higher.flatMap(({ variables }) => variables);
  return {
    constant,
    variables:
      higher.length === 0 ? [...linear.keys()] : [...new Set([...linear.keys(), ...occurring])],
    coefficients: [...linear.values()],
    isLinear: higher.length === 0,
  };
}

/** Whether the row shows something else than the honest one does, or can. */
export function isForged(outputs: readonly Output[], values: Values): boolean {
  const differs = (polynomial: Polynomial, honest: number): boolean => {
    const { constant, variables } = reduce(polynomial, values);
    return variables.length > 0 || constant !== honest;
  };
  return outputs.some(({ times, message, honestTimes, honest }) => {
    if (differs(times, honestTimes)) return true;
    return honestTimes !== 0 && message.some((one, i) => differs(one, honest[i] as number));
  });
}
