import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { execute, loadProgram } from '../../api/index.ts';
import { readPublished } from '../../bench/page/peers.ts';
import {
  measurePeer,
  PEERS,
  type Peer,
  peerMeasurement,
  peersText,
  peerVersions,
  type Workload,
  workloads,
} from '../../bench/peers.ts';
import { type ResultRecord, Results } from '../../bench/records.ts';
import { namedSubject } from '../../bench/subjects.ts';
import { readManifest } from '../../guests/index.ts';
import { repositoryPath } from '../tools/paths.ts';

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const json = async (...path: string[]): Promise<Record<string, Record<string, unknown>>> =>
  JSON.parse(await readFile(repositoryPath(...path), 'utf8'));

describe('Peers', () => {
  const peer = PEERS[0] as Peer;
  const found = {
    ...{ end_to_end_ms: [2, 3, 4], prove_ms: [1, 2, 3], verify_ms: [1], setup_ms: 5 },
    ...{ proof_bytes: 256, peak_rss: 1, output: 'abcd' },
  };

  it('have a row with the kind of their security', () => {
    const { figures } = peerMeasurement(found, peer, 'abcd');
    assert.deepEqual(figures?.prove_ms, { runs: 3, median: 2, min: 1, max: 3 });
    assert.match(String(figures?.security), /^conjectured/);
  });

  it('are failures if they fail or compute something else', () => {
    assert.throws(() => peerMeasurement(found, peer, 'abce'), /the output is abcd/);
    assert.throws(() => peerMeasurement({ ...found, failure: 'no keys' }, peer, 'abcd'), /no keys/);
    const where = { environment: '', commit: '', date: '', title: '', threads: 2, program: '' };
    const row = { type: 'peer', system: 'x', name: 'y', failure: 'no keys', ...where } as const;
    assert.match(peersText([row satisfies ResultRecord]), /- +x +FAILED: no keys/);
  });

  it('are not tried with more input than that they failed with', async () => {
    const results = await Results.open(undefined);
    const [, workload] = workloads([2048]) as [Workload, Workload];
    const limits = { threads: 2, runs: 3, seconds: 1, failure: 'stopped after 600 s' };
    const { figures, failure } = await measurePeer(results, peer, workload, limits);
    assert.equal(figures, undefined);
    assert.equal(failure, 'not tried; with less input: stopped after 600 s');
  });

  it('have exact versions, in a package that Vouch does not depend on', async () => {
    for (const each of PEERS) {
      assert.match(await peerVersions(each), /^([@a-z0-9/._-]+ \d+\.\d+\.\d+\S*(, )?)+$/);
    }
    const { dependencies = {} } = await json('bench', 'peers', 'package.json');
    const root = await json('package.json');
    for (const name of Object.keys(dependencies)) {
      assert.ok(!(name in (root.dependencies ?? {})) && !(name in (root.devDependencies ?? {})));
    }
    const lock = await readFile(repositoryPath('bench', 'peers', 'package-lock.json'), 'utf8');
    assert.doesNotMatch(lock, /"resolved"/);
  });

  it('have a lock file with their packages for all platforms, or npm ci refuses it', async () => {
    const { packages = {} } = await json('bench', 'peers', 'package-lock.json');
    for (const { optionalDependencies = {} } of Object.values(packages) as LockEntry[]) {
      for (const name of Object.keys(optionalDependencies)) {
        assert.ok(`node_modules/${name}` in packages, name);
      }
    }
  });

  it('hash the message that Vouch hashes', async () => {
    const { guests } = await readManifest();
    const { elf, ...inputs } = await namedSubject(guests, 'sha256-128');
    assert.equal(inputs.privateInput.length, 128);
    const { journal } = await execute(loadProgram(elf), inputs);
    const expected = createHash('sha256').update(inputs.privateInput).digest('hex');
    assert.equal(Buffer.from(journal).toString('hex'), expected);
  });

  it('stand beside published figures, whose source and hardware are named', async () => {
    const { groups } = await readPublished();
    for (const { title, source, hardware, columns, rows } of groups) {
      assert.ok(source !== '' && hardware !== '', title);
      for (const row of rows) assert.equal(row.length, columns.length, title);
    }
  });
});
