import assert from 'node:assert/strict';
import { ProverError } from '../../prover/errors.ts';
import type { Job } from '../../prover/kernel.ts';
import { Arena } from '../../prover/memory.ts';
import { type Pool, type RunWatch, startPool } from '../../prover/pool.ts';
import { type ProvingStage, stageWork } from '../../prover/stages.ts';
import { type StageProgress, WatchedPool } from '../../prover/watched-pool.ts';
import { toyMachine, toyParameters, toyTables } from './toy-machine.ts';
import { proveToy, toyShape } from './toy-proof.ts';

/** Passes runs on and calls `before` with the number of the run and its work. */
function countedPool(pool: Pool, before: (run: number, work: number) => void): Pool {
  let runs = 0;
  return {
    arena: pool.arena,
    threads: pool.threads,
    run: async (jobs: readonly Job[], work = 0, watch?: RunWatch) => {
      before(runs++, work);
      await pool.run(jobs, work, watch);
    },
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

const tables = toyTables(600, [9, 8, 10]);
const STAGES: ProvingStage[] = ['load', 'commit', 'logup', 'zerocheck', 'reduction', 'opening'];

describe('a watched pool', () => {
  for (const threads of [1, 2]) {
    describe(`over ${threads} threads`, () => {
      let pool: Pool;
      beforeEach(async () => {
        pool = await startPool(new Arena(), threads);
      });
      afterEach(() => pool.close());

      it('stops a proof at any run, gives its memory back, and the next proof is the same', async () => {
        const before = [...pool.arena.regions];
        let runs = 0;
        const expected = await proveToy(
          countedPool(pool, () => runs++),
          tables,
        );
        assert.ok(runs > 150, `${runs} runs`);
        for (let k = 0; k < runs; k += Math.ceil(runs / 40)) {
          const controller = new AbortController();
          const counted = countedPool(pool, (run) => {
            if (run === k) controller.abort(new Error(`stopped at ${k}`));
          });
          const watched = new WatchedPool<ProvingStage>(counted, { signal: controller.signal });
          try {
            await assert.rejects(proveToy(watched, tables), new Error(`stopped at ${k}`));
          } finally {
            await watched.close();
          }
          assert.deepEqual(pool.arena.regions, before, `memory after stopping at ${k}`);
        }
        assert.deepEqual(await proveToy(pool, tables), expected);
        assert.deepEqual(pool.arena.regions, before);
      });

      it('gives the memory of a proof back whose kernel fails', async () => {
        const before = [...pool.arena.regions];
        const expected = await proveToy(pool, tables);
        for (const k of [0, 1, 5, 50, 150]) {
          const broken: Pool = countedPool(pool, (run) => {
            if (run === k) throw new ProverError('pool/job', 'it failed', 'none');
          });
          const watched = new WatchedPool<ProvingStage>(broken, {});
          await assert.rejects(
            proveToy(watched, tables),
            (error) => error instanceof ProverError && error.code === 'pool/job',
          );
          await watched.close();
          assert.deepEqual(pool.arena.regions, before, `memory after the failure of run ${k}`);
        }
        assert.deepEqual(await proveToy(pool, tables), expected);
      });

      it('stops in the middle of a run', async () => {
        const controller = new AbortController();
        const told: number[] = [];
        const watched = new WatchedPool<string>(pool, {
          signal: controller.signal,
          onProgress: ({ done }) => {
            told.push(done);
            if (done > 0) controller.abort();
          },
        });
        const table = watched.arena.allocate('twiddles', 2 ** 23);
        const jobs = new Array<Job>(20_000).fill(['makeTwiddles', table.offset, 18]);
        watched.begin('only', jobs.length);
        await assert.rejects(watched.run(jobs, jobs.length), { name: 'AbortError' });
        await watched.close();
        assert.ok((told.at(-1) ?? 0) > 0 && Math.max(...told) < jobs.length, `${told}`);
      });

      it('tells how far a stage is, never back, also within a run', async () => {
        const told: StageProgress<string>[] = [];
        const watched = new WatchedPool<string>(pool, { onProgress: (p) => told.push(p) });
        const table = watched.arena.allocate('twiddles', 2 ** 23);
        watched.begin('first', 10);
        await watched.run(new Array<Job>(6000).fill(['makeTwiddles', table.offset, 16]), 8);
        await watched.run([], 5);
        watched.begin('second', 3);
        watched.end();
        await watched.close();
        const first = told.filter(({ stage }) => stage === 'first').map(({ done }) => done);
        assert.ok(first.length > 3, `${first.length} reports`);
        assert.deepEqual(
          first,
          [...first].sort((a, b) => a - b),
        );
        assert.equal(first[0], 0);
        assert.ok(first.some((done) => done > 0 && done < 8));
        assert.equal(first.at(-1), 10);
        assert.deepEqual(
          told.filter(({ stage }) => stage === 'second').map(({ done }) => done),
          [0, 3],
        );
      });
    });
  }

  for (const heights of [
    [5, 5, 6],
    [7, 6, 8],
    [9, 8, 10],
  ] as const) {
    it(`knows the work of each stage: heights ${heights}`, async () => {
      const filled = toyTables(2 ** heights[0] + 2 ** heights[1] - 3, heights);
      const shape = toyShape(filled);
      const schedule = toyParameters.schedule(shape.logChunks, shape.logRows);
      const expected = stageWork(toyMachine, shape, schedule);
      const done = new Map<ProvingStage, number>();
      let stage: ProvingStage | undefined;
      const pool = await startPool(new Arena(), 1);
      const counted = countedPool(pool, (_run, work) => {
        if (stage !== undefined) done.set(stage, (done.get(stage) ?? 0) + work);
      });
      await proveToy(counted, filled, (next) => {
        stage = next;
      });
      await pool.close();
      for (const name of STAGES) {
        const ratio = (done.get(name) ?? 0) / expected[name];
        assert.ok(Math.abs(ratio - 1) < 1e-9, `${name}: ${ratio} of the work`);
      }
    });
  }
});
