/**
 * The compiled AIR: all that prover, verifier and debug checker know of a machine, as flat data.
 * Written by `compile()` of trace-arith, never by hand.
 *
 * A table of height 2^h is a chip's rows; its columns are multilinear polynomials in the bits of the
 * row index, most significant bit first. There are no references to other rows.
 */

/** Operations of expression nodes. Operands `a`, `b` are as stated; unused operands are 0. */
export const NODE_CONSTANT = 0; // a = value, canonical
export const NODE_MAIN = 1; // a = main column
export const NODE_PREPROCESSED = 2; // a = preprocessed column
export const NODE_CLOSED_FORM = 3; // a = index into CLOSED_FORMS
export const NODE_PARAMETER = 4; // a = index into PARAMETERS
export const NODE_ADD = 5; // a, b = earlier nodes
export const NODE_SUBTRACT = 6;
export const NODE_MULTIPLY = 7;

/**
 * Numbers that the verifier knows and that are the same in every row of an instance: the segment's
 * index from 1; `instanceStart`, the key behind the program's image and the rows of the instances of
 * the same chip before this one.
 */
export const PARAMETERS = ['segment', 'instanceStart'] as const;
export type Parameter = (typeof PARAMETERS)[number];

/**
 * Columns that are a function of the row index i (proof-spec 10), so that nobody commits to them:
 * the index itself; (v, b) of the range table VR, row 2^b + v, row 0 reads (0, 0); bytes x, y and
 * x & y of row 2^8 x + y; u, 2^u, 2^(16-u) for u = i mod 16.
 */
export const CLOSED_FORMS = [
  'index',
  'rangeValue',
  'rangeBits',
  'andLeft',
  'andRight',
  'andResult',
  'powerExponent',
  'power',
  'powerComplement',
] as const;
export type ClosedForm = (typeof CLOSED_FORMS)[number];

/** Expressions of a chip: three words for each node (operation, a, b); operands precede their users. */
export interface Expressions {
  readonly nodes: readonly number[];
}

export interface Interaction {
  /** Index into `ConstraintProgram.buses`. */
  readonly bus: number;
  /** +1 for send, -1 for receive; lookups are sends, the table receives. */
  readonly sign: 1 | -1;
  /** Node of the multiplicity, before the sign. */
  readonly multiplicity: number;
  /** Nodes of the message, at most `messageWidth`. */
  readonly message: readonly number[];
}

export interface Bus {
  readonly name: string;
  /** Fingerprint constant, >= 1, distinct. */
  readonly id: number;
  readonly kind: 'permutation' | 'lookup';
  /** Global buses carry tag 0, local ones segment + 1. */
  readonly scope: 'global' | 'local';
}

export interface Chip {
  readonly name: string;
  /** Names of committed columns, for messages to people. */
  readonly mainColumns: readonly string[];
  readonly preprocessedColumns: readonly string[];
  readonly expressions: Expressions;
  /** Nodes that are zero in every row. */
  readonly constraints: readonly number[];
  readonly interactions: readonly Interaction[];
  /** Base-2 logarithm of the least and the greatest height. */
  readonly minLogHeight: number;
  readonly maxLogHeight: number;
  /** Instances allowed in one segment. */
  readonly maxInstances: number;
  /** `last`: in the last segment only, where it is required. `required`: in every segment. */
  readonly presence: 'optional' | 'required' | 'last' | 'lastOptional';
}

export interface ConstraintProgram {
  readonly name: string;
  readonly version: number;
  readonly buses: readonly Bus[];
  /** Longest message of the machine; the tag's power of beta is one more. */
  readonly messageWidth: number;
  /** Greatest degree of a constraint, at most 4, and of a message times multiplicity. */
  readonly constraintDegree: number;
  readonly chips: readonly Chip[];
}

/** Words of the node list that one node takes. */
export const NODE_WORDS = 3;
