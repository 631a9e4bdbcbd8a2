import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { repositoryPath } from '../tools/paths.ts';
import { committedProgram, journalOf } from './support.ts';

interface SignatureTest {
  readonly id: number;
  readonly comment: string;
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

describe('ecdsa agrees with Wycheproof', () => {
  it('on every signature of 64 bytes over secp256k1', async function () {
    this.timeout(300_000);
    const file = repositoryPath('test', 'vectors', 'wycheproof-ecdsa-secp256k1.json');
    const vectors: { tests: SignatureTest[] } = JSON.parse(await readFile(file, 'utf8'));
    assert.equal(vectors.tests.length, 234);
    const program = await committedProgram('ecdsa');
    for (const { id, comment, key, message, signature, valid } of vectors.tests) {
      const publicInput = concatBytes(
        sha256(hexToBytes(message)),
        hexToBytes(signature),
        hexToBytes(key),
      );
      const [verdict] = await journalOf(program, { publicInput });
      assert.equal(verdict, valid ? 1 : 0, `test ${id}: ${comment}`);
    }
  });
});
