import assert from 'node:assert/strict';
import { QuinticField as E, eqTable, type Quintic } from '@vouch/verifier';
import { freeEq, LOG_BLOCK, splitEq, tabulateEq } from '../../prover/eq-tables.ts';
import { BLOCK, BLOCK_BYTES } from '../../prover/kernel-layout.ts';
import { Arena } from '../../prover/memory.ts';
import { type Pool, startPool } from '../../prover/pool.ts';
import { readVector } from '../../prover/quintic-vector.ts';
import { Random } from '../tools/random.ts';
import { P } from './kernel-harness.ts';

describe('eq tables', () => {
  const random = new Random(9);
  const point = (variables: number): Quintic[] =>
    Array.from(
      { length: variables },
      () => [0, 1, 2, 3, 4].map(() => random.below(P)) as unknown as Quintic,
    );

  for (const threads of [1, 2, 3]) {
    it(`are those of the verifier for 0 to 12 variables, ${threads} threads`, async () => {
      const pool: Pool = await startPool(new Arena(), threads);
      try {
        const before = pool.arena.usedBytes;
        for (let variables = 0; variables <= 12; variables++) {
          const at = point(variables);
          const expected = eqTable(at);
          const table = await tabulateEq(pool, at);
          assert.deepEqual(readVector(pool.arena, table), expected);
          pool.arena.free(table.region);
          if (variables < LOG_BLOCK) continue;
          const parts = await splitEq(pool, at);
          const place = { offset: parts.low.offset, stride: BLOCK_BYTES, length: BLOCK };
          const low = readVector(pool.arena, place);
          const high = readVector(pool.arena, parts.high);
          const product = high.flatMap((h) => low.map((l) => E.mul(h, l)));
          assert.deepEqual(product, expected);
          freeEq(pool, parts);
        }
        assert.equal(pool.arena.usedBytes, before);
      } finally {
        await pool.close();
      }
    });
  }
});
