/**
 * The machine once more, as simple as can be: one instruction after the other on a map of words,
 * with the model of `isa-model.ts`. It writes down what a record must say.
 */
import { decodeAt } from '../../vm/decode.ts';
import type { Instruction } from '../../vm/instruction.ts';
import { HOST_CALL_COMMIT, PRIVATE_INPUT_START, PUBLIC_INPUT_START } from '../../vm/memory-map.ts';
import type { Program } from '../../vm/program.ts';
import { BASE_MODEL, BRANCH_MODEL, MULTIPLY_MODEL } from '../vm/isa-model.ts';

/** An access to one word: its address and the value before. */
export interface WordAccess {
  readonly address: number;
  readonly before: number;
}

/** What one instruction read; 0 where it has no such operand. */
export interface Step {
  readonly pc: number;
  readonly rs1: number;
  readonly rs2: number;
  /** Value of rd before; of a1 for HALT, the number of committed words for COMMIT. */
  readonly old: number;
  /** The word addressed, and the next one if the access reaches into it. */
  readonly words: readonly WordAccess[];
  readonly isStore: boolean;
}

interface Inputs {
  readonly publicInput?: Uint8Array;
  readonly privateInput?: Uint8Array;
}

const REGISTER_OPERATIONS = { ...BASE_MODEL, ...MULTIPLY_MODEL };
const SIZES: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4 };

export class ReferenceMachine {
  readonly registers: Uint32Array = new Uint32Array(32);
  /** Words that differ from 0, by address. */
  readonly memory: Map<number, number> = new Map();
  pc: number;
  journal: number[] = [];
  readonly #program: Program;
  readonly #decoded = new Map<number, Instruction>();

  constructor(program: Program, inputs: Inputs) {
    this.#program = program;
    this.pc = program.entry;
    const { readOnly, writable } = program;
    for (const range of writable === undefined ? readOnly : [...readOnly, writable]) {
      this.#place(range.address, range.bytes);
    }
    this.#placeInput(PUBLIC_INPUT_START, inputs.publicInput);
    this.#placeInput(PRIVATE_INPUT_START, inputs.privateInput);
  }

  word(address: number): number {
    return this.memory.get(address) ?? 0;
  }

  /** Executes one instruction; the program must be one that does not trap. */
  step(): Step {
    const instruction = this.#fetch();
    const { pc, registers } = this;
    this.pc = pc + instruction.length;
    const { mnemonic, rd, rs1 } = instruction;
    if (mnemonic === 'ecall') return this.#hostCall(pc);
    if (/^l(b|h|w|bu|hu)$/.test(mnemonic)) return this.#load(instruction, pc);
    if (/^s(b|h|w)$/.test(mnemonic)) return this.#store(instruction, pc);
    const condition = BRANCH_MODEL[mnemonic];
    if (condition !== undefined) return this.#branch(instruction, pc, condition);
    const old = registers[rd] ?? 0;
    if (mnemonic === 'jal' || mnemonic === 'jalr') {
      const base = mnemonic === 'jal' ? 0 : (registers[rs1] ?? 0);
      const target = mnemonic === 'jal' ? pc + instruction.immediate : base + instruction.immediate;
      this.#write(rd, this.pc);
      this.pc = (target & ~1) >>> 0;
      return { ...nothing(pc), rs1: base, old };
    }
    return this.#compute(instruction, pc, old);
  }

  #compute(instruction: Instruction, pc: number, old: number): Step {
    const { mnemonic, rd, immediate } = instruction;
    if (mnemonic === 'fence' || rd === 0) return nothing(pc);
    if (mnemonic === 'lui' || mnemonic === 'auipc') {
      this.#write(rd, mnemonic === 'lui' ? immediate : pc + immediate);
      return { ...nothing(pc), old };
    }
    const rs1 = this.registers[instruction.rs1] ?? 0;
    const inRegisters = REGISTER_OPERATIONS[mnemonic];
    const rs2 = inRegisters === undefined ? 0 : (this.registers[instruction.rs2] ?? 0);
    // addi is add with an immediate, sltiu is sltu.
    const operation = inRegisters ?? REGISTER_OPERATIONS[mnemonic.replace(/i(u?)$/, '$1')];
    if (operation === undefined) throw new Error(`no model of ${mnemonic}`);
    this.#write(rd, operation(rs1, inRegisters === undefined ? immediate : rs2));
    return { ...nothing(pc), rs1, rs2, old };
  }

  #branch(
    instruction: Instruction,
    pc: number,
    condition: (a: number, b: number) => boolean,
  ): Step {
    const [rs1, rs2] = this.#operands(instruction);
    if (condition(rs1, rs2)) this.pc = pc + instruction.immediate;
    return { ...nothing(pc), rs1, rs2 };
  }

  #load(instruction: Instruction, pc: number): Step {
    const [rs1] = this.#operands(instruction);
    const { mnemonic, rd } = instruction;
    const bytes = SIZES[mnemonic[1] ?? ''] ?? 0;
    const address = (rs1 + instruction.immediate) >>> 0;
    const old = this.registers[rd] ?? 0;
    const words = this.#words(address, bytes);
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.#byte(address + i);
    const signed = !mnemonic.endsWith('u') && value >= 2 ** (8 * bytes - 1);
    this.#write(rd, signed ? value - 2 ** (8 * bytes) : value);
    return { ...nothing(pc), rs1, rs2: words[0]?.before ?? 0, old, words };
  }

  #store(instruction: Instruction, pc: number): Step {
    const [rs1, rs2] = this.#operands(instruction);
    const bytes = SIZES[instruction.mnemonic[1] ?? ''] ?? 0;
    const address = (rs1 + instruction.immediate) >>> 0;
    const words = this.#words(address, bytes);
    for (let i = 0; i < bytes; i++) this.#setByte(address + i, (rs2 >>> (8 * i)) & 0xff);
    return { ...nothing(pc), rs1, rs2, old: words[0]?.before ?? 0, words, isStore: true };
  }

  #hostCall(pc: number): Step {
    const [a0 = 0, a1 = 0] = this.registers.subarray(10);
    const call = this.registers[17] ?? 0;
    if (call !== HOST_CALL_COMMIT) return { ...nothing(pc), rs1: call, rs2: a0, old: a1 };
    return { ...nothing(pc), rs1: call, rs2: a0, old: this.journal.push(a0) - 1 };
  }

  #operands({ rs1, rs2 }: Instruction): [number, number] {
    return [this.registers[rs1] ?? 0, this.registers[rs2] ?? 0];
  }

  #write(rd: number, value: number): void {
    if (rd !== 0) this.registers[rd] = value;
  }

  #words(address: number, bytes: number): WordAccess[] {
    const first = address - (address % 4);
    const last = address + bytes - 1;
    const addresses = last - first < 4 ? [first] : [first, first + 4];
    return addresses.map((at) => ({ address: at, before: this.word(at) }));
  }

  #byte(address: number): number {
    return (this.word(address - (address % 4)) >>> (8 * (address % 4))) & 0xff;
  }

  #setByte(address: number, value: number): void {
    const shift = 8 * (address % 4);
    const at = address - (address % 4);
    this.memory.set(at, ((this.word(at) & ~(0xff << shift)) | (value << shift)) >>> 0);
  }

  #place(address: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      if (byte !== 0) this.#setByte(address + i, byte);
    });
  }

  #placeInput(start: number, input: Uint8Array = new Uint8Array(0)): void {
    this.memory.set(start, input.length);
    this.#place(start + 4, input);
  }

  #fetch(): Instruction {
    const instruction = this.#decoded.get(this.pc) ?? decodeAt(this.#program, this.pc);
    if (instruction === undefined) throw new Error(`no instruction at ${this.pc}`);
    this.#decoded.set(this.pc, instruction);
    return instruction;
  }
}

function nothing(pc: number): Step {
  return { pc, rs1: 0, rs2: 0, old: 0, words: [], isStore: false };
}
