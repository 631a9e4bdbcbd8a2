/** Chips with random expressions. */
import {
  type Chip,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  NODE_WORDS,
} from '@vouch/verifier';
import type { Random } from '../tools/random.ts';
import { EDGES, P } from './kernel-harness.ts';

const MAIN_COLUMNS = 5;
const PREPROCESSED_COLUMNS = 2;

/**
 * Random nodes over five main columns, two preprocessed ones, the row index, both parameters and
 * constants; every constraint is one of the last nodes.
 *
 * @param degree greatest degree of a node in the columns
 */
export function randomChip(random: Random, degree: number, operations = 30): Chip {
  const nodes: number[] = [];
  const degrees: number[] = [];
  const push = (operation: number, a: number, b: number, of: number): number => {
    nodes.push(operation, a, b);
    return degrees.push(of) - 1;
  };
  for (let i = 0; i < MAIN_COLUMNS; i++) push(NODE_MAIN, i, 0, 1);
  for (let i = 0; i < PREPROCESSED_COLUMNS; i++) push(NODE_PREPROCESSED, i, 0, 1);
  push(NODE_CLOSED_FORM, 0, 0, 1);
  for (const parameter of [0, 1]) push(NODE_PARAMETER, parameter, 0, 0);
  for (const value of [0, 1, random.pick(EDGES), random.below(P)]) push(NODE_CONSTANT, value, 0, 0);
  for (let i = 0; i < operations; i++) {
    const [a, b] = [random.below(degrees.length), random.below(degrees.length)];
    const [left, right] = [degrees[a] as number, degrees[b] as number];
    const fits = left + right <= degree;
    const operation = random.pick(
      fits ? [NODE_MULTIPLY, NODE_MULTIPLY, NODE_ADD, NODE_SUBTRACT] : [NODE_ADD, NODE_SUBTRACT],
    );
    push(operation, a, b, operation === NODE_MULTIPLY ? left + right : Math.max(left, right));
  }
  const last = nodes.length / NODE_WORDS - 1;
  return {
    name: 'RANDOM',
    mainColumns: Array.from({ length: MAIN_COLUMNS }, (_, i) => `m${i}`),
    preprocessedColumns: Array.from({ length: PREPROCESSED_COLUMNS }, (_, i) => `p${i}`),
    expressions: { nodes },
    constraints: Array.from({ length: 10 }, (_, i) => last - i),
    interactions: [],
    minLogHeight: 5,
    maxLogHeight: 12,
    maxInstances: 1,
    presence: 'optional',
  };
}
