/**
 * The verifier for a receipt that comes in pieces: each segment's proof is verified as soon as it is
 * there, here or elsewhere, and forgotten. In memory is the part that is being received, and what lies
 * in front of the proofs: the journal and some hundred bytes for each segment.
 */
import { Reader } from './decode.ts';
import { VerificationError } from './errors.ts';
import { checkedExpectations, type Expectations } from './expectations.ts';
import { readSegmentProof } from './proof-codec.ts';
import { type ProgramStatement, readMagic, readReceiptHead, shapeOfSegment } from './receipt.ts';
import { totalMessages } from './receipt-security.ts';
import type { MessageSum } from './segment.ts';
import { type SegmentTask, segmentTask, verifyTask } from './segment-task.ts';
import {
  checkHead,
  checkSecurity,
  checkSums,
  sharedChallenges,
  type VerifiedRun,
  verifiedRun,
} from './verify.ts';

export interface StreamOptions extends Omit<Expectations, 'program'> {
  /** As of `verify`, or a function of the way in which the receipt names its program. */
  readonly program:
    | Expectations['program']
    | ((mode: ProgramStatement['mode']) => Promise<Expectations['program']>);
  /** Verifies a proof elsewhere by `verifySegmentProof`, or says undefined: here. Default: all here. */
  readonly verifySegment?: (
    task: SegmentTask,
    proof: Uint8Array,
  ) => Promise<MessageSum> | undefined;
  /** Most proofs that `verifySegment` has at a time. Default 1. */
  readonly parallel?: number;
}

/**
 * Verifies a receipt as `verify` does: what one of them refuses, so does the other.
 *
 * @param source the receipt's bytes in pieces of any size
 * @throws as `verify`, and what `source`, `program` and `verifySegment` throw
 */
export async function verifyStream(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: StreamOptions,
): Promise<VerifiedRun> {
  const { program, verifySegment, parallel = 1, ...rest } = options;
  const isAsked = typeof program === 'function';
  const known = checkedExpectations({ ...rest, program: isAsked ? NO_PROGRAM : program });
  const { machine } = known;
  const parts = new Parts(source);
  const sums: Promise<MessageSum>[] = [];
  try {
    const { value: head } = await parts.next((reader) => {
      readMagic(reader);
      return readReceiptHead(reader, machine);
    });
    const expected = isAsked
      ? checkedExpectations({ ...known, program: await program(head.claim.program.mode) })
      : known;
    checkHead(expected, head);
    const messages = totalMessages(machine, head);
    const shared = sharedChallenges(machine, head);
    const { parameters } = head;
    const bits: number[] = [];
    const running = new Set<Promise<unknown>>();
    for (const i of head.segments.keys()) {
      const shape = shapeOfSegment(machine, head, i);
      bits.push(checkSecurity(expected, head, messages, shape));
      const { value: proof, bytes } = await parts.next((reader) =>
        readSegmentProof(reader, machine, shape, parameters),
      );
      const task = segmentTask(head, expected.program, shared, i);
      const sum =
        verifySegment?.(task, bytes) ??
        Promise.resolve(verifyTask(machine, parameters, task, shape, proof));
      sums.push(sum);
      running.add(sum);
      sum.finally(() => running.delete(sum)).catch(() => {});
      if (running.size >= parallel) await Promise.race(running);
    }
    await parts.end();
    checkSums(expected, head, shared, await Promise.all(sums));
    return verifiedRun(head, bits);
  } finally {
    await Promise.allSettled(sums);
    await parts.close();
  }
}

/** Stands for the program until the receipt has said how it names one. */
const NO_PROGRAM = { kind: 'id', id: new Uint8Array(32) } as const;

/** The parts of a receipt, whose lengths show only when they are read. */
class Parts {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  /** What has come and is not read yet: the first `#length` bytes. */
  #buffer = new Uint8Array(2 ** 16);
  #length = 0;
  #isEnded = false;

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#source =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** The next part, and a copy of its bytes. Fails as `read`. */
  async next<Value>(read: (reader: Reader) => Value): Promise<{ value: Value; bytes: Uint8Array }> {
    let wanted = 1;
    for (;;) {
      await this.#receive(wanted);
      const received = this.#buffer.subarray(0, this.#length);
      const reader = new Reader(received);
      try {
        const value = read(reader);
        return { value, bytes: this.#drop(received.length - reader.remaining) };
      } catch (error) {
        if (this.#isEnded || !isTruncated(error)) throw error;
        const { offset = 0, expected = 0 } = error.details as Record<string, number>;
        // Twice as much, so that all attempts together take no more than twice the last one.
        wanted = Math.max(2 * this.#length, offset + expected);
      }
    }
  }

  /** Fails `decode/trailing` if there is more. */
  async end(): Promise<void> {
    await this.#receive(1);
    new Reader(this.#buffer.subarray(0, this.#length)).end();
  }

  /** Lets go of a source that was not read to its end. */
  async close(): Promise<void> {
    if (!this.#isEnded) await this.#source.return?.();
  }

  /** Until there are so many bytes, or no more. */
  async #receive(wanted: number): Promise<void> {
    while (this.#length < wanted && !this.#isEnded) {
      const { done, value } = await this.#source.next();
      if (done === true) this.#isEnded = true;
      else this.#append(value);
    }
  }

  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** Removes and returns the first bytes. */
  #drop(count: number): Uint8Array {
    const dropped = this.#buffer.slice(0, count);
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
    return dropped;
  }
}

function isTruncated(error: unknown): error is VerificationError {
  return error instanceof VerificationError && error.check === 'decode/truncated';
}
