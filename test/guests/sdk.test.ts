import { strict as assert } from 'node:assert';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  CompileError,
  type CompilerKind,
  compileGuest,
  findCompiler,
} from '../../guests/compile.ts';
import { execute } from '../../vm/execute.ts';
import { loadProgram } from '../../vm/load.ts';
import { DATA_START, READ_ONLY_START } from '../../vm/memory-map.ts';
import { compiledProgram, journalOf, someBytes, withFolder } from './support.ts';

const KINDS: readonly CompilerKind[] = ['gcc', 'clang'];
const OPTIMISATIONS = ['0', '2', 's'] as const;
const installed: CompilerKind[] = [];
for (const kind of KINDS) {
  const found = await findCompiler(kind).catch(() => undefined);
  if (found !== undefined) installed.push(kind);
}

for (const compiler of installed) {
  describe(`The SDK compiled by ${compiler}`, () => {
    for (const optimisation of OPTIMISATIONS) {
      it(`has memory functions that agree with byte loops, at -O${optimisation}`, async () => {
        await journalOf(await compiledProgram('memory', { compiler, optimisation }), {});
      });

      it(`gives out sound memory, at -O${optimisation}`, async () => {
        await journalOf(await compiledProgram('heap', { compiler, optimisation }), {});
      });

      it(`writes a journal in pieces of any size and alignment, at -O${optimisation}`, async () => {
        const program = await compiledProgram('journal', { compiler, optimisation });
        const pieces = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 8 });
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 0, max: 500 }), pieces, async (length, sizes) => {
            const privateInput = someBytes(length, length + 1);
            const publicInput = Uint8Array.from(sizes);
            assert.deepEqual(
              await journalOf(program, { privateInput, publicInput }, 7),
              privateInput,
            );
          }),
          { numRuns: 60 },
        );
      });

      it(`computes with 64-bit integers, at -O${optimisation}`, async () => {
        const program = await compiledProgram('integers', { compiler, optimisation });
        const numbers = interestingNumbers();
        const pairs = numbers.flatMap((a) => numbers.map((b) => [a, b] as const));
        const privateInput = bytesOf(pairs.flat());
        const expected = bytesOf(pairs.flatMap(([a, b]) => resultsOf(a, b)));
        assert.deepEqual(await journalOf(program, { privateInput }), expected);
      });
    }

    it('prints through the host, whatever the types', async () => {
      const program = await compiledProgram('messages', { compiler });
      const printed: string[] = [];
      await journalOf(program, { onDebug: (text) => printed.push(text) }, 3);
      assert.equal(printed.join(''), 'text: -5 7 123456789abcdef x%\n');
    });

    it('prints nothing with VOUCH_NO_DEBUG', async () => {
      const program = await compiledProgram('messages', {
        compiler,
        defines: { VOUCH_NO_DEBUG: true },
      });
      const printed: string[] = [];
      await journalOf(program, { onDebug: (text) => printed.push(text) }, 3);
      assert.deepEqual(printed, []);
    });

    it('tells the reason of an abort and keeps the journal', async () => {
      const program = await compiledProgram('messages', { compiler });
      const aborted = await execute(program, { privateInput: new TextEncoder().encode('a') });
      const reason = 'abort() was called';
      assert.deepEqual(aborted.outcome, { kind: 'exit', code: 134, reason });
      assert.equal(new TextDecoder().decode(aborted.journal), 'abcde');
      const failed = await execute(program, { privateInput: new TextEncoder().encode('f') });
      assert(failed.outcome.kind === 'exit');
      assert.match(
        failed.outcome.reason ?? '',
        /messages\.c:\d+: main: assertion `size == 2' failed/,
      );
    });

    it('exits with the code given to exit', async () => {
      const program = await compiledProgram('messages', { compiler });
      const { outcome } = await execute(program, { privateInput: new TextEncoder().encode('e') });
      assert.deepEqual(outcome, { kind: 'exit', code: 0xfffffffd });
    });

    it('gives the same bytes wherever the sources lie', async () => {
      const source =
        '#include "vouch.h"\nint main(void) { assert(sizeof __FILE__ > 0); abort(); }\n';
      const build = (folder: string): Promise<Buffer> =>
        withFolder(async (parent) => {
          const output = join(parent, 'guest.elf');
          await writeFile(join(folder, 'guest.c'), source);
          await compileGuest({ sources: ['guest.c'], output, compiler, folder });
          return readFile(output);
        });
      assert.deepEqual(await withFolder(build), await withFolder(build));
    });

    it('places code, constants and data in their regions', async () => {
      const program = await compiledProgram('memory', { compiler });
      assert.equal(program.entry, READ_ONLY_START);
      assert.equal(program.code.start, READ_ONLY_START);
      assert(program.readOnly.every(({ address }) => address < DATA_START));
      assert(program.imageEnd >= DATA_START);
      assert(program.symbols.functions.some(({ name }) => name === 'memcpy'));
    });

    it('shows the compiler’s message for a wrong source', async () => {
      const rejected = compileSource('int main(void) { return nothing; }', compiler);
      await assert.rejects(rejected, (error) => {
        assert(error instanceof CompileError);
        assert.equal(error.code, 'compiler/failed');
        assert.match(error.output, /guest\.c:1:\d+: error: .*nothing/);
        return true;
      });
    });

    it('refuses constructors, which it would not run', async () => {
      const source =
        'volatile int x;\n__attribute__((constructor)) void early(void) { x = 1; }\nint main(void) {}\n';
      await assert.rejects(compileSource(source, compiler), /constructors/);
    });
  });
}

describe('compileGuest', () => {
  it('says what to install when there is no compiler', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      await assert.rejects(findCompiler(), (error) => {
        assert(error instanceof CompileError);
        assert.equal(error.code, 'compiler/missing');
        assert.match(error.remedy, /apt install gcc-riscv64-unknown-elf/);
        return true;
      });
    } finally {
      process.env.PATH = path;
    }
  });
});

/** Compiles a text and loads the result. */
async function compileSource(source: string, compiler: CompilerKind): Promise<void> {
  await withFolder(async (folder) => {
    await writeFile(join(folder, 'guest.c'), source);
    const output = join(folder, 'guest.elf');
    await compileGuest({ sources: ['guest.c'], output, compiler, folder });
    loadProgram(new Uint8Array(await readFile(output)));
  });
}

/** Ends of ranges, neighbours of powers of two, a few others. */
function interestingNumbers(): bigint[] {
  const powers = [0n, 1n, 5n, 31n, 32n, 33n, 62n, 63n].map((exponent) => 1n << exponent);
  const near = powers.flatMap((power) => [power - 1n, power, power + 1n, -power]);
  const others = [10n, 1000000007n, 0x123456789abcdefn, 0xfedcba9876543210n];
  return [...new Set([...near, ...others].map((number) => BigInt.asUintN(64, number)))];
}

/** What `integers.c` writes for a pair. */
function resultsOf(a: bigint, b: bigint): bigint[] {
  const amount = b % 64n;
  const signedA = BigInt.asIntN(64, a);
  const signedB = BigInt.asIntN(64, b);
  const results = [a * b, a << amount, a >> amount, signedA >> amount];
  if (b === 0n) return results;
  results.push(a / b, a % b);
  if (signedA === -(2n ** 63n) && signedB === -1n) return results;
  return [...results, signedA / signedB, signedA % signedB];
}

function bytesOf(numbers: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  numbers.forEach((number, i) => {
    view.setBigUint64(8 * i, BigInt.asUintN(64, number), true);
  });
  return new Uint8Array(view.buffer);
}
