import assert from 'node:assert/strict';
import { startProver, verify } from '../../api/index.ts';
import { runElfUnderQemu } from '../tools/qemu.ts';
import { processSeed, Random } from '../tools/random.ts';
import { programText, randomElf, randomProgram } from '../tools/random-program.ts';
import { toolAvailable } from '../tools/tools.ts';

const PROGRAMS = process.env.VOUCH_SLOW === '1' ? 30 : 4;
const ITEMS = 150;
const ROUNDS = 3;

if (toolAvailable('qemu-riscv32')) {
  describe('Proofs of random programs', () => {
    it('verify, whole and cut, with the output that the program has under QEMU', async () => {
      const seed = processSeed();
      const random = new Random(seed);
      const prover = await startProver();
      try {
        for (let i = 0; i < PROGRAMS; i++) {
          const program = randomProgram(random, ITEMS, ROUNDS);
          const where = `VOUCH_SEED=${seed}, program ${i}\n${programText(program)}`;
          const expected = await runElfUnderQemu(randomElf(program, 'linux'));
          const proved = await prover.prove(randomElf(program, 'machine'), { security: 'S100' });
          const verified = await verify(proved.receipt, {
            program: proved.programId,
            minSecurityBits: 100,
          });
          const output = Buffer.from(expected.output).toString('hex');
          assert.equal(Buffer.from(verified.journal).toString('hex'), output, where);
          assert.equal(verified.exitCode, expected.exitCode, where);
          // Cut where it happens to be: two to five segments.
          const segmentCycles = Math.ceil(proved.cycles / (2 + random.below(4)));
          const cut = await prover.prove(randomElf(program, 'machine'), {
            security: 'S100',
            segmentCycles,
          });
          const verifiedCut = await verify(cut.receipt, {
            program: proved.programId,
            minSecurityBits: 100,
          });
          assert.ok(verifiedCut.segments > 1, where);
          assert.deepEqual(
            { ...verifiedCut, segments: 1, securityBits: 0 },
            { ...verified, securityBits: 0 },
            `${where}, ${segmentCycles} cycles a segment`,
          );
        }
      } finally {
        await prover.close();
      }
    });
  });
}
