/**
 * A small machine with all that a receipt is about: a program in preprocessed tables, a path of
 * execution through segments, memory with public input, image and heap, a journal, an exit. A
 * program is a list of jumps, of words to deliver to the journal, and of halts. It is no example of
 * a sound machine: nothing keeps the order of a word's accesses within a segment.
 */
import {
  type Chip,
  type ConstraintProgram,
  describeMachine,
  HALT_PC,
  type Interaction,
  type Machine,
  MEMORY_END_KEY,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_CONSTANT,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PARAMETER,
  NODE_PREPROCESSED,
  NODE_SUBTRACT,
  type ParameterSet,
  PUBLIC_INPUT_KEY,
} from '@vouch/verifier';
import { toyParameters } from './toy-machine.ts';

export const JUMP = 0;
export const DELIVER = 1;
export const HALT = 2;
export const SINK = 3;
export const HEAP = 4;
export const IMAGE = 5;
export const PROG = 6;

/** Buses, as indices. */
const EXEC = 0;
const PROGRAM = 1;
const MEMORY = 2;
const JOURNAL = 3;
const EXIT = 4;

export const OPERATION_JUMP = 1;
export const OPERATION_DELIVER = 2;
export const OPERATION_HALT = 3;

/** Writes a chip node by node; methods return node indices. */
class Sketch {
  readonly #words: number[] = [];
  readonly #main: string[] = [];
  readonly #preprocessed: string[] = [];
  readonly #constraints: number[] = [];
  readonly #interactions: Interaction[] = [];

  node(operation: number, a: number, b = 0): number {
    this.#words.push(operation, a, b);
    return this.#words.length / 3 - 1;
  }

  main(...names: string[]): number[] {
    return names.map((name) => this.node(NODE_MAIN, this.#main.push(name) - 1));
  }

  preprocessed(...names: string[]): number[] {
    return names.map((name) => this.node(NODE_PREPROCESSED, this.#preprocessed.push(name) - 1));
  }

  constant(value: number): number {
    return this.node(NODE_CONSTANT, value);
  }

  real(): number {
    const [real = 0] = this.main('real');
    const rest = this.node(NODE_SUBTRACT, this.constant(1), real);
    this.#constraints.push(this.node(NODE_MULTIPLY, real, rest));
    return real;
  }

  message(bus: number, sign: 1 | -1, multiplicity: number, message: number[]): void {
    this.#interactions.push({ bus, sign, multiplicity, message });
  }

  chip(shape: Pick<Chip, 'name' | 'presence' | 'maxInstances'>): Chip {
    return {
      ...shape,
      mainColumns: this.#main,
      preprocessedColumns: this.#preprocessed,
      expressions: { nodes: this.#words },
      constraints: this.#constraints,
      interactions: this.#interactions,
      minLogHeight: 1,
      maxLogHeight: 6,
    };
  }
}

/** Fetches (pc, operation, next, a, b) and goes from (pc, c) to (next, c + 1). */
function step(
  sketch: Sketch,
  real: number,
  [pc, cycle]: [number, number],
  operation: number,
  [next, a, b]: [number, number, number],
): void {
  sketch.message(PROGRAM, 1, real, [pc, sketch.constant(operation), next, a, b]);
  sketch.message(EXEC, -1, real, [pc, cycle]);
  const after = sketch.node(NODE_ADD, cycle, sketch.constant(1));
  sketch.message(EXEC, 1, real, [next, after]);
}

function jumpChip(): Chip {
  const sketch = new Sketch();
  const real = sketch.real();
  const [pc = 0, cycle = 0, next = 0] = sketch.main('pc', 'cycle', 'next');
  const zero = sketch.constant(0);
  step(sketch, real, [pc, cycle], OPERATION_JUMP, [next, zero, zero]);
  return sketch.chip({ name: 'JUMP', presence: 'optional', maxInstances: 2 });
}

function deliverChip(): Chip {
  const sketch = new Sketch();
  const real = sketch.real();
  const [pc = 0, cycle = 0, next = 0] = sketch.main('pc', 'cycle', 'next');
  const [key = 0, low = 0, high = 0] = sketch.main('key', 'low', 'high');
  const [before = 0, index = 0] = sketch.main('previousSegment', 'index');
  step(sketch, real, [pc, cycle], OPERATION_DELIVER, [next, key, index]);
  sketch.message(MEMORY, -1, real, [key, low, high, before]);
  sketch.message(MEMORY, 1, real, [key, low, high, sketch.node(NODE_PARAMETER, 0)]);
  sketch.message(JOURNAL, 1, real, [index, low, high]);
  return sketch.chip({ name: 'DELIVER', presence: 'optional', maxInstances: 2 });
}

function haltChip(): Chip {
  const sketch = new Sketch();
  const real = sketch.real();
  const [pc = 0, cycle = 0] = sketch.main('pc', 'cycle');
  const [code = 0, length = 0] = sketch.main('code', 'length');
  step(sketch, real, [pc, cycle], OPERATION_HALT, [sketch.constant(HALT_PC), code, length]);
  const zero = sketch.constant(0);
  sketch.message(EXIT, 1, real, [code, zero, length, zero]);
  return sketch.chip({ name: 'HALT', presence: 'optional', maxInstances: 1 });
}

function sinkChip(): Chip {
  const sketch = new Sketch();
  const real = sketch.real();
  sketch.message(MEMORY, -1, real, sketch.main('key', 'low', 'high', 'lastSegment'));
  return sketch.chip({ name: 'SINK', presence: 'last', maxInstances: 1 });
}

function heapChip(): Chip {
  const sketch = new Sketch();
  const start = sketch.node(NODE_PARAMETER, 1);
  const key = sketch.node(NODE_ADD, start, sketch.node(NODE_CLOSED_FORM, 0));
  const [one, zero] = [sketch.constant(1), sketch.constant(0)];
  sketch.message(MEMORY, 1, one, [key, zero, zero, zero]);
  sketch.message(MEMORY, -1, one, [key, ...sketch.main('low', 'high', 'lastSegment')]);
  return sketch.chip({ name: 'HEAP', presence: 'lastOptional', maxInstances: 2 });
}

function imageChip(): Chip {
  const sketch = new Sketch();
  const word = sketch.preprocessed('key', 'low', 'high');
  const [selector = 0] = sketch.preprocessed('selector');
  sketch.message(MEMORY, 1, selector, [...word, sketch.constant(0)]);
  sketch.message(MEMORY, -1, selector, [...word, ...sketch.main('lastSegment')]);
  return sketch.chip({ name: 'IMAGE', presence: 'last', maxInstances: 1 });
}

function programChip(): Chip {
  const sketch = new Sketch();
  const message = sketch.preprocessed('pc', 'operation', 'next', 'a', 'b');
  const [count = 0] = sketch.main('count');
  sketch.message(PROGRAM, -1, count, message);
  return sketch.chip({ name: 'PROG', presence: 'required', maxInstances: 1 });
}

export const courierConstraints: ConstraintProgram = {
  name: 'courier',
  version: 1,
  buses: [
    { name: 'EXEC', id: 1, kind: 'permutation', scope: 'local' },
    { name: 'PROG', id: 2, kind: 'lookup', scope: 'local' },
    { name: 'GLOBAL_MEM', id: 3, kind: 'permutation', scope: 'global' },
    { name: 'PV', id: 4, kind: 'permutation', scope: 'global' },
    { name: 'EXIT', id: 5, kind: 'permutation', scope: 'global' },
  ],
  messageWidth: 5,
  constraintDegree: 2,
  chips: [
    jumpChip(),
    deliverChip(),
    haltChip(),
    sinkChip(),
    heapChip(),
    imageChip(),
    programChip(),
  ],
};

/** Two sizes of chunks, so that a program has two roots. */
export const courierParameters: ParameterSet = {
  ...toyParameters,
  name: 'courier',
  logRows: (cells) => (cells <= 64 ? 5 : 6),
};

/** The same rounds under the name of a set that promises more. */
export const boastfulParameters: ParameterSet = {
  ...courierParameters,
  id: 3,
  name: 'boastful',
  securityBits: 100,
};

export const courier: Machine = describeMachine(
  courierConstraints,
  [courierParameters, boastfulParameters],
  [5, 6],
);

/** Keys of the words that the program delivers. */
export const INPUT_WORD: number = PUBLIC_INPUT_KEY + 1;
export const IMAGE_KEY = 0x4000;
export const IMAGE_END: number = MEMORY_END_KEY - 64;
