/**
 * Finds all ways to complete a row, by cases: a variable takes each value that a table or an equation
 * leaves it, and what follows from that is worked out before the next variable is chosen. No value of
 * the field is left out, unless the solver is told to try samples only.
 */
import { KoalaBear } from '@vouch/verifier';
import type { Random } from '../tools/random.ts';
import { looseVariable, smallest } from './row-candidates.ts';
import { deduce, type Open } from './row-deduction.ts';
import type { Membership, RowRules, Rule } from './row-rules.ts';
import { isForged, type Reduced, reduce, type Values } from './row-values.ts';

const { add, MODULUS } = KoalaBear;

export interface SolverOptions {
  /** What the prover has chosen already, by variable; nothing by default. */
  readonly choices?: ReadonlyMap<number, number>;
  /** Most cases; a search that needs more is a RangeError, or gives up if it is sampled. */
  readonly cases?: number;
  /** Tries of a variable with more values, or without any bound; all are tried by default. */
  readonly samples?: { readonly count: number; readonly random: Random };
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

  /**
   * Calls `visit` with every solution until it returns true. A variable without a value may have any
   * that its tables allow.
   */
  solve(visit: (values: Values) => boolean): boolean {
    const values: Values = new Array(this.#all.variableCount).fill(undefined);
    for (const [variable, value] of this.#options.choices ?? []) values[variable] = value;
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
      if (samples === undefined) throw new RangeError(`more than ${cases} cases`);
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
    if (best === undefined || best.section.size > 16) {
      const rules = this.#withoutFreeRules(values, open);
      if (rules.length < open.rules.length) return { rules };
    }
    const { samples } = this.#options;
    if (samples === undefined) {
      if (best === undefined) throw new Error('a variable has no bound');
      return { variable: best.variable, candidates: best.section.values() };
    }
    const isLarge = best === undefined || best.section.size > samples.count;
    const loose = isLarge ? looseVariable(values, open) : undefined;
    if (loose !== undefined && (best === undefined || samples.random.chance(0.5))) {
      const random = Array.from({ length: 4 }, () => samples.random.below(MODULUS));
      return { variable: loose, candidates: [...this.#near(loose), ...SPECIAL, ...random] };
    }
    if (best === undefined) return undefined;
    const candidates = best.section.values(samples.random);
    if (candidates.length <= samples.count) return { variable: best.variable, candidates };
    const picked = Array.from({ length: samples.count }, () => samples.random.pick(candidates));
    return { variable: best.variable, candidates: [...this.#near(best.variable), ...picked] };
  }

  /** The honest value and its neighbours. */
  #near(variable: number): number[] {
    const honest = this.#all.honest[variable] as number;
    return [0, 1, MODULUS - 1, 2, MODULUS - 2].map((difference) => add(honest, difference));
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
