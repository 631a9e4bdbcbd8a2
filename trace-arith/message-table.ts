/** A multiset of messages with multiplicities modulo p, compared element by element. */
import { KoalaBear } from '@vouch/verifier';

const { add } = KoalaBear;
const FIRST_CAPACITY = 1024;

/** Counts messages of one length. Open addressing; equal hashes are told apart by the contents. */
export class MessageTable {
  readonly length: number;
  #capacity: number = FIRST_CAPACITY;
  #size = 0;
  /** Index of a message plus 1, 0 for a free slot. */
  #slots: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  #messages: Uint32Array;
  #multiplicities: Uint32Array = new Uint32Array(FIRST_CAPACITY / 2);

  constructor(length: number) {
    this.length = length;
    this.#messages = new Uint32Array((FIRST_CAPACITY / 2) * length);
  }

  /** Adds a field element to the multiplicity of a message; returns the message's index. */
  add(message: ArrayLike<number>, multiplicity: number): number {
    const index = this.#find(message);
    this.#multiplicities[index] = add(this.#multiplicities[index] as number, multiplicity);
    return index;
  }

  /** Messages whose multiplicity is not 0. */
  *remainders(): Generator<{ message: number[]; multiplicity: number; index: number }> {
    for (let index = 0; index < this.#size; index++) {
      const multiplicity = this.#multiplicities[index] as number;
      if (multiplicity === 0) continue;
      const first = index * this.length;
      const message = [...this.#messages.subarray(first, first + this.length)];
      yield { message, multiplicity, index };
    }
  }

  #find(message: ArrayLike<number>): number {
    for (let slot = this.#hash(message); ; slot = (slot + 1) & (this.#capacity - 1)) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return this.#insert(slot, message);
      if (this.#equals(entry - 1, message)) return entry - 1;
    }
  }

  #insert(slot: number, message: ArrayLike<number>): number {
    if (2 * (this.#size + 1) > this.#capacity) {
      this.#grow();
      return this.#find(message);
    }
    const index = this.#size++;
    this.#slots[slot] = index + 1;
    for (let j = 0; j < this.length; j++) {
      this.#messages[index * this.length + j] = message[j] as number;
    }
    return index;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity);
    this.#messages = enlarged(this.#messages);
    this.#multiplicities = enlarged(this.#multiplicities);
    for (let index = 0; index < this.#size; index++) {
      const first = index * this.length;
      let slot = this.#hash(this.#messages.subarray(first, first + this.length));
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#capacity - 1);
      this.#slots[slot] = index + 1;
    }
  }

  #equals(index: number, message: ArrayLike<number>): boolean {
    const first = index * this.length;
    for (let j = 0; j < this.length; j++) {
      if (this.#messages[first + j] !== message[j]) return false;
    }
    return true;
  }

  #hash(message: ArrayLike<number>): number {
    let hash = 0x9e37_79b9;
    for (let j = 0; j < this.length; j++) {
      hash = Math.imul(hash ^ (message[j] as number), 0x85eb_ca6b);
      hash ^= hash >>> 15;
    }
    return hash & (this.#capacity - 1);
  }
}

function enlarged(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}
