import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { chipSummaries, chipTable } from '../../trace-arith/chip-table.ts';
import { machine } from '../../trace-arith/index.ts';
import { repositoryPath } from '../tools/paths.ts';

const { constraintProgram } = machine();

describe('the README of trace-arith', () => {
  it('has the table of the chips as they are', async () => {
    const readme = await readFile(repositoryPath('trace-arith', 'README.md'), 'utf8');
    assert.ok(readme.includes(chipTable(constraintProgram)));
  });

  it('names every test of the room', async () => {
    const readme = await readFile(repositoryPath('trace-arith', 'README.md'), 'utf8');
    const { readdir } = await import('node:fs/promises');
    const files = await readdir(repositoryPath('test', 'trace-arith'));
    const tests = files.filter((file) => file.endsWith('.test.ts') && file !== 'readme.test.ts');
    for (const file of tests) assert.ok(readme.includes(`\`${file.slice(0, -8)}\``), file);
  });
});

describe('the chips', () => {
  it('have constraints of degree 4 and messages of degree 2 at most', () => {
    for (const { name, constraintDegree, messageDegree } of chipSummaries(constraintProgram)) {
      assert.ok(constraintDegree <= 4 && messageDegree <= 2, name);
    }
  });
});
