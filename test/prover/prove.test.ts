import assert from 'node:assert/strict';
import { encodeReceipt, programId, type TranscriptEntry, verify } from '@vouch/verifier';
import { ProverError } from '../../prover/errors.ts';
import { Arena } from '../../prover/memory.ts';
import { type Pool, startPool } from '../../prover/pool.ts';
import {
  commitProgram,
  commitToSegment,
  drawChallenges,
  proveRun,
  proveSegmentAgain,
  type Statement,
} from '../../prover/prove.ts';
import type { FilledSegment } from '../../prover/scalar/prove.ts';
import * as scalar from '../../prover/scalar/prove.ts';
import type { StageProgress } from '../../prover/watched-pool.ts';
import { courier, courierParameters } from './courier-machine.ts';
import { courierInstructions, courierProgram, courierRun } from './courier-runs.ts';
import { tallProgram, tallRun } from './courier-tall.ts';

const instructions = courierInstructions(3);
const small = courierProgram(instructions);
const program = tallProgram(small);
const publicInput = Uint8Array.of(1, 2, 3, 4, 5);
const run = tallRun(courierRun(small, instructions, publicInput, []));

async function statementOf(pool: Pool, kind: 'id' | 'program'): Promise<Statement> {
  const mode =
    kind === 'id' ? { kind, commitment: await commitProgram(pool, courier, program) } : { kind };
  return { machine: courier, parameters: courierParameters, program, mode };
}

describe('proving a run', () => {
  for (const threads of [1, 2]) {
    describe(`with ${threads} threads`, () => {
      let pool: Pool;
      before(async () => {
        pool = await startPool(new Arena(), threads);
      });
      after(() => pool.close());

      it('commits to the program as the scalar prover does', async () => {
        const commitment = await commitProgram(pool, courier, program);
        assert.deepEqual(commitment, scalar.commitProgram(courier, program));
      });

      for (const kind of ['id', 'program'] as const) {
        it(`gives the scalar prover's receipt, mode ${kind}`, async () => {
          const expectedLog: TranscriptEntry[] = [];
          const expected = scalar.proveStatement(
            courier,
            courierParameters,
            kind,
            program,
            run,
            expectedLog,
          );
          const log: TranscriptEntry[] = [];
          const statement = await statementOf(pool, kind);
          const receipt = await proveRun(pool, statement, run, { log });
          assert.deepEqual(log, expectedLog);
          assert.deepEqual(encodeReceipt(receipt), encodeReceipt(expected));
          const named =
            statement.mode.kind === 'id'
              ? { kind: 'id' as const, id: programId(courier, statement.mode.commitment) }
              : { kind: 'program' as const, ...program };
          const verified = verify(encodeReceipt(receipt), {
            machine: courier,
            program: named,
            publicInput,
            exitCode: 3,
            minSecurityBits: 0,
          });
          assert.deepEqual(verified.journal, run.journal);
        });
      }

      it('tells each stage from 0 to its end', async () => {
        const told: StageProgress<string>[] = [];
        const statement = await statementOf(pool, 'id');
        await commitProgram(pool, courier, program, { onProgress: (p) => told.push(p) });
        await proveRun(pool, statement, run, { onProgress: (p) => told.push(p) });
        const stages = [...new Set(told.map(({ stage }) => stage))];
        assert.deepEqual(stages, [
          'program',
          'load',
          'commit',
          'logup',
          'zerocheck',
          'reduction',
          'opening',
        ]);
        for (const name of stages) {
          const reports = told.filter(({ stage }) => stage === name);
          const [first] = reports;
          const last = reports.at(-1);
          assert.equal(first?.done, 0);
          assert.equal(last?.done, last?.total);
          assert.ok(reports.every(({ done }, i) => done >= (reports[i - 1]?.done ?? 0)));
        }
      });

      it('stops at a signal in any stage, gives memory back and proves again', async () => {
        const statement = await statementOf(pool, 'program');
        const expected = encodeReceipt(await proveRun(pool, statement, run));
        const before = [...pool.arena.regions];
        const reason = new Error('enough');
        for (const stop of ['load', 'commit', 'logup', 'zerocheck', 'reduction', 'opening']) {
          const controller = new AbortController();
          const onProgress = ({ stage }: { stage: string }): void => {
            if (stage === stop) controller.abort(reason);
          };
          const { signal } = controller;
          await assert.rejects(proveRun(pool, statement, run, { signal, onProgress }), reason);
          assert.deepEqual(pool.arena.regions, before);
        }
        await assert.rejects(
          commitProgram(pool, courier, program, { signal: AbortSignal.abort(reason) }),
          reason,
        );
        assert.deepEqual(pool.arena.regions, before);
        assert.deepEqual(encodeReceipt(await proveRun(pool, statement, run)), expected);
      });

      for (const cuts of [[2], [1, 3]]) {
        it(`gives the scalar prover's receipt of ${cuts.length + 1} segments`, async () => {
          const several = tallRun(courierRun(small, instructions, publicInput, cuts));
          const expectedLog: TranscriptEntry[] = [];
          const expected = scalar.proveStatement(
            courier,
            courierParameters,
            'id',
            program,
            several,
            expectedLog,
          );
          const statement = await statementOf(pool, 'id');
          const before = [...pool.arena.regions];
          const log: TranscriptEntry[] = [];
          const receipt = await proveRun(pool, statement, several, { log });
          assert.deepEqual(log, expectedLog);
          assert.deepEqual(encodeReceipt(receipt), encodeReceipt(expected));
          assert.deepEqual(pool.arena.regions, before);
        });
      }

      it('takes the memory of one segment, however many there are', async () => {
        const peak = async (cuts: readonly number[]): Promise<number> => {
          const alone: Pool = {
            ...pool,
            run: (...task) => pool.run(...task),
            arena: pool.arena.part(),
          };
          const { segments } = tallRun(courierRun(small, instructions, publicInput, cuts));
          const statement = await statementOf(pool, 'id');
          await proveRun(alone, statement, { ...run, segments });
          return alone.arena.peakBytes;
        };
        assert.equal(await peak([1, 2, 3]), await peak([2]));
      });

      it('refuses to prove a segment that is not the one committed to', async () => {
        const statement = await statementOf(pool, 'program');
        const several = tallRun(courierRun(small, instructions, publicInput, [2]));
        const [first, second] = several.segments as [FilledSegment, FilledSegment];
        const headers = [
          await commitToSegment(pool, statement, first),
          await commitToSegment(pool, statement, second),
        ] as const;
        const challenges = await drawChallenges(pool, statement, several, headers);
        const before = [...pool.arena.regions];
        const [firstHeader] = headers;
        for (const changed of [second, { ...first, cycleEnd: first.cycleEnd + 1 }]) {
          await assert.rejects(
            proveSegmentAgain(pool, statement, changed, firstHeader, challenges, 1),
            (error) => error instanceof ProverError && error.code === 'segment/changed',
          );
        }
        assert.deepEqual(pool.arena.regions, before);
      });

      it('refuses a run of no segment', async () => {
        const statement = await statementOf(pool, 'program');
        const before = [...pool.arena.regions];
        await assert.rejects(proveRun(pool, statement, { ...run, segments: [] }), RangeError);
        assert.deepEqual(pool.arena.regions, before);
      });

      it('refuses tables that are too short for the kernels', async () => {
        const statement = { ...(await statementOf(pool, 'program')), program: small };
        const short = courierRun(small, instructions, publicInput, []);
        const before = [...pool.arena.regions];
        await assert.rejects(proveRun(pool, statement, short), RangeError);
        assert.deepEqual(pool.arena.regions, before);
      });
    });
  }

  it('refuses a pool that was closed', async () => {
    const pool = await startPool(new Arena(), 1);
    const statement = await statementOf(pool, 'program');
    await pool.close();
    await assert.rejects(
      proveRun(pool, statement, run),
      (error) => error instanceof ProverError && error.code === 'pool/closed',
    );
  });
});
