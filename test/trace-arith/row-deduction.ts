/** What follows from the values that variables have: values of others, limits, or a contradiction. */
import { KoalaBear } from '@vouch/verifier';
import { inverseOf } from './affine-range.ts';
import type { Membership, Rule } from './row-rules.ts';
import { limitOf, requiredBy } from './row-tables.ts';
import { type Reduced, reduce, type Values } from './row-values.ts';

const { MODULUS, mul, sub } = KoalaBear;

/** What remains open after everything that follows has been worked out. */
export interface Open {
  readonly rules: readonly Rule[];
  readonly memberships: readonly Membership[];
  /** Values that equations leave, by variable. */
  readonly roots: ReadonlyMap<number, readonly number[]>;
  /** Limits that tables set, by variable. */
  readonly limits: ReadonlyMap<number, number>;
  /** Open rules whose factors are all linear in the same two variables. */
  readonly lines: readonly (readonly Reduced[])[];
}

/** Works out what follows, in place; undefined if nothing fits. */
export function deduce(
  values: Values,
  rules: readonly Rule[],
  memberships: readonly Membership[],
): Open | undefined {
  let [openRules, openMemberships] = [rules, memberships];
  for (;;) {
    const roots = new Map<number, readonly number[]>();
    const limits = new Map<number, number>();
    const lines: (readonly Reduced[])[] = [];
    const assigned = new Assignments(values);
    const nextRules = filtered(openRules, (rule) =>
      applyRule(rule, values, roots, lines, assigned),
    );
    if (nextRules === undefined) return undefined;
    const nextMemberships = filtered(openMemberships, (one) =>
      applyMembership(one, values, limits, assigned),
    );
    if (nextMemberships === undefined) return undefined;
    [openRules, openMemberships] = [nextRules, nextMemberships];
    for (const [variable, candidates] of roots) {
      const limit = limits.get(variable) ?? MODULUS;
      const fitting = candidates.filter((value) => value < limit);
      if (fitting.length === 0) return undefined;
      if (fitting.length === 1) assigned.set(variable, fitting[0] as number);
      roots.set(variable, fitting);
    }
    for (const [variable, limit] of limits) if (limit === 1) assigned.set(variable, 0);
    if (assigned.count === 0) {
      return { rules: openRules, memberships: openMemberships, roots, limits, lines };
    }
  }
}

class Assignments {
  readonly #values: Values;
  count = 0;

  constructor(values: Values) {
    this.#values = values;
  }

  set(variable: number, value: number): void {
    if (this.#values[variable] !== undefined) return;
    this.#values[variable] = value;
    this.count++;
  }
}

type Outcome = 'open' | 'done' | 'broken';

/** The open ones; undefined if one is broken. */
function filtered<Item>(
  items: readonly Item[],
  apply: (item: Item) => Outcome,
): Item[] | undefined {
  const open: Item[] = [];
  for (const item of items) {
    const outcome = apply(item);
    if (outcome === 'broken') return undefined;
    if (outcome === 'open') open.push(item);
  }
  return open;
}

function applyRule(
  { factors }: Rule,
  values: Values,
  roots: Map<number, readonly number[]>,
  lines: (readonly Reduced[])[],
  assigned: Assignments,
): Outcome {
  const live: Reduced[] = [];
  for (const factor of factors) {
    const reduced = reduce(factor, values);
    if (reduced.variables.length > 0) live.push(reduced);
    else if (reduced.constant === 0) return 'done';
  }
  const [first] = live;
  if (first === undefined) return 'broken';
  const variable = first.variables[0] as number;
  const isOne = live.every(
    (one) => one.isLinear && one.variables.length === 1 && one.variables[0] === variable,
  );
  if (isOne) {
    const all = [...new Set(live.map(rootOf))];
    if (all.length === 1) {
      assigned.set(variable, all[0] as number);
      return 'done';
    }
    const before = roots.get(variable);
    roots.set(variable, before === undefined ? all : before.filter((x) => all.includes(x)));
  } else if (live.every((one) => one.isLinear && sameTwo(one.variables, first.variables))) {
    lines.push(live);
  }
  return 'open';
}

const sameTwo = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === 2 && b.length === 2 && a.every((variable) => b.includes(variable));

function rootOf({ constant, coefficients }: Reduced): number {
  return mul(sub(0, constant), inverseOf(coefficients[0] as number));
}

function applyMembership(
  { table, times, elements }: Membership,
  values: Values,
  limits: Map<number, number>,
  assigned: Assignments,
): Outcome {
  const reduced = reduce(times, values);
  if (reduced.variables.length > 0) return 'open';
  if (reduced.constant === 0) return 'done';
  const shown = elements.map((variable) => values[variable]);
  let open = false;
  for (const [i, variable] of elements.entries()) {
    const value = shown[i];
    const required = requiredBy(table, i, shown);
    const limit = limitOf(table, i, shown);
    if (value !== undefined) {
      if (required !== undefined && value !== required) return 'broken';
      if (limit !== undefined && value >= limit) return 'broken';
    } else if (required !== undefined) {
      assigned.set(variable, required);
      open = true;
    } else {
      open = true;
      if (limit !== undefined) {
        limits.set(variable, Math.min(limit, limits.get(variable) ?? MODULUS));
      }
    }
  }
  return open ? 'open' : 'done';
}
