import assert from 'node:assert/strict';
import {
  type ExpectedProgram,
  type MessageSum,
  type SegmentTask,
  VerificationError,
  type VerifiedRun,
  verify,
  verifySegmentProof,
  verifyStream,
} from '@vouch/verifier';
import { courier } from '../prover/courier-machine.ts';
import { Random } from '../tools/random.ts';
import { edited, expectations, honestRun, type Mode, proveRun } from './receipts.ts';

const MODES: readonly Mode[] = ['id', 'program'];
const { bytes, receipt } = proveRun('id', honestRun([1, 3]));

/** The bytes in pieces of a size, and how many were taken. */
class Pieces {
  taken = 0;
  isClosed = false;
  readonly #bytes: Uint8Array;
  readonly #size: number;

  constructor(whole: Uint8Array, size: number) {
    this.#bytes = whole;
    this.#size = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (; this.taken < this.#bytes.length; this.taken += this.#size) {
        yield this.#bytes.slice(this.taken, this.taken + this.#size);
      }
    } finally {
      this.isClosed = true;
    }
  }
}

/** The check that fails, or the run. */
async function outcome(task: () => VerifiedRun | Promise<VerifiedRun>): Promise<unknown> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof VerificationError) return error.check;
    throw error;
  }
}

/** In another thread nothing is there but a copy of the data. */
async function elsewhere(task: SegmentTask, proof: Uint8Array): Promise<MessageSum> {
  const sent = structuredClone({ task, proof });
  await new Promise((resolve) => setImmediate(resolve));
  return structuredClone(verifySegmentProof(sent.task, sent.proof, courier));
}

describe('verifyStream', () => {
  for (const mode of MODES) {
    for (const size of [1, 7, 1000, 2 ** 16, 2 ** 30]) {
      it(`returns what verify does: program known by ${mode}, pieces of ${size} bytes`, async () => {
        const proved = proveRun(mode, honestRun([1, 3]));
        const expected = verify(proved.bytes, expectations(mode));
        assert.equal(expected.segments, 3);
        const pieces = new Pieces(proved.bytes, size);
        assert.deepEqual(await verifyStream(pieces, expectations(mode)), expected);
        assert.ok(pieces.isClosed);
        const options = { ...expectations(mode), verifySegment: elsewhere, parallel: 2 };
        assert.deepEqual(await verifyStream(new Pieces(proved.bytes, size), options), expected);
      });
    }

    it(`asks how the receipt names its program: ${mode}`, async () => {
      const proved = proveRun(mode, honestRun([2]));
      const asked: string[] = [];
      const program = async (named: Mode): Promise<ExpectedProgram> => {
        asked.push(named);
        return expectations(named).program;
      };
      await verifyStream([proved.bytes], { ...expectations(mode), program });
      assert.deepEqual(asked, [mode]);
    });
  }

  it('refuses what verify refuses', async () => {
    const random = new Random(0x57e4);
    for (let i = 0; i < 300; i++) {
      const changed = bytes.slice();
      const at = random.below(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
      const found = await outcome(() => verifyStream([changed], expectations('id')));
      const expected = await outcome(() => verify(changed, expectations('id')));
      assert.equal(typeof found, 'string', `byte ${at}`);
      // A later proof that cannot be decoded is seen earlier by `verify`.
      if (found !== expected) assert.match(String(expected), /^decode\//, `byte ${at}: ${found}`);
    }
  });

  it('refuses a receipt that ends early or goes on, wherever the pieces end', async () => {
    for (let length = 0; length < bytes.length; length += 997) {
      const cut = new Pieces(bytes.slice(0, length), 300);
      const found = await outcome(() => verifyStream(cut, expectations('id')));
      assert.match(String(found), /^decode\/(truncated|format)$/, `${length} bytes`);
    }
    const longer = new Uint8Array([...bytes, 0]);
    for (const size of [bytes.length, 1000]) {
      const pieces = new Pieces(longer, size);
      assert.equal(
        await outcome(() => verifyStream(pieces, expectations('id'))),
        'decode/trailing',
      );
    }
  });

  it('refuses swapped, repeated and missing segments', async () => {
    const [first, second, third] = receipt.proofs;
    assert.ok(first && second && third);
    for (const proofs of [
      [second, first, third],
      [first, first, third],
      [first, second, second],
    ]) {
      const forged = edited(receipt, (copy) => Object.assign(copy, { proofs }));
      const found = await outcome(() => verifyStream([forged], expectations('id')));
      assert.ok(typeof found === 'string', JSON.stringify(found));
    }
    const missing = edited(receipt, (copy) => {
      copy.segments.splice(1, 1);
      copy.proofs.splice(1, 1);
    });
    const found = await outcome(() => verifyStream([missing], expectations('id')));
    assert.equal(found, 'statement/pc');
  });

  it('refuses a receipt of another program, input or exit code before a proof is there', async () => {
    for (const other of [
      { program: '00'.repeat(32) },
      { publicInput: new Uint8Array(1) },
      { exitCode: 1 },
      { minSecurityBits: 200 },
    ]) {
      const pieces = new Pieces(bytes, 1000);
      const options = { ...expectations('id'), ...other };
      assert.match(
        String(await outcome(() => verifyStream(pieces, options))),
        /statement|security/,
      );
      assert.ok(pieces.taken < bytes.length / 3, `${pieces.taken} of ${bytes.length} bytes`);
      assert.ok(pieces.isClosed);
    }
  });

  it('counts every sum: one that is wrong does not cancel', async () => {
    for (const wrong of [1, 2, 3]) {
      const verifySegment = async (task: SegmentTask, proof: Uint8Array): Promise<MessageSum> => {
        const sum = await elsewhere(task, proof);
        const [head = 0, ...tail] = sum.numerator;
        const numerator = [
          head === 0 ? 1 : head - 1,
          ...tail,
        ] as unknown as MessageSum['numerator'];
        return task.number === wrong ? { ...sum, numerator } : sum;
      };
      const options = { ...expectations('id'), verifySegment, parallel: 3 };
      assert.equal(await outcome(() => verifyStream([bytes], options)), 'balance/sum');
    }
  });

  it('has no more proofs under way than allowed, and waits for them when one fails', async () => {
    let running = 0;
    let most = 0;
    const verifySegment = async (task: SegmentTask, proof: Uint8Array): Promise<MessageSum> => {
      most = Math.max(most, ++running);
      try {
        if (task.number === 2) throw new Error('the worker died');
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
        return verifySegmentProof(task, proof, courier);
      } finally {
        running--;
      }
    };
    const options = { ...expectations('id'), verifySegment, parallel: 2 };
    await assert.rejects(verifyStream([bytes], options), /the worker died/);
    assert.equal(running, 0);
    assert.equal(most, 2);
  });

  it('passes on an error of the source', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.slice(0, 5000);
      throw new Error('the connection was lost');
    };
    await assert.rejects(verifyStream(broken(), expectations('id')), /the connection was lost/);
  });
});

describe('verifySegmentProof', () => {
  it('accepts a proof for its own segment and statement only', async () => {
    const tasks: [SegmentTask, Uint8Array][] = [];
    const verifySegment = async (task: SegmentTask, proof: Uint8Array): Promise<MessageSum> => {
      tasks.push([task, proof]);
      return verifySegmentProof(task, proof, courier);
    };
    await verifyStream([bytes], { ...expectations('id'), verifySegment });
    const [first, second] = tasks;
    assert.ok(first && second);
    const [task, proof] = first;
    assert.throws(
      () => verifySegmentProof({ ...task, number: 2 }, proof, courier),
      VerificationError,
    );
    const lookupNonce = task.lookupNonce + 1n;
    assert.throws(
      () => verifySegmentProof({ ...task, lookupNonce }, proof, courier),
      VerificationError,
    );
    assert.throws(() => verifySegmentProof(second[0], proof, courier), VerificationError);
    const longer = new Uint8Array([...proof, 0]);
    assert.throws(() => verifySegmentProof(task, longer, courier), VerificationError);
    assert.throws(
      () => verifySegmentProof({ ...task, parameters: 250 }, proof, courier),
      RangeError,
    );
  });
});
