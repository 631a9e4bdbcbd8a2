import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Check, VerificationError } from '@vouch/verifier';
import {
  inspectReceipt,
  LimitError,
  loadProgram,
  OptionError,
  PROOF_STAGES,
  type ProofOptions,
  type ProofProgress,
  type ProvedRun,
  ProveError,
  type ProveErrorCode,
  type Prover,
  programDigest,
  programId,
  prove,
  startProver,
  verify,
} from '../../api/index.ts';
import { callsElf, echoElf, exitElf, spinElf, trapElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const publicInput = text('known to all');
const privateInput = text('to the prover only');
const inputs = { publicInput, privateInput, security: 'S100' } as const;

async function assertUnprovable(
  prover: Prover,
  elf: Uint8Array,
  options: ProofOptions,
  code: ProveErrorCode,
): Promise<ProveError> {
  try {
    await prover.prove(elf, options);
  } catch (error) {
    assert.ok(error instanceof ProveError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.remedy.length > 20);
    return error;
  }
  assert.fail('it was proved');
}

async function assertInvalid(
  receipt: Uint8Array,
  options: Parameters<typeof verify>[1],
  check: Check,
): Promise<void> {
  await assert.rejects(
    verify(receipt, options),
    (error) => error instanceof VerificationError && error.check === check,
    check,
  );
}

describe('prove', function () {
  this.timeout(60_000);
  const elf = echoElf();
  let prover: Prover;
  let proved: ProvedRun;
  const progress: ProofProgress[] = [];

  before(async () => {
    prover = await startProver({ threads: 2 });
    const onProgress = (step: ProofProgress): void => {
      progress.push(step);
    };
    proved = await prover.prove(elf, { ...inputs, onProgress });
  });
  after(() => prover.close());

  it('returns a receipt of what the program did', async () => {
    assert.equal(new TextDecoder().decode(proved.journal), 'known to allto the prover only');
    assert.equal(proved.exitCode, 0);
    const { programId: program, receipt } = proved;
    const run = await verify(receipt, { program, publicInput, minSecurityBits: 100 });
    assert.deepEqual(run.journal, proved.journal);
    assert.equal(run.cycles, proved.cycles);
    assert.equal(run.securityBits, proved.stats.securityBits);
  });

  it('makes the same bytes with any number of threads, alone or after other proofs', async () => {
    const one = await prove(elf, { ...inputs, threads: 1 });
    assert.deepEqual(one.receipt, proved.receipt);
    assert.equal(one.stats.threads, 1);
    const program = { ...inputs, programMode: 'program' } as const;
    const three = await prove(loadProgram(elf), { ...program, threads: 3 });
    const again = await prover.prove(elf, program);
    assert.deepEqual(again.receipt, three.receipt);
  });

  it('gives memory back between proofs', async () => {
    await prover.prove(elf, inputs);
    const { stats } = await prover.prove(elf, inputs);
    assert.equal(stats.peakBytes, proved.stats.peakBytes);
  });

  it('proves at the same time what is asked for at the same time, one after the other', async () => {
    const both = await Promise.all([prover.prove(elf, inputs), prover.prove(elf, inputs)]);
    for (const { receipt } of both) assert.deepEqual(receipt, proved.receipt);
  });

  it('tells its progress: every stage, never back, from 0 to 1', () => {
    const stages = progress.map(({ stage }) => stage);
    assert.deepEqual([...new Set(stages)], [...PROOF_STAGES]);
    const shares = progress.map(({ done, total }) => done / total);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.equal(shares[0], 0);
    assert.equal(shares.at(-1), 1);
    assert.ok(progress.length > 2 * PROOF_STAGES.length);
    assert.deepEqual(
      proved.stats.stages.map(({ stage }) => stage),
      [...PROOF_STAGES],
    );
  });

  it('proves a run that ends with another exit code than 0', async () => {
    const { receipt, exitCode, programId: program } = await prover.prove(exitElf(7), inputs);
    assert.equal(exitCode, 7);
    const expected = { program, publicInput, minSecurityBits: 100 };
    assert.equal((await verify(receipt, { ...expected, exitCode: 7 })).exitCode, 7);
    await assertInvalid(receipt, expected, 'statement/exit-code');
  });

  it('refuses a program that traps, with the trap', async () => {
    const { trap, message } = await assertUnprovable(prover, trapElf(), {}, 'prove/trap');
    assert.equal(trap?.cause, 'null-pointer');
    assert.match(message, /null-pointer.*broken/);
  });

  it('refuses a run that does not end, or is longer than the caller allows', async () => {
    const cause = await assertUnprovable(prover, spinElf(), {}, 'prove/too-long');
    assert.match(cause.message, /1073741824 cycles/);
    const short = prover.prove(spinElf(), { limits: { cycles: 1000 } });
    await assert.rejects(short, (error) => error instanceof LimitError && error.limit === 1000);
  });

  it('proves a run in several segments, with the same journal', async () => {
    const seen: ProofProgress[] = [];
    const onProgress = (step: ProofProgress): void => {
      seen.push(step);
    };
    const segmentCycles = Math.ceil(proved.cycles / 3);
    const several = await prover.prove(elf, { ...inputs, segmentCycles, onProgress });
    assert.equal(several.stats.segments, 3);
    assert.deepEqual(several.journal, proved.journal);
    assert.equal(several.programId, proved.programId);
    const run = await verify(several.receipt, {
      program: several.programId,
      publicInput,
      minSecurityBits: 100,
    });
    assert.deepEqual([run.segments, run.cycles], [3, proved.cycles]);
    assert.deepEqual(run.journal, proved.journal);
    const again = await prove(elf, { ...inputs, segmentCycles, threads: 1 });
    assert.deepEqual(again.receipt, several.receipt);
    const shares = seen.map(({ done }) => done);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    const openings = seen.filter(({ stage }) => stage === 'opening').map(({ segment }) => segment);
    assert.deepEqual([...new Set(openings)].sort(), [1, 2, 3]);
  });

  it('refuses a proof that needs too much memory before it begins', async () => {
    const stages = new Set<string>();
    const options = {
      ...inputs,
      limits: { proverBytes: 100 * 2 ** 20 },
      onProgress: ({ stage }: ProofProgress) => stages.add(stage),
    };
    const { message } = await assertUnprovable(prover, elf, options, 'prove/memory');
    assert.match(message, /needs about \d{3} MiB of memory, limits\.proverBytes allows 100 MiB/);
    assert.deepEqual([...stages], ['execute', 'fill']);
    assert.ok(proved.stats.estimatedBytes >= proved.stats.peakBytes);
    assert.ok(proved.stats.estimatedBytes < 1.3 * proved.stats.peakBytes);
  });

  it('refuses options that there are not', async () => {
    const wrong = { security: 'S80', programMode: 'hash' } as unknown as ProofOptions;
    const { security, programMode } = wrong;
    await assert.rejects(prover.prove(elf, { security } as ProofOptions), OptionError);
    await assert.rejects(prover.prove(elf, { programMode } as ProofOptions), OptionError);
    for (const segmentCycles of [0, 1.5, 2 ** 21 + 1]) {
      await assert.rejects(prover.prove(elf, { segmentCycles }), OptionError);
    }
    for (const threads of [0, 1.5, 257]) {
      await assert.rejects(prove(elf, { threads }), OptionError);
    }
    await assert.rejects(prover.prove(text('no ELF file')), /not an ELF file/);
  });

  describe('with a signal', () => {
    it('does nothing if it is aborted already', async () => {
      const reason = new Error('changed my mind');
      const signal = AbortSignal.abort(reason);
      await assert.rejects(prover.prove(elf, { ...inputs, signal }), reason);
    });

    for (const wanted of ['execute', 'program', 'commit', 'logup', 'zerocheck', 'opening']) {
      it(`stops in the stage ${wanted} and can prove again`, async () => {
        const controller = new AbortController();
        const stages = new Set<string>();
        const onProgress = ({ stage }: ProofProgress): void => {
          stages.add(stage);
          if (stage === wanted) controller.abort();
        };
        const { signal } = controller;
        await assert.rejects(prover.prove(elf, { ...inputs, signal, onProgress }), {
          name: 'AbortError',
        });
        assert.equal([...stages].at(-1), wanted);
        const { receipt, stats } = await prover.prove(elf, inputs);
        assert.deepEqual(receipt, proved.receipt);
        assert.equal(stats.peakBytes, proved.stats.peakBytes);
      });
    }

    it('lets timers run where there is one thread', async () => {
      const signal = AbortSignal.timeout(150);
      await assert.rejects(prove(elf, { ...inputs, threads: 1, signal }), { name: 'TimeoutError' });
    });
  });

  it('lets a script that proves and returns end by itself', async () => {
    const script = `
      import { startProver } from ${JSON.stringify(`file://${repositoryPath('dist/api/index.js')}`)};
      import { readFileSync } from 'node:fs';
      const prover = await startProver({ threads: 2 });
      const { receipt } = await prover.prove(
        readFileSync(${JSON.stringify(repositoryPath('guests/hello/hello.elf'))}),
        { security: 'S100' },
      );
      console.log(receipt.length);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script],
      { timeout: 30_000 },
    );
    assert.ok(Number(stdout) > 100_000);
  });

  describe('verify', () => {
    const expected = (): Parameters<typeof verify>[1] => ({
      program: proved.programId,
      publicInput,
      minSecurityBits: 100,
    });

    it('accepts an id in digits of either case, the ELF file and the loaded program', async () => {
      for (const program of [proved.programId.toUpperCase(), elf, loadProgram(elf)]) {
        const run = await verify(proved.receipt, { ...expected(), program });
        assert.equal(run.exitCode, 0);
      }
    });

    it('wants the program itself for a receipt that has no id', async () => {
      const { receipt } = await prover.prove(elf, { ...inputs, programMode: 'program' });
      await verify(receipt, { ...expected(), program: elf });
      await assertInvalid(receipt, expected(), 'statement/mode');
      await assertInvalid(receipt, { ...expected(), program: callsElf() }, 'statement/program');
      assert.ok(receipt.length < proved.receipt.length);
      const digest = programDigest(loadProgram(elf));
      assert.equal(Buffer.from(inspectReceipt(receipt).programId).toString('hex'), digest);
    });

    it('refuses what is not as expected, and names the check', async () => {
      const { receipt } = proved;
      const cases: readonly [Partial<Parameters<typeof verify>[1]>, Check][] = [
        [{ program: '0'.repeat(64) }, 'statement/program'],
        [{ program: callsElf() }, 'statement/program'],
        [{ publicInput: new Uint8Array(0) }, 'statement/public-input'],
        [{ publicInput: text('known to few') }, 'statement/public-input'],
        [{ exitCode: 1 }, 'statement/exit-code'],
        [{ minSecurityBits: 120 }, 'security/bits'],
      ];
      for (const [change, check] of cases) {
        await assertInvalid(receipt, { ...expected(), ...change }, check);
      }
      await assertInvalid(receipt.subarray(0, -1), expected(), 'decode/truncated');
      await assertInvalid(text('receipt'), { program: elf }, 'decode/truncated');
      const changed = receipt.slice();
      changed[receipt.length >> 1] = (changed[receipt.length >> 1] ?? 0) ^ 1;
      await assert.rejects(verify(changed, expected()), VerificationError);
    });

    it('asks for 120 bits and an empty public input unless told otherwise', async () => {
      const { receipt } = await prover.prove(elf, { privateInput });
      const run = await verify(receipt, { program: proved.programId });
      assert.ok(run.securityBits >= 120);
      await assertInvalid(proved.receipt, { program: elf, publicInput }, 'security/bits');
    });

    it('refuses an id that is none, with a RangeError', async () => {
      for (const program of ['', 'abc', `${proved.programId}0`, 'g'.repeat(64)]) {
        await assert.rejects(verify(proved.receipt, { ...expected(), program }), RangeError);
      }
    });
  });

  describe('programId', () => {
    it('is the id of the receipt, and another one for another program', async () => {
      assert.equal(await programId(elf), proved.programId);
      assert.equal(await prover.programId(loadProgram(elf)), proved.programId);
      assert.notEqual(await prover.programId(callsElf()), proved.programId);
      assert.notEqual(programDigest(loadProgram(elf)), proved.programId);
    });
  });
});
