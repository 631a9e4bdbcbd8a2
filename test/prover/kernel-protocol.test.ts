import assert from 'node:assert/strict';
import { segmentShape, Transcript, type TranscriptEntry, workHash } from '@vouch/verifier';
import { Arena } from '../../prover/memory.ts';
import type { Grinder } from '../../prover/opening.ts';
import { startPool } from '../../prover/pool.ts';
import { findNonce } from '../../prover/proof-of-work.ts';
import * as scalarCommit from '../../prover/scalar/commit.ts';
import { sequentialGrinder } from '../../prover/scalar/opening.ts';
import * as scalar from '../../prover/scalar/segment.ts';
import { commitSegment, freeSegment, proveSegment } from '../../prover/segment.ts';
import { toyMachine, toyParameters, toyTables } from './toy-machine.ts';

const TAG = 'toy transcript';
const CASES: { steps: number; heights: [number, number, number]; preprocessed: boolean }[] = [
  { steps: 40, heights: [5, 5, 6], preprocessed: true },
  { steps: 150, heights: [7, 6, 8], preprocessed: true },
  { steps: 600, heights: [9, 8, 10], preprocessed: false },
];

describe('the protocol with kernels', () => {
  for (const threads of [1, 2]) {
    for (const { steps, heights, preprocessed } of CASES) {
      const trees = preprocessed ? 'two trees' : 'one tree';
      it(`gives the scalar prover's proof: heights ${heights}, ${trees}, ${threads} threads`, async () => {
        const tables = toyTables(steps, heights);
        const instances = tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
        const shape = segmentShape(toyMachine, instances, toyParameters.logRows, preprocessed);
        const challengesOf = (transcript: Transcript) => ({
          alpha: transcript.squeezeExtension('alpha'),
          beta: transcript.squeezeExtension('beta'),
        });

        const plainLog: TranscriptEntry[] = [];
        const plain = new Transcript(TAG, plainLog);
        const plainCommitted = scalar.commitSegment(shape, tables, toyParameters);
        plain.absorbDigest('main root', scalarCommit.rootOf(plainCommitted.main));
        const expected = scalar.proveSegment(
          plain,
          { machine: toyMachine, shape, segment: 1, challenges: challengesOf(plain) },
          tables,
          plainCommitted,
          toyParameters,
          sequentialGrinder(workHash(TAG)),
        );

        const log: TranscriptEntry[] = [];
        const transcript = new Transcript(TAG, log);
        const pool = await startPool(new Arena(), threads);
        try {
          const committed = await commitSegment(
            pool,
            shape,
            tables,
            toyMachine.chips,
            toyParameters,
          );
          transcript.absorbDigest('main root', committed.main.root);
          const context = {
            machine: toyMachine,
            shape,
            segment: 1,
            challenges: challengesOf(transcript),
          };
          const grind: Grinder = (seed, bits) => findNonce(pool, TAG, seed, bits);
          const proof = await proveSegment(
            pool,
            transcript,
            context,
            committed,
            toyParameters,
            grind,
          );
          freeSegment(pool, committed);
          for (const [i, entry] of plainLog.entries())
            assert.deepEqual(log[i], entry, `entry ${i}`);
          assert.deepEqual(proof, expected);
          const left = pool.arena.regions.map(({ name }) => name);
          assert.deepEqual(left, ['scratch of the kernels'], 'memory that was not given back');
        } finally {
          await pool.close();
        }
      });
    }
  }
});
