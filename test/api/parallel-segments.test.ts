import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  OptionError,
  PROOF_STAGES,
  type ProofOptions,
  type ProofProgress,
  type ProvedRun,
  ProveError,
  type Prover,
  startProver,
} from '../../api/index.ts';
import { echoElf } from '../tools/cli-programs.ts';

const privateInput = new TextEncoder().encode('five segments, two at a time');
const options = { privateInput, security: 'S100', segmentCycles: 16 } as const;

describe('Segments that are proved at the same time', function () {
  this.timeout(120_000);
  const elf = echoElf();
  let prover: Prover;
  let expected: ProvedRun;

  before(async () => {
    prover = await startProver({ threads: 2 });
    expected = await prover.prove(elf, options);
    assert.ok(expected.stats.segments >= 5);
  });
  after(() => prover.close());

  const proveParallel = (more: ProofOptions = {}): Promise<ProvedRun> =>
    prover.prove(elf, { ...options, parallelSegments: 2, ...more });

  it('give the receipt that they give one by one, and tell their progress', async () => {
    const seen: ProofProgress[] = [];
    const { receipt, stats } = await proveParallel({ onProgress: (step) => seen.push(step) });
    assert.deepEqual(receipt, expected.receipt);
    assert.equal(stats.segments, expected.stats.segments);
    const alone = await prover.prove(elf, { privateInput, security: 'S100' });
    assert.ok(stats.peakBytes > 1.5 * alone.stats.peakBytes);
    assert.ok(stats.estimatedBytes >= stats.peakBytes);
    const shares = seen.map(({ done }) => done);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.equal(shares.at(-1), 1);
    assert.deepEqual(new Set(seen.map(({ stage }) => stage)), new Set(PROOF_STAGES));
    // Two segments are worked on in turns.
    const order = seen.filter(({ stage }) => stage === 'logup').map(({ segment }) => segment);
    const changes = order.filter((segment, i) => i > 0 && segment !== order[i - 1]);
    assert.ok(changes.length > stats.segments, order.join(' '));
  });

  it('are no more than the run has, and have a thread each at least', async () => {
    const segmentCycles = Math.ceil(expected.cycles / 2);
    const alone = await prover.prove(elf, { ...options, segmentCycles });
    const parallel = await proveParallel({ segmentCycles, parallelSegments: 3 });
    assert.deepEqual(parallel.receipt, alone.receipt);
    const whole = await proveParallel({ segmentCycles: 2 ** 20 });
    assert.equal(whole.stats.segments, 1);
  });

  it('go on from what is kept in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-parallel-'));
    try {
      // The last two are proved first: they are in memory.
      for (const [stage, segment] of [
        ['commit', 3],
        ['opening', 1],
      ] as const) {
        const controller = new AbortController();
        const onProgress = (step: ProofProgress): void => {
          if (step.stage === stage && step.segment === segment) controller.abort();
        };
        const { signal } = controller;
        const stopped = proveParallel({ workDirectory: folder, signal, onProgress });
        await assert.rejects(stopped, { name: 'AbortError' });
      }
      assert.ok((await readdir(folder)).some((name) => name.endsWith('.proof')));
      const { receipt } = await proveParallel({ workDirectory: folder });
      assert.deepEqual(receipt, expected.receipt);
      const again = await prover.prove(elf, { ...options, workDirectory: folder });
      assert.deepEqual(again.receipt, expected.receipt);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('need memory each', async () => {
    // One takes about 210 MiB.
    const proverBytes = 320 * 2 ** 20;
    await prover.prove(elf, { ...options, limits: { proverBytes } });
    await assert.rejects(proveParallel({ limits: { proverBytes } }), (error) => {
      assert.ok(error instanceof ProveError, String(error));
      assert.equal(error.code, 'prove/memory');
      assert.match(error.message, /2 segments of \d+ cycles at a time/);
      return true;
    });
  });

  it('are from 1 to 64', async () => {
    for (const parallelSegments of [0, 1.5, 65]) {
      await assert.rejects(proveParallel({ parallelSegments }), OptionError);
    }
  });
});
