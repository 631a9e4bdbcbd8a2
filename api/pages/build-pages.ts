/** Run by `npm run pages`: writes `dist/pages`, the pages that the service serves. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Compiled code lies in `dist/api/pages`. */
const ROOT = new URL('../../../', import.meta.url);
const SOURCES = fileURLToPath(new URL('api/pages/app/', ROOT));
const TARGET = fileURLToPath(new URL('dist/pages/', ROOT));

const VERIFIER = fileURLToPath(new URL('verifier/demo/', ROOT));

const TITLES: Readonly<Record<string, string>> = {
  jobs: 'Jobs',
  job: 'Job',
  new: 'New job',
  receipt: 'Receipt',
};

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });
await build({
  entryPoints: [
    ...Object.keys(TITLES).map((name) => join(SOURCES, `${name}.ts`)),
    join(VERIFIER, 'verify-worker.ts'),
  ],
  entryNames: '[name]',
  outdir: TARGET,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  chunkNames: 'chunk-[hash]',
});
const layout = readFileSync(join(SOURCES, 'layout.html'), 'utf8');
const form = readFileSync(join(VERIFIER, 'form.html'), 'utf8');
for (const [name, title] of Object.entries(TITLES)) {
  const body = readFileSync(join(SOURCES, `${name}.html`), 'utf8');
  const page = layout
    .replace('<!--title-->', title)
    .replace('<!--script-->', name)
    .replace('<!--body-->', () => body)
    .replace('<!--form-->', () => form);
  writeFileSync(join(TARGET, `${name}.html`), page);
}
for (const file of ['style.css', 'icon.svg']) {
  copyFileSync(join(SOURCES, file), join(TARGET, file));
}
