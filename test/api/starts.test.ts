import assert from 'node:assert/strict';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { S100 } from '@vouch/verifier';
import { StepError } from '../../api/index.ts';
import { sealMessage } from '../../api/messages/envelope.ts';
import { readPlan, runLabel, segmentCount, writePlan } from '../../api/messages/plan.ts';
import { PlannedRun, type StepRun } from '../../api/proving/planned-run.ts';
import { provableProgram } from '../../api/proving/program.ts';
import { finishRun, passRun } from '../../api/proving/run.ts';
import { startsOf } from '../../api/proving/starts.ts';
import type { FilledSegment } from '../../prover/index.ts';
import { processSeed, Random } from '../tools/random.ts';
import { programText, randomElf, randomProgram } from '../tools/random-program.ts';

const PROGRAMS = process.env.VOUCH_SLOW === '1' ? 40 : 6;

/** A run of a program on no inputs, cut into segments of so many cycles. */
async function planned(elf: Uint8Array, segmentCycles: number): Promise<StepRun> {
  const { program, statement } = provableProgram(elf);
  const { execution, exitCode } = await finishRun(program, {});
  const none = bytesToHex(sha256(new Uint8Array(0)));
  const plan = writePlan({
    ...{ parameters: S100, programMode: 'id', publicInput: none, privateInput: none },
    ...{ cycles: execution.cycles, journal: execution.journal, exitCode, segmentCycles },
    program: bytesToHex(statement.digest),
  });
  return { program: elf, plan };
}

async function startsFor(run: StepRun, bytesPerCycle?: number): Promise<Map<number, Uint8Array>> {
  const starts = new Map<number, Uint8Array>();
  const options = bytesPerCycle === undefined ? {} : { bytesPerCycle };
  for await (const { number, bytes } of startsOf(PlannedRun.open(run), options)) {
    starts.set(number, bytes);
  }
  return starts;
}

async function passed(run: StepRun): Promise<FilledSegment[]> {
  const { plan, program, inputs } = PlannedRun.open(run);
  const tables: FilledSegment[] = [];
  for await (const { filled } of passRun(program, inputs, plan)) if (filled) tables.push(filled);
  return tables;
}

describe('The start of a segment', () => {
  it('is enough for its tables, in random programs cut at random', async () => {
    const seed = processSeed();
    const random = new Random(seed);
    for (let i = 0; i < PROGRAMS; i++) {
      const program = randomProgram(random, 150, 3);
      const elf = randomElf(program, 'machine');
      const whole = await planned(elf, 2 ** 20);
      const { cycles } = readPlan(whole.plan);
      const segmentCycles = Math.ceil(cycles / (2 + random.below(6)));
      const run = await planned(elf, segmentCycles);
      const where = `VOUCH_SEED=${seed}, ${segmentCycles} of ${cycles}, ${programText(program)}`;
      const expected = await passed(run);
      const starts = await startsFor(run, Number.POSITIVE_INFINITY);
      assert.equal(starts.size, expected.length - 1, where);
      const opened = PlannedRun.open(run);
      for (const [number, start] of starts) {
        const filled = await opened.fill(number, start, undefined);
        assert.deepEqual(filled, expected[number - 1], where);
        assert.deepEqual(filled, await opened.fill(number, undefined, undefined), where);
      }
    }
  }).timeout(60_000);

  it('is left out where it is larger than the run before is long', async () => {
    const run = await planned(randomElf(randomProgram(new Random(5), 150, 3), 'machine'), 300);
    const all = await startsFor(run, Number.POSITIVE_INFINITY);
    const some = await startsFor(run, 30);
    const none = await startsFor(run);
    const { segmentCycles } = readPlan(run.plan);
    const worth = [...all].filter(
      ([number, bytes]) => bytes.length <= 30 * (number - 1) * segmentCycles,
    );
    assert.deepEqual([...some], worth);
    assert.ok(
      none.size < some.size && some.size < all.size,
      `${none.size} ${some.size} ${all.size}`,
    );
  });

  it('is refused when it is damaged, of another segment or of another run', async () => {
    const elf = randomElf(randomProgram(new Random(7), 100, 3), 'machine');
    const run = await planned(elf, 400);
    const other = await planned(elf, 401);
    const [starts, others] = [
      await startsFor(run, Number.POSITIVE_INFINITY),
      await startsFor(other, Number.POSITIVE_INFINITY),
    ];
    const opened = PlannedRun.open(run);
    const second = starts.get(2) as Uint8Array;
    const refused = async (number: number, start: Uint8Array, code: string): Promise<void> => {
      await assert.rejects(
        opened.fill(number, start, undefined),
        (error) => error instanceof StepError && error.code === code,
        code,
      );
    };
    const random = new Random(processSeed());
    for (let i = 0; i < 300; i++) {
      const changed = second.slice();
      const at = 13 + random.below(second.length - 13);
      changed[at] = (changed[at] as number) ^ (1 + random.below(255));
      await refused(2, changed, 'step/damaged');
    }
    await refused(3, second, 'step/number');
    await refused(2, others.get(2) as Uint8Array, 'step/other-proof');
    await refused(2, run.plan, 'step/kind');
  });

  it('is refused when it is well-formed, but leads elsewhere', async () => {
    const elf = randomElf(randomProgram(new Random(7), 100, 3), 'machine');
    const run = await planned(elf, 400);
    const second = (await startsFor(run, Number.POSITIVE_INFINITY)).get(2) as Uint8Array;
    const plan = readPlan(run.plan);
    assert.ok(segmentCount(plan) > 2);
    const contents = second.slice(13 + 1 + 64 + 4, -32);
    const sealed = (change: (view: DataView) => void): Uint8Array => {
      const copy = contents.slice();
      change(new DataView(copy.buffer));
      return sealMessage({ kind: 'start', number: 2 }, runLabel(plan), (w) => w.bytes(copy));
    };
    const opened = PlannedRun.open(run);
    const codeOf = async (start: Uint8Array): Promise<unknown> =>
      opened.fill(2, start, undefined).then(
        () => 'filled',
        (error) => (error instanceof StepError ? error.code : error),
      );
    assert.equal(await codeOf(sealed(() => {})), 'filled');
    // A pc outside the code; more pages than there are bytes; a page twice.
    assert.equal(await codeOf(sealed((view) => view.setUint32(0, 16, true))), 'step/contents');
    const pages = 4 * (1 + 32 + 2 + 64);
    const count = sealed((view) => view.setUint32(pages, 2 ** 20, true));
    assert.equal(await codeOf(count), 'step/contents');
    const page = sealed((view) => view.setUint32(pages + 4, 2 ** 20, true));
    assert.equal(await codeOf(page), 'step/contents');
  });
});
