import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '../../../api/http/openapi.ts';
import { OPERATIONS } from '../../../api/http/operations.ts';
import { anchor, PROBLEM_CODES } from '../../../api/http/problem.ts';
import { SCHEMAS } from '../../../api/http/schemas.ts';
import { repositoryPath } from '../../tools/paths.ts';

describe('The OpenAPI document', () => {
  const document = openApiDocument('1.2.3');

  it('is one of version 3.1, by the schema of its specification', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    const broken = { ...structuredClone(document), paths: { '/x': { get: { responses: 7 } } } };
    assert.equal((await new Validator().validate(broken)).valid, false);
  });

  it('has no schema that nothing refers to, and no reference to nothing', () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    // The events of a stream are named in words: OpenAPI 3.1 has no schema for them.
    referred.push('JobEvent');
    assert.deepEqual([...new Set(referred)].sort(), Object.keys(SCHEMAS).sort());
  });

  it('has ids and paths of operations that are all different', () => {
    assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length);
    const routes = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    assert.equal(new Set(routes).size, routes.length);
  });

  it('names every parameter of a path', () => {
    for (const { id, path, parameters = [] } of OPERATIONS) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = parameters.filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        named.map(({ name }) => name),
        inPath,
        id,
      );
    }
  });

  it('has problems that docs/errors.md explains', () => {
    const errors = readFileSync(repositoryPath('docs/errors.md'), 'utf8');
    const codes = PROBLEM_CODES.filter((code) => /^(http|auth)\//.test(code));
    assert.ok(codes.length > 10);
    for (const code of codes) assert.ok(errors.includes(`\n## ${anchor(code)}\n`), code);
  });
});
