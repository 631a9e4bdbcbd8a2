/** Draws the items of which random programs are made: short groups of instructions. */
import { EDGE_VALUES } from './guest-program.ts';
import {
  assemblyText,
  INSTRUCTION_SET,
  type InstructionForm,
  type Kind,
  type Operand,
} from './instruction-set.ts';
import type { Random } from './random.ts';

/** One instruction; jumps compute their operands from the distance to the item's target. */
interface Piece {
  readonly form: InstructionForm;
  readonly operands: (distance: number) => readonly number[];
}

/** Instructions that are kept or left out together. */
export interface Item {
  readonly pieces: readonly Piece[];
  /** Items jumped over, if the jump is taken; 0 without a jump. */
  readonly skip: number;
  readonly bytes: number;
}

/** Encodings of an item whose target is `distance` bytes behind its first byte. */
export const itemEncodings = (item: Item, distance: number): number[] =>
  item.pieces.map(({ form, operands }) => form.encode(...operands(distance)));

export const itemText = (item: Item, distance: number): string[] =>
  item.pieces.map(({ form, operands }) => assemblyText(form, operands(distance)));

/** The base register points `BEFORE` bytes behind the start of the scratch area. */
export const SCRATCH_BYTES_BEFORE = 2048;
/** Loads may reach from here ... */
const FIRST_LOADABLE = -2048;
/** ... and stores from here, so that the values below stay as they are ... */
const FIRST_STORABLE = -1024;
/** ... up to here, exclusive, relative to the base. */
export const SCRATCH_BYTES_BEHIND = 1900;
const LARGEST_ACCESS = 4;

const byKind = (kind: Kind): InstructionForm[] => INSTRUCTION_SET.filter((f) => f.kind === kind);
const named = (name: string): InstructionForm => {
  const found = INSTRUCTION_SET.find((form) => form.name === name);
  if (found === undefined) throw new Error(`no instruction ${name}`);
  return found;
};
const FORMS: Readonly<Record<Kind, readonly InstructionForm[]>> = {
  compute: byKind('compute'),
  load: byKind('load'),
  store: byKind('store'),
  branch: byKind('branch'),
  jump: byKind('jump'),
  'jump-register': byKind('jump-register'),
};
const [ADD, ADDI, ANDI, AUIPC, LUI] = ['add', 'addi', 'andi', 'auipc', 'lui'].map(named) as [
  InstructionForm,
  InstructionForm,
  InstructionForm,
  InstructionForm,
  InstructionForm,
];

/** Draws items in which the register `base` is never written. */
export class ItemSource {
  readonly #random: Random;
  readonly #base: number;

  constructor(random: Random, base: number) {
    this.#random = random;
    this.#base = base;
  }

  next(): Item {
    const roll = this.#random.below(100);
    if (roll < 55) return this.#compute();
    if (roll < 63) return this.#edgeValue();
    if (roll < 76) return this.#memory('load');
    if (roll < 87) return this.#memory('store');
    if (roll < 95) return this.#branch();
    if (roll < 98) return this.#jump();
    return this.#jumpRegister();
  }

  #compute(): Item {
    for (;;) {
      const form = this.#random.pick(FORMS.compute);
      const operands = this.#operands(form);
      const overwrites = operands[form.destination] === this.#base;
      const movesStack = form.name === 'c.addi16sp' && this.#base === 2;
      const isHostHint = form.name === 'slti' && operands[0] === 0 && operands[1] === 0;
      if (!overwrites && !movesStack && !isHostHint) return group([fixed(form, operands)]);
    }
  }

  #edgeValue(): Item {
    const rd = this.#writable();
    const value = this.#random.pick(EDGE_VALUES) | 0;
    const low = (value << 20) >> 20;
    const high = ((value - low) >>> 12) & 0xfffff;
    return group([fixed(LUI, [rd, high]), fixed(ADDI, [rd, rd, low])]);
  }

  /** An access relative to the base, or to a register that a random value has moved from it. */
  #memory(kind: 'load' | 'store'): Item {
    const first = kind === 'load' ? FIRST_LOADABLE : FIRST_STORABLE;
    for (;;) {
      const form = this.#random.pick(FORMS[kind]);
      const moved = this.#random.chance(0.5);
      const address = moved ? this.#writable() : this.#base;
      const last = SCRATCH_BYTES_BEHIND - LARGEST_ACCESS - (moved ? 1023 : 0);
      const data = kind === 'load' ? this.#register() : this.#random.below(32);
      const operands = this.#accessOperands(form, data, address, first, last);
      if (operands === undefined || (kind === 'load' && data === this.#base)) continue;
      const move = [
        fixed(ANDI, [address, this.#random.below(32), 0x3ff]),
        fixed(ADD, [address, address, this.#base]),
      ];
      return group([...(moved ? move : []), fixed(form, operands)]);
    }
  }

  /** Undefined if the form cannot have these registers. */
  #accessOperands(
    form: InstructionForm,
    data: number,
    address: number,
    first: number,
    last: number,
  ): readonly number[] | undefined {
    const [dataKind = 'x', offset, addressKind] = form.operands;
    if (offset === undefined || typeof offset === 'string') return undefined;
    if (!allows(dataKind, data)) return undefined;
    if (addressKind === undefined ? address !== 2 : !allows(addressKind, address)) return undefined;
    const low = Math.max(offset.low, first);
    const value = this.#random.between(low, Math.min(offset.high, last), offset.step);
    return addressKind === undefined ? [data, value] : [data, value, address];
  }

  #branch(): Item {
    const form = this.#random.pick(FORMS.branch);
    const registers = form.operands.slice(0, -1).map((operand) => this.#operand(operand));
    return jump([{ form, operands: (distance) => [...registers, distance] }], this.#skip());
  }

  #jump(): Item {
    const form = this.#random.pick(FORMS.jump);
    if (form.name === 'jal') {
      const rd = this.#register();
      return jump([{ form, operands: (distance) => [rd, distance] }], this.#skip());
    }
    if (form.name === 'c.jal' && this.#base === 1) return this.#jump();
    return jump([{ form, operands: (distance) => [distance] }], this.#skip());
  }

  /** AUIPC, ADDI and an indirect jump; bit 0 of the target does not matter. */
  #jumpRegister(): Item {
    const form = this.#random.pick(FORMS['jump-register']);
    if (form.name === 'c.jalr' && this.#base === 1) return this.#jumpRegister();
    const target = this.#writable();
    const odd = this.#random.below(2);
    const offset = form.name === 'jalr' ? this.#random.between(-1024, 1023) : 0;
    const link = this.#register();
    const last = form.name === 'jalr' ? [link, offset, target] : [target];
    return jump(
      [
        fixed(AUIPC, [target, 0]),
        { form: ADDI, operands: (distance) => [target, target, distance - offset + odd] },
        fixed(form, last),
      ],
      this.#skip(),
    );
  }

  #skip(): number {
    return 1 + this.#random.below(5);
  }

  #operands(form: InstructionForm): number[] {
    return form.operands.map((operand) => this.#operand(operand));
  }

  #operand(operand: Operand): number {
    if (typeof operand === 'string') {
      for (;;) {
        const register = operand === "x'" ? this.#random.between(8, 15) : this.#random.below(32);
        if (allows(operand, register)) return register;
      }
    }
    const { low, high, step, zero } = operand;
    for (;;) {
      const value = this.#random.chance(0.25)
        ? this.#random.pick([low, high, low + step, high - step, 0, step])
        : this.#random.between(low, high, step);
      if (zero || value !== 0) return value;
    }
  }

  /** Any register but the base. */
  #register(): number {
    for (;;) {
      const register = this.#random.below(32);
      if (register !== this.#base) return register;
    }
  }

  /** Any register but the base and x0. */
  #writable(): number {
    for (;;) {
      const register = this.#register();
      if (register !== 0) return register;
    }
  }
}

function allows(operand: Operand, register: number): boolean {
  if (operand === "x'") return register >= 8 && register <= 15;
  if (operand === 'x+') return register !== 0;
  if (operand === 'x-lui') return register !== 2;
  return operand === 'x';
}

const fixed = (form: InstructionForm, operands: readonly number[]): Piece => ({
  form,
  operands: () => operands,
});

const length = (piece: Piece): number => (piece.form.name.startsWith('c.') ? 2 : 4);
const bytesOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + length(piece), 0);
const group = (pieces: readonly Piece[]): Item => ({ pieces, skip: 0, bytes: bytesOf(pieces) });
const jump = (pieces: readonly Piece[], skip: number): Item => ({
  pieces,
  skip,
  bytes: bytesOf(pieces),
});
