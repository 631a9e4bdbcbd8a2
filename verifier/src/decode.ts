/**
 * Reads a receipt. Every encoding has exactly one form: little-endian integers, elements below p,
 * counts within limits, nothing after the end. A `VerificationError` is the only thing it throws.
 */
import { VerificationError } from './errors.ts';
import { ELEMENT_BYTES, isCanonical } from './koala-bear.ts';
import { DIGEST_ELEMENTS, type Digest } from './poseidon2.ts';
import { DEGREE, type Quintic } from './quintic.ts';

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  /**
   * A 32-bit count of things that follow, each of at least `itemBytes` bytes (one or more). More
   * than `limit` fails `decode/limit`; more than fit in the rest fails `decode/truncated`, before
   * anything is allocated.
   */
  count(limit: number, itemBytes: number): number {
    const offset = this.#offset;
    const found = this.u32();
    if (found > limit) {
      throw new VerificationError('decode/limit', 'too many', { offset, limit, found });
    }
    this.#need(found * itemBytes);
    return found;
  }

  /** An element of F; p or more fails `decode/non-canonical`. */
  element(): number {
    const offset = this.#offset;
    const found = this.u32();
    if (!isCanonical(found)) {
      throw new VerificationError('decode/non-canonical', 'an element is not below p', {
        offset,
        found,
      });
    }
    return found;
  }

  elements(count: number): number[] {
    this.#need(count * ELEMENT_BYTES);
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push(this.element());
    return found;
  }

  /** An element of E. */
  extension(): Quintic {
    return this.elements(DEGREE) as unknown as Quintic;
  }

  extensions(count: number): Quintic[] {
    this.#need(count * DEGREE * ELEMENT_BYTES);
    return Array.from({ length: count }, () => this.extension());
  }

  digest(): Digest {
    return this.elements(DIGEST_ELEMENTS);
  }

  digests(count: number): Digest[] {
    this.#need(count * DIGEST_ELEMENTS * ELEMENT_BYTES);
    return Array.from({ length: count }, () => this.digest());
  }

  /** Bytes that are left fail `decode/trailing`. */
  end(): void {
    if (this.remaining > 0) {
      const details = { offset: this.#offset, found: this.remaining };
      throw new VerificationError('decode/trailing', 'bytes after the end', details);
    }
  }

  #take(length: number): number {
    this.#need(length);
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  #need(length: number): void {
    if (!(length >= 0 && length <= this.remaining)) {
      const details = { offset: this.#offset, expected: length, found: this.remaining };
      throw new VerificationError('decode/truncated', 'the bytes end too early', details);
    }
  }
}
