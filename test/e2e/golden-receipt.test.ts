/**
 * A receipt of the RISC-V machine as a file, so that a change of the machine, the format or the
 * protocol is seen. VOUCH_WRITE_VECTORS=1 writes it anew, and prints the program's id.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { prove, verify } from '../../api/index.ts';
import { repositoryPath } from '../tools/paths.ts';
import type { ByteChanges, ByteChangesResult } from './byte-changes.ts';

const PATH: string = repositoryPath('test', 'vectors', 'hello.receipt');
const PROGRAM_ID = 'f7699d06a2bf420037be82b6b5b96c0d01186c513082568bb09cb4033d2de91e';
const options = { program: PROGRAM_ID, minSecurityBits: 100 };
const isSlowRun = process.env.VOUCH_SLOW === '1';
/** Every how many bytes one is changed. */
const STEP = isSlowRun ? 1 : 4999;

describe('The golden receipt of guests/hello', () => {
  it('is what the prover makes today', async () => {
    const elf = readFileSync(repositoryPath('guests', 'hello', 'hello.elf'));
    const privateInput = new TextEncoder().encode('Vouch');
    const proved = await prove(elf, { privateInput, security: 'S100' });
    if (process.env.VOUCH_WRITE_VECTORS === '1') {
      writeFileSync(PATH, proved.receipt);
      console.log(proved.programId);
    }
    assert.equal(proved.programId, PROGRAM_ID);
    assert.deepEqual(new Uint8Array(readFileSync(PATH)), proved.receipt);
  });

  it('verifies, with the journal of the run', async () => {
    const verified = await verify(new Uint8Array(readFileSync(PATH)), options);
    assert.equal(new TextDecoder().decode(verified.journal), 'Hello, Vouch!\nc8cc7d8e\n');
  });

  it('is refused with any byte changed, and never with another exception', async function () {
    if (isSlowRun) this.timeout(4 * 3_600_000);
    const receipt = new Uint8Array(readFileSync(PATH));
    const threads = availableParallelism();
    const results = await Promise.all(
      Array.from({ length: threads }, (_, i) =>
        byteChanges({ receipt, program: PROGRAM_ID, first: i * STEP, step: threads * STEP }),
      ),
    );
    assert.deepEqual(
      results.flatMap(({ wrong }) => wrong),
      [],
    );
    const tried = results.reduce((sum, result) => sum + result.tried, 0);
    assert.equal(tried, Math.ceil(receipt.length / STEP));
  });
});

/** On a thread of its own. Its young generation holds what a verification allocates. */
function byteChanges(changes: ByteChanges): Promise<ByteChangesResult> {
  const url = new URL('./byte-changes.js', import.meta.url);
  const resourceLimits = { maxYoungGenerationSizeMb: 192 };
  const worker = new Worker(url, { workerData: changes, resourceLimits });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
