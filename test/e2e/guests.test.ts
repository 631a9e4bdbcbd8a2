import assert from 'node:assert/strict';
import { type Prover, startProver, verify } from '../../api/index.ts';
import {
  fnv1a32,
  type Guest,
  guestInputs,
  readGuestElf,
  readManifest,
} from '../../guests/index.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const MOST_CYCLES = 2 ** 21;
/** Proved with 120 bits; the others with 100. */
const FULL_SECURITY = ['hello', 'sudoku', 'mm7', 'sha256'];

const { guests } = await readManifest();
const chosen = guests.filter(({ name, tier, cycles }) =>
  isSlowRun ? cycles <= MOST_CYCLES : tier === '0' || FULL_SECURITY.includes(name),
);

describe('Proofs of the guests', function () {
  this.timeout(120_000);
  let prover: Prover;

  before(async () => {
    prover = await startProver();
  });
  after(() => prover.close());

  for (const guest of chosen) {
    it(`${guest.name}: ${guest.title}`, () => proveGuest(prover, guest));
  }
});

async function proveGuest(prover: Prover, guest: Guest): Promise<void> {
  const security = FULL_SECURITY.includes(guest.name) ? 'S120' : 'S100';
  const minSecurityBits = security === 'S120' ? 120 : 100;
  const inputs = guestInputs(guest);
  const { publicInput } = inputs;
  const proved = await prover.prove(await readGuestElf(guest), { ...inputs, security });
  assert.equal(proved.cycles, guest.cycles);
  assert.ok(proved.stats.peakBytes <= proved.stats.estimatedBytes);
  const { receipt, programId: program } = proved;
  const run = await verify(receipt, { program, publicInput, minSecurityBits });
  assert.equal(run.cycles, guest.cycles);
  assert.equal(run.exitCode, 0);
  assert.equal(run.parameters, security);
  assert.ok(run.securityBits >= minSecurityBits);
  const { length } = run.journal;
  assert.deepEqual({ bytes: length, fnv1a32: fnv1a32(run.journal) }, guest.journal);
}
