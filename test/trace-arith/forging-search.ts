/**
 * Searches for a row that shows something wrong: one that receives what an honest row receives, of
 * the same instruction, satisfies everything, and yet sends something else, or a message another
 * number of times than once. Local search: change a cell or two, then repair what is broken, one
 * cell at a time, as a cheating prover would.
 */
import {
  type Chip,
  type ConstraintProgram,
  type Interaction,
  KoalaBear,
  NODE_ADD,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_WORDS,
} from '@vouch/verifier';
import type { Random } from '../tools/random.ts';

const { add, inverse, MODULUS, mul, sub } = KoalaBear;

/** What the searched machine lacks. */
export interface Omission {
  readonly constraint?: number;
  readonly interaction?: number;
}

/** Where a search begins. */
export interface StartingRow {
  readonly segment: number;
  /** The honest row: what is received must stay as it is there. */
  readonly honest: readonly number[];
  /** Cells to begin with, if they are not the honest ones. */
  readonly cells?: readonly number[];
}

const REPAIRS = 14;
/** 127 x 2^24 is -1 modulo p, so 127 x 2^8 and 127 x 2^16 are carries that change a limb by one. */
const SPECIAL = [
  ...[0, 1, 2, 3, MODULUS - 1, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000],
  ...[127 * 2 ** 8, 127 * 2 ** 16, MODULUS - 127 * 2 ** 8, MODULUS - 127 * 2 ** 16],
];

export class ForgingSearch {
  readonly #chip: Chip;
  readonly #machine: ConstraintProgram;
  readonly #random: Random;
  readonly #values: number[];
  /** By node: the columns that it depends on. */
  readonly #columns: readonly (readonly number[])[];
  #segment = 1;

  constructor(machine: ConstraintProgram, chip: Chip, random: Random) {
    this.#machine = machine;
    this.#chip = chip;
    this.#random = random;
    this.#values = new Array<number>(chip.expressions.nodes.length / NODE_WORDS).fill(0);
    this.#columns = columnsOfNodes(chip.expressions.nodes);
  }

  /** A forged row, undefined if none is found in so many tries. */
  search(starts: readonly StartingRow[], omitted: Omission, tries: number): number[] | undefined {
    for (let i = 0; i < tries; i++) {
      const found = this.#try(this.#random.pick(starts), omitted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #try(start: StartingRow, omitted: Omission): number[] | undefined {
    this.#segment = start.segment;
    this.#evaluate(start.honest);
    const before = this.#messages();
    const cells = [...(start.cells ?? start.honest)];
    const pinned = new Set<number>();
    const changes = (start.cells === undefined ? 1 : 0) + this.#random.below(2);
    for (let i = 0; i < changes; i++) {
      const column = this.#random.below(cells.length);
      pinned.add(column);
      cells[column] = this.#otherValue(cells[column] as number);
    }
    for (let step = 0; step < REPAIRS; step++) {
      this.#evaluate(cells);
      const broken = this.#broken(before, omitted);
      if (broken.length === 0) return this.#isForged(before) ? cells : undefined;
      if (!this.#repair(cells, this.#random.pick(broken), pinned)) return undefined;
    }
    return undefined;
  }

  #otherValue(value: number): number {
    if (value < 2 && this.#random.chance(0.6)) return 1 - value;
    const roll = this.#random.below(5);
    if (roll === 0) return this.#random.pick(SPECIAL);
    if (roll === 1) return this.#random.below(MODULUS);
    if (roll === 2) return this.#random.below(0x1_0000);
    const step = this.#random.pick([1, 2, 128, 256, 0x8000, 0x1_0000]);
    return roll === 3 ? add(value, step) : sub(value, step);
  }

  #evaluate(cells: readonly number[]): void {
    const { nodes } = this.#chip.expressions;
    const values = this.#values;
    for (let node = 0; node < values.length; node++) {
      const a = nodes[NODE_WORDS * node + 1] as number;
      const b = nodes[NODE_WORDS * node + 2] as number;
      values[node] = this.#nodeValue(nodes[NODE_WORDS * node] as number, a, b, cells);
    }
  }

  #nodeValue(operation: number, a: number, b: number, cells: readonly number[]): number {
    const values = this.#values;
    if (operation === NODE_MAIN) return cells[a] as number;
    if (operation === NODE_CONSTANT) return a;
    if (operation === NODE_PARAMETER) return this.#segment;
    const [left, right] = [values[a] as number, values[b] as number];
    if (operation === NODE_ADD) return add(left, right);
    return operation === NODE_MULTIPLY ? mul(left, right) : sub(left, right);
  }

  /** Multiplicities and messages of the interactions in the current row. */
  #messages(): number[][] {
    return this.#chip.interactions.map(({ multiplicity, message }) =>
      [multiplicity, ...message].map((node) => this.#values[node] as number),
    );
  }

  #broken(before: readonly (readonly number[])[], omitted: Omission): Goal[] {
    const goals: Goal[] = this.#chip.constraints
      .filter((node, i) => i !== omitted.constraint && this.#values[node] !== 0)
      .map((node) => ({ node, targets: [0] }));
    for (const [i, interaction] of this.#chip.interactions.entries()) {
      if (i === omitted.interaction) continue;
      goals.push(...this.#interactionGoals(interaction, before[i] as readonly number[]));
    }
    return goals;
  }

  /** What must change so that a lookup is in its table, and a receive is what it was. */
  #interactionGoals(interaction: Interaction, before: readonly number[]): Goal[] {
    const { multiplicity, message, bus, sign } = interaction;
    const times = this.#values[multiplicity] as number;
    if (times === 0) return [];
    const { name, kind } = this.#machine.buses[bus] as ConstraintProgram['buses'][number];
    const elements = message.map((node) => this.#values[node] as number);
    if (kind === 'lookup' && name !== 'PROG') return this.#lookupGoals(name, message, elements);
    if (sign === 1 && kind === 'permutation') return [];
    if (before[0] === 0) return [];
    // Which word is accessed is a result: a wrong key is a forgery.
    const first = name === 'MEM' ? 1 : 0;
    return message.flatMap((node, j) =>
      j < first || elements[j] === before[j + 1]
        ? []
        : [{ node, targets: [before[j + 1] as number] }],
    );
  }

  #lookupGoals(name: string, message: readonly number[], elements: readonly number[]): Goal[] {
    const [x = 0, y = 0, z = 0] = elements;
    const inRange = (node: number | undefined, value: number, limit: number): Goal[] =>
      node === undefined || value < limit
        ? []
        : [{ node, targets: [0, limit - 1, this.#random.below(limit)] }];
    if (name === 'R20') return inRange(message[0], x, 2 ** 20);
    if (name === 'VR') {
      return y <= 16 ? inRange(message[0], x, 2 ** y) : inRange(message[1], y, 17);
    }
    if (name === 'POW') {
      if (x >= 16) return inRange(message[0], x, 16);
      if (y !== 2 ** x) return [{ node: message[1] as number, targets: [2 ** x] }];
      return z === 2 ** (16 - x) ? [] : [{ node: message[2] as number, targets: [2 ** (16 - x)] }];
    }
    const bytes = [...inRange(message[0], x, 256), ...inRange(message[1], y, 256)];
    if (bytes.length > 0 || name === 'PAIR8' || z === (x & y)) return bytes;
    return [{ node: message[2] as number, targets: [x & y] }];
  }

  /** Sets one cell so that a node takes a target; false if no cell can. */
  #repair(cells: number[], goal: Goal, pinned: ReadonlySet<number>): boolean {
    const { targets } = goal;
    const node = targets[0] === 0 && targets.length === 1 ? this.#factor(goal.node) : goal.node;
    const columns = (this.#columns[node] as readonly number[]).filter((c) => !pinned.has(c));
    if (columns.length === 0) return false;
    const column = this.#random.pick(columns);
    const target = this.#random.pick(targets);
    const at = (value: number): number => {
      cells[column] = value;
      this.#evaluate(cells);
      return sub(this.#values[node] as number, target);
    };
    const [f0, f1, f2] = [at(0), at(1), at(2)];
    const slope = sub(f1, f0);
    if (sub(f2, f1) === slope) {
      if (slope === 0) return false;
      cells[column] = mul(sub(0, f0), inverse(slope));
      return true;
    }
    const root = this.#random.chance(0.5) ? [1, 0, ...SPECIAL] : [0, 1, ...SPECIAL];
    const found = root.find((value) => at(value) === 0);
    cells[column] = found ?? 0;
    return found !== undefined;
  }

  /** A factor of a product, which is zero where the factor is. */
  #factor(product: number): number {
    const { nodes } = this.#chip.expressions;
    let node = product;
    while (nodes[NODE_WORDS * node] === NODE_MULTIPLY) {
      node = nodes[NODE_WORDS * node + 1 + this.#random.below(2)] as number;
    }
    return node;
  }

  #isForged(before: readonly (readonly number[])[]): boolean {
    const after = this.#messages();
    const kinds = this.#chip.interactions.map(({ bus }) => this.#machine.buses[bus]?.kind);
    if (after.some(([times = 0], i) => kinds[i] === 'permutation' && times > 1)) return true;
    const active = after.filter(([times], i) => times === 1 && kinds[i] === 'permutation').length;
    // The first message of an instruction on EXEC is received exactly if the row is executed.
    const executed = this.#chip.interactions.some(
      ({ bus, sign }, i) =>
        this.#machine.buses[bus]?.name === 'EXEC' && sign === -1 && after[i]?.[0] === 1,
    );
    if (!executed) return active > 0;
    if (before.every(([times]) => times === 0)) return false;
    return after.some((message, i) => {
      if (kinds[i] !== 'permutation') return false;
      const old = before[i] as readonly number[];
      if (message[0] === 0 && old[0] === 0) return false;
      return message.some((element, j) => element !== old[j]);
    });
  }
}

/** A node and values of which it should take one. */
interface Goal {
  readonly node: number;
  readonly targets: readonly number[];
}

function columnsOfNodes(nodes: readonly number[]): number[][] {
  const columns: number[][] = [];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    const [operation = 0, a = 0, b = 0] = nodes.slice(at, at + NODE_WORDS);
    if (operation === NODE_MAIN) columns.push([a]);
    else if (operation < NODE_ADD) columns.push([]);
    else columns.push([...new Set([...(columns[a] ?? []), ...(columns[b] ?? [])])]);
  }
  return columns;
}
