import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareResults, comparisonText } from '../../bench/compare.ts';
import type { Figures, ResultFile, ResultRecord } from '../../bench/records.ts';
import { sample } from '../../bench/sample.ts';
import { repositoryPath } from '../tools/paths.ts';

const record = (figures: Figures, more: Partial<ResultRecord> = {}): ResultRecord => ({
  ...{ type: 'table', system: 'vouch', name: 'A1', threads: 2, program: 'ab', title: '' },
  ...{ environment: 'e', commit: 'c', date: '2025-01-01T00:00:00Z', figures },
  ...more,
});
const file = (...records: ResultRecord[]): ResultFile => ({ environments: [], records });
const regressions = (before: ResultFile, after: ResultFile): string[] =>
  compareResults(before, after).flatMap(({ figure, isRegression }) =>
    isRegression ? [figure] : [],
  );

describe('The comparison of results', () => {
  const before = file(
    record({ prove_ms: sample([90, 100, 110]), proof_bytes: 1000, native_us: 5 }),
  );

  it('flags what has grown by more than a tenth, in medians and in counts', () => {
    const later = (prove: number, bytes: number): ResultFile =>
      file(record({ prove_ms: sample([prove]), proof_bytes: bytes, native_us: 5 }));
    assert.deepEqual(regressions(before, later(109, 1099)), []);
    assert.deepEqual(regressions(before, later(112, 1000)), ['prove_ms']);
    assert.deepEqual(regressions(before, later(50, 1101)), ['proof_bytes']);
  });

  it('flags receipts with fewer bits, which would be quicker', () => {
    const bits = (security_bits: number): ResultFile => file(record({ security_bits }));
    assert.deepEqual(regressions(bits(120.1), bits(100.2)), ['security_bits']);
    assert.deepEqual(regressions(bits(100.2), bits(120.1)), []);
  });

  it('says how native runs have changed, and what was measured', () => {
    const native = (name: string, native_us: number): ResultRecord =>
      record({ native_us }, { name });
    const [old, later] = [
      file(native('A1', 5), native('A2', 5), native('A3', 5)),
      file(native('A1', 5), native('A2', 6), native('A3', 7)),
    ];
    const text = comparisonText(compareResults(old, later), old, later);
    assert.match(text, /^Native runs: 1\.20 times as long \(1\.00 to 1\.40\)/m);
    assert.match(text, /^Environment .*, commit c\.$/m);
  });

  it('flags rows that have failed or are gone', () => {
    const { figures: _, ...rest } = record({});
    assert.deepEqual(regressions(before, file({ ...rest, failure: 'no memory' })), [
      'prove_ms',
      'proof_bytes',
    ]);
    assert.deepEqual(regressions(before, file(record({ prove_ms: 1 }, { threads: 1 }))), [
      'prove_ms',
      'proof_bytes',
    ]);
  });

  it('does not flag what Vouch does not make', () => {
    const slower = { prove_ms: sample([100]), proof_bytes: 1000, native_us: 50 };
    assert.deepEqual(regressions(before, file(record(slower))), []);
    const peer = (prove: number): ResultFile =>
      file(record({ prove_ms: prove }, { type: 'peer', system: 'snarkjs' }));
    assert.deepEqual(compareResults(peer(1), peer(2)), []);
  });

  it('is a command with an exit code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouch-compare-'));
    try {
      const [a, b] = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl')];
      writeFileSync(a, JSON.stringify(record({ verify_ms: 10 })));
      writeFileSync(b, JSON.stringify(record({ verify_ms: 12 })));
      const compare = (...files: string[]): ReturnType<typeof spawnSync> =>
        spawnSync(process.execPath, [repositoryPath('dist/bench/main.js'), 'compare', ...files], {
          encoding: 'utf8',
        });
      const worse = compare(a, b);
      assert.match(String(worse.stdout), /10 +12 +1\.200 +REGRESSION +verify_ms +2 +table A1/);
      assert.equal(worse.status, 1);
      assert.equal(compare(b, a).status, 0);
      assert.equal(compare(a, join(folder, 'none.jsonl')).status, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
