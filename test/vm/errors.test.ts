import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { UsageError } from '../../api/cli/usage-error.ts';
import { ProveError, StepError, WorkDirectoryError } from '../../api/proving/errors.ts';
import { ProverError } from '../../prover/errors.ts';
import { FillError } from '../../trace-arith/index.ts';
import { ElfError, LimitError, OptionError } from '../../vm/errors.ts';
import { repositoryPath } from '../tools/paths.ts';

function matches(path: string, pattern: RegExp): string[] {
  const text = readFileSync(repositoryPath(path), 'utf8');
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

/** All sources of some folders. */
function sources(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
}

describe('docs/errors.md', () => {
  const sections = matches('docs/errors.md', /^## (.*)$/gm);
  const groups =
    'elf|limit|option|compiler|prove|trace|memory|pool|segment|work|step|usage|' +
    'auth|blob|client|config|http|idempotency|job|key|program|queue|quota|receipt|request|scope|' +
    'service|storage';
  /** Declared as keys of a table, or one by one. */
  const elsewhere =
    'option|compiler|usage|auth|blob|http|idempotency|job|key|program|queue|quota|receipt|request|' +
    'scope|service';
  const files = sources('vm', 'guests', 'trace-arith', 'prover', 'api');

  it('has one section for each error code, and no other', () => {
    const code = new RegExp(`'((?:${groups})/[a-z-]+)'`, 'g');
    const codes = new Set(files.flatMap((path) => matches(path, code)));
    const expected = [...codes].map((name) => name.replace('/', '-'));
    assert.deepEqual([...sections].sort(), expected.sort());
  });

  it('knows all groups of codes that the error classes declare', () => {
    const declared = files.flatMap((path) => matches(path, /^ {2}\| '([a-z]+)\/[a-z-]+'/gm));
    assert.deepEqual(
      [...new Set([...declared, ...elsewhere.split('|')])].sort(),
      groups.split('|').sort(),
    );
  });

  it('has codes only that something throws', () => {
    // Neither members of a type nor keys of a table; a template stands for all that it can make.
    const thrown = new RegExp(`(?<!^  \\| )['\`]((?:${groups})/[^'\`\\s]+)['\`](?!: )`, 'gm');
    const patterns = [...new Set(files.flatMap((path) => matches(path, thrown)))]
      .map((code) => code.replace('/', '-').replaceAll(/\$\{\w+\}/g, '[a-z]+'))
      .map((code) => new RegExp(`^${code}$`));
    const unused = sections.filter((name) => !patterns.some((pattern) => pattern.test(name)));
    assert.deepEqual(unused, []);
  });

  it('is where errors point to', () => {
    const errors = [
      new ElfError('elf/segment-address', 'p_vaddr[0]', 0, 'problem', 'remedy'),
      new LimitError('limit/public-input', 1, 'message', 'remedy'),
      new OptionError('limits.cycles', 0, 'more'),
      new FillError('trace/too-many-rows', 'problem'),
      new ProverError('pool/worker', 'message', 'remedy'),
      new ProveError('prove/trap', 'message', 'remedy'),
      new WorkDirectoryError('work/file', 'message', 'remedy'),
      new StepError('step/damaged', 'message'),
      new UsageError('usage/file', 'message', 'remedy'),
    ];
    for (const error of errors) {
      const [path, anchor = ''] = error.docs.split('#');
      assert.equal(path, 'docs/errors.md');
      assert.ok(sections.includes(anchor), error.docs);
      assert.ok(error.remedy.length > 0);
    }
  });
});

describe('verifier/README.md', () => {
  it('has one row or half of one for each check of the verifier, and no other', () => {
    const [, text = ''] = readFileSync(repositoryPath('verifier/README.md'), 'utf8').split(
      '\n## Checks\n',
    );
    const [table = ''] = text.split('\n## ');
    const explained = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([a-z]+\/[a-z-]+)`/g)].map(([, name]) => name),
    );
    const checks = matches('verifier/src/errors.ts', /^ {2}\| '([a-z]+\/[a-z-]+)'/gm);
    assert.ok(checks.length > 40);
    assert.deepEqual(explained.sort(), checks.sort());
  });
});
