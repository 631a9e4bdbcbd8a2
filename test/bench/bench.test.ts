import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { execute, loadProgram } from '../../api/index.ts';
import { check } from '../../bench/output.ts';
import { proofTables } from '../../bench/prove.ts';
import { formatSample, sample } from '../../bench/sample.ts';
import { measureSuite } from '../../bench/suite.ts';
import { type Guest, guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { repositoryPath } from '../tools/paths.ts';

async function guest(name: string): Promise<Guest> {
  const { guests } = await readManifest();
  return guests.find((found) => found.name === name) ?? assert.fail(name);
}

describe('bench', () => {
  it('takes the median and the spread of a sample', () => {
    assert.deepEqual(sample([5, 1, 3]), { runs: 3, median: 3, min: 1, max: 5 });
    assert.deepEqual(sample([4, 1, 3, 2]), { runs: 4, median: 2.5, min: 1, max: 4 });
    assert.equal(formatSample(sample([1, 2, 10])), '2.0 (1.0-10.0)');
    assert.throws(() => sample([]), RangeError);
  });

  it('refuses a run whose output is not the expected one', async () => {
    const mm7 = await guest('mm7');
    const program = loadProgram(await readGuestElf(mm7));
    const execution = await execute(program, guestInputs(mm7));
    assert.equal(check(mm7, execution), execution);
    const journal = execution.journal.slice();
    journal[0] = (journal[0] ?? 0) ^ 1;
    assert.throws(
      () => check(mm7, { ...execution, journal }),
      /mm7: journal of 196 bytes with hash/,
    );
    const short = execution.journal.subarray(1);
    assert.throws(() => check(mm7, { ...execution, journal: short }), /journal of 195 bytes/);
    const failed = { ...execution, outcome: { kind: 'exit', code: 1 } } as const;
    assert.throws(() => check(mm7, failed), /mm7: exit code 1/);
  });

  it('gives no number where the output is wrong', async () => {
    const mm7 = await guest('mm7');
    const wrong = { ...mm7, journal: { ...mm7.journal, fnv1a32: '00000000' } };
    const row = await measureSuite(wrong);
    assert.equal(row.cycles, undefined);
    assert.match(row.failure ?? '', /expected 196 bytes with hash 00000000/);
    const right = await measureSuite(mm7);
    assert.equal(right.failure, undefined);
    assert.equal(right.ratio, (right.cycles ?? 0) / (mm7.referenceCycles ?? 1));
  });

  it('prints both tables, and as JSON a result with the machine', async () => {
    const run = (...more: string[]): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [
        repositoryPath('dist/bench/main.js'),
        ...['speed', '--only', 'msort8', ...more],
      ]);
    const { stdout } = await run();
    assert.match(stdout, /cycles +execute M\/s +record M\/s.*\n.*msort8/);
    assert.match(stdout, /tier +cycles +reference +ratio +output.*\n.*ok +msort8/);
    const lines = (await run('--json')).stdout.trim().split('\n');
    const { ok, machine, speed, suite } = JSON.parse(lines.at(-1) ?? '');
    assert.equal(ok, true);
    assert.equal(machine.node, process.versions.node);
    assert.equal(speed[0].execute.runs, 5);
    assert.ok(speed[0].recordBytesPerCycle >= 20);
    assert.equal(suite[0].cycles, speed[0].cycles);
  });

  it('measures proofs: speed, stages, memory, size, verification', async () => {
    const parameters = ['prove', '--only', 'msort8', '--threads', '2', '--json'];
    const main = repositoryPath('dist/bench/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...parameters]);
    const { proofs, runs } = JSON.parse(stdout);
    const [row] = proofs;
    assert.equal(runs, 3);
    assert.equal(row.threads, 2);
    const tables = proofTables(proofs);
    assert.match(tables, /^ *cycles +segments +kHz.*\n.*msort8/);
    assert.match(tables, /execute +fill +program.*opening +verify +guest\n/);
    assert.ok(row.kilohertz.runs === 3 && row.kilohertz.median > 0);
    assert.ok(row.securityBits >= 120 && row.receiptBytes > 100_000 && row.peakBytes > 2 ** 24);
    assert.ok(row.verifyWarm.median > 0 && row.verifyCold.median > 0);
    const stages = Object.values(row.stages as Record<string, { median: number }>);
    const sum = stages.reduce((total, { median }) => total + median, 0);
    assert.ok(sum > 0.5 * row.milliseconds.median && sum < 1.5 * row.milliseconds.median);
  });

  it('refuses guests and numbers that there are not', async () => {
    const main = repositoryPath('dist/bench/main.js');
    for (const parameters of [
      ['--only', 'nothing'],
      ['--runs', '1'],
      ['--tier', 'D'],
      ['speed', '--only', 'nothing'],
    ]) {
      await assert.rejects(promisify(execFile)(process.execPath, [main, ...parameters]));
    }
  });
});
