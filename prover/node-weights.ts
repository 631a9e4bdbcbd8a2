/** Which nodes of a chip count how much in the zerocheck's sums. */
import {
  betaPowers,
  type Chip,
  QuinticField as E,
  type InstancePowers,
  type Interaction,
  type Point,
  placeSelector,
  type Quintic,
} from '@vouch/verifier';
import type { ChipAnalysis } from './plan.ts';
import type { ProvingContext } from './proving-context.ts';

const { add, fromBase, mul, neg, scale, sub, ZERO } = E;

/** constant + sum of weight times node. */
export class NodeSum {
  constant: Quintic = ZERO;
  readonly weights: Map<number, Quintic> = new Map();

  add(node: number, weight: Quintic): void {
    this.weights.set(node, add(this.weights.get(node) ?? ZERO, weight));
  }

  addSum(other: NodeSum, factor: Quintic): void {
    this.constant = add(this.constant, mul(factor, other.constant));
    for (const [node, weight] of other.weights) this.add(node, mul(factor, weight));
  }
}

/** N_t and D_t: numerators and denominators weighted by their blocks' selectors. */
export function messageSums(
  context: ProvingContext,
  chip: Chip,
  instance: number,
  leafPoint: Point,
): { numerators: NodeSum; denominators: NodeSum } {
  const { machine, shape, segment, challenges } = context;
  const betas = betaPowers(machine, challenges.beta);
  const numerators = new NodeSum();
  const denominators = new NodeSum();
  for (const block of shape.blocks) {
    if (block.instance !== instance) continue;
    const selector = placeSelector(block, leafPoint);
    const { bus, sign, multiplicity, message } = chip.interactions[
      block.interaction
    ] as Interaction;
    numerators.add(multiplicity, sign === 1 ? selector : neg(selector));
    const offset = messageOffset(context, bus, segment, betas);
    denominators.constant = add(denominators.constant, mul(selector, offset));
    for (const [j, node] of message.entries()) {
      denominators.add(node, neg(mul(selector, betas[j + 1] as Quintic)));
    }
  }
  return { numerators, denominators };
}

/** alpha - bus - tag beta^(W+1): the part of a denominator that is the same in every row. */
export function messageOffset(
  { machine, challenges }: ProvingContext,
  bus: number,
  segment: number,
  betas: readonly Quintic[],
): Quintic {
  const { id, scope } = machine.buses[bus] as ProvingContext['machine']['buses'][number];
  const tag = scope === 'local' ? segment + 1 : 0;
  const tagged = scale(betas[machine.messageWidth + 1] as Quintic, tag);
  return sub(sub(challenges.alpha, fromBase(id)), tagged);
}

/** F_t: constraints and both message sums under their powers of lambda. */
export function zerocheckSum(
  chip: Chip,
  powers: InstancePowers,
  sums: { numerators: NodeSum; denominators: NodeSum },
): NodeSum {
  const total = new NodeSum();
  for (const [i, node] of chip.constraints.entries())
    total.add(node, powers.constraints[i] as Quintic);
  total.addSum(sums.numerators, powers.numerator);
  total.addSum(sums.denominators, powers.denominator);
  return total;
}

/** A node sum with its linear nodes expanded into columns. */
export interface SplitSum {
  readonly constant: Quintic;
  /** By column, as numbered by the analysis. */
  readonly columns: ReadonlyMap<number, Quintic>;
  /** Nodes that are not linear. */
  readonly nodes: readonly number[];
  readonly weights: readonly Quintic[];
}

export function splitSum(analysis: ChipAnalysis, sum: NodeSum): SplitSum {
  let constant = sum.constant;
  const columns = new Map<number, Quintic>();
  const nodes: number[] = [];
  const weights: Quintic[] = [];
  for (const [node, weight] of sum.weights) {
    const form = analysis.linear[node];
    if (form === undefined) {
      nodes.push(node);
      weights.push(weight);
      continue;
    }
    constant = add(constant, scale(weight, form.constant));
    for (const [column, coefficient] of form.coefficients) {
      columns.set(column, add(columns.get(column) ?? ZERO, scale(weight, coefficient)));
    }
  }
  return { constant, columns, nodes, weights };
}
