import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { repositoryPath } from '../tools/paths.ts';

/** Most that a page may have to load, in bytes after gzip. */
const LIMIT = 40_000;

/** The minified bundle of an entry, for no platform in particular. */
async function bundle(contents: string): Promise<{ text: string; imports: string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: repositoryPath('verifier'), loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  const [file] = result.outputFiles;
  assert.ok(file);
  return { text: file.text, imports: imports.map(({ path }) => path) };
}

function gzipSize(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}

describe("the verifier's bundle", () => {
  it('has at most 40 kB after gzip, with everything that the package exports', async () => {
    const all = await bundle("export * from '@vouch/verifier'");
    const only = await bundle("export { verify } from '@vouch/verifier'");
    const sizes = { all: gzipSize(all.text), only: gzipSize(only.text) };
    console.log(`verifier bundle, gzip: ${sizes.all} bytes, verify alone ${sizes.only} bytes`);
    assert.ok(sizes.all <= LIMIT, `${sizes.all} bytes`);
    assert.ok(sizes.only < sizes.all && sizes.only > 5000);
  });

  it('imports nothing and uses nothing of Node.js', async () => {
    const { text, imports } = await bundle("export * from '@vouch/verifier'");
    assert.deepEqual(imports, []);
    for (const use of [/\bBuffer\b/, /\bWebAssembly\b/, /\brequire\(/, /\bprocess\./]) {
      assert.ok(!use.test(text), String(use));
    }
    assert.ok(!text.includes('node:'));
  });

  it('runs where it is loaded from text', async () => {
    const { text } = await bundle("export { verify, VerificationError } from '@vouch/verifier'");
    const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
    const loaded = (await import(url)) as typeof import('@vouch/verifier');
    const { courier } = await import('../prover/courier-machine.ts');
    const { expectations, honestRun, proveRun } = await import('./receipts.ts');
    const { bytes } = proveRun('id', honestRun());
    assert.equal(loaded.verify(bytes, expectations('id')).exitCode, 0);
    const options = { ...expectations('id'), machine: courier };
    assert.throws(() => loaded.verify(bytes.slice(1), options), loaded.VerificationError);
  });
});
