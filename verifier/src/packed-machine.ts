/**
 * A constraint program in few bytes: what machine.gen.ts holds. Numbers that are not for people are
 * one string for each chip; a number is written in base 32, lowest digit first, one character of
 * base64 (RFC 4648, section 4) for each digit, plus 32 for all digits but the last.
 */
import {
  type Bus,
  type Chip,
  type ConstraintProgram,
  type Interaction,
  NODE_ADD,
  NODE_WORDS,
} from './constraint-program.ts';

export interface PackedMachine {
  readonly name: string;
  readonly version: number;
  readonly messageWidth: number;
  readonly constraintDegree: number;
  readonly buses: readonly Bus[];
  readonly chips: readonly PackedChip[];
}

export interface PackedChip
  extends Pick<Chip, 'name' | 'minLogHeight' | 'maxLogHeight' | 'maxInstances' | 'presence'> {
  /** Names with blanks between them. */
  readonly mainColumns: string;
  readonly preprocessedColumns: string;
  /**
   * The number of nodes; for each its operation, and its operand or how far back its two operands
   * are. The number of constraints, and their nodes. The number of interactions; for each its bus,
   * 1 for a send or 0, its multiplicity, the length of its message, and the message.
   */
  readonly code: string;
}

/** The digits of `PackedChip.code`, from 0 to 63. */
export const PACKED_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Values of a digit, and what marks that another one follows. */
export const PACKED_BASE = 32;

/** The constraint program that was packed. Packed machines are part of the source: none is refused. */
export function unpackMachine(packed: PackedMachine): ConstraintProgram {
  return { ...packed, chips: packed.chips.map(unpackChip) };
}

function unpackChip({ code, ...chip }: PackedChip): Chip {
  const next = numbersOf(code);
  const list = <Item>(item: () => Item): Item[] => Array.from({ length: next() }, item);
  const nodes: number[] = [];
  for (let count = next(); count > 0; count--) {
    const index = nodes.length / NODE_WORDS;
    const operation = next();
    if (operation < NODE_ADD) nodes.push(operation, next(), 0);
    else nodes.push(operation, index - next(), index - next());
  }
  return {
    ...chip,
    mainColumns: namesOf(chip.mainColumns),
    preprocessedColumns: namesOf(chip.preprocessedColumns),
    expressions: { nodes },
    constraints: list(next),
    interactions: list(
      (): Interaction => ({
        bus: next(),
        sign: next() === 1 ? 1 : -1,
        multiplicity: next(),
        message: list(next),
      }),
    ),
  };
}

function namesOf(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** Reads one number after the other. */
function numbersOf(code: string): () => number {
  let at = 0;
  return () => {
    let value = 0;
    for (let place = 1; ; place *= PACKED_BASE) {
      const digit = PACKED_DIGITS.indexOf(code.charAt(at++));
      value += (digit % PACKED_BASE) * place;
      if (digit < PACKED_BASE) return value;
    }
  };
}
