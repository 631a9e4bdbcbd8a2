import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { Client } from '../../api/client/index.ts';
import { programId } from '../../api/index.ts';
import { startTestServer, type TestServer } from '../api/http/test-server.ts';
import { callsElf, echoElf, spinElf, trapElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { CHROMIUM, startChromium } from './chromium.ts';

/** Relative luminance of a colour as `#0f6e56` (WCAG 2.2). */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('The colours of the pages', () => {
  const style = readFileSync(repositoryPath('api/pages/app/style.css'), 'utf8');
  const [light = '', dark = ''] = style.split('prefers-color-scheme: dark');
  const pairs = [
    ...['text/page', 'text/card', 'faint/page', 'faint/card', 'faint/track', 'accent/card'],
    ...['accent/page', 'accent-text/accent', 'good/good-page', 'bad/bad-page', 'wait/wait-page'],
    ...['run/run-page', 'text/field'],
  ];
  for (const [scheme, text] of Object.entries({ light, dark })) {
    it(`can be read where the system is ${scheme}`, () => {
      const colours = new Map<string, string>();
      for (const [, name = '', value = ''] of text.matchAll(/--([\w-]+): (#[0-9a-f]+);/g)) {
        if (!colours.has(name)) colours.set(name, value);
      }
      for (const pair of pairs) {
        const [front, back] = pair.split('/').map((name) => colours.get(name) ?? assert.fail(name));
        const ratio = contrast(front as string, back as string);
        assert.ok(ratio >= 4.5, `${pair}: ${ratio.toFixed(2)}`);
      }
    });
  }
});

if (CHROMIUM !== undefined) {
  describe('The pages of the service', function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'vouch-pages-'));
    const file = (name: string): string => join(folder, name);
    let server: TestServer;
    let url: string;
    let client: Client;
    let context: BrowserContext;
    let page: Page;
    const problems: string[] = [];
    const requests: string[] = [];

    before(async () => {
      server = await startTestServer();
      url = server.server.url;
      client = new Client({ url });
      writeFileSync(file('echo.elf'), echoElf());
      writeFileSync(file('calls.elf'), callsElf());
      writeFileSync(file('trap.elf'), trapElf());
      context = await startChromium(file('profile'));
      page = await context.newPage();
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => requests.push(request.url()));
    });
    after(async () => {
      await context?.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const open = async (path: string): Promise<void> => {
      await page.goto(`${url}${path}`);
    };
    const choose = async (name: string): Promise<void> => {
      await page.setInputFiles('#file', file(name));
      await page.waitForSelector('#drop.full');
    };
    const textOf = (selector: string): Promise<string> => page.locator(selector).innerText();

    it('run a program and show where its cycles went', async () => {
      await open('/new');
      await choose('calls.elf');
      await page.click('#run');
      await page.waitForSelector('#flame');
      assert.match(await textOf('#outcome'), /^Exit code 0\n[\s\S]*Cycles\s+18\n/);
      const frames = page.locator('.flame button');
      assert.deepEqual(await frames.allInnerTexts(), ['all', 'main', 'f']);
      assert.equal(await frames.nth(2).getAttribute('title'), 'f: 10 cycles, 56 %');
      const width = async (): Promise<number> => (await frames.nth(2).boundingBox())?.width ?? 0;
      const before = await width();
      await frames.nth(1).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.ok((await width()) > 1.5 * before);
      await page.keyboard.press('Escape');
      assert.ok(Math.abs((await width()) - before) < 2);
      const saving = page.waitForEvent('download');
      await page.click('text=Save collapsed stacks');
      const saved = await (await saving).path();
      assert.equal(readFileSync(saved, 'utf8'), 'main 8\nmain;f 10\n');
    });

    it('say where and why a program trapped', async () => {
      await open('/new');
      await choose('trap.elf');
      await page.click('#run');
      await page.waitForSelector('#outcome');
      assert.match(await textOf('#outcome'), /^Trapped: .*0x/);
    });

    it('prove, follow the job, and verify its receipt in the page', async () => {
      await open('/new');
      await choose('echo.elf');
      await page.fill('#public', 'Hi, ');
      await page.fill('#private', '<b>Ada</b>');
      await page.selectOption('#security', 'S100');
      await page.click('#prove');
      await page.waitForURL(/\/jobs\/prf_/);
      await page.waitForSelector('.badge.succeeded');
      assert.equal(await textOf('#journal'), 'Hi, <b>Ada</b>');
      assert.equal(await page.getAttribute('#bar', 'aria-valuenow'), '100');
      assert.match(await textOf('#stages'), /commit .*s\n[\s\S]*opening/);
      assert.equal(await page.locator('#timeline .task').count(), 1);

      const saving = page.waitForEvent('download');
      await page.click('#save');
      const saved = readFileSync(await (await saving).path());
      const [job] = (await client.jobs()).jobs;
      assert.deepEqual(new Uint8Array(saved), await client.receipt(job?.receipt?.sha256 ?? ''));

      await page.click('#verify-receipt');
      await page.waitForSelector('#drop.full');
      assert.equal(await page.inputValue('#program'), '', 'the id to trust comes from elsewhere');
      assert.match(await textOf('#inspection'), /Tables: cells of each chip\n[\s\S]*ADD/);
      await page.fill('#program', await programId(echoElf()));
      await page.fill('#input', 'Hi, ');
      const asked = requests.length;
      await page.click('#verify');
      await page.locator('#result .card.bad', { hasText: 'security/bits' }).waitFor();
      await page.selectOption('#security', '100');
      await page.click('#verify');
      await page.waitForSelector('#result .card.good');
      assert.equal(await textOf('#result #journal'), 'Hi, <b>Ada</b>');
      await page.fill('#program', '0'.repeat(64));
      await page.click('#verify');
      await page.locator('#failed-check', { hasText: 'statement/program' }).waitFor();
      assert.equal(requests.length, asked, 'verification asks nobody');
    });

    it('do not believe a service that gives another receipt than the one asked for', async () => {
      const [job] = (await client.jobs({ state: 'succeeded' })).jobs;
      const { sha256 = '' } = job?.receipt ?? {};
      const bytes = await client.receipt(sha256);
      await page.route('**/v1/receipts/*', (route) =>
        route.fulfill({ body: Buffer.from(bytes.with(2000, (bytes[2000] ?? 0) ^ 1)) }),
      );
      await open(`/receipt?sha256=${sha256}`);
      await page.locator('#problem', { hasText: 'That did not work' }).waitFor();
      assert.ok(await page.isDisabled('#verify'));
      await page.unroute('**/v1/receipts/*');
    });

    it('take a receipt that is dropped, and say what else is none', async () => {
      const [job] = (await client.jobs({ state: 'succeeded' })).jobs;
      writeFileSync(file('a.receipt'), await client.receipt(job?.receipt?.sha256 ?? ''));
      await open('/receipt');
      await choose('a.receipt');
      await page.setInputFiles('#file', file('echo.elf'));
      await page.locator('#failed-check', { hasText: 'decode/format' }).waitFor();
      assert.equal(await textOf('#inspection'), '');
    });

    it('verify in a worker, and say so where there is none', async () => {
      const other = await context.newPage();
      const failed = other.locator('#result .card.bad', { hasText: 'The page has failed' });
      const take = async (name: string): Promise<void> => {
        await other.setInputFiles('#file', file(name));
        await other.locator('#drop', { hasText: name }).waitFor();
      };
      let fail = (): void => {};
      const asked = new Promise<void>((resolve) => {
        fail = resolve;
      });
      await other.route('**/assets/verify-worker.js', async (route) => {
        await asked;
        await route.abort();
      });
      await other.goto(`${url}/receipt`);
      await take('a.receipt');
      fail();
      await failed.waitFor();
      await take('echo.elf');
      await failed.waitFor();
      assert.ok(await other.isDisabled('#verify'));
      await other.close();
    });

    it('leave all of the verification to the worker', async () => {
      const other = await context.newPage();
      const refuse = `addEventListener('message', (event) => {
        const { kind, number } = event.data;
        if (kind !== 'verify') return;
        event.stopImmediatePropagation();
        postMessage({ kind: 'failed', number, message: 'refused by the worker' });
      });`;
      await other.route('**/assets/verify-worker.js', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: refuse + (await response.text()) });
      });
      await other.goto(`${url}/receipt`);
      await other.setInputFiles('#file', file('a.receipt'));
      await other.waitForSelector('#drop.full');
      await other.fill('#program', await programId(echoElf()));
      await other.click('#verify');
      await other.locator('#result .card.bad', { hasText: 'refused by the worker' }).waitFor();
      await other.close();
    });

    it('list jobs, show progress as it happens, and cancel', async () => {
      const { id: program } = await client.uploadProgram(spinElf());
      await open('/');
      const rows = page.locator('.job');
      await rows.first().waitFor();
      const before = await rows.count();
      const { id } = await client.prove({ program, maxCycles: 2 ** 36 });
      await page.waitForSelector(`.job[href="/jobs/${id}"] .badge.running`);
      assert.equal(await rows.count(), before + 1);
      await page.focus(`.job[href="/jobs/${id}"]`);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/jobs/${id}`);
      await page.click('#cancel');
      await page.waitForSelector('.badge.cancelled');
      assert.ok(await page.isHidden('#cancel'));
      assert.equal((await client.job(id)).state, 'cancelled');
      await open('/');
      await page.selectOption('#state', 'succeeded');
      await page.waitForFunction('!document.querySelector(".badge.cancelled")');
      assert.ok((await rows.count()) > 0);
    });

    it('say why a job has failed', async () => {
      const { id: program } = await client.uploadProgram(trapElf());
      const { id } = await client.prove({ program });
      await open(`/jobs/${id}`);
      await page.waitForSelector('#failure:not([hidden])');
      assert.match(await textOf('#failure'), /prove\/trap\. What helps: /);
    });

    it('fit phones and desktops, and name all that can be operated', async () => {
      const [job] = (await client.jobs({ state: 'succeeded' })).jobs;
      const { id, receipt } = job ?? assert.fail();
      for (const path of [
        '/',
        '/new',
        `/jobs/${id}`,
        `/receipt?sha256=${receipt?.sha256}`,
        '/docs',
      ]) {
        for (const width of [390, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          await open(path);
          await page.waitForLoadState('networkidle').catch(() => {});
          const widest = await page.evaluate('document.documentElement.scrollWidth');
          assert.ok(Number(widest) <= width, `${path} is ${widest} wide at ${width}`);
        }
        const nameless =
          await page.evaluate(`[...document.querySelectorAll('input, select, button, a')]
          .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim()))
          .map((e) => e.outerHTML)`);
        assert.deepEqual(nameless, [], path);
      }
    });

    it('have asked nobody else for anything, and have broken no policy', () => {
      assert.ok(requests.length > 20);
      const others = requests.filter((address) => !address.startsWith(`${url}/`));
      assert.deepEqual(others, []);
      assert.deepEqual(problems, []);
    });

    it('ask for an API key where the service does', async () => {
      const guarded = await startTestServer({ keys: true });
      try {
        const { secret } = await guarded.service.createKey('page', ['read']);
        await page.goto(`${guarded.server.url}/`);
        await page.waitForSelector('#key-form:not([hidden])');
        await page.fill('#key', 'wrong');
        await page.keyboard.press('Enter');
        await page.locator('#problem', { hasText: 'unknown, has expired' }).waitFor();
        await page.fill('#key', secret);
        await page.keyboard.press('Enter');
        await page.waitForSelector('#empty:not([hidden])');
        assert.ok(await page.isHidden('#key-form'));
      } finally {
        await guarded.close();
      }
    });
  });
}
