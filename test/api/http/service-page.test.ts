import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OPERATIONS } from '../../../api/http/operations.ts';
import { repositoryPath } from '../../tools/paths.ts';

describe('docs/service.md', () => {
  const page = readFileSync(repositoryPath('docs', 'service.md'), 'utf8');

  it('has the operations of the document', () => {
    const rows = OPERATIONS.map(({ method, path, scope, summary }) => {
      const route = `\`${method.toUpperCase()} ${path}\``;
      return `| ${route} | ${scope === undefined ? '' : `\`${scope}\``} | ${summary} |\n`;
    });
    const head = '| operation | scope | does |\n| --- | --- | --- |\n';
    assert.ok(page.includes(`\n${head}${rows.join('')}\n`), `expected\n${rows.join('')}`);
  });

  it('has the figures that the server has', () => {
    const metrics = readFileSync(repositoryPath('api', 'http', 'metrics.ts'), 'utf8');
    const names = [...metrics.matchAll(/'(vouch_\w+)'/g)].map(([, name]) => name ?? '');
    assert.ok(names.length > 5);
    for (const name of names) assert.ok(page.includes(`\`${name}\``), name);
  });
});
