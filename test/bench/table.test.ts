import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { measureNative } from '../../bench/native.ts';
import { readPapers } from '../../bench/papers.ts';
import { measureProofAlone } from '../../bench/proof-process.ts';
import { parseResults, type ResultRecord, Results } from '../../bench/records.ts';
import { sample } from '../../bench/sample.ts';
import { breakEven, type TableFigures, tableMeasurement, tableText } from '../../bench/table.ts';
import { type Guest, readManifest } from '../../guests/index.ts';
import { repositoryPath } from '../tools/paths.ts';
import { toolAvailable } from '../tools/tools.ts';

const { guests } = await readManifest();
const guest = (name: string): Guest =>
  guests.find((found) => found.name === name) ?? assert.fail(name);

async function inFolder<Result>(task: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-bench-test-'));
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("The survey's table", () => {
  it('has the run from which set-up and verification pay off, or never', () => {
    assert.equal(breakEven(600, 103, 10), 7);
    assert.equal(breakEven(0, 103, 10), 1);
    assert.equal(breakEven(600, 10, 10), 'never');
    assert.equal(breakEven(600, 9, 10), 'never');
  });

  it('has a row for a guest, measured once and then taken from the results', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'results.jsonl');
      const parameters = ['table', '--only', 'msort8', '--threads', '2', '--resume', file];
      const main = repositoryPath('dist/bench/main.js');
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...parameters]);
      assert.match(stdout, /tier +native µs +interpreter µs +setup ms.*\n +0 .*msort8 /);
      assert.match(stdout, /120\.\d provable +3 +msort8/);
      assert.match(stdout, /210 .* 648 +msort8 +Pantry/);
      const text = await readFile(file, 'utf8');
      const { environments, records } = parseResults(text);
      const [record] = records;
      assert.equal(environments[0]?.id, record?.environment);
      assert.equal(record?.program, guest('msort8').sha256);
      const figures = record?.figures as unknown as TableFigures;
      assert.equal(figures.cycles, guest('msort8').cycles);
      assert.equal(figures.prove_ms.runs, 3);
      assert.ok(figures.peak_rss > 2 ** 26 && figures.proof_bytes > 100_000);
      assert.ok(figures.security_bits >= 120);
      const again = await promisify(execFile)(process.execPath, [main, ...parameters, '--json']);
      assert.deepEqual(JSON.parse(again.stdout), record);
      assert.equal(await readFile(file, 'utf8'), text);
    }));

  it('prints why a row has no figures', () => {
    const key = { type: 'table', system: 'vouch', name: 'mm7', threads: 2, program: '' } as const;
    const where = { title: '', environment: '', commit: '', date: '' };
    const text = tableText([{ ...key, ...where, failure: 'no memory' }], guests, []);
    assert.match(text, /^mm7 FAILED: no memory$/m);
    assert.doesNotMatch(text, /\d.*mm7/);
  });

  it('has a row without native figures where there is no native run', () => {
    const one = sample([1]);
    const proof = {
      ...{ cycles: 10, segments: 1, cells: 1, interactions: 1, securityBits: 120 },
      ...{ interpreterMicroseconds: one, proveMilliseconds: one, verifyMilliseconds: one },
      proofAloneMilliseconds: one,
      ...{ stages: { program: one }, receiptBytes: 1, peakBytes: 1 },
    };
    const { figures } = tableMeasurement(proof, new Error('gcc cannot be started'));
    assert.equal(figures?.native_failure, 'gcc cannot be started');
    assert.ok(!('break_even' in (figures ?? {})) && !('prover_over_native' in (figures ?? {})));
    assert.ok('break_even' in (tableMeasurement(proof, one).figures ?? {}));
  });

  it('fails for a proof that cannot be made, and the process goes on', async () => {
    await assert.rejects(
      measureProofAlone({ name: 'nothing', threads: 1, runs: 1 }),
      /there is no guest nothing/,
    );
  });

  it("has the papers' figures for guests that there are, each with its source", async () => {
    const { rows, hardware } = await readPapers();
    for (const row of rows) {
      assert.ok(
        guests.some(({ name }) => name === row.guest),
        row.guest,
      );
      assert.ok(row.prove_s > 0 && hardware[row.source] !== undefined, row.guest);
    }
    const listed = new Set(rows.map((row) => row.guest));
    const others: readonly string[] = ['example', 'sweep'];
    const without = guests.filter(({ name, tier }) => !others.includes(tier) && !listed.has(name));
    assert.deepEqual(
      without.map(({ name }) => name),
      ['A9', 'A10', 'C4'],
    );
  });
});

describe('Results', () => {
  const key = { type: 'table', system: 'vouch', name: 'x', threads: 2, program: 'ab' } as const;
  const measure = (file: string, value: number, program: string = key.program): Promise<unknown> =>
    Results.open(file)
      .then((results) =>
        results.measure({ ...key, program, title: '' }, async () => ({ figures: { value } })),
      )
      .then(({ figures }) => figures?.value);

  it('measures again what failed or what another program did', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'new', 'results.jsonl');
      const results = await Results.open(file);
      const failed = await results.measure({ ...key, title: '' }, async () => {
        throw new Error('out of luck');
      });
      assert.equal(failed.failure, 'out of luck');
      assert.equal(await measure(file, 1), 1);
      assert.equal(await measure(file, 2), 1);
      assert.equal(await measure(file, 3, 'cd'), 3);
      const { environments, records } = parseResults(await readFile(file, 'utf8'));
      assert.equal(environments.length, 1);
      assert.deepEqual(
        records.map(({ figures }) => figures?.value),
        [1, 3],
      );
    }));

  it('names the line that is not JSON', () => {
    assert.throws(() => parseResults('\n{"type":'), /line 2 of the results is not JSON/);
  });
});

if (toolAvailable('gcc')) {
  describe('Native runs', () => {
    it('take a guest with public input, private input or several sources', async () => {
      for (const name of ['fibonacci', 'bm16', 'sha256']) {
        const { runs, min } = await measureNative(guest(name));
        assert.ok(runs >= 3 && min > 0);
      }
    });

    it('are refused if the output is wrong', async () => {
      const { journal, ...rest } = guest('mm7');
      const wrong = { ...rest, journal: { ...journal, fnv1a32: '00000000' } };
      await assert.rejects(measureNative(wrong), /mm7: journal of 196 bytes with hash/);
    });

    it('say what is wrong with a program that does not compile', async () => {
      const broken = { ...guest('mm7'), defines: { M: 'nonsense' } };
      await assert.rejects(measureNative(broken), /nonsense/);
    });
  });
}

describe('Scaling', () => {
  it('has a row for each number of cycles and of threads that there are cores for', async () => {
    const main = repositoryPath('dist/bench/main.js');
    const parameters = ['scaling', '--from', '12', '--to', '12', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...parameters]);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ResultRecord);
    const threads = [1, 2, 4].filter((count) => count <= availableParallelism());
    assert.deepEqual(
      records.map((record) => record.threads),
      threads,
    );
    for (const { name, figures } of records) {
      assert.equal(name, 'fib12');
      const { cycles, proof_bytes: bytes } = figures as unknown as TableFigures;
      assert.ok(cycles <= 2 ** 12 && cycles > 2 ** 12 - 16);
      assert.equal(bytes, records[0]?.figures?.proof_bytes);
    }
  });
});
