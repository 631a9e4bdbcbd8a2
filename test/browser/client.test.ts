import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../api/http/test-server.ts';
import { echoElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { CHROMIUM, startChromium } from './chromium.ts';

const MOST_GZIP_BYTES = 50_000;

/** The client as a script that puts it on `globalThis`, and the files that it is made of. */
async function bundle(): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [repositoryPath('dist/api/client/index.js')],
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'vouch',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

describe('The client as a bundle', () => {
  it('is made of itself, the verifier and hashes, and is small', async () => {
    const { text, inputs } = await bundle();
    const strangers = inputs.filter(
      (file) =>
        !/(^|\/)(dist\/api\/client|verifier\/dist|node_modules\/@noble\/hashes)\//.test(file),
    );
    assert.deepEqual(strangers, []);
    const { length } = gzipSync(text);
    assert.ok(length < MOST_GZIP_BYTES, `${length} bytes`);
  });
});

if (CHROMIUM !== undefined) {
  describe('The client in a page', function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'vouch-client-'));
    let context: BrowserContext;
    let page: Page;
    let server: TestServer;
    const other = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Other</title>');
    });
    let origin: string;

    before(async () => {
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      server = await startTestServer({ keys: true });
      context = await startChromium(folder);
      page = await context.newPage();
    });
    after(async () => {
      await context?.close();
      await server.close();
      other.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('of another origin uploads, proves, watches and verifies with its key', async () => {
      await page.goto(origin);
      await page.addScriptTag({ content: (await bundle()).text });
      const { secret } = await server.service.createKey('page', ['read', 'prove']);
      const run = async ({ url, key, elf }: { url: string; key: string; elf: number[] }) => {
        const { vouch } = globalThis as unknown as {
          vouch: typeof import('../../api/client/index.ts');
        };
        const client = new vouch.Client({ url, key });
        const { id: program } = await client.uploadProgram(Uint8Array.from(elf));
        const publicInput = new TextEncoder().encode('Hi, ');
        const privateInput = new TextEncoder().encode('Ada');
        const inputs = { publicInput, privateInput };
        const job = await client.prove({ program, ...inputs, security: 'S100' });
        const kinds = new Set<string>();
        for await (const { kind } of client.watch(job.id)) kinds.add(kind);
        const expected = { program, publicInput, minSecurityBits: 100 };
        const { journal } = await client.verifiedRun(job.id, expected);
        const wrong = { ...expected, program: '0'.repeat(64) };
        const error = await client.verifiedRun(job.id, wrong).catch((reason: unknown) => reason);
        const { check } = error as { check: string };
        return { kinds: [...kinds], journal: new TextDecoder().decode(journal), check };
      };
      const { url } = server.server;
      const result = await page.evaluate(run, { url, key: secret, elf: [...echoElf()] });
      assert.deepEqual(result, {
        kinds: ['state', 'progress'],
        journal: 'Hi, Ada',
        check: 'statement/program',
      });
    });
  });
}
