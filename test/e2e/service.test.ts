import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { Client, type Job, type JobEvent } from '../../api/client/index.ts';
import { programId, prove, verify } from '../../api/index.ts';
import { guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { CHROMIUM, startChromium } from '../browser/chromium.ts';
import { killServiceProcesses } from '../tools/service-process.ts';
import { type RunningSetUp, setUps } from '../tools/set-ups.ts';

const { guests } = await readManifest();
const sudoku = guests.find(({ name }) => name === 'sudoku') ?? assert.fail();
const elf = await readGuestElf(sudoku);
const { publicInput = new Uint8Array(0), privateInput } = guestInputs(sudoku);
/** Several segments. */
const options = { publicInput, privateInput, security: 'S100', segmentCycles: 1500 } as const;

describe('The service from end to end', function () {
  this.timeout(120_000);
  const profile = mkdtempSync(join(tmpdir(), 'vouch-end-'));
  /** What whoever trusts the program's source has computed. */
  let pinned: string;
  let home: Uint8Array;
  let browser: BrowserContext | undefined;

  before(async () => {
    pinned = await programId(elf);
    home = (await prove(elf, options)).receipt;
    if (CHROMIUM !== undefined) browser = await startChromium(profile);
  });
  after(async () => {
    killServiceProcesses();
    await browser?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  for (const setUp of setUps()) {
    describe(`on ${setUp.name}`, () => {
      let running: RunningSetUp;
      let client: Client;
      let job: Job;

      before(async () => {
        running = await setUp.start();
        client = new Client({ url: running.url });
      });
      after(() => running?.stop());

      it('takes a program and a job from the client, and tells how it goes on', async () => {
        const { id: program } = await client.uploadProgram(elf);
        assert.equal(program, pinned);
        const submitted = await client.prove({ program, ...options });
        const events: JobEvent[] = [];
        for await (const event of client.watch(submitted.id)) events.push(event);
        const states = [...new Set(events.map((event) => event.job.state))];
        assert.deepEqual(states, ['queued', 'running', 'succeeded']);
        const shares = events.map((event) => event.job.progress.done);
        assert.deepEqual(
          shares,
          [...shares].sort((a, b) => a - b),
        );
        job = events.at(-1)?.job ?? assert.fail();
        assert.ok((job.statistics?.segments ?? 0) > 1);
      });

      it('gives the receipt that a prover at home makes, and that is verified in Node.js', async () => {
        const receipt = await client.receipt(job.receipt?.sha256 ?? '');
        assert.deepEqual(receipt, home);
        const expected = { program: pinned, publicInput, minSecurityBits: 100 };
        const { journal } = await verify(receipt, expected);
        assert.match(new TextDecoder().decode(journal), /solved/);
        assert.deepEqual(journal, job.journal);
      });

      if (CHROMIUM !== undefined) {
        it('gives the receipt to a page, which verifies it', async () => {
          const page = (await browser?.newPage()) ?? assert.fail();
          await page.goto(`${running.url}/jobs/${job.id}`);
          await page.click('#verify-receipt');
          await page.waitForSelector('#drop.full');
          await page.fill('#program', pinned);
          await page.selectOption('#input-kind', 'hex');
          await page.fill('#input', Buffer.from(publicInput).toString('hex'));
          await page.selectOption('#security', '100');
          await page.click('#verify');
          await page.waitForSelector('#result .card.good');
          assert.match(await page.locator('#result #journal').innerText(), /solved/);
          await page.close();
        });
      }

      if (setUp.workers.length > 0) {
        it('has jobs worked on by all workers, and by nobody else', async () => {
          const seen = new Set(workersOf(job));
          while (seen.size < setUp.workers.length) {
            const { id } = await client.prove({ program: pinned, ...options });
            for (const worker of workersOf(await client.ended(id))) seen.add(worker);
          }
          assert.deepEqual([...seen].sort(), [...setUp.workers].sort());
        });
      }

      it('ends when it is told to', async () => {
        const codes = await running.stop();
        assert.deepEqual(codes, Array(1 + setUp.workers.length).fill(0));
      });
    });
  }
});

function workersOf({ statistics }: Job): string[] {
  return (statistics?.tasks ?? []).map(({ worker }) => worker);
}
