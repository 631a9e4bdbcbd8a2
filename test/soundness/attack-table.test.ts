/** The table of attacks in the README names tests that exist. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../tools/paths.ts';

/** Least length of the words of a title: fewer would be found anywhere. */
const LEAST_WORDS = 10;

const readme = readFileSync(repositoryPath('test', 'soundness', 'README.md'), 'utf8');
const rows = readme
  .slice(readme.indexOf('## Attacks and their tests'), readme.indexOf('## Checks taken out'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| ?|\|$/g, '').trim()));

interface Reference {
  readonly file: string;
  readonly title: string;
}

/** Titles in quotes, each with the last file in front of it. */
function references(cell: string): Reference[] {
  let file = '';
  return [...cell.matchAll(/`([a-z0-9-]+\/[a-z0-9-]+)`|"([^"]+)"/g)].flatMap(([, path, title]) => {
    file = path ?? file;
    return title === undefined ? [] : [{ file, title }];
  });
}

/** Whether a file has a string that contains the words; titles may be templates. */
function hasTitle(source: string, words: string): boolean {
  return source.split('\n').some((line) => {
    const at = line.indexOf(words);
    return at > 0 && /['"`]/.test(line.slice(0, at));
  });
}

describe('the table of attacks', () => {
  it('has the classes 1 to 32, each once and in order', () => {
    const numbers = rows.flatMap(([name = '']) => /^[A-G]([0-9]+)$/.exec(name)?.[1] ?? []);
    assert.deepEqual(
      numbers,
      Array.from({ length: 32 }, (_, i) => `${i + 1}`),
    );
    assert.ok(rows.length > 40 && rows.every((cells) => cells.length === 3));
  });

  it('has a test or a reason for each attack', () => {
    const bare = rows.filter(([, , tests = '']) => tests.length < LEAST_WORDS);
    assert.deepEqual(bare, []);
  });

  for (const [name = '', attack = '', tests = ''] of rows) {
    const found = references(tests);
    if (found.length === 0) continue;
    it(`names tests that exist: ${name === '' ? attack : name}`, () => {
      for (const { file, title } of found) {
        const path = repositoryPath('test', `${file}.test.ts`);
        assert.ok(existsSync(path), path);
        assert.ok(title.length >= LEAST_WORDS, title);
        assert.ok(hasTitle(readFileSync(path, 'utf8'), title), `${file}: ${title}`);
      }
    });
  }
});
