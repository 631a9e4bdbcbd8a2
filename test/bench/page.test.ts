import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { committedResults, pageOf } from '../../bench/commands/page.ts';
import type { Environment } from '../../bench/environment.ts';
import { readKernelReferences } from '../../bench/kernels.ts';
import { digits, markdownTable, spread, times } from '../../bench/page/markdown.ts';
import { resultsPage } from '../../bench/page/page.ts';
import { readPublished } from '../../bench/page/peers.ts';
import { type Plot, plotSvg } from '../../bench/page/plot.ts';
import { readPapers } from '../../bench/papers.ts';
import { parseResults } from '../../bench/records.ts';
import { sample } from '../../bench/sample.ts';
import { repositoryPath } from '../tools/paths.ts';

/** Two programs, a row that failed, a short scaling and three kernels. */
const EXAMPLE = repositoryPath('test', 'bench', 'example-results.jsonl');

/** The tables of a page: their rows, in cells. */
function tablesOf(text: string): string[][][] {
  const blocks = text.split(/\n(?!\|)/).map((block) => block.split('\n'));
  return blocks
    .map((lines) => lines.filter((line) => line.startsWith('| ')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice(2, -2).split(' | ')));
}

describe('The page of results', () => {
  it('has all rows of the results, in tables whose rows are equally long', async () => {
    const { text } = await pageOf([EXAMPLE]);
    const tables = tablesOf(text);
    assert.ok(tables.length >= 7);
    for (const table of tables) {
      for (const row of table) assert.equal(row.length, table[0]?.length, row.join());
    }
    const first = tables.map((table) => table.map((row) => row[0]?.trim()));
    const { records } = parseResults(await readFile(EXAMPLE, 'utf8'));
    for (const { name, type, system, figures } of records) {
      const found = first.filter((column) => column.some((cell) => cell?.endsWith(name)));
      if (type === 'table' && figures !== undefined) assert.ok(found.length >= 3, name);
      if (type === 'kernel') assert.equal(found.length, 1, name);
      if (type === 'peer')
        assert.ok(
          first.some((column) => column.includes(system)),
          system,
        );
    }
    const scaling = tables.find((table) => table[0]?.[1]?.trim() === 'threads');
    const measured = records.filter(({ type }) => type === 'scaling');
    assert.equal(scaling?.length, 2 + measured.length);
  });

  it('says why a row has no figures, and shows the plots that it has', async () => {
    const { text, plots } = await pageOf([EXAMPLE]);
    assert.match(text, /^- C4, matrix product.*: the proof's process ended with SIGKILL$/m);
    const shown = [...text.matchAll(/!\[.*\]\(results\/(.*)\)/g)].map(([, name]) => name);
    assert.deepEqual(shown, [...plots.keys()]);
    assert.equal(shown.length, 3);
  });

  it('has no section for what was not measured', async () => {
    const { text } = await pageOf([]);
    assert.doesNotMatch(text, /## (The table|How proofs|Single|What a TypeScript)/);
    assert.match(text, /## What others publish/);
    assert.match(text, /## What the figures do not show/);
  });

  it('is of one environment', async () => {
    const { environments, records } = parseResults(await readFile(EXAMPLE, 'utf8'));
    const [first] = environments as [Environment];
    const results = { environments: [first, { ...first, id: 'another' }], records };
    const sources = {
      guests: [],
      kernels: await readKernelReferences(),
      papers: await readPapers(),
    };
    const published = await readPublished();
    assert.throws(() => resultsPage({ results, ...sources, published }), /2 environments/);
  });

  it('is in docs as the committed results give it', async () => {
    const sources = await committedResults();
    const page = repositoryPath('docs', 'results.md');
    const folder = repositoryPath('docs', 'results');
    assert.equal(existsSync(page), sources.length > 0);
    const { text, plots } = await pageOf(sources);
    if (sources.length > 0) assert.equal(await readFile(page, 'utf8'), text);
    const files = existsSync(folder) ? await readdir(folder) : [];
    assert.deepEqual(files.sort(), [...plots.keys()].sort());
    for (const [name, plot] of plots) {
      assert.equal(await readFile(join(folder, name), 'utf8'), plot, name);
    }
  });

  it('is written by a command', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-page-'));
    try {
      const main = repositoryPath('dist/bench/main.js');
      const output = join(folder, 'page.md');
      const parameters = ['page', EXAMPLE, '--output', output];
      await promisify(execFile)(process.execPath, [main, ...parameters]);
      const { text, plots } = await pageOf([EXAMPLE]);
      assert.equal(await readFile(output, 'utf8'), text);
      assert.deepEqual((await readdir(join(folder, 'results'))).sort(), [...plots.keys()].sort());
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('Numbers of the page', () => {
  it('have three digits', () => {
    assert.deepEqual([0, 0.01234, 1, 12.34, 99.96, 123.4, 12345].map(digits), [
      ...['0', '0.0123', '1.00', '12.3', '100.0', '123', '12,345'],
    ]);
    assert.deepEqual([12.3, 123456].map(times), ['12.3', '1.2·10^5']);
  });

  it('have their spread if there were several runs', () => {
    assert.equal(spread(sample([2])), '2.00');
    assert.equal(spread(sample([1, 2, 3])), '2.00 (1.00–3.00)');
  });

  it('stand in tables', () => {
    assert.equal(
      markdownTable(['a', ''], [['b|c', '1']]),
      '| a    |     |\n| ---- | --- |\n| b\\|c | 1   |',
    );
  });
});

describe('Plots', () => {
  const plot = (points: Plot['series'][number]['points']): string =>
    plotSvg({ title: 'a < b', xLabel: 'x', yLabel: 'y', series: [{ name: 's', points }] });

  it('have points where logarithms are', () => {
    const svg = plot([
      { x: 1, y: 10 },
      { x: 10, y: 100 },
      { x: 100, y: 1000 },
    ]);
    const [, path = ''] = /polyline points="([^"]*)"/.exec(svg) ?? [];
    const [first, middle, last] = path.split(' ').map((pair) => pair.split(',').map(Number));
    assert.deepEqual(middle, [
      ((first?.[0] ?? 0) + (last?.[0] ?? 0)) / 2,
      ((first?.[1] ?? 0) + (last?.[1] ?? 0)) / 2,
    ]);
    assert.ok((first?.[0] ?? 0) < (last?.[0] ?? 0) && (first?.[1] ?? 0) > (last?.[1] ?? 0));
    assert.equal(svg.match(/<line /g)?.length, 6);
    assert.match(svg, /<title>a &lt; b<\/title>/);
  });

  it('refuse what has no logarithm', () => {
    assert.throws(() => plot([]), RangeError);
    assert.throws(() => plot([{ x: 0, y: 1 }]), RangeError);
    assert.throws(() => plot([{ x: 1, y: Number.NaN }]), RangeError);
  });
});
