/**
 * Finds all ways to complete a row, by cases: a variable takes each value that a table or an equation
 * leaves it, and what follows from that is worked out before the next variable is chosen. No value of
 * the field is left out, unless the solver is told to try samples only.
 */
import { KoalaBear } from '@vouch/verifier';
import type { Random } from '../tools/random.ts';
import { inverseOf, type LineSection, lineSection } from './affine-range.ts';
import type { Membership, Polynomial, RowRules, Rule } from './row-rules.ts';
import { limitOf, requiredBy } from './row-tables.ts';
import { isForged, type Reduced, reduce, type Values } from './row-values.ts';

const { MODULUS, mul, sub } = KoalaBear;

export interface SolverOptions {
  /** Most cases; a search that needs more throws, or gives up if it is sampled. */
  readonly cases?: number;
  /** Tries of a variable with more values, or without any bound; all are tried by default. */
  readonly samples?: { readonly count: number; readonly random: Random };
}

/** What remains open after everything that follows has been worked out. */
interface Open {
  readonly rules: readonly Rule[];
  readonly memberships: readonly Membership[];
  /** Values that equations leave, by variable. */
  readonly roots: ReadonlyMap<number, readonly number[]>;
  /** Limits that tables set, by variable. */
  readonly limits: ReadonlyMap<number, number>;
  /** Open rules with one factor, linear in two variables. */
  readonly lines: readonly Reduced[];
}

const SPECIAL = [0, 1, 2, MODULUS - 1, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000];

export class RowSolver {
  readonly #all: RowRules;
  readonly #options: SolverOptions;
  readonly #shown: ReadonlySet<number>;
  #cases = 0;

  constructor(all: RowRules, options: SolverOptions = {}) {
    this.#all = all;
    this.#options = options;
    this.#shown = new Set(
      all.outputs.flatMap(({ times, message }) =>
        [times, ...message].flatMap((one) => one.flatMap(({ variables }) => variables)),
      ),
    );
  }

  /** Cases looked at so far. */
  get cases(): number {
    return this.#cases;
  }

  /**
   * Calls `visit` with every solution until it returns true. A variable without a value may have any
   * that its tables allow.
   */
  solve(visit: (values: Values) => boolean): boolean {
    const values: Values = new Array(this.#all.variableCount).fill(undefined);
    return this.#search(values, this.#all.rules, this.#all.memberships, visit);
  }

  /** Whether a solution shows something else than the honest row, and which; undefined if none does. */
  forge(): Values | undefined {
    let found: Values | undefined;
    this.solve((values) => {
      if (!isForged(this.#all.outputs, values)) return false;
      found = values;
      return true;
    });
    return found;
  }

  #search(
    values: Values,
    rules: readonly Rule[],
    memberships: readonly Membership[],
    visit: (values: Values) => boolean,
  ): boolean {
    const { cases = Number.POSITIVE_INFINITY, samples } = this.#options;
    if (++this.#cases > cases) {
      if (samples === undefined) throw new Error(`more than ${cases} cases`);
      return false;
    }
    const open = deduce(values, rules, memberships);
    if (open === undefined) return false;
    const settled = open.rules.length === 0 && open.memberships.every(isActive(values));
    if (settled) return visit(values);
    const choice = this.#choose(values, open);
    if (choice === undefined) return false;
    if ('rules' in choice) return this.#search(values, choice.rules, open.memberships, visit);
    for (const value of choice.candidates) {
      const next = values.slice();
      next[choice.variable] = value;
      if (this.#search(next, open.rules, open.memberships, visit)) return true;
    }
    return false;
  }

  /** The variable with the fewest values; or fewer rules, if one can be met whatever happens. */
  #choose(
    values: Values,
    open: Open,
  ):
    | { readonly variable: number; readonly candidates: readonly number[] }
    | { readonly rules: readonly Rule[] }
    | undefined {
    const best = smallest(values, open);
    if (best !== undefined && best.section.size === 0) return undefined;
    if (best === undefined || best.section.size > 256) {
      const rules = this.#withoutFreeRules(values, open);
      if (rules.length < open.rules.length) return { rules };
    }
    const { samples } = this.#options;
    if (best === undefined) {
      if (samples === undefined) throw new Error('a variable has no bound');
      const loose = looseVariable(values, open);
      const random = Array.from({ length: 4 }, () => samples.random.below(MODULUS));
      return { variable: loose, candidates: [...SPECIAL, ...random] };
    }
    const candidates = best.section.values();
    if (samples === undefined || candidates.length <= samples.count) {
      return { variable: best.variable, candidates };
    }
    const picked = Array.from({ length: samples.count }, () => samples.random.pick(candidates));
    return { variable: best.variable, candidates: picked };
  }

  /** Drops rules that hold for some value of a variable that occurs nowhere else. */
  #withoutFreeRules(values: Values, { rules, memberships }: Open): readonly Rule[] {
    const uses = new Map<number, number>();
    const use = (variable: number): void => {
      if (values[variable] === undefined) uses.set(variable, (uses.get(variable) ?? 0) + 1);
    };
    for (const variable of this.#shown) use(variable);
    for (const { times, elements } of memberships) {
      for (const { variables } of times) for (const one of variables) use(one);
      for (const one of elements) use(one);
    }
    const reduced = rules.map(({ factors }) => factors.map((one) => reduce(one, values)));
    for (const factors of reduced) {
      for (const one of new Set(factors.flatMap(({ variables }) => variables))) use(one);
    }
    return rules.filter(
      (_, i) =>
        !(reduced[i] as Reduced[]).some(
          ({ isLinear, variables }) => isLinear && variables.some((one) => uses.get(one) === 1),
        ),
    );
  }
}

const isActive =
  (values: Values) =>
  ({ times }: Membership): boolean =>
    reduce(times, values).variables.length === 0;

/** Works out what follows, in place; undefined if nothing fits. */
function deduce(
  values: Values,
  rules: readonly Rule[],
  memberships: readonly Membership[],
): Open | undefined {
  let [openRules, openMemberships] = [rules, memberships];
  for (;;) {
    const roots = new Map<number, readonly number[]>();
    const limits = new Map<number, number>();
    const lines: Reduced[] = [];
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
  lines: Reduced[],
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
  } else if (live.length === 1 && first.isLinear && first.variables.length === 2) {
    lines.push(first);
  }
  return 'open';
}

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

interface Candidate {
  readonly variable: number;
  readonly section: LineSection;
}

/** The variable with the fewest values, by equations, tables, or an equation of two variables. */
function smallest(values: Values, { roots, limits, lines }: Open): Candidate | undefined {
  let best: Candidate | undefined;
  const consider = (variable: number, section: LineSection): void => {
    if (best === undefined || section.size < best.section.size) best = { variable, section };
  };
  for (const [variable, all] of roots) {
    if (values[variable] === undefined)
      consider(variable, { size: all.length, values: () => [...all] });
  }
  for (const [variable, limit] of limits) {
    const all = (): number[] => Array.from({ length: limit }, (_, i) => i);
    if (values[variable] === undefined) consider(variable, { size: limit, values: all });
  }
  for (const { constant, coefficients, variables } of lines) {
    const [x, y] = variables as [number, number];
    const [xLimit, yLimit] = [limits.get(x), limits.get(y)];
    if (xLimit === undefined || yLimit === undefined) continue;
    const [a, b] = coefficients as [number, number];
    // a x + b y + constant = 0
    const minus = sub(0, inverseOf(b));
    consider(x, lineSection(xLimit, yLimit, mul(a, minus), mul(constant, minus)));
  }
  return best;
}

/** A variable of an open rule or membership that nothing bounds. */
function looseVariable(values: Values, { rules, memberships }: Open): number {
  const all: Polynomial[] = [
    ...rules.flatMap(({ factors }) => factors),
    ...memberships.map(({ times }) => times),
  ];
  for (const one of all) {
    const [variable] = reduce(one, values).variables;
    if (variable !== undefined) return variable;
  }
  throw new Error('nothing is open');
}
