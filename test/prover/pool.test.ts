import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { hasWork, merkleRoot, workHash } from '@vouch/verifier';
import type { Job } from '../../prover/kernel.ts';
import { Arena, columnStride, createMemory, type Region } from '../../prover/memory.ts';
import { buildMerkleTree, readDigest, treeSize } from '../../prover/merkle-tree.ts';
import { toMontgomery } from '../../prover/montgomery.ts';
import { type Pool, split, startPool } from '../../prover/pool.ts';
import { findNonce } from '../../prover/proof-of-work.ts';
import { repositoryPath } from '../tools/paths.ts';
import { Random } from '../tools/random.ts';

const P = 0x7f000001;
const THREADS = [1, 2, 3];

function newArena(): Arena {
  return new Arena(createMemory(2 ** 28));
}

function fill(words: Uint32Array, seed: number): void {
  const random = new Random(seed);
  for (let i = 0; i < words.length; i++) words[i] = random.below(P);
}

/** Runs with the workers that start meanwhile. */
async function withWorkers<T>(run: (workers: Worker[]) => Promise<T>): Promise<T> {
  const workers: Worker[] = [];
  const note = (worker: Worker): unknown => workers.push(worker);
  process.on('worker', note);
  try {
    return await run(workers);
  } finally {
    process.off('worker', note);
  }
}

/** Jobs of some 100 ms that square a vector again and again. */
function longJobs(region: Region, count: number): Job[] {
  const n = region.bytes / 4;
  const { offset } = region;
  return Array.from({ length: count }, () => ['multiplyVectors', offset, offset, offset, 0, n]);
}

describe('pool of threads', () => {
  it('gives the same words for any number of threads', async () => {
    const results: Uint32Array[] = [];
    for (const threads of THREADS) {
      const arena = newArena();
      const pool = await startPool(arena, threads);
      const [columns, logRows] = [9, 9];
      const source = columnStride(2 ** logRows);
      const target = columnStride(2 ** (logRows + 1));
      const table = arena.allocate('twiddles', 8 * 2 ** logRows);
      const input = arena.allocate('columns', columns * source);
      const output = arena.allocate('codewords', columns * target);
      fill(arena.words(input), 1);
      arena.words(output).fill(0);
      await pool.run([['makeTwiddles', table.offset, logRows]]);
      await pool.run(
        split(columns, threads, 1).map(([from, to]): Job => {
          const places = [input.offset, source, output.offset, target] as const;
          return ['extendColumns', ...places, logRows, 1, table.offset, logRows, from, to];
        }),
      );
      results.push(arena.words(output).slice());
      await pool.close();
    }
    assert.ok(results[0]?.some((word) => word !== 0));
    for (const result of results) assert.deepEqual(result, results[0]);
  });

  it('builds the tree whose root the verifier computes', async () => {
    for (const threads of [1, 3]) {
      const arena = newArena();
      const pool = await startPool(arena, threads);
      for (const logLeaves of [0, 1, 3, 9, 10, 11]) {
        const { planeStride, bytes } = treeSize(logLeaves);
        const region = arena.allocate('tree', bytes);
        fill(arena.words(region), logLeaves);
        const tree = { offset: region.offset, planeStride, logLeaves };
        const leaves = Array.from({ length: 2 ** logLeaves }, (_, i) =>
          readDigest(arena, tree, 0, i),
        );
        assert.deepEqual(await buildMerkleTree(pool, tree), merkleRoot(leaves));
        const half = leaves.slice(0, Math.ceil(leaves.length / 2));
        const level = Math.max(0, logLeaves - 1);
        assert.deepEqual(readDigest(arena, tree, level, 0), merkleRoot(half));
        assert.throws(() => readDigest(arena, tree, logLeaves, 1), RangeError);
        arena.free(region);
      }
      await pool.close();
    }
  });

  it('finds the same nonce with any number of threads, and the verifier takes it', async () => {
    const tag = 'Vouch test of the pool';
    for (const [bits, seed] of [
      [0, [1, 2, 3, 4, 5, 6, 7, 8]],
      [8, [8, 7, 6, 5, 4, 3, 2, 1]],
      [15, [P - 1, 0, P - 1, 0, P - 1, 0, P - 1, 0]],
    ] as const) {
      const nonces: bigint[] = [];
      for (const threads of THREADS) {
        const pool = await startPool(newArena(), threads);
        nonces.push(await findNonce(pool, tag, seed, bits));
        await pool.close();
      }
      const [nonce] = nonces as [bigint];
      assert.deepEqual(new Set(nonces).size, 1);
      assert.ok(hasWork(workHash(tag), seed, nonce, bits));
      if (bits < 10) {
        for (let n = 0n; n < nonce; n++) assert.ok(!hasWork(workHash(tag), seed, n, bits));
      }
    }
  });

  it('refuses work of more than 32 bits and pools without a thread', async () => {
    const pool = await startPool(newArena(), 1);
    await assert.rejects(findNonce(pool, 'tag', [0, 0, 0, 0, 0, 0, 0, 0], 33), RangeError);
    for (const threads of [0, -1, 1.5, Number.NaN, 257]) {
      await assert.rejects(startPool(newArena(), threads), RangeError);
    }
  });

  it('starts no worker for one thread', async () => {
    await withWorkers(async (workers) => {
      const pool = await startPool(newArena(), 1);
      await pool.run([]);
      await pool.close();
      assert.equal(workers.length, 0);
    });
  });

  it('starts its workers once', async () => {
    await withWorkers(async (workers) => {
      const arena = newArena();
      const pool = await startPool(arena, 2);
      const region = arena.allocate('vector', 4096);
      for (let i = 0; i < 20; i++) await pool.run(longJobs(region, 5));
      await pool.close();
      assert.equal(workers.length, 2);
    });
  });

  it('does runs that are asked for at the same time one after the other', async () => {
    const arena = newArena();
    const pool = await startPool(arena, 2);
    const [x, one] = [arena.allocate('x', 64), arena.allocate('one', 64)];
    arena.words(x).fill(0);
    arena.words(one).fill(toMontgomery(1));
    const increment: Job = ['addVectors', x.offset, one.offset, x.offset, 0, 16];
    await Promise.all(Array.from({ length: 50 }, () => pool.run([increment])));
    assert.ok(arena.words(x).every((word) => word === toMontgomery(50)));
    await pool.close();
  });

  for (const threads of [1, 2]) {
    it(`with ${threads} thread(s) names the job that failed, and goes on`, async () => {
      const arena = newArena();
      const pool = await startPool(arena, threads);
      const region = arena.allocate('vector', 64);
      const outside = 0xffff_ff00;
      const bad: Job = ['addVectors', outside, outside, region.offset, 0, 16];
      const good: Job = ['subtractVectors', region.offset, region.offset, region.offset, 0, 16];
      await assert.rejects(pool.run([good, bad, good]), (error: Error) => {
        assert.deepEqual([error.name, Reflect.get(error, 'code')], ['ProverError', 'pool/job']);
        return error.message.includes(
          `addVectors(${outside}, ${outside}, ${region.offset}, 0, 16)`,
        );
      });
      arena.words(region).fill(5);
      await pool.run([good]);
      assert.ok(arena.words(region).every((word) => word === 0));
      await pool.close();
    });

    it(`with ${threads} thread(s) frees its memory and takes no job once it is closed`, async () => {
      const arena = newArena();
      const pool = await startPool(arena, threads);
      assert.ok(arena.usedBytes > 0);
      await pool.close();
      await pool.close();
      assert.equal(arena.usedBytes, 0);
      await assert.rejects(pool.run([]), { name: 'ProverError', code: 'pool/closed' });
    });
  }

  it('fails the run when a worker is lost, and every run after it', async () => {
    await withWorkers(async (workers) => {
      const arena = newArena();
      const pool: Pool = await startPool(arena, 2);
      const region = arena.allocate('vector', 2 ** 24);
      const lost = { name: 'ProverError', code: 'pool/worker' };
      const run = assert.rejects(pool.run(longJobs(region, 200)), lost);
      await workers[0]?.terminate();
      await run;
      await assert.rejects(pool.run(longJobs(region, 1)), lost);
      await pool.close();
    });
  });

  it('fails the next run when an idle worker is lost', async () => {
    await withWorkers(async (workers) => {
      const pool = await startPool(newArena(), 2);
      await workers[1]?.terminate();
      await assert.rejects(pool.run([]), { name: 'ProverError', code: 'pool/worker' });
      await pool.close();
    });
  });

  it('fails to start when a worker does', async () => {
    const stop = (worker: Worker): unknown => worker.terminate();
    process.once('worker', stop);
    const arena = newArena();
    await assert.rejects(startPool(arena, 2), { name: 'ProverError', code: 'pool/worker' });
    assert.equal(arena.usedBytes, 0);
  });

  it('lets a script that is done exit by itself, and one that waits finish', () => {
    const entry = new URL(`file://${repositoryPath('dist', 'prover', 'index.js')}`);
    const script = `
      import { Arena, startPool } from '${entry}';
      const arena = new Arena();
      const pool = await startPool(arena, 2);
      const { offset } = arena.allocate('vector', 2 ** 22);
      const job = ['multiplyVectors', offset, offset, offset, 0, 2 ** 20];
      await pool.run(Array(40).fill(job));
      console.log('done');`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 30000 },
    );
    assert.deepEqual([status, stdout, stderr], [0, 'done\n', '']);
  });
});

describe('ranges of a job', () => {
  it('cover the whole, in order, and start at multiples of the grain', () => {
    for (const total of [0, 1, 3, 4, 5, 31, 32, 100, 1023]) {
      for (const parts of [1, 2, 3, 8, 50]) {
        for (const grain of [1, 4, 8]) {
          const ranges = split(total, parts, grain);
          let end = 0;
          for (const [from, to] of ranges) {
            assert.equal(from, end);
            assert.ok(from % grain === 0 && to > from);
            end = to;
          }
          assert.equal(end, total);
          assert.ok(ranges.length <= parts);
        }
      }
    }
  });
});
