import assert from 'node:assert/strict';
import { estimate, loadProgram, type Prover, startProver, verify } from '../../api/index.ts';
import { benchmarkInput, guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { jsonResult, runCli } from '../tools/cli.ts';
import { trapElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';

const { guests } = await readManifest();
const guest = guests.find(({ name }) => name === 'B2') ?? assert.fail('no B2');
const elf = await readGuestElf(guest);
const inputs = { ...guestInputs(guest), security: 'S100' } as const;
const within = (found: number, expected: number, factor: number): void => {
  assert.ok(found < expected * factor && found > expected / factor, `${found}, ${expected}`);
};

describe('estimate', function () {
  this.timeout(120_000);
  let prover: Prover;
  before(async () => {
    prover = await startProver({ threads: 2 });
  });
  after(() => prover.close());

  for (const segmentCycles of [undefined, 50_000]) {
    it(`says what a proof has, in segments of ${segmentCycles ?? 'any length'}`, async () => {
      const options = { ...inputs, ...(segmentCycles && { segmentCycles }) };
      const found = await estimate(elf, { ...options, threads: 2 });
      const { receipt, cycles, stats } = await prover.prove(elf, options);
      assert.equal(found.cycles, cycles);
      assert.equal(found.segments, stats.segments);
      assert.equal(found.segments, segmentCycles === undefined ? 1 : 3);
      assert.equal(found.work.cells, stats.cells);
      assert.equal(found.work.interactions, stats.interactions);
      within(found.receiptBytes, receipt.length, 1.03);
      assert.ok(found.memoryBytes > stats.peakBytes);
      const sum = found.stages.reduce(
        (total, { milliseconds }) => total + milliseconds,
        found.startMilliseconds,
      );
      within(sum, found.milliseconds, 1.001);
      assert.ok(found.milliseconds > 0 && Number.isFinite(found.milliseconds));
    });
  }

  it('counts the tables that are filled while another segment is proved, and so does the proof', async () => {
    const fibonacci = guests.find(({ name }) => name === 'fibonacci') ?? assert.fail();
    const program = await readGuestElf(fibonacci);
    /** 280,089 cycles. */
    const publicInput = benchmarkInput({ kind: 'words', words: [56_000] });
    const options = { publicInput, security: 'S100' } as const;
    const cut = { ...options, segmentCycles: 2 ** 17 + 10_000 };
    // Where memory is scarce, no further segment is kept.
    const least = await estimate(program, { ...cut, threads: 2, limits: { proverBytes: 2 ** 20 } });
    const { segments, memoryBytes } = least;
    assert.equal(segments, 2);
    const proverBytes = memoryBytes - 30 * 2 ** 20;
    const limits = { proverBytes };
    await assert.rejects(prover.prove(program, { ...cut, limits }), { code: 'prove/memory' });
    const narrower = await estimate(program, { ...options, threads: 2, limits });
    assert.ok(narrower.memoryBytes <= proverBytes && narrower.segments > 2);
  });

  it('cuts a run that is too wide for the memory, and the proof follows it', async () => {
    const whole = await estimate(elf, { ...inputs, threads: 2 });
    const proverBytes = Math.floor(0.8 * whole.memoryBytes);
    const options = { ...inputs, limits: { proverBytes } };
    const cut = await estimate(elf, { ...options, threads: 2 });
    assert.ok(cut.segments > 1 && cut.memoryBytes < proverBytes, JSON.stringify(cut));
    const { receipt, programId, stats } = await prover.prove(elf, options);
    assert.equal(stats.segments, cut.segments);
    assert.ok(stats.peakBytes < proverBytes);
    const { publicInput } = inputs;
    await verify(receipt, { program: programId, publicInput, minSecurityBits: 100 });
    const other = await startProver({ threads: 1 });
    try {
      assert.deepEqual((await other.prove(elf, options)).receipt, receipt);
    } finally {
      await other.close();
    }
  });

  it('stops when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(estimate(loadProgram(elf), { ...inputs, signal }), /enough/);
  });
});

describe('vouch run --estimate', function () {
  this.timeout(60_000);
  const hello = repositoryPath('guests/hello/hello.elf');

  it('tells what a proof would take, for people and as JSON', async () => {
    const parameters = ['run', hello, '--private-input', 'text:Ada', '--estimate'];
    const people = await runCli([...parameters, '--threads', '1']);
    assert.equal(people.code, 0, people.stderr);
    assert.match(
      people.stderr,
      /would take about [\d.]+ s on 1 thread and \d+ MiB of memory: 1 seg/,
    );
    const json = jsonResult(await runCli([...parameters, '--json']));
    const found = json.estimate as Record<string, number>;
    assert.equal(found.segments, 1);
    assert.ok(Number(found.receiptBytes) > 100_000 && Number(found.memoryBytes) > 2 ** 26);
    assert.ok(Number(found.milliseconds) > 0);
  });

  it('has no estimate for a run that traps', async () => {
    const run = await runCli(['run', '-', '--estimate', '--json'], trapElf());
    assert.equal(run.code, 4, run.stderr);
    assert.equal(jsonResult(run).estimate, undefined);
  });
});
