/** `bench page`: the page of results from results files. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { readManifest } from '../../guests/index.ts';
import { readKernelReferences } from '../kernels.ts';
import { type Page, PLOT_FOLDER, resultsPage } from '../page/page.ts';
import { readPublished } from '../page/peers.ts';
import { readPapers } from '../papers.ts';
import { joinResults, readExistingResults } from '../records.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

export function pageCommand(): Command {
  return new Command('page')
    .description('writes the page of results and its plots')
    .argument('[files...]', 'results as JSON lines (default: all of bench/results)')
    .option('--output <file>', 'the page', join(REPOSITORY, 'docs', 'results.md'))
    .action(async (files: readonly string[], { output }: { output: string }) => {
      const sources = files.length === 0 ? await committedResults() : files;
      if (sources.length === 0)
        throw new Error('there are no results in bench/results: name a file');
      await writePage(sources, output);
    });
}

/** The page of results files. */
export async function pageOf(files: readonly string[]): Promise<Page> {
  const results = joinResults(await Promise.all(files.map(readExistingResults)));
  const { guests } = await readManifest();
  const [papers, kernels] = [await readPapers(), await readKernelReferences()];
  return resultsPage({ results, guests, papers, kernels, published: await readPublished() });
}

async function writePage(files: readonly string[], output: string): Promise<void> {
  const { text, plots } = await pageOf(files);
  const folder = join(dirname(output), PLOT_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(output, text);
  for (const [name, plot] of plots) await writeFile(join(folder, name), plot);
}

/** The results files of the repository, in the order of their names. */
export async function committedResults(): Promise<string[]> {
  const folder = join(REPOSITORY, 'bench', 'results');
  if (!existsSync(folder)) return [];
  return (await readdir(folder))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(folder, name));
}
