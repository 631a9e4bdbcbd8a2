import assert from 'node:assert/strict';
import { estimate, type ProvedRun, type Prover, startProver } from '../../api/index.ts';
import { echoElf } from '../tools/cli-programs.ts';

const privateInput = new TextEncoder().encode('five segments, as many as there is room for');
const options = { privateInput, security: 'S100', segmentCycles: 16 } as const;

describe('Segments that are kept from their commitment to their proof', function () {
  this.timeout(120_000);
  const elf = echoElf();
  let prover: Prover;
  let numbers: number[];
  /** With room for all segments, and for none but the one that is proved. */
  let ample: Watched;
  let scarce: Watched;
  let scarceBytes: number;
  let heldBytes: number;

  interface Watched extends ProvedRun {
    /** Segments in the order in which they were committed to, and proved. */
    readonly commits: readonly number[];
    readonly proofs: readonly number[];
  }

  async function watch(proverBytes?: number): Promise<Watched> {
    const [commits, proofs]: [number[], number[]] = [[], []];
    const proved = await prover.prove(elf, {
      ...options,
      ...(proverBytes !== undefined && { limits: { proverBytes } }),
      onProgress: ({ stage, segment }) => {
        const order = { commit: commits, logup: proofs }[stage as string];
        if (order !== undefined && order.at(-1) !== segment) order.push(segment);
      },
    });
    return { ...proved, commits, proofs };
  }

  before(async () => {
    prover = await startProver({ threads: 2 });
    const limits = { proverBytes: 2 ** 20 };
    scarceBytes = (await estimate(elf, { ...options, threads: 2, limits })).memoryBytes;
    ample = await watch();
    scarce = await watch(scarceBytes);
    const { segments } = ample.stats;
    numbers = Array.from({ length: segments }, (_, i) => i + 1);
    heldBytes = (ample.stats.estimatedBytes - scarce.stats.estimatedBytes) / (segments - 1);
    assert.ok(segments >= 5 && heldBytes > 2 ** 20);
  });
  after(() => prover.close());

  it('are committed to once where there is room', () => {
    assert.deepEqual(ample.commits, numbers);
    assert.deepEqual(ample.proofs, [...numbers].reverse());
  });

  it('are committed to twice where there is none, except the last one', () => {
    const others = numbers.slice(0, -1);
    assert.deepEqual(scarce.commits, [...numbers, ...others]);
    assert.deepEqual(scarce.proofs, [...numbers.slice(-1), ...others]);
    assert.deepEqual(scarce.receipt, ample.receipt);
  });

  it('are as many as there is room for', async () => {
    const some = await watch(Math.ceil(scarceBytes + 2.5 * heldBytes));
    const [others, kept] = [numbers.slice(0, -3), numbers.slice(-3)];
    assert.deepEqual(some.commits, [...numbers, ...others]);
    assert.deepEqual(some.proofs, [...kept.reverse(), ...others]);
    assert.deepEqual(some.receipt, ample.receipt);
  });

  it('count in the estimate of the memory', async () => {
    const whole = await prover.prove(elf, { privateInput, security: 'S100' });
    assert.ok(scarce.stats.peakBytes < 1.1 * whole.stats.peakBytes);
    for (const { stats } of [ample, scarce]) assert.ok(stats.peakBytes <= stats.estimatedBytes);
    assert.ok(ample.stats.peakBytes > scarce.stats.peakBytes + 2 * heldBytes);
    const found = await estimate(elf, { ...options, threads: 2 });
    const more = found.memoryBytes - scarceBytes;
    assert.equal(Math.round(more / heldBytes), numbers.length - 1);
  });
});
