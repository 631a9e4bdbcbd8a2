import assert from 'node:assert/strict';
import { importsOf, importViolations, ROOMS, readSources } from './tools/architecture.ts';
import { repositoryPath } from './tools/paths.ts';

describe('architecture', () => {
  const sources = readSources(repositoryPath());

  it('has no import against the order of the rooms', () => {
    assert.deepEqual(importViolations(sources), []);
  });

  it('reads the sources of the rooms and their imports', () => {
    const files = [...sources.keys()];
    for (const file of ['vm/index.ts', 'vm/execute.ts', 'api/cli/main.ts', 'bench/main.ts']) {
      assert.ok(files.includes(file), file);
    }
    assert.ok(files.some((file) => file.startsWith('verifier/src/')));
    assert.ok(importsOf(sources.get('api/cli/main.ts') ?? '').includes('./exit-code.ts'));
    const all = files.flatMap((file) => importsOf(sources.get(file) ?? ''));
    assert.ok(all.length > files.length);
  });

  const planted: readonly [file: string, source: string][] = [
    ['verifier/src/verify.ts', "import { loadProgram } from '../../vm/index.ts';"],
    ['verifier/src/verify.ts', "import { readFileSync } from 'node:fs';"],
    ['verifier/src/verify.ts', "import express from 'express';"],
    ['verifier/src/verify.ts', "import type { A } from '@noble/curves';"],
    ['verifier/src/verify.ts', "import { a } from '@noble/hashes-of-somebody-else';"],
    ['verifier/src/verify.ts', "const fs = await import('node:fs');"],
    ['verifier/src/verify.ts', "const fs = require('fs');"],
    ['verifier/src/verify.ts', "export * from '../../prover/prove.ts';"],
    ['vm/execute.ts', "import {\n  verify,\n  other,\n} from '../verifier/src/index.ts';"],
    ['vm/execute.ts', "import { prove } from '../prover/index.ts';"],
    ['vm/execute.ts', "import { compileGuest } from '../guests/compile.ts';"],
    ['vm/kernel/interpreter.ts', "import { x } from '../../trace-arith/chips';"],
    ['vm/execute.ts', "import { verify } from '@vouch/verifier';"],
    ['trace-arith/chips.ts', "import { prove } from '../prover/index.ts';"],
    ['prover/prove.ts', "import { execute } from '../vm/index.ts';"],
    ['prover/prove.ts', "import type { Program } from '../vm/program.ts';"],
    ['prover/prove.ts', "import '../api/index.ts';"],
    ['guests/build.ts', "import { execute } from '../api/index.ts';"],
    ['api/cli/run.ts', "import { Machine } from '../../vm/machine.ts';"],
    ['api/jobs.ts', "import { commit } from '../prover/commit.ts';"],
    ['api/cli/run.ts', "import { main } from '../../bench/main.ts';"],
    ['bench/main.ts', "import { Machine } from '../vm/machine.ts';"],
    ['bench/main.ts', "import { createReporter } from '../api/cli/reporter.ts';"],
    ['bench/main.ts', "import { tool } from '../test/tools/tools.ts';"],
  ];
  for (const [file, source] of planted) {
    it(`refuses ${source.replace(/\s+/g, ' ')} in ${file}`, () => {
      assert.equal(importViolations(new Map([[file, source]])).length, 1);
    });
  }

  const allowed: readonly [file: string, source: string][] = [
    ['verifier/src/verify.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['verifier/src/verify.ts', "import { field } from './field.ts';"],
    ['verifier/src/verify.ts', "/**\n * import { readFile } from 'node:fs';\n */"],
    ['vm/load.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['vm/kernel.ts', "import { readFileSync } from 'node:fs';"],
    ['trace-arith/fill.ts', "import type { Segment } from '../vm/segment.ts';"],
    ['prover/prove.ts', "import { compile } from '../trace-arith/compile.ts';"],
    ['api/cli/build.ts', "import { compileGuest } from '../../guests/compile.ts';"],
    ['api/cli/run.ts', "import { execute } from '../../vm/index.ts';"],
    ['bench/main.ts', "import { execute } from '../api/index.ts';"],
    ['test/vm/machine.test.ts', "import { Machine } from '../../vm/machine.ts';"],
  ];
  for (const [file, source] of allowed) {
    it(`accepts ${source.replace(/\s+/g, ' ')} in ${file}`, () => {
      assert.deepEqual(importViolations(new Map([[file, source]])), []);
    });
  }

  it('covers every folder of sources', () => {
    assert.deepEqual(Object.keys(ROOMS).sort(), [
      'api',
      'bench',
      'guests',
      'prover',
      'trace-arith',
      'verifier',
      'vm',
    ]);
  });
});
