/** No check of the verifier can be taken out without a test that notices. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPath } from '../tools/paths.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';

/** What a failing check does: it throws. */
const THROW = /\bthrow (?=new VerificationError)/g;

/** Tests of the verifier on small machines, those that notice most first. */
const TESTS = [
  'verifier/receipt-shapes',
  'verifier/verify',
  'verifier/verify-stream',
  'verifier/decode',
  'verifier/merkle',
  'verifier/machine',
  'verifier/transcript',
  'verifier/polynomials',
  'verifier/quintic',
  'verifier/koala-bear',
  'verifier/statement',
  'soundness/exact-checks',
  'soundness/lying-prover',
  'verifier/receipt-mutations',
];

interface Site {
  readonly file: string;
  readonly index: number;
  /** The file and what the error says, with a number if the file says it twice. */
  readonly name: string;
}

/** What each check of a source says when it fails. */
function checksOf(source: string): string[] {
  const seen = new Map<string, number>();
  return [...source.matchAll(THROW)].map(({ index }) => {
    const [, check, message] = TEXT.exec(source.slice(index)) ?? [];
    const text = `${check}, ${message}`;
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 1 ? text : `${text} (${times})`;
  });
}
const TEXT = /^throw new VerificationError\(\s*'?([^',]+)'?,\s*['`]?([^'`,)]+)/;

/** The source without its check number `index`: the error is made, but not thrown. */
function withoutCheck(source: string, index: number): string {
  let seen = 0;
  return source.replace(THROW, (found) => (seen++ === index ? 'void ' : found));
}

const sourceOf = (file: string): string =>
  readFileSync(repositoryPath('verifier', 'dist', file), 'utf8');

/** The built tests beside a verifier that can be changed; the rest is the repository's. */
class Copy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vouch-verifier-'));

  constructor() {
    cpSync(repositoryPath('dist'), join(this.#folder, 'dist'), { recursive: true });
    cpSync(repositoryPath('verifier'), join(this.#folder, 'verifier'), { recursive: true });
    for (const name of ['test', 'package.json']) {
      symlinkSync(repositoryPath(name), join(this.#folder, name));
    }
    mkdirSync(join(this.#folder, 'node_modules', '@vouch'), { recursive: true });
    for (const name of readdirSync(repositoryPath('node_modules'))) {
      if (name === '@vouch') continue;
      symlinkSync(repositoryPath('node_modules', name), join(this.#folder, 'node_modules', name));
    }
    symlinkSync(join(this.#folder, 'verifier'), join(this.#folder, 'node_modules/@vouch/verifier'));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Whether the tests pass with this source in the place of a file of the verifier. */
  async passes(file: string, source: string): Promise<boolean> {
    const place = join(this.#folder, 'verifier', 'dist', file);
    writeFileSync(place, source);
    try {
      const tests = TESTS.map((test) => join(this.#folder, 'dist', 'test', `${test}.test.js`));
      const mocha = repositoryPath('node_modules', 'mocha', 'bin', 'mocha.js');
      const flags = ['--no-config', '--bail', '--timeout', '300000', '--reporter', 'dot'];
      const env = { ...process.env, VOUCH_SLOW: '0' };
      const child = spawn(process.execPath, [mocha, ...flags, ...tests], { env, stdio: 'ignore' });
      return (await new Promise((resolve) => child.on('close', resolve))) === 0;
    } finally {
      writeFileSync(place, sourceOf(file));
    }
  }
}

const sites: readonly Site[] = readdirSync(repositoryPath('verifier', 'dist'))
  .filter((file) => file.endsWith('.js'))
  .flatMap((file) =>
    checksOf(sourceOf(file)).map((text, index) => ({ file, index, name: `${file}: ${text}` })),
  );

describe('the checks of the verifier', function () {
  this.timeout(7_200_000);
  let copy: Copy;
  before(() => {
    copy = new Copy();
  });
  after(() => copy.remove());

  it('can be taken out one by one', () => {
    assert.ok(sites.length > 50, `${sites.length} checks`);
    assert.equal(new Set(sites.map(({ name }) => name)).size, sites.length);
    const [first, second] = ['new VerificationError(1);', 'new VerificationError(2);'];
    const source = `throw ${first} throw new RangeError(); throw ${second}`;
    assert.equal(checksOf(source).length, 2);
    assert.equal(withoutCheck(source, 1), `throw ${first} throw new RangeError(); void ${second}`);
  });

  it('are each noticed when they are gone', async () => {
    // All with VOUCH_SLOW=1; otherwise the first of the trees.
    const few = sites.filter(({ file }) => file === 'merkle.js').slice(0, 1);
    const unnoticed: string[] = [];
    for (const { file, index, name } of isSlowRun ? sites : few) {
      const passes = await copy.passes(file, withoutCheck(sourceOf(file), index));
      if (passes) unnoticed.push(name);
    }
    if (isSlowRun) assert.ok(await copy.passes('merkle.js', sourceOf('merkle.js')));
    assert.deepEqual(unnoticed, []);
  });
});
