import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from './tools/paths.ts';

const read = (...path: string[]): string => readFileSync(repositoryPath(...path), 'utf8');
const { bin } = JSON.parse(read('package.json')) as { bin: { vouch: string } };

describe('deploy/', () => {
  const files = ['Containerfile', 'compose.yaml', 'vouch.service'];

  for (const file of files) {
    it(`${file} sets variables that the configuration has`, () => {
      const documented = read('docs', 'configuration.md');
      const names = read('deploy', file).match(/\b(VOUCH_[A-Z_]+|DATABASE_URL|QUEUE_URL)\b/g) ?? [];
      assert.ok(names.length > 0);
      for (const name of names) assert.ok(documented.includes(`\`${name}\``), name);
    });
  }

  it('starts the command of package.json', () => {
    for (const file of files.filter((name) => name !== 'compose.yaml')) {
      assert.ok(read('deploy', file).includes(bin.vouch), file);
    }
  });

  it('copies what the build makes', () => {
    const copied = [...read('deploy', 'Containerfile').matchAll(/^COPY --from=build (\S+)/gm)];
    assert.ok(copied.length >= 5);
    for (const [, path = ''] of copied) {
      assert.ok(existsSync(repositoryPath(path.replace('/vouch/', ''))), path);
    }
  });
});
