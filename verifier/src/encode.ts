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
    const start = this.#extend(1);
    this.#view.setUint8(start, value);
  }

  u16(value: number): void {
    const start = this.#extend(2);
    this.#view.setUint16(start, value, true);
  }

  u32(value: number): void {
    const start = this.#extend(4);
    this.#view.setUint32(start, value, true);
  }

  u64(value: bigint): void {
    const start = this.#extend(8);
    this.#view.setBigUint64(start, value, true);
  }

  bytes(bytes: Uint8Array): void {
    const start = this.#extend(bytes.length);
    this.#bytes.set(bytes, start);
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

  /** Makes room, which may replace the buffer; returns where it begins. */
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
