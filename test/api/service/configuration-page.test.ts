import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { CONFIG_OPTIONS, type ConfigOption } from '../../../api/service/config.ts';
import { repositoryPath } from '../../tools/paths.ts';

describe('docs/configuration.md', () => {
  it('has a row for each setting, as the code has it', async () => {
    const page = await readFile(repositoryPath('docs', 'configuration.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const expected = Object.entries(CONFIG_OPTIONS).map(([key, option]) => row(key, option));
    assert.deepEqual(rows, expected);
  });
});

function row(
  key: string,
  { flag, variable, fallback, shownFallback, help, kind }: ConfigOption,
): string {
  const value = kind.placeholder === undefined ? '' : ` <${kind.placeholder}>`;
  const shown = shownFallback ?? `\`${fallback}\``;
  const flagText = `${flag}${value}`.replaceAll('|', '\\|');
  return `| \`${key}\` | \`${flagText}\` | \`${variable}\` | ${shown} | ${help} |`;
}
