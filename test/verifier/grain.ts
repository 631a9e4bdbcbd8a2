/**
 * The Grain LFSR of the Poseidon paper (eprint 2019/458, appendix E) in self-shrinking mode, as it
 * makes round constants for x^alpha over a prime field: 80 bits of state, taps 0, 13, 23, 38, 51
 * and 62, the first 160 bits dropped.
 */
export class Grain {
  readonly #state: number[];

  constructor(parameters: {
    bits: number;
    width: number;
    fullRounds: number;
    partialRounds: number;
  }) {
    const { bits, width, fullRounds, partialRounds } = parameters;
    const seed: [value: number, length: number][] = [
      [1, 2],
      [0, 4],
      [bits, 12],
      [width, 12],
      [fullRounds, 10],
      [partialRounds, 10],
      [2 ** 30 - 1, 30],
    ];
    const digits = seed.map(([value, length]) => value.toString(2).padStart(length, '0'));
    this.#state = Array.from(digits.join(''), Number);
    for (let i = 0; i < 160; i++) this.#clock();
  }

  /** An element below the modulus: integers of `bits` bits, the first bit highest, until one fits. */
  element(bits: number, modulus: number): number {
    for (;;) {
      let value = 0;
      for (let i = 0; i < bits; i++) value = 2 * value + this.#bit();
      if (value < modulus) return value;
    }
  }

  #bit(): number {
    for (;;) {
      const keep = this.#clock();
      const bit = this.#clock();
      if (keep === 1) return bit;
    }
  }

  #clock(): number {
    const bit = [0, 13, 23, 38, 51, 62].reduce((sum, tap) => sum ^ (this.#state[tap] as number), 0);
    this.#state.shift();
    this.#state.push(bit);
    return bit;
  }
}
