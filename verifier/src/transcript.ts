/**
 * The Fiat-Shamir transcript that prover and verifier share: what is absorbed fixes every challenge
 * that is squeezed afterwards.
 *
 * Every absorbed message is framed: one element for its kind and label, two 16-bit limbs for its
 * length, then its contents. So two different sequences of messages are two different sequences of
 * elements.
 */
import { asciiBytes, contextHash, digestOfHash, wordAt } from './blake3.ts';
import { VerificationError } from './errors.ts';
import { isCanonical, TWO_ADICITY } from './koala-bear.ts';
import { DIGEST_ELEMENTS, type Digest } from './poseidon2.ts';
import { hasWork, workHash } from './proof-of-work.ts';
import { DEGREE, type Quintic } from './quintic.ts';
import { Sponge } from './sponge.ts';

/** What a message contains. */
type Kind = 'elements' | 'extensions' | 'bytes' | 'integer';

/** One step of a transcript, as a log records it. */
export interface TranscriptEntry {
  readonly step: 'absorb' | 'squeeze';
  readonly label: string;
  /** The field elements, without the frame. */
  readonly elements: readonly number[];
}

/** Longest message, in elements or bytes: its length has two 16-bit limbs. */
export const MAX_MESSAGE_LENGTH = 0xffff_ffff;

const capacityHash = /* @__PURE__ */ contextHash('Vouch transcript capacity v1');
const labelHash = /* @__PURE__ */ contextHash('Vouch transcript label v1');

/** Frames by kind and label: labels are few and constant. */
const frames = new Map<string, number>();

export class Transcript {
  readonly #tag: string;
  readonly #sponge: Sponge;
  readonly #log: TranscriptEntry[] | undefined;

  /**
   * Starts a transcript of the protocol that the ASCII tag names. With a log, every absorbed and
   * squeezed message is appended to it.
   */
  constructor(tag: string, log?: TranscriptEntry[]) {
    this.#tag = tag;
    this.#sponge = new Sponge(digestOfHash(capacityHash(asciiBytes(tag))));
    this.#log = log;
  }

  /** Absorbs elements of F. An element that is not canonical is a RangeError. */
  absorbElements(label: string, elements: readonly number[]): void {
    this.#absorb('elements', label, elements.length, elements);
  }

  absorbDigest(label: string, digest: Digest): void {
    this.absorbElements(label, digest);
  }

  /** Absorbs elements of E. */
  absorbExtensions(label: string, values: readonly Quintic[]): void {
    this.#absorb('extensions', label, values.length, values.flat());
  }

  /** Absorbs bytes as 16-bit big-endian half-words, an odd last byte padded with a zero byte. */
  absorbBytes(label: string, bytes: Uint8Array): void {
    const halfWords: number[] = [];
    for (let i = 0; i < bytes.length; i += 2) {
      halfWords.push(256 * (bytes[i] as number) + (bytes[i + 1] ?? 0));
    }
    this.#absorb('bytes', label, bytes.length, halfWords);
  }

  /** Absorbs an integer in [0, 2^64) as four 16-bit limbs, lowest first. */
  absorbInteger(label: string, value: number | bigint): void {
    const integer = BigInt(value);
    if (integer !== BigInt.asUintN(64, integer)) throw new RangeError(`${value} is not a u64`);
    const limbs = [0n, 16n, 32n, 48n].map((shift) => Number((integer >> shift) & 0xffffn));
    this.#absorb('integer', label, limbs.length, limbs);
  }

  /** A uniform element of F. */
  squeezeElement(label: string): number {
    return this.#squeeze(label, 1)[0] as number;
  }

  /** A uniform element of E. */
  squeezeExtension(label: string): Quintic {
    return this.#squeeze(label, DEGREE) as unknown as Quintic;
  }

  /** Independent uniform elements of E. */
  squeezeExtensions(label: string, count: number): Quintic[] {
    return Array.from({ length: count }, () => this.squeezeExtension(label));
  }

  /** A digest of everything absorbed so far. */
  squeezeDigest(label: string): Digest {
    return this.#squeeze(label, DIGEST_ELEMENTS);
  }

  /**
   * Positions in [0, 2^bits), bits in 0..24, in the order drawn, possibly repeated: the low bits of
   * one element each. Because p = 1 mod 2^24, their distance from uniform is below 2^-30 each.
   */
  squeezeIndices(label: string, count: number, bits: number): number[] {
    if (!(Number.isInteger(bits) && bits >= 0 && bits <= TWO_ADICITY)) {
      throw new RangeError(`an index has 0..${TWO_ADICITY} bits, not ${bits}`);
    }
    return this.#squeeze(label, count).map((element) => element & (2 ** bits - 1));
  }

  /**
   * One proof of work: squeezes a seed, takes a nonce for it, absorbs the nonce and checks it. The
   * verifier gives the nonce of the proof, the prover searches one. Returns the nonce.
   *
   * Fails `transcript/nonce` (not in [0, 2^64), or not 0 although no work is asked for) or
   * `transcript/proof-of-work`.
   */
  proofOfWork(label: string, bits: number, nonceFor: (seed: Digest) => bigint): bigint {
    const seed = this.beginWork(label);
    const nonce = nonceFor(seed);
    this.finishWork(label, bits, seed, nonce);
    return nonce;
  }

  /** The first half of `proofOfWork`, for a search that takes its time: squeezes the seed. */
  beginWork(label: string): Digest {
    return this.squeezeDigest(label);
  }

  /** The second half of `proofOfWork`: absorbs the nonce and checks it. Fails as `proofOfWork`. */
  finishWork(label: string, bits: number, seed: Digest, nonce: bigint): void {
    if (nonce !== BigInt.asUintN(64, nonce) || (bits === 0 && nonce !== 0n)) {
      throw new VerificationError('transcript/nonce', 'the nonce is not canonical', { nonce });
    }
    this.absorbInteger(label, nonce);
    if (!hasWork(workHash(this.#tag), seed, nonce, bits)) {
      const details = { label, bits, nonce };
      throw new VerificationError('transcript/proof-of-work', 'the work was not done', details);
    }
  }

  #absorb(kind: Kind, label: string, length: number, elements: readonly number[]): void {
    if (length > MAX_MESSAGE_LENGTH) throw new RangeError(`a message of ${length} is too long`);
    for (const element of [frame(kind, label), length & 0xffff, length >>> 16]) {
      this.#sponge.absorb(element);
    }
    for (const element of elements) {
      if (!isCanonical(element)) throw new RangeError(`${element} is not a canonical element`);
      this.#sponge.absorb(element);
    }
    this.#log?.push({ step: 'absorb', label, elements: [...elements] });
  }

  #squeeze(label: string, count: number): number[] {
    const elements = Array.from({ length: count }, () => this.#sponge.squeeze());
    this.#log?.push({ step: 'squeeze', label, elements });
    return elements;
  }
}

/** The element that stands for a kind of message and its label: 30 bits of a hash. */
function frame(kind: Kind, label: string): number {
  const name = `${kind}:${label}`;
  let element = frames.get(name);
  if (element === undefined) {
    element = wordAt(labelHash(asciiBytes(name)), 0) >>> 2;
    frames.set(name, element);
  }
  return element;
}
