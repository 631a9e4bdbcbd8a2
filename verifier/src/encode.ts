/** Writes what `Reader` reads: little-endian integers, elements as 32-bit words. */
import type { Digest } from './poseidon2.ts';
import type { Quintic } from './quintic.ts';

export class Writer {
  #bytes = new Uint8Array(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#view.setUint8(this.#extend(1), value);
  }

  u16(value: number): void {
    this.#view.setUint16(this.#extend(2), value, true);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#extend(4), value, true);
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.#extend(8), value, true);
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#extend(bytes.length));
  }

  elements(elements: readonly number[]): void {
    for (const element of elements) this.u32(element);
  }

  digests(digests: readonly Digest[]): void {
    for (const digest of digests) this.elements(digest);
  }

  extensions(values: readonly Quintic[]): void {
    for (const value of values) this.elements(value);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room; returns where it begins. */
  #extend(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}
