/**
 * The multiplicity rule (proof-spec, section 1): what may stand in front of a message.
 *
 * On a permutation bus a multiplicity that the prover chooses freely lets a padding row receive -1
 * times, which moves a token back in time. So a multiplicity is one of
 *
 * - the constant 1, or a preprocessed column, which is a selector;
 * - `real`, which is 0 or 1;
 * - f or `real - f`, where f is 0 or 1 and 0 in padding rows: either a column with f(1 - f) = 0 and
 *   f(1 - real) = 0, or a sum of some of the one-hot columns whose sum is `real`;
 * - a free column, for the provider of a lookup bus only: a wrong number of times unbalances it.
 */
import { NODE_CONSTANT, NODE_MAIN, NODE_PREPROCESSED } from '@vouch/verifier';
import type { ChipDefinition, InteractionDefinition } from './builder.ts';
import { type Expression, expression } from './expression.ts';
import { type Polynomial, polynomial, sameUpToSign } from './polynomial.ts';

/** What is wrong with the multiplicity; undefined if it is allowed. */
export function multiplicityProblem(
  chip: ChipDefinition,
  interaction: InteractionDefinition,
): string | undefined {
  const { multiplicity, bus, sign } = interaction;
  if (multiplicity.operation === NODE_CONSTANT) {
    return multiplicity.value === 1 ? undefined : 'a constant multiplicity must be 1';
  }
  if (multiplicity.operation === NODE_PREPROCESSED) return undefined;
  const provides = bus.kind === 'lookup' && sign === -1;
  if (provides) {
    return multiplicity.operation === NODE_MAIN ? undefined : 'a provider counts in a column';
  }
  if (chip.real === undefined) return 'the chip does not tell real rows from padding';
  if (multiplicity.degree !== 1) return 'a multiplicity must be linear';
  const rules = new Rules(chip, chip.real);
  if (!rules.isBoolean(chip.real)) return '`real` is not constrained to 0 and 1';
  if (sameUpToSign(polynomial(multiplicity), polynomial(chip.real))) {
    return isNegated(multiplicity) ? 'a multiplicity must not be negative' : undefined;
  }
  const rest = chip.real.sub(multiplicity);
  if (rules.isGated(multiplicity) || rules.isGated(rest)) return undefined;
  return 'neither f nor real - f with f(1 - f) = 0 and f(1 - real) = 0';
}

/** A polynomial whose coefficients are all 1 counts; its negative does not. */
function isNegated(value: Expression): boolean {
  return [...polynomial(value).values()].some((coefficient) => coefficient !== 1);
}

class Rules {
  readonly #real: Expression;
  readonly #constraints: readonly Polynomial[];

  constructor(chip: ChipDefinition, real: Expression) {
    this.#real = real;
    this.#constraints = chip.constraints
      .filter((constraint) => constraint.expression.degree <= 2)
      .map((constraint) => polynomial(constraint.expression));
  }

  isBoolean(value: Expression): boolean {
    return this.#has(value.mul(expression(1).sub(value)));
  }

  /** 0 or 1, and 0 where `real` is 0. */
  isGated(value: Expression): boolean {
    const terms = polynomial(value);
    if (terms.size === 0 || [...terms].some(([name, n]) => name === '' || n !== 1)) return false;
    if (this.isBoolean(value) && this.#has(value.mul(expression(1).sub(this.#real)))) return true;
    const parts = polynomial(this.#real);
    return parts.size > 1 && [...terms.keys()].every((name) => this.#isOneHotPart(name, parts));
  }

  #isOneHotPart(name: string, parts: Polynomial): boolean {
    if (parts.get(name) !== 1) return false;
    const square: Polynomial = new Map([
      [name, 1],
      [`${name}*${name}`, -1],
    ]);
    return this.#constraints.some((constraint) => isSquareRule(constraint, square));
  }

  #has(wanted: Expression): boolean {
    const terms = polynomial(wanted);
    return this.#constraints.some((constraint) => sameUpToSign(constraint, terms));
  }
}

/** Whether a constraint is x - x^2 = 0, up to its sign. */
function isSquareRule(constraint: Polynomial, square: Polynomial): boolean {
  if (constraint.size !== 2) return false;
  const [linear, quadratic] = [...square.keys()].map((name) => constraint.get(name));
  if (linear === undefined || quadratic === undefined) return false;
  return (linear === 1) !== (quadratic === 1);
}
