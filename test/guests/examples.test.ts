import { strict as assert } from 'node:assert';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { fnv1a32 } from '../../guests/manifest.ts';
import type { Program } from '../../vm/program.ts';
import { abortReason, committedProgram, journalOf, someBytes } from './support.ts';

/** Little-endian words. */
function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

describe('hello', () => {
  it('greets any name, and nobody', async () => {
    const program = await committedProgram('hello');
    for (const name of ['Vouch', '', 'Zoë', 'x'.repeat(1001)]) {
      const privateInput = utf8ToBytes(name);
      const journal = await journalOf(program, { privateInput });
      const expected = `Hello, ${name}!\n${fnv1a32(privateInput)}\n`;
      assert.equal(new TextDecoder().decode(journal), expected);
    }
  });

  it('prints for debugging only through the host', async () => {
    const program = await committedProgram('hello');
    const printed: string[] = [];
    const onDebug = (text: string): number => printed.push(text);
    await journalOf(program, { privateInput: new Uint8Array(12), onDebug });
    assert.equal(printed.join(''), 'the private input has 12 bytes\n');
  });
});

describe('fibonacci', () => {
  it('gives the first terms and those beyond 2^32 reduced', async () => {
    const program = await committedProgram('fibonacci');
    let [current, next] = [0n, 1n];
    for (let n = 0; n <= 60; n++) {
      const journal = await journalOf(program, { publicInput: words(n) });
      assert.deepEqual(journal, words(Number(current % 2n ** 32n)));
      [current, next] = [next, current + next];
    }
  });

  it('says which assertion a short input fails', async () => {
    const program = await committedProgram('fibonacci');
    const reason = await abortReason(program, { publicInput: new Uint8Array(3) });
    const expected =
      /^guests\/fibonacci\/main\.c:\d+: main: assertion `size == sizeof\(uint32_t\)' failed$/;
    assert.match(reason, expected);
  });
});

/** Every length around the ends of blocks, and a few more. */
function lengthsAround(block: number): number[] {
  const near = [0, 1, 2, 3].flatMap((k) => [-9, -8, -1, 0, 1].map((d) => k * block + d));
  return [...near.filter((length) => length >= 0), 4, 7, 1000];
}

describe('sha256', () => {
  const known: readonly (readonly [string, string])[] = [
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ];

  it('gives the digests of NIST’s examples for FIPS 180-4', async () => {
    const program = await committedProgram('sha256');
    for (const [message, digest] of known) {
      const journal = await journalOf(program, { privateInput: utf8ToBytes(message) });
      assert.equal(bytesToHex(journal), digest);
    }
  });

  it('agrees with another implementation at every kind of length', async () => {
    const program = await committedProgram('sha256');
    for (const length of lengthsAround(64)) {
      const privateInput = someBytes(length, length);
      assert.deepEqual(await journalOf(program, { privateInput }), sha256(privateInput));
    }
  });
});

describe('keccak256', () => {
  it('gives the digests known from Ethereum', async () => {
    const program = await committedProgram('keccak256');
    const empty = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';
    assert.equal(bytesToHex(await journalOf(program, {})), empty);
    const transfer = await journalOf(program, {
      privateInput: utf8ToBytes('transfer(address,uint256)'),
    });
    assert.equal(bytesToHex(transfer.subarray(0, 4)), 'a9059cbb');
  });

  it('agrees with another implementation at every kind of length', async () => {
    const program = await committedProgram('keccak256');
    for (const length of lengthsAround(136)) {
      const privateInput = someBytes(length, length);
      assert.deepEqual(await journalOf(program, { privateInput }), keccak_256(privateInput));
    }
  });
});

describe('sha2-chain', () => {
  it('hashes as often as it is told, also not at all', async () => {
    const program = await committedProgram('sha2-chain');
    const seed = someBytes(32);
    let digest = seed;
    for (let n = 0; n < 4; n++) {
      const publicInput = concatBytes(words(n), seed);
      assert.deepEqual(await journalOf(program, { publicInput }), digest);
      digest = sha256(digest);
    }
  });
});

describe('bubble-sort', () => {
  it('sorts any words', async () => {
    const program = await committedProgram('bubble-sort');
    const anyWords = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(anyWords, async (values) => {
        const journal = await journalOf(program, { privateInput: words(...values) });
        assert.deepEqual(journal, words(...values.toSorted((a, b) => a - b)));
      }),
      { numRuns: 30 },
    );
  });
});

describe('sudoku', () => {
  const puzzle =
    '530070000600195000098000060800060003400803001700020006060000280000419005000080079';
  const solution =
    '534678912672195348198342567859761423426853791713924856961537284287419635345286179';

  async function verdict(program: Program, given: string, answer: string, code: number) {
    const publicInput = utf8ToBytes(given);
    const journal = await journalOf(
      program,
      { publicInput, privateInput: utf8ToBytes(answer) },
      code,
    );
    return new TextDecoder().decode(journal);
  }

  it('accepts a solution and shows the puzzle only', async () => {
    const program = await committedProgram('sudoku');
    assert.equal(await verdict(program, puzzle, solution, 0), `${puzzle}\nsolved\n`);
  });

  it('refuses what is complete but solves another puzzle', async () => {
    const program = await committedProgram('sudoku');
    const other = solution.replace(/[12]/g, (digit) => (digit === '1' ? '2' : '1'));
    assert.equal(await verdict(program, puzzle, other, 1), `${puzzle}\nnot solved\n`);
  });

  it('refuses every change of one cell', async () => {
    const program = await committedProgram('sudoku');
    for (let cell = 0; cell < 81; cell++) {
      const changed = (Number(solution[cell]) % 9) + 1;
      const wrong = `${solution.slice(0, cell)}${changed}${solution.slice(cell + 1)}`;
      assert.equal(await verdict(program, puzzle, wrong, 1), `${puzzle}\nnot solved\n`);
    }
  });

  it('refuses rows that are right where columns or boxes are not', async () => {
    const program = await committedProgram('sudoku');
    const blank = '0'.repeat(81);
    const sameRows = '123456789'.repeat(9);
    const shifted = Array.from({ length: 9 }, (_, i) => '123456789123456789'.slice(i, i + 9));
    assert.equal(await verdict(program, blank, sameRows, 1), `${blank}\nnot solved\n`);
    assert.equal(await verdict(program, blank, shifted.join(''), 1), `${blank}\nnot solved\n`);
    assert.equal(await verdict(program, blank, solution, 0), `${blank}\nsolved\n`);
  });

  it('refuses answers that are too short, unfinished or no digits', async () => {
    const program = await committedProgram('sudoku');
    for (const answer of [
      '',
      solution.slice(1),
      `${solution}1`,
      puzzle,
      solution.replace('5', ':'),
    ]) {
      assert.equal(await verdict(program, puzzle, answer, 1), `${puzzle}\nnot solved\n`);
    }
  });

  it('exits with 2 if the puzzle is none', async () => {
    const program = await committedProgram('sudoku');
    for (const given of ['', puzzle.slice(1), puzzle.replace('3', 'x')]) {
      assert.equal(await verdict(program, given, solution, 2), '');
    }
  });
});

/** The modulus of secp256k1's field. */
const P = 2n ** 256n - 2n ** 32n - 977n;

/** The verdict about hash, r, s and the key's x and y. */
async function verify(program: Program, ...fields: readonly bigint[]): Promise<number | undefined> {
  const hex = fields.map((number) => number.toString(16).padStart(64, '0')).join('');
  const [verdict] = await journalOf(program, { publicInput: hexToBytes(hex) });
  return verdict;
}

describe('ecdsa', () => {
  it('needs exactly 160 bytes', async () => {
    const program = await committedProgram('ecdsa');
    for (const length of [0, 159, 161]) {
      const reason = await abortReason(program, { publicInput: new Uint8Array(length) });
      assert.match(reason, /assertion `size == sizeof\(signature_t\)' failed$/);
    }
  });

  it('refuses numbers out of range and keys off the curve', async () => {
    const program = await committedProgram('ecdsa');
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    // The discrete logarithm of the key is 1, so r = s = x makes a hash of 0 valid.
    const x = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
    const y = 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n;
    assert.equal(await verify(program, 0n, x, x, x, y), 1);
    assert.equal(await verify(program, n, x, x, x, y), 1, 'the hash is taken modulo n');
    assert.equal(await verify(program, 0n, x, n - x, x, y), 1, '(r, -s) is the same signature');
    assert.equal(await verify(program, 0n, x, x, x, P - y), 1, 'the negative key has the same x');
    for (const wrong of [0n, n, n + 1n, P, 2n ** 256n - 1n]) {
      assert.equal(await verify(program, 0n, wrong, x, x, y), 0);
      assert.equal(await verify(program, 0n, x, wrong, x, y), 0);
    }
    assert.equal(await verify(program, 1n, x, x, x, y), 0, 'another hash');
    assert.equal(await verify(program, n - x, x, x, x, y), 0, 'the sum is infinity');
    assert.equal(await verify(program, 0n, x, x, x, y + 1n), 0, 'off the curve');
    assert.equal(await verify(program, 0n, x, x, 0n, 0n), 0);
  });

  it('refuses coordinates that are not reduced modulo p', async () => {
    const program = await committedProgram('ecdsa');
    // Keys with a small coordinate. If r is the x coordinate of G + key, then hash = s = r is valid.
    const keys = [
      {
        x: 1n,
        y: 0x4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7een,
        r: 0x57d783579d03d9ab67a8aa7ad9b75a66ebca4ebce1b5be71442db1307f9146a8n,
      },
      {
        x: 0x1fe1e5ef3fceb5c135ab7741333ce5a6e80d68167653f6b2b24bcbcfaaaff507n,
        y: 1n,
        r: 0x663c42aaae1ba20a1f06879b77b9ef4de8f7f9a1b9b34a3e0fb2fd7343dc4229n,
      },
    ];
    for (const { x, y, r } of keys) {
      assert.equal(await verify(program, r, r, r, x, y), 1);
      const [largerX, largerY] = x === 1n ? [x + P, y] : [x, y + P];
      assert.equal(await verify(program, r, r, r, largerX, largerY), 0);
    }
  });

  it('accepts an r whose point has the x coordinate r + n', async () => {
    const program = await committedProgram('ecdsa');
    // Made by choosing R with x = n + 2 and the key (s R - hash G) / r for hash 9, s 3.
    const zeros = '0'.repeat(63);
    const key =
      'c749fd26a67240785deaa3927f31632467bbbccac3e9c4a73a84ddf342656ffc' +
      '598a4d21b27b9963d9a92ee9bcb62a75e5e4d284c779ec6b81a3737c7a6b142a';
    const publicInput = hexToBytes(`${zeros}9${zeros}2${zeros}3${key}`);
    assert.deepEqual([...(await journalOf(program, { publicInput }))], [1]);
  });
});
