/** A seeded source of randomness: xorshift32 (Marsaglia, "Xorshift RNGs", 2003), mixed at the start. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) | 1;
    for (let i = 0; i < 8; i++) this.word();
  }

  /** 32 random bits, unsigned. */
  word(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }

  /** 0 .. count - 1 */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  /** low .. high in steps. */
  between(low: number, high: number, step = 1): number {
    return low + step * this.below(Math.floor((high - low) / step) + 1);
  }

  chance(probability: number): boolean {
    return this.word() < probability * 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}

/** The seed of this process: VOUCH_SEED, or another one each time. */
export function processSeed(): number {
  const given = process.env.VOUCH_SEED;
  if (given === undefined) return Math.floor(Math.random() * 2 ** 32);
  const seed = Number(given);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`VOUCH_SEED is ${given}, expected an integer from 0 to 2^32 - 1`);
  }
  return seed;
}
