import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { type ProvedRun, startProver } from '../../api/index.ts';
import { echoElf, exitElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { CHROMIUM, startChromium } from './chromium.ts';

if (CHROMIUM !== undefined) {
  describe('The page that verifies receipts', function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'vouch-page-'));
    const path = (name: string): string => join(folder, name);
    let context: BrowserContext;
    let page: Page;
    let echo: ProvedRun;
    const requests: string[] = [];
    const problems: string[] = [];

    before(async () => {
      await promisify(execFile)(process.execPath, [repositoryPath('dist/api/pages/build-demo.js')]);
      const prover = await startProver();
      try {
        const text = (value: string): Uint8Array => new TextEncoder().encode(value);
        const inputs = { publicInput: text('Hi, '), privateInput: text('<b>Ada</b>') };
        echo = await prover.prove(echoElf(), inputs);
        writeFileSync(path('echo.receipt'), echo.receipt);
        writeFileSync(path('short.receipt'), echo.receipt.subarray(0, 1000));
        const changed = echo.receipt.slice();
        changed[100_000] = (changed[100_000] ?? 0) ^ 1;
        writeFileSync(path('changed.receipt'), changed);
        const seven = await prover.prove(exitElf(7), { security: 'S100', programMode: 'program' });
        writeFileSync(path('seven.receipt'), seven.receipt);
      } finally {
        await prover.close();
      }
      context = await startChromium(path('profile'));
      page = await context.newPage();
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
    });
    after(async () => {
      await context?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    beforeEach(async () => {
      await page.goto(pathToFileURL(repositoryPath('verifier/dist/demo.html')).href);
    });

    const card = async (): Promise<string> => {
      await page.waitForSelector('#result .card');
      return page.locator('#result').innerText();
    };
    const fill = async (changes: Readonly<Record<string, string>> = {}): Promise<void> => {
      const values = { program: echo.programId, input: 'Hi, ', ...changes };
      for (const [id, value] of Object.entries(values)) await page.fill(`#${id}`, value);
    };
    const verify = async (): Promise<string> => {
      await page.click('#verify');
      return card();
    };

    it('verifies a receipt and shows the journal as text, never as markup', async () => {
      await page.setInputFiles('#file', path('echo.receipt'));
      await page.waitForSelector('#drop.full');
      assert.match(await page.locator('#program-hint').innerText(), new RegExp(echo.programId));
      assert.equal(await page.inputValue('#program'), '');
      await fill();
      const shown = await verify();
      assert.match(shown, /^Valid\n/);
      assert.equal(await page.locator('#journal').innerText(), 'Hi, <b>Ada</b>');
      assert.match(shown, /Exit code\s+0\s+Cycles\s+\d+\s+Security\s+120\.\d bits \(S120\)/);
      await page.click('summary');
      assert.match(await card(), /opening 0\s+[\d,]+ bytes/);
    });

    it('takes a receipt that is dropped anywhere, and a public input in hexadecimal', async () => {
      const bytes = Buffer.from(echo.receipt).toString('base64');
      await page.evaluate(async (encoded) => {
        const view = globalThis as unknown as {
          document: { body: { dispatchEvent(event: unknown): void } };
          DataTransfer: new () => { items: { add(file: File): void } };
          DragEvent: new (name: string, options: object) => unknown;
        };
        const binary = Uint8Array.from(atob(encoded), (digit) => digit.charCodeAt(0));
        const dataTransfer = new view.DataTransfer();
        dataTransfer.items.add(new File([binary], 'dropped.receipt'));
        const options = { dataTransfer, bubbles: true, cancelable: true };
        view.document.body.dispatchEvent(new view.DragEvent('drop', options));
      }, bytes);
      await page.waitForSelector('#drop.full');
      assert.equal(await page.locator('#drop-title').innerText(), 'dropped.receipt');
      await page.selectOption('#input-kind', 'hex');
      await fill({ input: '0x48692c20' });
      assert.match(await verify(), /^Valid\n/);
    });

    it('works with the keyboard alone', async () => {
      await page.setInputFiles('#file', path('echo.receipt'));
      await page.waitForSelector('#drop.full');
      await page.focus('#file');
      await page.keyboard.press('Tab');
      await page.keyboard.type(echo.programId);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.type('Hi, ');
      await page.keyboard.press('Enter');
      assert.match(await card(), /^Valid\n/);
    });

    const refused: readonly [string, Record<string, string>, RegExp][] = [
      ['another program', { program: '0'.repeat(64) }, /statement\/program/],
      ['another public input', { input: 'Ho, ' }, /statement\/public-input/],
      ['another exit code', { 'exit-code': '7' }, /statement\/exit-code/],
    ];
    for (const [what, changes, check] of refused) {
      it(`refuses ${what} and names the check`, async () => {
        await page.setInputFiles('#file', path('echo.receipt'));
        await page.waitForSelector('#drop.full');
        await fill(changes);
        const shown = await verify();
        assert.match(shown, /^Not valid\n/);
        assert.match(await page.locator('#failed-check').innerText(), check);
      });
    }

    it('refuses a receipt with a changed byte', async () => {
      await page.setInputFiles('#file', path('changed.receipt'));
      await page.waitForSelector('#drop.full');
      await fill();
      assert.match(await verify(), /^Not valid\n/);
    });

    it('says at once that a file is cut, or no receipt at all', async () => {
      await page.setInputFiles('#file', path('short.receipt'));
      assert.match(await card(), /^Not valid\n[\s\S]*decode\/truncated/);
      await page.setInputFiles('#file', repositoryPath('package.json'));
      await page.locator('#failed-check', { hasText: 'decode/format' }).waitFor();
      assert.ok(await page.isDisabled('#verify'));
    });

    it('says that a receipt without an id is verified with the ELF file', async () => {
      await page.setInputFiles('#file', path('seven.receipt'));
      await page.waitForSelector('#drop.full');
      await fill({ input: '', 'exit-code': '7' });
      assert.match(await verify(), /^Not valid\n[\s\S]*statement\/mode/);
    });

    it('says which field is wrong and moves there', async () => {
      await page.setInputFiles('#file', path('echo.receipt'));
      await page.waitForSelector('#drop.full');
      await fill({ program: 'abc' });
      assert.match(await verify(), /^Not checked\n[\s\S]*64 hexadecimal digits/);
      assert.equal(await page.evaluate('document.activeElement.id'), 'program');
      await fill({ 'exit-code': '-1' });
      assert.match(await verify(), /exit code is an integer/);
      await page.selectOption('#input-kind', 'hex');
      await fill({ input: '123', 'exit-code': '0' });
      assert.match(await verify(), /two digits/);
    });

    it('has asked nobody for anything, and has logged nothing', () => {
      assert.ok(requests.length > 0);
      assert.deepEqual(
        requests.filter((url) => !/^(file|data|blob):/.test(url)),
        [],
      );
      assert.deepEqual(problems, []);
    });
  });
}
