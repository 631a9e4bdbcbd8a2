/** Plans on plain values: for small tables, and what the kernels are compared with. */
import {
  QuinticField as E,
  NODE_ADD,
  NODE_MULTIPLY,
  NODE_WORDS,
  type Quintic,
} from '@vouch/verifier';
import { PLAN_ADD, PLAN_SUBTRACT } from './kernel-layout.ts';
import type { ChipAnalysis, Plan } from './plan.ts';

/** Values of the plan's outputs for one row of its columns. */
export function evaluatePlan(plan: Plan, row: readonly Quintic[]): Quintic[] {
  const slots: Quintic[] = [...row];
  for (const { slot, value } of plan.constants) slots[slot] = E.fromBase(value);
  for (const { operation, target, a, b } of plan.instructions) {
    const left = slots[a] as Quintic;
    const right = slots[b] as Quintic;
    if (operation === PLAN_ADD) slots[target] = E.add(left, right);
    else if (operation === PLAN_SUBTRACT) slots[target] = E.sub(left, right);
    else slots[target] = E.mul(left, right);
  }
  return plan.outputs.map((slot) => slots[slot] as Quintic);
}

/** Greatest degree of some nodes in the columns. */
export function planDegree({ chip, linear }: ChipAnalysis, wanted: readonly number[]): number {
  const { nodes } = chip.expressions;
  const degrees: number[] = [];
  for (let node = 0; NODE_WORDS * node < nodes.length; node++) {
    const [operation, a, b] = nodes.slice(NODE_WORDS * node) as [number, number, number];
    const form = linear[node];
    if (form !== undefined) degrees.push(form.coefficients.size === 0 ? 0 : 1);
    else if (operation === NODE_MULTIPLY) {
      degrees.push((degrees[a] as number) + (degrees[b] as number));
    } else if (operation >= NODE_ADD) {
      degrees.push(Math.max(degrees[a] as number, degrees[b] as number));
    } else degrees.push(1);
  }
  return Math.max(0, ...wanted.map((node) => degrees[node] as number));
}
