/** A two-pass assembler over the encodings: positions, labels, data and a few pseudo-instructions. */
import { addi, auipc, ecall, inRange, jal, lui, register } from './encodings.ts';

export * from './compressed-encodings.ts';
export * from './encodings.ts';

/** Bytes of an encoding: the two lowest bits of a 32-bit instruction are 11. */
export const encodingLength = (encoding: number): 2 | 4 => ((encoding & 3) === 3 ? 4 : 2);

interface Reference {
  readonly at: number;
  readonly label: string;
  readonly length: 2 | 4;
  readonly encode: (offset: number) => number;
}

export class Assembler {
  /** Address of the first byte. */
  readonly start: number;
  readonly #bytes: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #references: Reference[] = [];

  constructor(start: number) {
    this.start = start;
  }

  /** Address of the next byte. */
  get here(): number {
    return this.start + this.#bytes.length;
  }

  /** Appends instructions, 2 or 4 bytes each as their lowest bits say. */
  put(...encodings: readonly number[]): this {
    for (const encoding of encodings) this.#append(encoding, encodingLength(encoding));
    return this;
  }

  /** Appends words, whatever they mean. */
  word(...values: readonly number[]): this {
    for (const value of values) this.#append(value, 4);
    return this;
  }

  /** Appends half-words, whatever they mean. */
  half(...values: readonly number[]): this {
    for (const value of values) this.#append(value, 2);
    return this;
  }

  /** Appends zeros. */
  space(count: number): this {
    for (let i = 0; i < count; i++) this.#bytes.push(0);
    return this;
  }

  /** Appends zeros up to an address. */
  fillTo(address: number): this {
    return this.space(inRange(address - this.here, 0, 2 ** 31));
  }

  label(name: string): this {
    if (this.#labels.has(name)) throw new Error(`label ${name} is defined twice`);
    this.#labels.set(name, this.here);
    return this;
  }

  /** Address of a label that is already defined. */
  address(label: string): number {
    const address = this.#labels.get(label);
    if (address === undefined) throw new Error(`label ${label} is not defined`);
    return address;
  }

  /** Appends an instruction that needs `label - pc`, known only when all labels are. */
  refer(label: string, length: 2 | 4, encode: (offset: number) => number): this {
    this.#references.push({ at: this.#bytes.length, label, length, encode });
    return this.space(length);
  }

  /** `li rd, value` in one or two 32-bit instructions. */
  li(rd: number, value: number): this {
    const signed = value | 0;
    if (signed >= -2048 && signed <= 2047) return this.put(addi(rd, 0, signed));
    const low = (signed << 20) >> 20;
    const high = ((signed - low) >>> 12) & 0xfffff;
    this.put(lui(rd, high));
    return low === 0 ? this : this.put(addi(rd, rd, low));
  }

  /** `la rd, label`: AUIPC and ADDI. */
  la(rd: number, label: string): this {
    register(rd);
    const low = (offset: number): number => (offset << 20) >> 20;
    this.refer(label, 4, (offset) => auipc(rd, ((offset - low(offset)) >>> 12) & 0xfffff));
    return this.refer(label, 4, (offset) => addi(rd, rd, low(offset + 4)));
  }

  /** `j label` */
  jump(label: string): this {
    return this.refer(label, 4, (offset) => jal(0, offset));
  }

  /** Host call with the number `call` in a7. */
  hostCall(call: number): this {
    return this.li(17, call).put(ecall);
  }

  /** The bytes, all references resolved. */
  assemble(): Uint8Array {
    for (const { at, label, length, encode } of this.#references) {
      const encoding = encode(this.address(label) - (this.start + at));
      if (encodingLength(encoding) !== length) throw new Error(`wrong length at label ${label}`);
      for (let i = 0; i < length; i++) this.#bytes[at + i] = (encoding >>> (8 * i)) & 0xff;
    }
    return Uint8Array.from(this.#bytes);
  }

  #append(value: number, length: 2 | 4): void {
    for (let i = 0; i < length; i++) this.#bytes.push((value >>> (8 * i)) & 0xff);
  }
}
