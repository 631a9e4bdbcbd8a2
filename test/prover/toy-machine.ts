import {
  type Chip,
  type ConstraintProgram,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  type ParameterSet,
  type WhirRound,
} from '@vouch/verifier';
import type { Table } from '../../prover/table.ts';

/** Collects nodes; returns their indices. */
class Nodes {
  readonly words: number[] = [];

  add(operation: number, a: number, b = 0): number {
    this.words.push(operation, a, b);
    return this.words.length / 3 - 1;
  }
}

/**
 * Squares: `real` rows look (x, x^2) up in a preprocessed table and pass x on from bus to bus:
 * send (x, 1), receive (x, 1). Degree 4 is reached by real (real - 1) (x - x) ... in `cube`.
 */
function squaresChip(): Chip {
  const n = new Nodes();
  const real = n.add(NODE_MAIN, 0);
  const x = n.add(NODE_MAIN, 1);
  const y = n.add(NODE_MAIN, 2);
  const cube = n.add(NODE_MAIN, 3);
  const one = n.add(NODE_CONSTANT, 1);
  const notReal = n.add(NODE_SUBTRACT, one, real);
  const boolean = n.add(NODE_MULTIPLY, real, notReal);
  const xx = n.add(NODE_MULTIPLY, x, x);
  const xxx = n.add(NODE_MULTIPLY, xx, x);
  const cubeError = n.add(NODE_SUBTRACT, xxx, cube);
  const gatedCube = n.add(NODE_MULTIPLY, real, cubeError);
  const successor = n.add(NODE_ADD, x, one);
  return {
    name: 'SQUARES',
    mainColumns: ['real', 'x', 'y', 'cube'],
    preprocessedColumns: [],
    expressions: { nodes: n.words },
    constraints: [boolean, gatedCube],
    interactions: [
      { bus: 0, sign: 1, multiplicity: real, message: [x, y] },
      { bus: 1, sign: -1, multiplicity: real, message: [x] },
      { bus: 1, sign: 1, multiplicity: real, message: [successor] },
    ],
    minLogHeight: 5,
    maxLogHeight: 12,
    maxInstances: 2,
    presence: 'optional',
  };
}

/** Preprocessed (i, i^2) with the number of look-ups in a main column. */
function tableChip(): Chip {
  const n = new Nodes();
  const count = n.add(NODE_MAIN, 0);
  const index = n.add(NODE_CLOSED_FORM, 0);
  const square = n.add(NODE_PREPROCESSED, 0);
  return {
    name: 'TABLE',
    mainColumns: ['count'],
    preprocessedColumns: ['square'],
    expressions: { nodes: n.words },
    constraints: [],
    interactions: [{ bus: 0, sign: -1, multiplicity: count, message: [index, square] }],
    minLogHeight: 5,
    maxLogHeight: 12,
    maxInstances: 1,
    presence: 'required',
  };
}

export const toyMachine: ConstraintProgram = {
  name: 'toy',
  version: 1,
  buses: [
    { name: 'SQUARE', id: 1, kind: 'lookup', scope: 'local' },
    { name: 'STEP', id: 2, kind: 'permutation', scope: 'local' },
  ],
  messageWidth: 2,
  constraintDegree: 4,
  chips: [squaresChip(), tableChip()],
};

export const toyParameters: ParameterSet = {
  id: 0,
  name: 'toy',
  securityBits: 0,
  lookupWork: 2,
  logRows: (cells) => (cells <= 1024 ? 6 : 10),
  schedule: (logChunks, logRows) => ({
    rounds: [toyRound(logChunks, 1, 8, 0), toyRound(2, 2, 5, 1), toyRound(2, 3, 3, 1)],
    finalVariables: logRows - 4,
  }),
};

function toyRound(
  foldedVariables: number,
  logInverseRate: number,
  queries: number,
  outOfDomainSamples: number,
): WhirRound {
  const regime = { kind: 'unique' } as const;
  const work = { queryWork: 2, foldWork: 1 };
  return { regime, foldedVariables, logInverseRate, queries, outOfDomainSamples, ...work };
}

/**
 * Steps x = 0, 1, ..., steps - 1 in two tables, and the table of squares. Heights are logarithms;
 * together the two tables need `steps` rows.
 */
export function toyTables(
  steps: number,
  heights: readonly [number, number, number] = [5, 5, 6],
): Table[] {
  const [first, second, table] = heights;
  const inFirst = Math.min(steps, 2 ** first);
  const counts = new Uint32Array(2 ** table).fill(1, 0, steps);
  const squares = Uint32Array.from(counts, (_, i) => i * i);
  return [
    squaresTable(0, inFirst, first),
    squaresTable(inFirst, steps - inFirst, second),
    { chip: 1, logHeight: table, main: [counts], preprocessed: [squares] },
  ];
}

function squaresTable(start: number, count: number, logHeight: number): Table {
  const rows = 2 ** logHeight;
  const column = (value: (x: number) => number): Uint32Array =>
    Uint32Array.from({ length: rows }, (_, i) => (i < count ? value(start + i) : 0));
  const main = [column(() => 1), column((x) => x), column((x) => x * x), column((x) => x ** 3)];
  return { chip: 0, logHeight, main, preprocessed: [] };
}
