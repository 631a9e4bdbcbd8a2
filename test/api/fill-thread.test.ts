import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type ProvedRun, ProveError, prove, startProver } from '../../api/index.ts';
import { readPlan } from '../../api/messages/plan.ts';
import { FillThread } from '../../api/proving/fill-thread.ts';
import { PlannedRun } from '../../api/proving/planned-run.ts';
import { ProverError } from '../../prover/index.ts';
import { repositoryPath } from '../tools/paths.ts';

const elf = new Uint8Array(readFileSync(repositoryPath('guests/fibonacci/fibonacci.elf')));
const iterations = (count: number): Uint8Array => new Uint8Array(Uint32Array.of(count).buffer);

describe('FillThread', function () {
  this.timeout(300_000);
  const publicInput = iterations(200);
  let run: PlannedRun;
  let other: PlannedRun;
  let thread: FillThread;
  const noWait = { onWait: (): void => {} };

  before(async () => {
    const prover = await startProver({ threads: 1 });
    const plan = await prover.steps.plan(elf, { publicInput, segmentCycles: 250 });
    const longer = { program: elf, publicInput: iterations(300) };
    const otherPlan = await prover.steps.plan(elf, { ...longer, segmentCycles: 400 });
    await prover.close();
    run = PlannedRun.open({ program: elf, publicInput, plan });
    other = PlannedRun.open({ ...longer, plan: otherPlan });
    assert.ok(readPlan(plan).cycles > 1000 && run.segments === 5);
  });

  beforeEach(() => {
    thread = new FillThread();
  });

  afterEach(() => thread.close());

  async function assertPasses(each: PlannedRun): Promise<void> {
    const expected = [];
    for await (const segment of each.passed([1, 2])) expected.push(segment);
    const found = [];
    for await (const segment of thread.passed(each, [1, 2], noWait)) found.push(segment);
    assert.deepEqual(found, expected);
  }

  for (const numbers of [[1, 2, 3, 4, 5], [2, 4], [5], []]) {
    it(`fills what the run's own pass does: segments ${numbers.join(', ') || 'none'}`, async () => {
      const expected = [];
      for await (const segment of run.passed(numbers)) expected.push(segment);
      for (let pass = 0; pass < 2; pass++) {
        const waited: number[] = [];
        const onWait = (number: number): number => waited.push(number);
        const found = [];
        for await (const segment of thread.passed(run, numbers, { onWait })) found.push(segment);
        assert.deepEqual(found, expected);
        assert.deepEqual(waited, numbers);
      }
    });
  }

  it('can be left in the middle of a pass and pass again', async () => {
    for await (const [number] of thread.passed(run, [1, 2, 3], noWait)) if (number === 2) break;
    const numbers: number[] = [];
    for await (const [number] of thread.passed(run, [3, 5], noWait)) numbers.push(number);
    assert.deepEqual(numbers, [3, 5]);
  });

  it('passes on what is wrong with the run', async () => {
    const pass = thread.passed(run, [1, 9], noWait);
    await pass.next();
    await assert.rejects(pass.next(), { name: 'StepError', code: 'step/contents' });
  });

  it('stops at a signal', async () => {
    const controller = new AbortController();
    const pass = thread.passed(run, [1, 2], { ...noWait, signal: controller.signal });
    await pass.next();
    const next = pass.next();
    controller.abort(new Error('enough'));
    await assert.rejects(next, /enough/);
  });

  it('says that it was closed, and starts again', async () => {
    const pass = thread.passed(run, [1, 2], noWait);
    await pass.next();
    await thread.close();
    await assert.rejects(
      pass.next(),
      (error) => error instanceof ProverError && error.code === 'pool/closed',
    );
    const { value } = await thread.passed(run, [2], noWait).next();
    assert.equal(value?.[0], 2);
  });

  it('passes one run after the other', async () => {
    for (const each of [run, other, run]) await assertPasses(each);
  });

  it('passes the run that it is given behind one that was stopped as it began', async () => {
    await assertPasses(run);
    const controller = new AbortController();
    const stopped = thread.passed(other, [1], { ...noWait, signal: controller.signal }).next();
    controller.abort(new Error('enough'));
    await assert.rejects(stopped, /enough/);
    await assertPasses(run);
  });
});

describe('a proof of long segments', function () {
  this.timeout(300_000);
  const publicInput = iterations(55_000);
  const inputs = { publicInput, security: 'S100', segmentCycles: 2 ** 17 } as const;
  let alone: ProvedRun;

  before(async () => {
    alone = await prove(elf, { ...inputs, threads: 1 });
    assert.equal(alone.stats.segments, 3);
  });

  it('has the same bytes when tables are filled ahead', async () => {
    const seen = new Set<string>();
    const shares: number[] = [];
    const { receipt } = await prove(elf, {
      ...{ ...inputs, threads: 2 },
      onProgress: ({ stage, segment, done }) => {
        seen.add(`${stage} ${segment}`);
        shares.push(done);
      },
    });
    assert.ok(Buffer.from(receipt).equals(alone.receipt));
    for (const segment of [1, 2, 3]) assert.ok(seen.has(`fill ${segment}`), [...seen].join());
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
  });

  it('stops in the first pass and in the second one, and can prove again', async () => {
    const prover = await startProver({ threads: 2 });
    try {
      for (const at of ['commit 2', 'fill 2', 'logup 1']) {
        const controller = new AbortController();
        const stopped = prover.prove(elf, {
          ...{ ...inputs, signal: controller.signal },
          onProgress: ({ stage, segment }) => {
            if (`${stage} ${segment}` === at) controller.abort(new Error(`stopped at ${at}`));
          },
        });
        await assert.rejects(stopped, { message: `stopped at ${at}` });
      }
      const again = await prover.prove(elf, inputs);
      assert.ok(Buffer.from(again.receipt).equals(alone.receipt));
    } finally {
      await prover.close();
    }
  });

  it('refuses a proof that needs too much memory', async () => {
    const limits = { proverBytes: 2 ** 26 };
    await assert.rejects(
      prove(elf, { ...inputs, threads: 2, limits }),
      (error) => error instanceof ProveError && error.code === 'prove/memory',
    );
  });
});
