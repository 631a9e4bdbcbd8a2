import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ProofOptions,
  type ProofProgress,
  type ProvedRun,
  type Prover,
  startProver,
  WorkDirectoryError,
  type WorkDirectoryErrorCode,
} from '../../api/index.ts';
import { callsElf, echoElf } from '../tools/cli-programs.ts';

const privateInput = new TextEncoder().encode('three segments, please');
const options = { privateInput, security: 'S100', segmentCycles: 20 } as const;

describe('A work directory', function () {
  this.timeout(120_000);
  const elf = echoElf();
  let prover: Prover;
  let expected: ProvedRun;
  let folder: string;

  before(async () => {
    prover = await startProver();
    expected = await prover.prove(elf, options);
  });
  after(() => prover.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-work-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const proveIn = (more: ProofOptions = {}, program = elf): Promise<ProvedRun> =>
    prover.prove(program, { ...options, workDirectory: folder, ...more });

  async function assertRefused(
    task: Promise<unknown>,
    code: WorkDirectoryErrorCode,
    message: RegExp,
  ): Promise<void> {
    await assert.rejects(
      task,
      (error) =>
        error instanceof WorkDirectoryError && error.code === code && message.test(error.message),
      code,
    );
  }

  it('leaves the receipt as it is, and keeps every segment', async () => {
    const { receipt, stats } = await proveIn();
    assert.deepEqual(receipt, expected.receipt);
    const names = await readdir(folder);
    assert.equal(names.filter((name) => name.endsWith('.proof')).length, stats.segments);
    assert.equal(names.length, 2 * stats.segments + 1);
  });

  it('lets a proof go on wherever it was stopped, without what is done', async () => {
    const stops: readonly [ProofProgress['stage'], number][] = [
      ['commit', 2],
      ['opening', expected.stats.segments],
      ['logup', 1],
    ];
    for (const [stage, segment] of stops) {
      const controller = new AbortController();
      const onProgress = (progress: ProofProgress): void => {
        if (progress.stage === stage && progress.segment === segment) controller.abort();
      };
      const { signal } = controller;
      await assert.rejects(proveIn({ signal, onProgress }), { name: 'AbortError' });
    }
    const proved: number[] = [];
    const committed: number[] = [];
    const onProgress = ({ stage, segment }: ProofProgress): void => {
      if (stage === 'opening') proved.push(segment);
      if (stage === 'commit') committed.push(segment);
    };
    const { receipt } = await proveIn({ onProgress });
    assert.deepEqual(receipt, expected.receipt);
    const { segments } = expected.stats;
    const others = Array.from({ length: segments }, (_, i) => i + 1);
    assert.deepEqual([...new Set(proved)], others);
    assert.deepEqual([...new Set(committed)], others);
    let again = 0;
    const last = await proveIn({ onProgress: ({ stage }) => (again += Number(stage === 'fill')) });
    assert.deepEqual(last.receipt, expected.receipt);
    assert.equal(again, 0);
  });

  it('refuses another run, whatever is different', async () => {
    await proveIn();
    const other = /belongs to another run/;
    const inputs = new TextEncoder().encode('two');
    await assertRefused(proveIn({}, callsElf()), 'work/other-run', other);
    await assertRefused(proveIn({ privateInput: inputs }), 'work/other-run', other);
    await assertRefused(proveIn({ publicInput: inputs }), 'work/other-run', other);
    await assertRefused(proveIn({ segmentCycles: 10 }), 'work/other-run', other);
    await assertRefused(proveIn({ security: 'S120' }), 'work/other-run', other);
    await assertRefused(proveIn({ programMode: 'program' }), 'work/other-run', other);
  });

  it('refuses a folder with other files, and a file in its place', async () => {
    await writeFile(join(folder, 'letter.txt'), 'Dear Ada');
    await assertRefused(proveIn(), 'work/not-empty', /has files/);
    const workDirectory = join(folder, 'letter.txt');
    await assertRefused(proveIn({ workDirectory }), 'work/file', /letter\.txt/);
  });

  it('refuses a damaged file by its name, and does without it once it is gone', async () => {
    await proveIn();
    for (const name of ['segment-000001.header', 'segment-000002.proof']) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      const changes = [
        bytes.subarray(0, bytes.length - 1),
        Buffer.concat([bytes, Buffer.of(0)]),
        Buffer.from(bytes).fill(1, bytes.length >> 1, (bytes.length >> 1) + 1),
        Buffer.alloc(0),
      ];
      for (const changed of changes) {
        if (changed.equals(bytes)) continue;
        await writeFile(path, changed);
        await assertRefused(proveIn(), 'work/damaged', new RegExp(name.replaceAll('.', '\\.')));
      }
      await rm(path);
      assert.deepEqual((await proveIn()).receipt, expected.receipt);
    }
  });

  it('commits again to a segment whose proof is there, and proves another', async () => {
    await proveIn();
    await rm(join(folder, 'segment-000001.header'));
    await rm(join(folder, 'segment-000002.proof'));
    assert.deepEqual((await proveIn()).receipt, expected.receipt);
  });

  it('does not take one segment for another, nor a header for a proof', async () => {
    await proveIn();
    const proof = join(folder, 'segment-000001.proof');
    const bytes = await readFile(join(folder, 'segment-000002.proof'));
    await writeFile(proof, bytes);
    await assertRefused(proveIn(), 'work/damaged', /000001\.proof/);
    await writeFile(proof, await readFile(join(folder, 'segment-000001.header')));
    await assertRefused(proveIn(), 'work/damaged', /000001\.proof/);
  });
});
