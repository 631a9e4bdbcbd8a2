import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { ElfError, LimitError, OptionError } from '../../vm/errors.ts';
import { repositoryPath } from '../tools/paths.ts';

function matches(path: string, pattern: RegExp): string[] {
  const text = readFileSync(repositoryPath(path), 'utf8');
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

describe('docs/errors.md', () => {
  const sections = matches('docs/errors.md', /^## (.*)$/gm);

  it('has one section for each error code, and no other', () => {
    const code = /'((?:elf|limit|option|compiler|prove)\/[a-z-]+)'/g;
    const codes = new Set([
      ...matches('vm/errors.ts', code),
      ...matches('guests/compile.ts', code),
      ...matches('api/proving/errors.ts', code),
    ]);
    assert.ok(codes.size >= 26);
    const expected = [...codes].map((name) => name.replace('/', '-'));
    assert.deepEqual([...sections].sort(), expected.sort());
  });

  it('is where errors point to', () => {
    const errors = [
      new ElfError('elf/segment-address', 'p_vaddr[0]', 0, 'problem', 'remedy'),
      new LimitError('limit/public-input', 1, 'message', 'remedy'),
      new OptionError('limits.cycles', 0, 'more'),
    ];
    for (const error of errors) {
      const [path, anchor = ''] = error.docs.split('#');
      assert.equal(path, 'docs/errors.md');
      assert.ok(sections.includes(anchor), error.docs);
    }
  });
});
