import assert from 'node:assert/strict';
import {
  type Check,
  compress,
  decodeReceipt,
  QuinticField as E,
  encodeReceipt,
  inspectReceipt,
  type Quintic,
  type Receipt,
  type TranscriptEntry,
  VerificationError,
  verify,
} from '@vouch/verifier';
import { courier } from '../prover/courier-machine.ts';
import { Random } from '../tools/random.ts';
import { assertRefused, edited, expectations, honestRun, proveRun } from './receipts.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const MODULUS = 0x7f000001;

const kinds = [
  { mode: 'id', cuts: [2] },
  { mode: 'program', cuts: [] },
] as const;

for (const { mode, cuts } of kinds) {
  describe(`a receipt of ${cuts.length + 1} segment(s), program known by ${mode}`, () => {
    const { bytes, receipt, log } = proveRun(mode, honestRun(cuts));
    const options = expectations(mode);

    it('is encoded in one way', () => {
      const decoded = decodeReceipt(bytes, courier).receipt;
      assert.deepEqual(decoded, receipt);
      assert.deepEqual(encodeReceipt(decoded), bytes);
      assert.doesNotThrow(() => verify(bytes, options));
    });

    it('is refused with any byte changed', () => {
      // All positions with VOUCH_SLOW=1; otherwise those of the claim and headers, and each 29th.
      const random = new Random(1);
      for (let at = 0; at < bytes.length; at += isSlowRun || at < 400 ? 1 : 29) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << random.below(8));
        assertRefused(changed, options);
      }
    });

    it('is refused when it ends early, at any length', () => {
      for (let length = 0; length < bytes.length; length += isSlowRun || length < 400 ? 1 : 7) {
        assertRefused(bytes.slice(0, length), options);
      }
      assertRefused(bytes.slice(0, -1), options, 'decode/truncated');
    });

    it('is refused with bytes after the end', () => {
      for (const extra of [[0], [0, 0, 0, 0], [...bytes]]) {
        assertRefused(Uint8Array.of(...bytes, ...extra), options, 'decode/trailing');
      }
    });

    it('has no element that is not below p', () => {
      for (const path of sampled(numbers(receipt.proofs, ['proofs']), 13)) {
        const changed = edited(receipt, (copy) => {
          if (typeof get(copy, path) === 'number')
            set(copy, path, (get(copy, path) as number) + MODULUS);
          else set(copy, ['segments', 0, 'root', 0], MODULUS);
        });
        assertRefused(changed, options, 'decode/non-canonical');
      }
    });

    it('has no field that the transcript or a check leaves out', () => {
      const seen = new Set<Check | 'challenge'>();
      for (const path of sampled(numbers(receipt, []), isSlowRun ? 1 : 11)) {
        seen.add(
          assertBound(
            edited(receipt, (copy) => increment(copy, path)),
            path,
          ),
        );
      }
      assert.ok(seen.has('challenge') && seen.has('merkle/root'));
    });

    /** A changed field changes the transcript before the receipt is refused, or fails its check. */
    function assertBound(changed: Uint8Array, path: Path): Check | 'challenge' {
      const transcriptLog: TranscriptEntry[] = [];
      let check: Check | undefined;
      try {
        verify(changed, { ...options, transcriptLog });
      } catch (error) {
        assert.ok(error instanceof VerificationError, `${path.join('.')}: ${error}`);
        check = error.check;
      }
      assert.ok(check !== undefined, `${path.join('.')} may be changed`);
      const differs = transcriptLog.some(
        ({ elements }, i) => elements.join() !== log[i]?.elements.join(),
      );
      if (differs) return 'challenge';
      // Opened rows and siblings are bound by the root, the rest by a check in front of a challenge.
      const allowed = path.includes('opened') ? ['merkle/root'] : CHECKED_BEFORE;
      assert.ok(allowed.includes(check), `${path.join('.')} is not absorbed: ${check}`);
      return check;
    }
  });
}

/** Checks that stand in front of the challenge that the fields they check would change. */
const CHECKED_BEFORE: readonly string[] = [
  'decode/limit',
  'decode/truncated',
  'decode/trailing',
  'decode/non-canonical',
  'logup/layer',
  'shape/bus',
  'shape/chip',
  'shape/heap',
  'shape/height',
  'shape/instances',
  'shape/order',
  'shape/presence',
  'shape/program',
  'statement/cycles',
  'statement/exit-code',
  'statement/machine',
  'statement/parameters',
  'statement/pc',
  'statement/program',
  'statement/public-input',
];

describe('a receipt', () => {
  const { bytes, receipt } = proveRun('id', honestRun());
  const options = expectations('id');

  it('binds the children of a LogUp layer that add up to the same parent', () => {
    const changed = edited(receipt, ({ proofs }) => {
      const children = proofs[0]?.logup.layers[3]?.children;
      assert.ok(children);
      const { leftNumerator, rightNumerator, leftDenominator, rightDenominator } = children;
      Object.assign(children, {
        leftNumerator: E.add(leftNumerator as Quintic, leftDenominator as Quintic),
        rightNumerator: E.sub(rightNumerator as Quintic, rightDenominator as Quintic),
      });
    });
    assertRefused(changed, options, 'logup/layer');
    const honest: TranscriptEntry[] = [];
    const forged: TranscriptEntry[] = [];
    verify(bytes, { ...options, transcriptLog: honest });
    assert.throws(() => verify(changed, { ...options, transcriptLog: forged }));
    const points = (log: readonly TranscriptEntry[]): string[] =>
      log.filter(({ label }) => label === 'logup mu').map(({ elements }) => elements.join());
    assert.notEqual(points(forged)[3], undefined);
    assert.notEqual(points(forged)[3], points(honest)[3]);
  });

  it('is refused with parts exchanged', () => {
    const two = proveRun('id', honestRun([2])).receipt;
    const swaps: ((copy: Receipt) => Receipt)[] = [
      (copy) => ({ ...copy, proofs: copy.proofs.toReversed() }),
      (copy) => ({ ...copy, segments: copy.segments.toReversed() }),
      (copy) => ({ ...copy, segments: [...copy.segments, ...copy.segments] }),
      (copy) => ({ ...copy, proofs: [...copy.proofs, ...copy.proofs] }),
      (copy) => ({ ...copy, proofs: receipt.proofs }),
      (copy) => ({ ...copy, segments: receipt.segments }),
    ];
    for (const swap of swaps) assertRefused(encodeReceipt(swap(two)), options);
  });

  it('is refused, not crashed on, with many bytes changed at once', () => {
    const random = new Random(2);
    for (let round = 0; round < (isSlowRun ? 5000 : 300); round++) {
      const changed = bytes.slice();
      const start = random.below(bytes.length);
      const length = 1 + random.below(random.chance(0.5) ? 8 : 600);
      const value = random.pick([0, 0xff, 0x80, -1]);
      for (let i = start; i < Math.min(start + length, bytes.length); i++) {
        changed[i] = value < 0 ? random.below(256) : value;
      }
      if (changed.every((byte, i) => byte === bytes[i])) continue;
      assertRefused(changed, options);
      assert.doesNotThrow(() => inspectOrRefuse(changed));
    }
  });

  it('is refused when it is noise', () => {
    const random = new Random(3);
    for (let round = 0; round < 300; round++) {
      const noise = Uint8Array.from({ length: random.below(400) }, () => random.below(256));
      noise.set(bytes.subarray(0, random.below(Math.min(noise.length, 200) + 1)));
      assertRefused(noise, options);
    }
  });

  it('is refused by a transcript that starts from another digest', () => {
    const [root] = receipt.segments.map((segment) => segment.root);
    assert.ok(root);
    const other = edited(receipt, ({ segments }) => {
      (segments[0] as { root: number[] }).root = [...compress(root, root)];
    });
    assertRefused(other, options, 'transcript/proof-of-work', 'logup/layer');
  });
});

function inspectOrRefuse(bytes: Uint8Array): void {
  try {
    inspectReceipt(bytes, courier);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
  }
}

type Path = readonly (string | number)[];

/** Paths of all numbers in a value: every field that the codec knows. */
function* numbers(value: unknown, path: Path): Generator<Path> {
  if (typeof value === 'number' || typeof value === 'bigint') yield path;
  else if (value instanceof Uint8Array) for (const i of value.keys()) yield [...path, i];
  else if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, entry] of Object.entries(value)) {
      yield* numbers(entry, [...path, isList ? Number(key) : key]);
    }
  }
}

/** Each n-th path, and every path outside the proofs. */
function* sampled(paths: Iterable<Path>, n: number): Generator<Path> {
  let count = 0;
  for (const path of paths) if (path[0] !== 'proofs' || count++ % n === 0) yield path;
}

type Node = Record<string | number, unknown>;

function get(target: unknown, path: Path): unknown {
  return path.reduce((node, key) => (node as Node)[key], target);
}

function set(target: unknown, path: Path, value: unknown): void {
  (get(target, path.slice(0, -1)) as Node)[path.at(-1) as string | number] = value;
}

function increment(target: unknown, path: Path): void {
  const value = get(target, path) as number | bigint;
  if (typeof value === 'bigint') set(target, path, value + 1n);
  else set(target, path, path[0] === 'proofs' ? (value + 1) % MODULUS : value + 1);
}
