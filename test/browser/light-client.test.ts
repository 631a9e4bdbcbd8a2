import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { startProver } from '../../api/index.ts';
import { echoElf, exitElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { CHROMIUM, startChromium } from './chromium.ts';

const EXAMPLES = repositoryPath('examples', 'light-client');

/** What a server answers for each name of a receipt; the names are as good as digests. */
type Receipts = ReadonlyMap<string, Uint8Array>;

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server of receipts that nobody trusts. */
function receiptServer(receipts: Receipts): Server {
  return createServer((request, response) => {
    const bytes = receipts.get(request.url?.split('/').at(-1) ?? '');
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.statusCode = bytes === undefined ? 404 : 200;
    response.end(bytes);
  });
}

async function bundle(name: string, programId: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(EXAMPLES, `${name}.js`)],
    bundle: true,
    format: name === 'page' ? 'esm' : 'iife',
    target: 'es2022',
    define: { PROGRAM_ID: JSON.stringify(programId) },
    write: false,
  });
  return outputFiles[0]?.text ?? assert.fail();
}

/** The site whose page and service worker are the examples. */
async function siteServer(programId: string): Promise<Server> {
  const files = new Map([
    ['/page.html', readFileSync(join(EXAMPLES, 'page.html'), 'utf8')],
    ['/page.bundle.js', await bundle('page', programId)],
    ['/service-worker.bundle.js', await bundle('service-worker', programId)],
  ]);
  return createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.statusCode = files.has(path) ? 200 : 404;
    response.end(files.get(path));
  });
}

describe('A light client', function () {
  this.timeout(60_000);
  let programId: string;
  let server: Server;
  let url: string;
  const lies: readonly (readonly [name: string, check: RegExp])[] = [
    ['changed', /./],
    ['cut', /decode\/truncated/],
    ['other-program', /statement\/program/],
    ['other-input', /statement\/public-input/],
    ['weak', /security\/bits/],
    ['html', /decode\/format/],
    ['missing', /404/],
  ];

  before(async () => {
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    const prover = await startProver();
    try {
      const inputs = { publicInput: text('Hi, '), privateInput: text('Ada') };
      const honest = await prover.prove(echoElf(), inputs);
      const weak = await prover.prove(echoElf(), { ...inputs, security: 'S100' });
      const otherInput = await prover.prove(echoElf(), { privateInput: text('Hi, Eve') });
      const otherProgram = await prover.prove(exitElf(0), { publicInput: text('Hi, ') });
      programId = honest.programId;
      const { receipt } = honest;
      server = receiptServer(
        new Map([
          ['honest', receipt],
          ['changed', receipt.with(100_000, (receipt[100_000] ?? 0) ^ 1)],
          ['cut', receipt.subarray(0, -1)],
          ['other-program', otherProgram.receipt],
          ['other-input', otherInput.receipt],
          ['weak', weak.receipt],
          ['html', text('<html>Hi, Ada</html>')],
        ]),
      );
      url = await listen(server);
    } finally {
      await prover.close();
    }
  });
  after(() => server.close());

  describe('in Node.js', () => {
    const run = (name: string): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)(process.execPath, [join(EXAMPLES, 'node.js'), url, name], {
        env: { ...process.env, PROGRAM_ID: programId },
      });

    it('prints a journal that is proved', async () => {
      assert.equal((await run('honest')).stdout, 'Hi, Ada\n');
    });

    it('prints nothing that is not', async () => {
      for (const [name, check] of lies) {
        await assert.rejects(run(name), (error: { stdout?: string; stderr?: string }) => {
          assert.equal(error.stdout, '', name);
          assert.match(error.stderr ?? '', check, name);
          return true;
        });
      }
    });

    it('has the ten lines that docs/light-client.md promises', () => {
      const lines = readFileSync(join(EXAMPLES, 'node.js'), 'utf8').trim().split('\n');
      assert.ok(lines.length <= 10);
    });
  });

  if (CHROMIUM === undefined) return;

  describe('in a browser', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouch-light-'));
    let context: BrowserContext;
    let page: Page;
    let site: Server;
    let origin: string;

    before(async () => {
      site = await siteServer(programId);
      origin = await listen(site);
      context = await startChromium(folder);
      page = await context.newPage();
    });
    after(async () => {
      await context?.close();
      site.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const status = async (name: string): Promise<string> => {
      await page.goto(`${origin}/page.html?server=${encodeURIComponent(url)}&receipt=${name}`);
      await page.waitForFunction('!/verifies/.test(document.getElementById("status").textContent)');
      return page.locator('#status').innerText();
    };

    it('shows a journal that is proved, and nothing that is not', async () => {
      assert.equal(await status('honest'), 'Proved:');
      assert.equal(await page.locator('#journal').innerText(), 'Hi, Ada');
      for (const [name, check] of lies) {
        assert.match(await status(name), check, name);
        assert.equal(await page.locator('#journal').textContent(), '', name);
      }
    });

    it('gets from a service worker only what is proved', async () => {
      await page.goto(`${origin}/page.html?server=x&receipt=x`);
      await page.evaluate(async () => {
        const { navigator } = globalThis as unknown as {
          navigator: {
            serviceWorker: { register(url: string): Promise<unknown>; ready: Promise<unknown> };
          };
        };
        const { serviceWorker } = navigator;
        await serviceWorker.register('/service-worker.bundle.js');
        await serviceWorker.ready;
      });
      await page.waitForFunction('navigator.serviceWorker.controller !== null');
      const get = (name: string): Promise<[number, string]> =>
        page.evaluate(
          async (path) => {
            const response = await fetch(path);
            return [response.status, await response.text()];
          },
          `/proved/${encodeURIComponent(url)}/${name}`,
        );
      assert.deepEqual(await get('honest'), [200, 'Hi, Ada']);
      for (const [name, check] of lies) {
        const [code, text] = await get(name);
        assert.equal(code, 502, name);
        assert.match(text, check, name);
      }
    });
  });
});
