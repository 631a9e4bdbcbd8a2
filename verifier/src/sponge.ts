/** The Poseidon2 duplex sponge under the transcript. */
import { add } from './koala-bear.ts';
import { type Digest, permute } from './poseidon2.ts';

/** Elements absorbed or squeezed for each permutation; the other eight are the capacity. */
export const RATE = 8;

/**
 * A duplex sponge with eight elements of rate and eight of capacity. Elements are added to the
 * rate, never written over it. The number of elements in the last block before a squeeze is added
 * to the capacity, so a short block differs from one that ends in zeros. Between a squeeze and the
 * next absorb stands a permutation.
 */
export class Sponge {
  readonly #state: number[];
  #position = 0;
  #squeezing = false;

  /** The initial capacity separates the protocols that use the sponge. */
  constructor(capacity: Digest) {
    this.#state = [...new Array<number>(RATE).fill(0), ...capacity];
  }

  absorb(element: number): void {
    if (this.#squeezing || this.#position === RATE) this.#permute();
    this.#squeezing = false;
    this.#addAt(this.#position++, element);
  }

  squeeze(): number {
    if (!this.#squeezing) {
      this.#addAt(RATE, this.#position);
      this.#permute();
      this.#squeezing = true;
    } else if (this.#position === RATE) {
      this.#permute();
    }
    return this.#state[this.#position++] as number;
  }

  #addAt(index: number, element: number): void {
    this.#state[index] = add(this.#state[index] as number, element);
  }

  #permute(): void {
    permute(this.#state);
    this.#position = 0;
  }
}
