import { strict as assert } from 'node:assert';
import { fnv1a32, guestInputs, readGuestElf, readManifest, TIERS } from '../../guests/manifest.ts';
import { execute } from '../../vm/execute.ts';
import { loadProgram } from '../../vm/load.ts';

const { guests } = await readManifest();
/** Tier C has up to 70 million cycles a guest. */
const isSlowRun = process.env.VOUCH_SLOW === '1';
const tiers = new Set(TIERS.filter((tier) => tier !== 'C' || isSlowRun));

/**
 * Cycles that the SDK adds to the suite's own build: start-up, reading and exit, then for each word
 * of the answer a load, the host call and its share of the loop.
 */
function sdkCycles(journalBytes: number): number {
  return 150 + 2.4 * (journalBytes / 4);
}

describe('The guests of guests.json', () => {
  for (const guest of guests.filter(({ tier }) => tiers.has(tier))) {
    it(`${guest.name} (${guest.title}) writes the stated journal in the stated cycles`, async () => {
      const program = loadProgram(await readGuestElf(guest));
      const { outcome, journal, cycles, misalignedAccesses } = await execute(
        program,
        guestInputs(guest),
      );
      assert.deepEqual(outcome, { kind: 'exit', code: 0 });
      assert.equal(journal.length, guest.journal.bytes);
      assert.equal(fnv1a32(journal), guest.journal.fnv1a32);
      assert.equal(cycles, guest.cycles);
      assert.equal(misalignedAccesses, 0);
    });
  }

  it('are about as fast as the benchmark suite’s own build of each program', () => {
    for (const { name, cycles, referenceCycles, journal } of guests) {
      if (referenceCycles === undefined) continue;
      const allowed = 1.1 * referenceCycles + sdkCycles(journal.bytes);
      assert(cycles <= allowed, `${name}: ${cycles} cycles, reference ${referenceCycles}`);
    }
  });

  it('cover the whole table', () => {
    const count = (tier: string): number => guests.filter((guest) => guest.tier === tier).length;
    assert.deepEqual(['0', 'A', 'B', 'C', 'sweep'].map(count), [15, 10, 7, 6, 11]);
  });
});
