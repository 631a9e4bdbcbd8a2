/**
 * A chip's row as equations over the field. What the rest of the tables fixes is fixed here too: the
 * program's row, the cycle, and the words that are received. What remains is the prover's choice.
 */
import {
  type Chip,
  type ConstraintProgram,
  NODE_ADD,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_WORDS,
} from '@vouch/verifier';
import {
  difference,
  merged,
  nodeValues,
  type Polynomial,
  product,
  term,
} from './row-polynomials.ts';
import { reduce, type Values } from './row-values.ts';

/** The product of the factors is zero. */
export interface Rule {
  readonly factors: readonly Polynomial[];
}

/** The elements are a row of a lookup table, unless `times` is zero. */
export interface Membership {
  readonly table: string;
  readonly times: Polynomial;
  readonly elements: readonly number[];
}

/** What the row shows to others: messages of permutation buses. */
export interface Output {
  readonly times: Polynomial;
  readonly message: readonly Polynomial[];
  /** Times and message of the honest row. */
  readonly honestTimes: number;
  readonly honest: readonly number[];
}

export interface RowRules {
  /** Variables are the chip's columns, and behind them elements of lookups. */
  readonly variableCount: number;
  readonly rules: readonly Rule[];
  readonly memberships: readonly Membership[];
  readonly outputs: readonly Output[];
  /** Values of the variables in the honest row. */
  readonly honest: readonly number[];
}

/** What the chip lacks. */
export interface Omission {
  readonly constraint?: number;
  readonly interaction?: number;
}

/** What a row takes from others. */
export interface Received {
  /** The program's row. */
  readonly program: readonly number[];
  /** The message of EXEC. */
  readonly place: readonly number[];
  /** Words as they were left, with their key in front, in the order of the accesses. */
  readonly words: readonly (readonly number[])[];
}

/** What an honest row of any chip receives. */
export function receivedBy(
  { buses }: ConstraintProgram,
  chip: Chip,
  honest: readonly number[],
): Received {
  const nodes = nodeValues(chip, honest);
  const messages = chip.interactions.flatMap(({ bus, sign, multiplicity, message }) =>
    nodes[multiplicity] === 0
      ? []
      : [{ name: buses[bus]?.name, sign, values: message.map((node) => nodes[node] as number) }],
  );
  const [program] = messages.filter(({ name }) => name === 'PROG');
  const [place] = messages.filter(({ name, sign }) => name === 'EXEC' && sign === -1);
  const words = messages.filter(({ name, sign }) => name === 'MEM' && sign === -1);
  return {
    program: program?.values ?? [],
    place: place?.values ?? [],
    words: words.map(({ values }) => values),
  };
}

/** The rules of a row that must execute the instruction that a row of another chip executes. */
export function rulesFor(machine: ConstraintProgram, chip: Chip, received: Received): RowRules {
  const cells = chip.mainColumns.map(() => 0);
  return new RuleWriter(machine, chip, cells, {}, received).write();
}

/**
 * The rules of one row.
 *
 * @param honest the cells of the honest row; a padding row stands for all that are not executed
 */
export function rowRules(
  machine: ConstraintProgram,
  chip: Chip,
  honest: readonly number[],
  omission: Omission = {},
): RowRules {
  return new RuleWriter(machine, chip, honest, omission).write();
}

class RuleWriter {
  readonly #machine: ConstraintProgram;
  readonly #chip: Chip;
  readonly #omission: Omission;
  readonly #cells: readonly number[];
  /** Values of the nodes in the honest row. */
  readonly #honest: readonly number[];
  readonly #given: Received | undefined;
  /** Variables of nodes that are looked up and are no columns. */
  readonly #named = new Map<number, number>();
  readonly #expanded = new Map<number, Polynomial>();

  constructor(
    machine: ConstraintProgram,
    chip: Chip,
    honest: readonly number[],
    omission: Omission,
    given?: Received,
  ) {
    this.#machine = machine;
    this.#chip = chip;
    this.#omission = omission;
    this.#given = given;
    this.#cells = honest;
    this.#honest = nodeValues(chip, honest);
  }

  write(): RowRules {
    const { interaction, constraint } = this.#omission;
    const all = this.#chip.interactions.filter((_, i) => i !== interaction);
    const lookups = all.filter((one) => this.#kind(one.bus) === 'table');
    const elements = lookups.map(({ message }) => message.map((node) => this.#variable(node)));
    const memberships = lookups.map(
      ({ bus, multiplicity }, i): Membership => ({
        table: this.#machine.buses[bus]?.name as string,
        times: this.#expand(multiplicity),
        elements: elements[i] as readonly number[],
      }),
    );
    const rules: Rule[] = this.#chip.constraints
      .filter((_, i) => i !== constraint)
      .map((node) => ({ factors: this.#factors(node) }));
    for (const [node, variable] of this.#named) {
      rules.push({ factors: [difference(this.#multiplyOut(node), [term(1, variable)])] });
    }
    const honest = this.#chip.mainColumns.map((_, i) => this.#cells[i] as number);
    for (const [node, variable] of this.#named) honest[variable] = this.#honest[node] as number;
    const others = all.filter((one) => this.#kind(one.bus) !== 'table');
    const given = this.#given && { ...this.#given, words: [...this.#given.words] };
    for (const one of others) {
      rules.push(...(given === undefined ? this.#received(one) : this.#taken(one, given)));
    }
    return {
      variableCount: this.#chip.mainColumns.length + this.#named.size,
      rules,
      memberships,
      outputs: others.filter(({ bus }) => this.#kind(bus) === 'permutation').map(this.#output),
      honest,
    };
  }

  #kind(bus: number): 'table' | 'program' | 'permutation' {
    const { name, kind } = this.#machine.buses[bus] as ConstraintProgram['buses'][number];
    if (kind === 'permutation') return 'permutation';
    return name === 'PROG' ? 'program' : 'table';
  }

  /** What the row takes is what is there: the program's row at pc, and the words as they were left. */
  #received({ bus, sign, multiplicity, message }: Chip['interactions'][number]): Rule[] {
    const name = this.#machine.buses[bus]?.name;
    const times = this.#honest[multiplicity] as number;
    const fixed: Rule[] = [];
    if (name === 'EXEC' && sign === -1) {
      fixed.push({ factors: [difference(this.#expand(multiplicity), [term(times)])] });
    }
    if (times === 0 || (sign === 1 && name !== 'PROG')) return fixed;
    // Which word is accessed is a result: another key is a forgery.
    const pinned = message.slice(name === 'MEM' ? 1 : 0);
    for (const node of pinned) {
      const value = [term(this.#honest[node] as number)];
      const wrong = difference(this.#expand(node), value);
      fixed.push({ factors: [this.#expand(multiplicity), wrong] });
    }
    return fixed;
  }

  /** The same for an instruction that is given; a word that it does not name may be any. */
  #taken(
    { bus, sign, multiplicity, message }: Chip['interactions'][number],
    { program, place, words }: Received & { words: (readonly number[])[] },
  ): Rule[] {
    const name = this.#machine.buses[bus]?.name;
    const times = this.#expand(multiplicity);
    const equal = (nodes: readonly number[], values: readonly number[]): Rule[] =>
      values.map((value, i) => {
        const node = nodes[i] as number;
        return { factors: [times, difference(this.#expand(node), [term(value)])] };
      });
    if (name === 'PROG') return equal(message, program);
    if (sign === 1) return [];
    if (name === 'EXEC') {
      return [{ factors: [difference(times, [term(1)])] }, ...equal(message, place)];
    }
    if (name !== 'MEM') return [];
    const { constant, variables } = reduce(
      this.#expand(message[0] as number),
      this.#programCells(program),
    );
    const at = words.findIndex(([key]) => variables.length === 0 && key === constant);
    return at < 0 ? [] : equal(message, words.splice(at, 1)[0] ?? []);
  }

  /** Columns that the program's row shows as they are. */
  #programCells(program: readonly number[]): Values {
    const cells: Values = [];
    const lookup = this.#chip.interactions.find(
      ({ bus }) => this.#machine.buses[bus]?.name === 'PROG',
    );
    for (const [i, node] of (lookup?.message ?? []).entries()) {
      const [operation, column] = this.#node(node);
      if (operation === NODE_MAIN) cells[column] = program[i];
    }
    return cells;
  }

  readonly #output = ({ multiplicity, message }: Chip['interactions'][number]): Output => ({
    times: this.#expand(multiplicity),
    message: message.map((node) => this.#expand(node)),
    honestTimes: this.#honest[multiplicity] as number,
    honest: message.map((node) => this.#honest[node] as number),
  });

  #variable(node: number): number {
    const [operation, a] = this.#node(node);
    if (operation === NODE_MAIN) return a;
    const variable = this.#named.get(node) ?? this.#chip.mainColumns.length + this.#named.size;
    this.#named.set(node, variable);
    return variable;
  }

  #factors(node: number): Polynomial[] {
    const [operation, a, b] = this.#node(node);
    if (operation !== NODE_MULTIPLY || this.#named.has(node)) return [this.#expand(node)];
    return [...this.#factors(a), ...this.#factors(b)];
  }

  #expand(node: number): Polynomial {
    const variable = this.#named.get(node);
    if (variable !== undefined) return [term(1, variable)];
    const known = this.#expanded.get(node) ?? this.#multiplyOut(node);
    this.#expanded.set(node, known);
    return known;
  }

  #multiplyOut(node: number): Polynomial {
    const [operation, a, b] = this.#node(node);
    if (operation === NODE_MAIN) return [term(1, a)];
    if (operation === NODE_MULTIPLY) return product(this.#expand(a), this.#expand(b));
    if (operation === NODE_ADD) return merged([...this.#expand(a), ...this.#expand(b)]);
    if (operation > NODE_ADD) return difference(this.#expand(a), this.#expand(b));
    return merged([term(this.#honest[node] as number)]);
  }

  #node(node: number): [operation: number, a: number, b: number] {
    const { nodes } = this.#chip.expressions;
    return nodes.slice(NODE_WORDS * node, NODE_WORDS * (node + 1)) as [number, number, number];
  }
}
