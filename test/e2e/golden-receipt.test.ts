/**
 * A receipt of the RISC-V machine as a file, so that a change of the machine, the format or the
 * protocol is seen. VOUCH_WRITE_VECTORS=1 writes it anew, and prints the program's id.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { prove, VerificationError, verify } from '../../api/index.ts';
import { repositoryPath } from '../tools/paths.ts';

const PATH: string = repositoryPath('test', 'vectors', 'hello.receipt');
const PROGRAM_ID = 'f7699d06a2bf420037be82b6b5b96c0d01186c513082568bb09cb4033d2de91e';
const options = { program: PROGRAM_ID, minSecurityBits: 100 };
/** Positions whose change is tried in the fast tier. */
const SAMPLES = process.env.VOUCH_SLOW === '1' ? 2000 : 40;

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

  it('is refused with any byte changed, and never with another exception', async () => {
    const receipt = new Uint8Array(readFileSync(PATH));
    for (let i = 0; i < SAMPLES; i++) {
      const position = Math.floor((i * receipt.length) / SAMPLES);
      const changed = receipt.slice();
      changed[position] = (changed[position] ?? 0) ^ (1 << (i & 7));
      await assert.rejects(verify(changed, options), VerificationError, `byte ${position}`);
    }
  });
});
