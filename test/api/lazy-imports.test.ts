import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { repositoryPath } from '../tools/paths.ts';

/** What a command needs that proves or verifies. */
const NEEDED = ['@noble/hashes', '@vouch/verifier', 'commander'];

/** Packages that are loaded with a module, what is imported later on demand left out. */
async function packagesOf(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [repositoryPath('dist', file)],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: repositoryPath('dist', 'unwritten'),
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint?.endsWith(file));
  const packages = new Set<string>();
  const chunks = new Set<string>();
  const work = [entry ?? assert.fail()];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    if (chunks.has(name)) continue;
    chunks.add(name);
    for (const { path, kind, external } of outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      if (external !== true) work.push(path);
      else if (!path.startsWith('node:')) packages.add(packageOf(path));
    }
  }
  return [...packages].sort();
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}

describe('What is loaded', () => {
  it('with the command line is what proving and verifying need, nothing of the service', async () => {
    assert.deepEqual(await packagesOf('api/cli/main.js'), NEEDED);
  });

  it('with the library is the same', async () => {
    assert.deepEqual(
      (await packagesOf('api/index.js')).filter((name) => !NEEDED.includes(name)),
      [],
    );
  });

  it('with the server is a good deal more, so that this test can fail', async () => {
    const packages = await packagesOf('api/http/server.js');
    for (const name of ['express', 'helmet', 'ajv', 'prom-client']) {
      assert.ok(packages.includes(name), name);
    }
  });
});
