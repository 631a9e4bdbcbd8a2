import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadTable, measureLoad, percentiles } from '../../bench/load.ts';
import { repositoryPath } from '../tools/paths.ts';

describe('bench load', function () {
  this.timeout(300_000);

  it('takes percentiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.deepEqual(percentiles(hundred), { p50: 50, p95: 95, p99: 99 });
    assert.deepEqual(percentiles([7]), { p50: 7, p95: 7, p99: 7 });
    assert.ok(Number.isNaN(percentiles([]).p50));
  });

  it('fills the queue of a service, is refused, and gets a receipt for each job that was taken', async () => {
    const elf = new Uint8Array(readFileSync(repositoryPath('guests/hello/hello.elf')));
    const report = await measureLoad(elf, { seconds: 2, clients: 3, waiting: 2 });
    assert.ok(report.accepted >= 2 && report.refused >= 1, JSON.stringify(report));
    assert.deepEqual([report.succeeded, report.failed], [report.accepted, 0]);
    assert.ok(report.submission.p99 >= report.submission.p50 && report.submission.p50 > 0);
    assert.ok(report.residentBytes.length > 0);
    assert.match(loadTable(report), /jobs\/s/);
  });
});
