/**
 * Receipts as files, so that a change of the format, the transcript or the protocol is seen. They
 * were written by this repository's scalar prover; VOUCH_WRITE_VECTORS=1 writes them anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { inspectReceipt, VerificationError, verify } from '@vouch/verifier';
import { courier } from '../prover/courier-machine.ts';
import { repositoryPath } from '../tools/paths.ts';
import { expectations, honestRun, program, proveRun, publicInput } from './receipts.ts';

/** Id of the courier program. */
const PROGRAM_ID = '94a09f1ceba62d60752d3b2a5ffd07ff0d9ad7eeb596e2de360620c54534b250';

const golden = [
  { file: 'courier-id.receipt', mode: 'id', cuts: [2] },
  { file: 'courier-program.receipt', mode: 'program', cuts: [] },
] as const;

describe('golden receipts', () => {
  for (const { file, mode, cuts } of golden) {
    const path = repositoryPath('test', 'vectors', file);

    it(`${file} is what the prover makes today`, () => {
      const { bytes } = proveRun(mode, honestRun(cuts));
      if (process.env.VOUCH_WRITE_VECTORS === '1') writeFileSync(path, bytes);
      assert.deepEqual(new Uint8Array(readFileSync(path)), bytes);
    });

    it(`${file} verifies`, () => {
      const expected =
        mode === 'id' ? { kind: mode, id: hexToBytes(PROGRAM_ID) } : { kind: mode, ...program };
      const options = { machine: courier, program: expected, publicInput, minSecurityBits: 0 };
      const run = verify(new Uint8Array(readFileSync(path)), options);
      assert.equal(bytesToHex(run.journal), 'feca0180333344440000');
    });
  }

  it('are of one format: an older one is named and refused', () => {
    const older = new Uint8Array(
      readFileSync(repositoryPath('test', 'vectors', 'format-1.receipt')),
    );
    for (const refuse of [
      () => verify(older, expectations('program')),
      () => inspectReceipt(older, courier),
    ]) {
      assert.throws(refuse, (error) => {
        assert.ok(error instanceof VerificationError);
        assert.equal(error.check, 'decode/format');
        assert.deepEqual(error.details, { found: 1, supported: 2 });
        return true;
      });
    }
  });

  it('are of a program whose id does not change', () => {
    const { program: expected } = expectations('id');
    assert.ok(expected.kind === 'id');
    assert.equal(bytesToHex(expected.id), PROGRAM_ID);
  });
});

describe('inspectReceipt', () => {
  const { bytes, receipt } = proveRun('id', honestRun([2]));
  const found = inspectReceipt(bytes, courier);

  it('accounts for every byte', () => {
    const parts = found.segments.flatMap((segment) => segment.parts);
    const proofs = parts.reduce((sum, part) => sum + part.bytes, 0);
    assert.equal(found.bytes, bytes.length);
    assert.equal(found.headerBytes + proofs, bytes.length);
    assert.ok(parts.every((part) => part.bytes > 0));
    assert.ok(found.headerBytes > 200 && found.headerBytes < 500);
  });

  it('says what is claimed, by which tables, with which queries', () => {
    const expected = expectations('id').program;
    assert.ok(expected.kind === 'id');
    assert.deepEqual(found.programId, expected.id);
    assert.deepEqual(found.claim, receipt.claim);
    assert.equal(found.parameters, 'courier');
    const [first, last] = found.segments;
    assert.deepEqual(
      first?.tables.map((table) => `${table.chip} 2^${table.logHeight}`),
      ['JUMP 2^1', 'DELIVER 2^2', 'PROG 2^3'],
    );
    assert.deepEqual([first?.cycles, last?.cycles], [2, 3]);
    assert.deepEqual([first?.logRows, last?.logRows], [5, 6]);
    assert.equal(first?.cells, 4 * 2 + 9 * 4 + 8);
    assert.deepEqual(
      first?.rounds.map((round) => round.queries),
      [8, 5, 3],
    );
    for (const segment of found.segments) {
      for (const round of segment.rounds) {
        assert.ok(round.openedLeaves.length >= 1);
        for (const leaves of round.openedLeaves) assert.ok(leaves >= 1 && leaves <= round.queries);
      }
    }
  });

  it('has the security that verify reports, with its terms', () => {
    const run = verify(bytes, expectations('id'));
    assert.equal(found.security.bits, run.securityBits);
    const names = found.security.terms.map((term) => term.name);
    assert.ok(names.includes('LogUp') && names.includes('WHIR 2 queries'));
    assert.equal(Math.min(...found.security.terms.map((term) => term.bits)), run.securityBits);
  });
});
