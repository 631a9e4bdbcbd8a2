import assert from 'node:assert/strict';
import { type ProofOptions, type Prover, startProver } from '../../api/index.ts';
import { type Guest, guestInputs, readGuestElf, readManifest } from '../../guests/manifest.ts';

describe('the estimate of a proof’s memory', () => {
  let prover: Prover;
  before(async () => {
    prover = await startProver({ threads: 2 });
  });
  after(() => prover.close());

  for (const [name, options] of [
    ['hello', { programMode: 'program', security: 'S100' }],
    ['msort32', { programMode: 'id', security: 'S120' }],
    ['A7', { programMode: 'id', security: 'S100' }],
  ] as const satisfies [string, ProofOptions][]) {
    it(`is the peak and at most a tenth more: ${name}`, async () => {
      const { guests } = await readManifest();
      const guest = guests.find((one) => one.name === name) as Guest;
      const { stats } = await prover.prove(await readGuestElf(guest), {
        ...guestInputs(guest),
        ...options,
      });
      const ratio = stats.estimatedBytes / stats.peakBytes;
      assert.ok(ratio >= 1 && ratio <= 1.1, `${ratio} times the peak of ${stats.peakBytes}`);
    });
  }
});
