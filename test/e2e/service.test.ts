import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Job, type JobEvent } from '../../api/client/index.ts';
import { programId, prove, verify } from '../../api/index.ts';
import { guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { startEmbeddedServer, type TestServer } from '../api/http/test-server.ts';
import { CHROMIUM, startChromium } from '../browser/chromium.ts';

const { guests } = await readManifest();
const sudoku = guests.find(({ name }) => name === 'sudoku') ?? assert.fail();
const elf = await readGuestElf(sudoku);
const { publicInput = new Uint8Array(0), privateInput } = guestInputs(sudoku);

describe('The service from end to end, with everything embedded', function () {
  this.timeout(60_000);
  let server: TestServer;
  let client: Client;
  /** What whoever trusts the program's source has computed. */
  let pinned: string;
  let job: Job;

  before(async () => {
    server = await startEmbeddedServer();
    client = new Client({ url: server.server.url });
    pinned = await programId(elf);
  });
  after(() => server.close());

  it('takes a program and a job from the client, and tells how it goes on', async () => {
    const { id: program } = await client.uploadProgram(elf);
    assert.equal(program, pinned);
    const submitted = await client.prove({ program, publicInput, privateInput });
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
    assert.ok((job.statistics?.tasks.length ?? 0) > 0);
  });

  it('gives the receipt that a prover at home makes, and that is verified in Node.js', async () => {
    const receipt = await client.receipt(job.receipt?.sha256 ?? '');
    const home = await prove(elf, { publicInput, privateInput });
    assert.deepEqual(receipt, home.receipt);
    const { journal } = await verify(receipt, { program: pinned, publicInput });
    assert.match(new TextDecoder().decode(journal), /solved/);
    assert.deepEqual(journal, job.journal);
  });

  if (CHROMIUM === undefined) return;

  it('gives the receipt to a page, which verifies it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouch-end-'));
    const context = await startChromium(folder);
    try {
      const page = await context.newPage();
      await page.goto(`${server.server.url}/jobs/${job.id}`);
      await page.click('#verify-receipt');
      await page.waitForSelector('#drop.full');
      await page.fill('#program', pinned);
      await page.selectOption('#input-kind', 'hex');
      await page.fill('#input', Buffer.from(publicInput).toString('hex'));
      await page.click('#verify');
      await page.waitForSelector('#result .card.good');
      assert.match(await page.locator('#result #journal').innerText(), /solved/);
    } finally {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
