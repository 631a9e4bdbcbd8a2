/** Field elements in the kernels' memory, read and written as canonical elements. */
import { KoalaBear, type Quintic } from '@vouch/verifier';
import { fromMontgomery, toMontgomery } from '../montgomery.ts';

/** Views of a memory. All places are byte offsets. */
export class FieldMemory {
  readonly words: Uint32Array;

  constructor(memory: WebAssembly.Memory) {
    this.words = new Uint32Array(memory.buffer);
  }

  word(at: number): number {
    return this.words[at / 4] as number;
  }

  setWord(at: number, value: number): void {
    this.words[at / 4] = value;
  }

  element(at: number): number {
    return fromMontgomery(this.word(at));
  }

  setElement(at: number, value: number): void {
    this.setWord(at, toMontgomery(value));
  }

  /** Element i of a vector over E in planes. */
  quintic(at: number, stride: number, i: number): Quintic {
    return coordinates((j) => this.element(at + j * stride + 4 * i));
  }

  setQuintic(at: number, stride: number, i: number, value: Quintic): void {
    for (const [j, c] of value.entries()) this.setElement(at + j * stride + 4 * i, c);
  }

  /** Five consecutive elements. */
  constant(at: number): Quintic {
    return this.quintic(at, 4, 0);
  }

  /** Eight consecutive words. */
  eightWords(at: number): Uint32Array {
    return this.words.slice(at / 4, at / 4 + 8);
  }
}

function coordinates(of: (j: number) => number): Quintic {
  return [of(0), of(1), of(2), of(3), of(4)];
}

/** i with its `bits` low bits in reverse order. */
export function reverseBits(i: number, bits: number): number {
  let reversed = 0;
  for (let b = 0; b < bits; b++) reversed |= ((i >>> b) & 1) << (bits - 1 - b);
  return reversed;
}

/** floor(2^32 w / p). */
export function shoupQuotient(w: number): number {
  return Number((BigInt(w) << 32n) / BigInt(KoalaBear.MODULUS));
}
