/**
 * Run by `npm run demo`: writes verifier/dist/demo.html, a page that verifies receipts and needs
 * nothing but itself. Its policy allows its own script and style and no connection.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Compiled code lies in `dist/api/pages`. */
const VERIFIER = new URL('../../../verifier/', import.meta.url);
const PAGE = new URL('dist/demo.html', VERIFIER);

const html = readFileSync(new URL('demo/demo.html', VERIFIER), 'utf8');
const form = readFileSync(new URL('demo/form.html', VERIFIER), 'utf8');
const worker = await bundle('verify-worker', 'iife');
const script = await bundle('demo', 'esm', { WORKER_SCRIPT: JSON.stringify(worker) });
const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
const policy =
  `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; ` +
  "worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'";
const page = html
  .replace('<!--policy-->', `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  .replace('<!--form-->', () => form)
  .replace('<!--script-->', () => `<script type="module">${script}</script>`);
writeFileSync(PAGE, page);
process.stdout.write(`${fileURLToPath(PAGE)}\n`);

async function bundle(
  name: string,
  format: 'esm' | 'iife',
  define: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`demo/${name}.ts`, VERIFIER))],
    bundle: true,
    minify: true,
    ...{ format, define },
    target: 'es2022',
    charset: 'utf8',
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild has written nothing');
  // The page ends its script at the first such tag, wherever that is.
  return file.text.trim().replaceAll('</script', '<\\/script');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
