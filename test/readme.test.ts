import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryPath } from './tools/paths.ts';

const GENERATED = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** Paths of the repository's Markdown files, relative to its root. */
function markdownFiles(folder = ''): string[] {
  return readdirSync(repositoryPath(folder), { withFileTypes: true }).flatMap((entry) => {
    if (GENERATED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

describe('README.md', () => {
  const readme = readFileSync(repositoryPath('README.md'), 'utf8');

  it('has an example that runs as it stands', () => {
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
    assert.ok(example.includes("from 'vouch'"));
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', example], {
      cwd: repositoryPath(),
      encoding: 'utf8',
    });
    assert.match(output, /^\{ kind: 'exit', code: 0 \} \d+$/m);
    assert.match(output, /^[0-9a-f]{64} Hello, Ada!$/m);
  });

  it('shows what the first command prints', () => {
    const [, shown = ''] = /```\n(The program guests[\s\S]*?)```/.exec(readme) ?? [];
    const { scripts } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8'));
    const [, ...parameters] = (scripts.start as string).split(' ');
    const { stdout, stderr } = spawnSync(process.execPath, parameters, {
      cwd: repositoryPath(),
      encoding: 'utf8',
    });
    const withoutMeasures = (text: string): string =>
      text.replace(/[\d.]+ (m?s|KiB|thread)s?\b/g, (_, unit: string) => `some ${unit}`);
    const printed = new Set(withoutMeasures(stdout + stderr).split('\n'));
    const lines = withoutMeasures(shown)
      .split('\n')
      .filter((line) => line !== '' && line !== '...');
    assert.ok(lines.length >= 10);
    for (const line of lines) assert.ok(printed.has(line), line);
  });
});

describe('Markdown files', () => {
  it('link to files that exist', () => {
    const files = markdownFiles();
    assert.ok(files.includes('README.md') && files.includes(join('vm', 'README.md')));
    const broken = files.flatMap((file) => {
      const links = readFileSync(repositoryPath(file), 'utf8').matchAll(/\]\(([^)\s#]+)[^)]*\)/g);
      return [...links]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(repositoryPath(dirname(file), link)))
        .map((link) => `${file}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });
});
