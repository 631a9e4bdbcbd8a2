/**
 * Polynomials over a chip's row, as small immutable trees. `compile` shares equal parts and numbers
 * them; nothing here knows about rows or values.
 */
import {
  CLOSED_FORMS,
  type ClosedForm,
  KoalaBear,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  PARAMETERS,
  type Parameter,
} from '@vouch/verifier';

const { MODULUS, add, inverse, mul, sub } = KoalaBear;

/** What the operators take: numbers are integers, negative ones stand for p - |n|. */
export type Operand = Expression | number;

/** A polynomial in the cells of one row. */
export class Expression {
  /** One of the NODE constants. */
  readonly operation: number;
  /** Value, column or index for leaves. */
  readonly value: number;
  readonly left: Expression | undefined;
  readonly right: Expression | undefined;
  /** Total degree in the cells of the row. */
  readonly degree: number;

  constructor(operation: number, value: number, left?: Expression, right?: Expression) {
    this.operation = operation;
    this.value = value;
    this.left = left;
    this.right = right;
    this.degree = degreeOf(operation, left?.degree ?? 0, right?.degree ?? 0);
  }

  add(other: Operand): Expression {
    const right = expression(other);
    if (isConstant(this) && isConstant(right)) return constant(add(this.value, right.value));
    if (isZero(right)) return this;
    return isZero(this) ? right : new Expression(NODE_ADD, 0, this, right);
  }

  sub(other: Operand): Expression {
    const right = expression(other);
    if (isConstant(this) && isConstant(right)) return constant(sub(this.value, right.value));
    return isZero(right) ? this : new Expression(NODE_SUBTRACT, 0, this, right);
  }

  mul(other: Operand): Expression {
    const right = expression(other);
    if (isConstant(this) && isConstant(right)) return constant(mul(this.value, right.value));
    if (isZero(this) || isZero(right)) return constant(0);
    if (isOne(right)) return this;
    return isOne(this) ? right : new Expression(NODE_MULTIPLY, 0, this, right);
  }

  /** Product with the field's inverse of a non-zero integer. */
  div(divisor: number): Expression {
    return this.mul(inverse(canonical(divisor)));
  }
}

export function constant(value: number): Expression {
  return new Expression(NODE_CONSTANT, canonical(value));
}

export function expression(operand: Operand): Expression {
  return typeof operand === 'number' ? constant(operand) : operand;
}

export function mainColumn(index: number): Expression {
  return new Expression(NODE_MAIN, index);
}

export function preprocessedColumn(index: number): Expression {
  return new Expression(NODE_PREPROCESSED, index);
}

export function closedForm(name: ClosedForm): Expression {
  return new Expression(NODE_CLOSED_FORM, CLOSED_FORMS.indexOf(name));
}

export function parameter(name: Parameter): Expression {
  return new Expression(NODE_PARAMETER, PARAMETERS.indexOf(name));
}

/** Sum of terms; 0 if there are none. */
export function sum(terms: readonly Operand[]): Expression {
  return terms.reduce<Expression>((total, term) => total.add(term), constant(0));
}

/** `condition` ? `yes` : `no`, for a condition that is 0 or 1. */
export function select(condition: Expression, yes: Operand, no: Operand): Expression {
  return condition.mul(expression(yes).sub(no)).add(no);
}

function canonical(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer`);
  const rest = value % MODULUS;
  return rest < 0 ? rest + MODULUS : rest;
}

function degreeOf(operation: number, left: number, right: number): number {
  if (operation === NODE_MULTIPLY) return left + right;
  if (operation === NODE_ADD || operation === NODE_SUBTRACT) return Math.max(left, right);
  return operation === NODE_CONSTANT || operation === NODE_PARAMETER ? 0 : 1;
}

function isConstant(node: Expression): boolean {
  return node.operation === NODE_CONSTANT;
}

function isZero(node: Expression): boolean {
  return isConstant(node) && node.value === 0;
}

function isOne(node: Expression): boolean {
  return isConstant(node) && node.value === 1;
}
