/** From chips as they are written to the constraint program: flat data. */
import {
  type Bus,
  type Chip,
  type ConstraintProgram,
  type Interaction,
  NODE_ADD,
  NODE_CONSTANT,
  NODE_MULTIPLY,
  NODE_WORDS,
} from '@vouch/verifier';
import type { ChipDefinition } from './builder.ts';
import { CompileError } from './errors.ts';
import type { Expression } from './expression.ts';
import { multiplicityProblem } from './multiplicity.ts';

/** Largest total degree of a constraint. */
export const MAX_CONSTRAINT_DEGREE = 4;
/** Largest total degree of an element of a message. */
export const MAX_MESSAGE_DEGREE = 2;

/** A constraint program with what only people need. */
export interface CompiledMachine {
  readonly constraintProgram: ConstraintProgram;
  /** For each chip, the names of its constraints. */
  readonly constraintNames: readonly (readonly string[])[];
}

/**
 * Compiles chips that speak over `buses`. Checks names, degrees, the length of messages on each bus,
 * that a lookup bus has one provider, and the multiplicity rule.
 *
 * @throws CompileError
 */
export function compile(
  name: string,
  version: number,
  chips: readonly ChipDefinition[],
  buses: readonly Bus[],
): CompiledMachine {
  checkNames(
    chips.map((chip) => chip.name),
    'machine',
  );
  checkBuses(buses);
  for (const chip of chips) checkChip(chip, buses);
  for (const bus of buses) checkParticipants(bus, chips);
  const interactions = chips.flatMap((chip) => chip.interactions);
  const constraints = chips.flatMap((chip) => chip.constraints);
  return {
    constraintProgram: {
      name,
      version,
      buses,
      messageWidth: Math.max(...interactions.map(({ message }) => message.length)),
      constraintDegree: Math.max(
        ...constraints.map(({ expression }) => expression.degree),
        ...interactions.map(({ multiplicity }) => multiplicity.degree),
        ...interactions.flatMap(({ message }) => message.map((element) => element.degree)),
      ),
      chips: chips.map((chip) => compileChip(chip, buses)),
    },
    constraintNames: chips.map((chip) => chip.constraints.map((constraint) => constraint.name)),
  };
}

function checkNames(names: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '' || seen.has(name)) throw new CompileError(where, `name "${name}" is taken`);
    seen.add(name);
  }
}

function checkBuses(buses: readonly Bus[]): void {
  checkNames(
    buses.map((bus) => bus.name),
    'machine',
  );
  checkNames(
    buses.map((bus) => `${bus.id}`),
    'machine',
  );
  for (const { id, name } of buses) {
    if (!(Number.isInteger(id) && id >= 1)) throw new CompileError('machine', `bus ${name}: id`);
  }
}

function checkChip(chip: ChipDefinition, buses: readonly Bus[]): void {
  checkNames([...chip.mainColumns, ...chip.preprocessedColumns], chip.name);
  checkNames(
    chip.constraints.map((constraint) => constraint.name),
    chip.name,
  );
  for (const { name, expression } of chip.constraints) {
    if (expression.degree <= MAX_CONSTRAINT_DEGREE && expression.degree > 0) continue;
    throw new CompileError(chip.name, `constraint "${name}" has degree ${expression.degree}`);
  }
  if (chip.interactions.length === 0) throw new CompileError(chip.name, 'it has no interaction');
  for (const interaction of chip.interactions) {
    const { bus, message } = interaction;
    if (!buses.includes(bus)) throw new CompileError(chip.name, `bus ${bus.name} is not declared`);
    const degree = Math.max(...message.map((element) => element.degree));
    if (degree > MAX_MESSAGE_DEGREE) {
      throw new CompileError(chip.name, `a message on ${bus.name} has degree ${degree}`);
    }
    const problem = multiplicityProblem(chip, interaction);
    if (problem !== undefined) throw new CompileError(chip.name, `${bus.name}: ${problem}`);
  }
}

function checkParticipants(bus: Bus, chips: readonly ChipDefinition[]): void {
  const all = chips.flatMap((chip) =>
    chip.interactions.filter((one) => one.bus === bus).map((one) => ({ chip, one })),
  );
  const lengths = new Set(all.map(({ one }) => one.message.length));
  if (lengths.size !== 1) {
    throw new CompileError('machine', `messages on ${bus.name} have lengths ${[...lengths]}`);
  }
  if (bus.kind === 'permutation') return;
  const providers = all.filter(({ one }) => one.sign === -1);
  if (providers.length !== 1 || providers[0]?.chip.maxInstances !== 1) {
    throw new CompileError('machine', `lookup bus ${bus.name} must have one table`);
  }
}

function compileChip(chip: ChipDefinition, buses: readonly Bus[]): Chip {
  const nodes = new NodeList();
  const constraints = chip.constraints.map(({ expression }) => nodes.add(expression));
  const interactions = chip.interactions.map(
    ({ bus, sign, multiplicity, message }): Interaction => ({
      bus: buses.indexOf(bus),
      sign,
      multiplicity: nodes.add(multiplicity),
      message: message.map((element) => nodes.add(element)),
    }),
  );
  return {
    name: chip.name,
    mainColumns: chip.mainColumns,
    preprocessedColumns: chip.preprocessedColumns,
    expressions: { nodes: nodes.words },
    constraints,
    interactions,
    minLogHeight: chip.minLogHeight,
    maxLogHeight: chip.maxLogHeight,
    maxInstances: chip.maxInstances,
    presence: chip.presence,
  };
}

/** Numbers the nodes of expressions; equal ones share a number. */
class NodeList {
  readonly words: number[] = [];
  readonly #known = new Map<string, number>();
  readonly #done = new Map<Expression, number>();

  add(node: Expression): number {
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    const index = this.#number(node);
    this.#done.set(node, index);
    return index;
  }

  #number({ operation, value, left, right }: Expression): number {
    if (left === undefined || right === undefined) return this.#intern(operation, value, 0);
    const a = this.add(left);
    const b = this.add(right);
    const commutes = operation === NODE_ADD || operation === NODE_MULTIPLY;
    return commutes && a > b ? this.#intern(operation, b, a) : this.#intern(operation, a, b);
  }

  #intern(operation: number, a: number, b: number): number {
    const key = `${operation},${a},${b}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.words.length / NODE_WORDS;
    this.words.push(operation, a, operation === NODE_CONSTANT ? 0 : b);
    this.#known.set(key, index);
    return index;
  }
}
