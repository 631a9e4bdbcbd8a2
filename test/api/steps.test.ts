import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type ProofSteps,
  type ProvedRun,
  type Prover,
  readPlan,
  StepError,
  type StepErrorCode,
  type StepRun,
  segmentCount,
  startProver,
  verify,
} from '../../api/index.ts';
import { sealMessage } from '../../api/messages/envelope.ts';
import { runLabel } from '../../api/messages/plan.ts';
import { callsElf, echoElf } from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { Random } from '../tools/random.ts';

const privateInput = new TextEncoder().encode('in steps, please');
const options = { privateInput, security: 'S100', segmentCycles: 16 } as const;
const FORMAT_BYTES = 'vouch/step/1\n'.length;

async function assertRefused(task: Promise<unknown>, ...codes: StepErrorCode[]): Promise<void> {
  await assert.rejects(task, (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    assert.ok(error.remedy.length > 20);
    return true;
  });
}

describe('A proof in steps', function () {
  this.timeout(120_000);
  const elf = echoElf();
  let prover: Prover;
  let steps: ProofSteps;
  let expected: ProvedRun;
  let run: StepRun;
  let headers: Uint8Array[];
  let challenge: Uint8Array;
  let proofs: Uint8Array[];
  const numbers = (): number[] =>
    Array.from({ length: segmentCount(readPlan(run.plan)) }, (_, i) => i + 1);

  before(async () => {
    prover = await startProver({ threads: 2 });
    ({ steps } = prover);
    expected = await prover.prove(elf, options);
    run = { program: elf, privateInput, plan: await steps.plan(elf, options) };
    headers = [];
    for (const number of numbers()) headers.push(await steps.commit(run, { number }));
    challenge = await steps.challenge(run, headers);
    proofs = [];
    for (const number of numbers()) proofs.push(await steps.prove(run, { number }, challenge));
  });
  after(() => prover.close());

  it('ends with the receipt that `prove` makes', async () => {
    const { receipt, journal, programId, cycles, segments } = await steps.finish(
      run,
      challenge,
      proofs,
    );
    assert.equal(segments, 3);
    assert.deepEqual(receipt, expected.receipt);
    assert.deepEqual(
      { journal, programId, cycles },
      { journal: expected.journal, programId: expected.programId, cycles: expected.cycles },
    );
    await verify(receipt, { program: programId, minSecurityBits: 100 });
  });

  it('has a plan that says how the run ended and is cut', () => {
    const { cycles, segmentCycles, exitCode, journal } = readPlan(run.plan);
    assert.deepEqual({ cycles, exitCode }, { cycles: expected.cycles, exitCode: 0 });
    assert.deepEqual(journal, expected.journal);
    assert.equal(Math.ceil(cycles / segmentCycles), expected.stats.segments);
  });

  it('gives the same bytes again, in any order and on other threads', async () => {
    const other = await startProver({ threads: 1 });
    try {
      assert.deepEqual(await other.steps.plan(elf, options), run.plan);
      for (const number of numbers().reverse()) {
        assert.deepEqual(await other.steps.commit(run, { number }), headers[number - 1]);
      }
      assert.deepEqual(await other.steps.challenge(run, headers), challenge);
      assert.deepEqual(await other.steps.prove(run, { number: 2 }, challenge), proofs[1]);
      assert.deepEqual(await steps.prove(run, { number: 2 }, challenge), proofs[1]);
      const { receipt } = await other.steps.finish(run, challenge, proofs);
      assert.deepEqual(receipt, expected.receipt);
    } finally {
      await other.close();
    }
  });

  it('gives the same bytes in another process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vouch-steps-'));
    try {
      const names = { elf, privateInput, plan: run.plan, challenge };
      for (const [name, bytes] of Object.entries(names)) await writeFile(join(folder, name), bytes);
      const script = `
        import { readFileSync, writeFileSync } from 'node:fs';
        import { startProver } from ${JSON.stringify(`file://${repositoryPath('dist/api/index.js')}`)};
        process.chdir(${JSON.stringify(folder)});
        const read = (name) => new Uint8Array(readFileSync(name));
        const run = { program: read('elf'), privateInput: read('privateInput'), plan: read('plan') };
        const prover = await startProver({ threads: 3 });
        writeFileSync('header', await prover.steps.commit(run, { number: 3 }));
        writeFileSync('proof', await prover.steps.prove(run, { number: 3 }, read('challenge')));
        await prover.close();
      `;
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
      assert.deepEqual(new Uint8Array(await readFile(join(folder, 'header'))), headers[2]);
      assert.deepEqual(new Uint8Array(await readFile(join(folder, 'proof'))), proofs[2]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('tells what it does, and stops when it is told to', async () => {
    const stages = new Set<string>();
    const onProgress = ({ stage }: { stage: string }): unknown => stages.add(stage);
    await steps.commit(run, { number: 1 }, { onProgress });
    assert.deepEqual([...stages], ['fill', 'load', 'commit']);
    const controller = new AbortController();
    const aborting = steps.prove(run, { number: 1 }, challenge, {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'logup' && controller.abort(),
    });
    await assert.rejects(aborting, { name: 'AbortError' });
    assert.deepEqual(await steps.prove(run, { number: 1 }, challenge), proofs[0]);
  });

  it('refuses a step for which there is too little memory', async () => {
    const proverBytes = 100 * 2 ** 20;
    await assert.rejects(steps.commit(run, { number: 1 }, { proverBytes }), {
      code: 'prove/memory',
    });
  });

  describe('refuses', () => {
    const uses = (): readonly [string, Uint8Array, (bytes: Uint8Array) => Promise<unknown>][] => [
      ['plan', run.plan, (plan) => steps.commit({ ...run, plan }, { number: 1 })],
      [
        'header',
        headers[1] as Uint8Array,
        (bytes) => steps.challenge(run, replaced(headers, bytes)),
      ],
      ['challenge', challenge, (bytes) => steps.finish(run, bytes, proofs)],
      [
        'proof',
        proofs[1] as Uint8Array,
        (bytes) => steps.finish(run, challenge, replaced(proofs, bytes)),
      ],
    ];
    const replaced = (messages: readonly Uint8Array[], second: Uint8Array): Uint8Array[] =>
      messages.map((message, i) => (i === 1 ? second : message));

    it('a message of which any byte is another one', async () => {
      const random = new Random(1);
      for (const [, message, use] of uses()) {
        const positions = [...Array(150).keys(), message.length - 1];
        for (let i = 0; i < 50; i++) positions.push(random.below(message.length));
        for (const position of positions.filter((at) => at < message.length)) {
          const changed = message.slice();
          changed[position] = (changed[position] as number) ^ (1 + random.below(255));
          const codes: StepErrorCode[] =
            position < FORMAT_BYTES ? ['step/version', 'step/damaged'] : ['step/damaged'];
          await assertRefused(use(changed), ...codes);
        }
        await assertRefused(use(message.subarray(0, -1)), 'step/damaged');
        const longer = new Uint8Array(message.length + 1);
        longer.set(message);
        await assertRefused(use(longer), 'step/damaged');
        await assertRefused(use(new Uint8Array(0)), 'step/damaged');
        await assertRefused(use(message.subarray(0, 20)), 'step/damaged');
      }
    });

    it('a message of another version', async () => {
      for (const [, message, use] of uses()) {
        const changed = message.slice();
        changed[FORMAT_BYTES - 2] = '2'.charCodeAt(0);
        await assertRefused(use(changed), 'step/version');
      }
    });

    it('a message in the place of another', async () => {
      for (const [name, , use] of uses()) {
        for (const [other, message] of uses()) {
          if (other !== name) await assertRefused(use(message), 'step/kind');
        }
      }
      const [first, second, third] = headers as [Uint8Array, Uint8Array, Uint8Array];
      await assertRefused(steps.challenge(run, [second, first, third]), 'step/number');
      await assertRefused(steps.challenge(run, [first, first, third]), 'step/number');
      await assertRefused(steps.challenge(run, [first, third]), 'step/count');
      await assertRefused(steps.challenge(run, [first, second, third, third]), 'step/count');
      await assertRefused(steps.finish(run, challenge, proofs.toReversed()), 'step/number');
      await assertRefused(steps.finish(run, challenge, proofs.slice(1)), 'step/count');
      for (const number of [0, 4, 1.5]) {
        await assertRefused(steps.commit(run, { number }), 'step/number');
      }
    });

    it('a plan of another program or of other inputs', async () => {
      const other = new TextEncoder().encode('two');
      for (const change of [
        { program: callsElf() },
        { privateInput: other },
        { publicInput: other },
      ]) {
        await assertRefused(steps.commit({ ...run, ...change }, { number: 1 }), 'step/other-proof');
      }
    });

    it('messages of another proof, whatever is different', async () => {
      const others: readonly [Uint8Array, object][] = [
        [callsElf(), {}],
        [elf, { privateInput: new TextEncoder().encode('at once, please!') }],
        [elf, { publicInput: privateInput }],
        [elf, { segmentCycles: 10 }],
        [elf, { security: 'S120' }],
        [elf, { programMode: 'program' }],
      ];
      for (const [program, change] of others) {
        const changed = { ...options, ...change };
        const plan = await steps.plan(program, changed);
        const other = { ...changed, program, plan };
        const lists = segmentCount(readPlan(plan)) === 3 ? [headers] : [];
        for (const list of lists)
          await assertRefused(steps.challenge(other, list), 'step/other-proof');
        await assertRefused(steps.prove(other, { number: 1 }, challenge), 'step/other-proof');
      }
    });

    it('contents that no step writes', async () => {
      const label = runLabel(readPlan(run.plan));
      const header = { kind: 'header', number: 2 } as const;
      const empty = sealMessage(header, label, () => {});
      await assertRefused(steps.challenge(run, replaced(headers, empty)), 'step/contents');
      // The header of the first segment under the number of the second.
      const contents = (headers[0] as Uint8Array).subarray(FORMAT_BYTES + 1 + 64 + 4, -32);
      const moved = sealMessage(header, label, (writer) => writer.bytes(contents));
      await assertRefused(steps.challenge(run, replaced(headers, moved)), 'step/contents');
      const longer = sealMessage(header, label, (writer) => {
        writer.bytes(contents);
        writer.u8(0);
      });
      await assertRefused(steps.challenge(run, replaced(headers, longer)), 'step/contents');
    });

    it('challenges under other parameters', async () => {
      const stronger = { ...options, security: 'S120' } as const;
      const other = { ...run, plan: await steps.plan(elf, stronger) };
      const committed = await Promise.all(
        [1, 2, 3].map((number) => steps.commit(other, { number })),
      );
      const drawn = await steps.challenge(other, committed);
      const contents = drawn.subarray(FORMAT_BYTES + 1 + 64 + 4, -32);
      const label = runLabel(readPlan(run.plan));
      const moved = sealMessage({ kind: 'challenge', number: 0 }, label, (writer) =>
        writer.bytes(contents),
      );
      await assertRefused(steps.prove(run, { number: 1 }, moved), 'step/contents');
    });

    it('a proof that answers other challenges', async () => {
      const other = { ...run, plan: await steps.plan(elf, options) };
      const changed = [...headers];
      const root = FORMAT_BYTES + 1 + 64 + 4;
      const label = runLabel(readPlan(run.plan));
      const contents = (headers[2] as Uint8Array).slice(root, -32);
      contents[0] = (contents[0] as number) ^ 1;
      changed[2] = sealMessage({ kind: 'header', number: 3 }, label, (writer) =>
        writer.bytes(contents),
      );
      const second = await steps.challenge(other, changed);
      assert.notDeepEqual(second, challenge);
      await assertRefused(steps.finish(run, second, proofs), 'step/other-proof');
      await assert.rejects(steps.prove(run, { number: 3 }, second), { code: 'segment/changed' });
    });
  });
});
