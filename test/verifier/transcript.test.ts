import assert from 'node:assert/strict';
import {
  type Check,
  contextHash,
  type Digest,
  KoalaBear as F,
  hasWork,
  permute,
  RATE,
  Sponge,
  Transcript,
  type TranscriptEntry,
  VerificationError,
  workHash,
} from '@vouch/verifier';
import fc from 'fast-check';
import { check, element, quintic } from './support.ts';

const TAG = 'Vouch test transcript';

/** The first challenge of a fixed transcript of this project. */
const GOLDEN = [1531086699, 435940957, 1703500647, 1236564492, 249909602];

/** The next challenge after the messages of `write`. */
function challenge(write: (transcript: Transcript) => void, tag = TAG): string {
  const transcript = new Transcript(tag);
  write(transcript);
  return transcript.squeezeExtension('challenge').join();
}

/** Fails unless the challenges after all these messages differ. */
function assertDistinct(messages: readonly ((transcript: Transcript) => void)[]): void {
  const challenges = new Set(messages.map((write) => challenge(write)));
  assert.equal(challenges.size, messages.length);
}

function failsWith(name: Check): (error: unknown) => boolean {
  return (error) => error instanceof VerificationError && error.check === name;
}

function search(bits: number, wanted: boolean): (seed: Digest) => bigint {
  return (seed) => {
    const hash = workHash(TAG);
    let nonce = 0n;
    while (hasWork(hash, seed, nonce, bits) !== wanted) nonce++;
    return nonce;
  };
}

describe('Sponge', () => {
  const capacity = [1, 2, 3, 4, 5, 6, 7, 8];

  it('adds to the rate, marks the last block in the capacity, permutes, reads the rate', () => {
    const sponge = new Sponge(capacity);
    for (let i = 0; i < 11; i++) sponge.absorb(100 + i);
    const state = [...Array.from({ length: 8 }, (_, i) => 100 + i), ...capacity];
    permute(state);
    for (let i = 0; i < 3; i++) state[i] = F.add(state[i] as number, 108 + i);
    state[RATE] = F.add(state[RATE] as number, 3);
    permute(state);
    for (let i = 0; i < 8; i++) assert.equal(sponge.squeeze(), state[i]);
    permute(state);
    assert.equal(sponge.squeeze(), state[0]);
    permute(state);
    state[0] = F.add(state[0] as number, 7);
    state[RATE] = F.add(state[RATE] as number, 1);
    permute(state);
    sponge.absorb(7);
    assert.equal(sponge.squeeze(), state[0]);
  });

  it('tells a short block from one that ends in zeros', () => {
    const outputs = Array.from({ length: 20 }, (_, count) => {
      const sponge = new Sponge(capacity);
      for (let i = 0; i < count; i++) sponge.absorb(0);
      return sponge.squeeze();
    });
    assert.equal(new Set(outputs).size, outputs.length);
  });

  it('never gives out its capacity', () => {
    const sponge = new Sponge(capacity);
    const state = [...new Array<number>(RATE).fill(0), ...capacity];
    permute(state);
    const outputs = Array.from({ length: RATE }, () => sponge.squeeze());
    for (const hidden of state.slice(RATE)) assert.ok(!outputs.includes(hidden));
  });
});

describe('Transcript', () => {
  it('gives the same challenges for the same messages', () => {
    const run = (): unknown[] => {
      const transcript = new Transcript(TAG);
      transcript.absorbBytes('program', Uint8Array.of(1, 2, 3));
      const alpha = transcript.squeezeExtension('alpha');
      transcript.absorbExtensions('round', [alpha, alpha]);
      return [alpha, transcript.squeezeIndices('queries', 5, 12), transcript.squeezeDigest('g')];
    };
    assert.deepEqual(run(), run());
  });

  it('has the challenges that it had: a change of the format is seen here', () => {
    const transcript = new Transcript(TAG);
    transcript.absorbBytes('program', Uint8Array.of(1, 2, 3));
    transcript.absorbElements('heights', [5, 20]);
    transcript.absorbInteger('exit code', 7);
    assert.deepEqual(transcript.squeezeExtension('alpha'), GOLDEN);
  });

  it('changes the next challenge with every byte absorbed', () => {
    const bytes = Uint8Array.from({ length: 37 }, (_, i) => i);
    const message = (content: Uint8Array) => (transcript: Transcript) =>
      transcript.absorbBytes('journal', content);
    const changed = Array.from(bytes, (byte, i) => message(bytes.with(i, byte ^ 0x80)));
    assertDistinct([message(bytes), ...changed]);
  });

  it('changes the next challenge with every element absorbed', () => {
    check(
      fc.property(fc.array(element, { minLength: 1, maxLength: 30 }), fc.nat(), (values, n) => {
        const i = n % values.length;
        const changed = values.with(i, F.add(values[i] as number, 1));
        assertDistinct([
          (transcript) => transcript.absorbElements('values', values),
          (transcript) => transcript.absorbElements('values', changed),
        ]);
      }),
    );
  });

  it('changes the next challenge with every coordinate of an extension element', () => {
    check(
      fc.property(quintic, fc.nat(4), (value, i) => {
        const changed = value.with(i, F.add(value[i] as number, 1)) as unknown as typeof value;
        assertDistinct([
          (transcript) => transcript.absorbExtensions('claim', [value]),
          (transcript) => transcript.absorbExtensions('claim', [changed]),
        ]);
      }),
    );
  });

  it('tells lengths, labels and kinds apart', () => {
    const zeros = (count: number) => new Array<number>(count).fill(0);
    assertDistinct([
      () => undefined,
      (transcript) => transcript.absorbElements('a', []),
      (transcript) => transcript.absorbElements('a', zeros(1)),
      (transcript) => transcript.absorbElements('a', zeros(2)),
      (transcript) => transcript.absorbElements('b', zeros(1)),
      (transcript) => transcript.absorbElements('a', zeros(5)),
      (transcript) => transcript.absorbExtensions('a', [[0, 0, 0, 0, 0]]),
      (transcript) => transcript.absorbExtensions('a', []),
      (transcript) => transcript.absorbBytes('a', new Uint8Array(0)),
      (transcript) => transcript.absorbBytes('a', new Uint8Array(1)),
      (transcript) => transcript.absorbBytes('a', new Uint8Array(2)),
      (transcript) => transcript.absorbElements('a', zeros(4)),
      (transcript) => transcript.absorbInteger('a', 0),
    ]);
  });

  it('tells where one message ends and the next begins', () => {
    assertDistinct([
      (transcript) => {
        transcript.absorbElements('a', [1, 2]);
        transcript.absorbElements('a', [3]);
      },
      (transcript) => {
        transcript.absorbElements('a', [1]);
        transcript.absorbElements('a', [2, 3]);
      },
      (transcript) => transcript.absorbElements('a', [1, 2, 3]),
    ]);
  });

  it('depends on the order of messages and on what was squeezed between them', () => {
    const first = (transcript: Transcript) => transcript.absorbElements('a', [1]);
    const second = (transcript: Transcript) => transcript.absorbElements('b', [2]);
    assertDistinct([
      (transcript) => [first(transcript), second(transcript)],
      (transcript) => [second(transcript), first(transcript)],
      (transcript) => [first(transcript), transcript.squeezeElement('x'), second(transcript)],
    ]);
  });

  it('separates protocols by their tags', () => {
    const write = (transcript: Transcript) => transcript.absorbElements('a', [1]);
    const tags = ['segment', 'leaf', 'join', 'wrap'];
    assert.equal(new Set(tags.map((tag) => challenge(write, tag))).size, tags.length);
  });

  it('absorbs bytes as big-endian half-words, never reduced modulo p', () => {
    const log: TranscriptEntry[] = [];
    new Transcript(TAG, log).absorbBytes('digest', Uint8Array.of(0xff, 0xfe, 0x01, 0x02, 0x03));
    assert.deepEqual(log, [
      { step: 'absorb', label: 'digest', elements: [0xfffe, 0x0102, 0x0300] },
    ]);
    const word = (first: number): Uint8Array => Uint8Array.of(0, 0, 0, first);
    const congruent = Uint8Array.of(0x7f, 0, 0, 1);
    assertDistinct([
      (transcript) => transcript.absorbBytes('digest', word(0)),
      (transcript) => transcript.absorbBytes('digest', congruent),
    ]);
  });

  it('absorbs integers as four 16-bit limbs', () => {
    const log: TranscriptEntry[] = [];
    const transcript = new Transcript(TAG, log);
    transcript.absorbInteger('n', 0x0004_0003_0002_0001n);
    transcript.absorbInteger('n', 2 ** 32 + 5);
    assert.deepEqual(
      log.map((entry) => entry.elements),
      [
        [1, 2, 3, 4],
        [5, 0, 1, 0],
      ],
    );
    for (const value of [-1, 2n ** 64n, 0.5]) {
      assert.throws(() => transcript.absorbInteger('n', value), RangeError);
    }
  });

  it('refuses elements that are not canonical', () => {
    const transcript = new Transcript(TAG);
    assert.throws(() => transcript.absorbElements('a', [F.MODULUS]), RangeError);
    assert.throws(() => transcript.absorbElements('a', [-1]), RangeError);
  });

  it('draws query positions from the low bits of squeezed elements', () => {
    const log: TranscriptEntry[] = [];
    const indices = new Transcript(TAG, log).squeezeIndices('queries', 500, 4);
    assert.deepEqual(
      indices,
      log[0]?.elements.map((x) => x % 16),
    );
    assert.equal(new Set(indices).size, 16);
    for (const bits of [-1, 25, 1.5]) {
      assert.throws(() => new Transcript(TAG).squeezeIndices('queries', 1, bits), RangeError);
    }
  });

  it('squeezes as much for positions of zero bits as for others', () => {
    const nextAfter = (bits: number): number => {
      const transcript = new Transcript(TAG);
      const indices = transcript.squeezeIndices('queries', 3, bits);
      if (bits === 0) assert.deepEqual(indices, [0, 0, 0]);
      return transcript.squeezeElement('next');
    };
    assert.equal(nextAfter(0), nextAfter(24));
  });

  it('squeezes different challenges one after the other', () => {
    const challenges = new Transcript(TAG).squeezeExtensions('alpha', 40);
    assert.equal(new Set(challenges.map(String)).size, 40);
  });

  it('records every step in the log', () => {
    const log: TranscriptEntry[] = [];
    const transcript = new Transcript(TAG, log);
    transcript.absorbElements('root', [1, 2]);
    const alpha = transcript.squeezeExtension('alpha');
    transcript.absorbExtensions('claim', [alpha]);
    assert.deepEqual(log, [
      { step: 'absorb', label: 'root', elements: [1, 2] },
      { step: 'squeeze', label: 'alpha', elements: alpha },
      { step: 'absorb', label: 'claim', elements: alpha },
    ]);
  });
});

describe('Proof of work', () => {
  const BITS = 8;

  it('accepts a nonce with the work and returns it', () => {
    const nonce = new Transcript(TAG).proofOfWork('work', BITS, search(BITS, true));
    assert.equal(
      new Transcript(TAG).proofOfWork('work', BITS, () => nonce),
      nonce,
    );
  });

  it('rejects a nonce without the work', () => {
    assert.throws(
      () => new Transcript(TAG).proofOfWork('work', BITS, search(BITS, false)),
      failsWith('transcript/proof-of-work'),
    );
  });

  it('is bound to the transcript: the nonce of another one fails', () => {
    const nonce = new Transcript(TAG).proofOfWork('work', 16, search(16, true));
    const other = new Transcript(TAG);
    other.absorbElements('a', [1]);
    const rejected = failsWith('transcript/proof-of-work');
    assert.throws(() => other.proofOfWork('work', 16, () => nonce), rejected);
  });

  it('absorbs the nonce, all 64 bits of it', () => {
    const nextAfter = (nonce: bigint): number => {
      const transcript = new Transcript(TAG);
      transcript.absorbInteger('work', nonce);
      return transcript.squeezeElement('next');
    };
    const seen = new Set(Array.from({ length: 64 }, (_, i) => nextAfter(1n << BigInt(i))));
    assert.equal(seen.add(nextAfter(0n)).size, 65);
    const log: TranscriptEntry[] = [];
    const transcript = new Transcript(TAG, log);
    const nonce = transcript.proofOfWork('work', BITS, search(BITS, true));
    assert.deepEqual(
      log.map((entry) => entry.step),
      ['squeeze', 'absorb'],
    );
    assert.deepEqual(log[1]?.elements, [Number(nonce & 0xffffn), Number(nonce >> 16n), 0, 0]);
  });

  it('takes only canonical nonces', () => {
    for (const nonce of [-1n, 2n ** 64n]) {
      const transcript = new Transcript(TAG);
      const rejected = failsWith('transcript/nonce');
      assert.throws(() => transcript.proofOfWork('work', 1, () => nonce), rejected);
    }
    const none = new Transcript(TAG);
    assert.throws(() => none.proofOfWork('work', 0, () => 1n), failsWith('transcript/nonce'));
    assert.equal(
      new Transcript(TAG).proofOfWork('work', 0, () => 0n),
      0n,
    );
  });

  it('asks for the low bits of the first word of the hash of seed and nonce', () => {
    const seed = [1, 2, 3, 4, 5, 6, 7, 8];
    const message = new Uint8Array(40);
    message.set(F.toBytes(seed));
    message.set([0x11, 0x22], 32);
    const word = Buffer.from(contextHash('tag: proof of work')(message)).readUInt32LE(0);
    const zeros = Math.log2(word & -word);
    const nonce = 0x2211n;
    assert.ok(hasWork(workHash('tag'), seed, nonce, zeros));
    assert.ok(!hasWork(workHash('tag'), seed, nonce, zeros + 1));
    assert.throws(() => hasWork(workHash('tag'), seed, nonce, 33), RangeError);
  });
});
