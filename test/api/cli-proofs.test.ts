import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadProgram, programDigest, programId } from '../../api/index.ts';
import { finished, jsonLines, jsonResult, runCli, startCli } from '../tools/cli.ts';
import { callsElf, echoElf, exitElf, spinElf, trapElf } from '../tools/cli-programs.ts';

describe('vouch', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'vouch-proofs-'));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(path(name), bytes);
    return path(name);
  };
  const echo = write('echo.elf', echoElf());
  const receipt = path('echo.receipt');
  const quick = ['--security', 'S100'];
  const inputs = ['--public-input', 'text:four', '--private-input', 'text:Ada'];
  let id = '';

  before(async () => {
    id = await programId(echoElf());
    const run = await runCli(['prove', echo, ...inputs, ...quick, '-o', receipt]);
    assert.equal(run.code, 0, run.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe('prove', () => {
    it('prints the journal on stdout, and how to verify the receipt on stderr', async () => {
      const other = path('other.receipt');
      const run = await runCli(['prove', echo, ...inputs, ...quick, '-o', other]);
      assert.equal(run.stdout, 'fourAda\n');
      assert.match(run.stderr, /^prove: +0% execute\n[\s\S]*%\slogup\n[\s\S]*verify\n/m);
      assert.match(run.stderr, /prove: exit code 0, \d+ cycles in [\d.]+ s, \d+ threads?, \d+ MiB/);
      assert.match(run.stderr, /receipt: [\d.]+ KiB, 10\d\.\d provable bits, verified/);
      const [, command = ''] = /verify it: vouch (.*)\n/.exec(run.stderr) ?? [];
      assert.ok(command.includes(id));
      const verified = await runCli(command.split(' '));
      assert.equal(verified.code, 0, verified.stderr);
      assert.equal(verified.stdout, 'fourAda\n');
      assert.deepEqual(readFileSync(other), readFileSync(receipt));
    });

    it('writes the receipt to stdout, from where verify reads it', async () => {
      const run = await runCli(['prove', '-', ...inputs, ...quick, '-o', '-'], echoElf());
      assert.deepEqual(Buffer.from(run.bytes), readFileSync(receipt));
      const parameters = ['verify', '-', '--program', id, '--public-input=text:four'];
      const verified = await runCli([...parameters, '--min-security=100'], run.bytes);
      assert.equal(verified.stdout, 'fourAda\n');
    });

    it('prints progress and one result as JSON', async () => {
      const parameters = ['prove', echo, ...inputs, ...quick, '--threads=1', '--json'];
      const run = await runCli([...parameters, '--program-mode=program', '-o', path('j.receipt')]);
      const lines = jsonLines(run);
      const shares = lines.flatMap(({ type, done }) => (type === 'progress' ? [Number(done)] : []));
      assert.equal(shares[0], 0);
      assert.equal(
        shares.findIndex((share, i) => i > 0 && share < (shares[i - 1] ?? 0)),
        -1,
      );
      const { stages, milliseconds, peakBytes, securityBits, ...rest } = jsonResult(run);
      assert.ok(Number(milliseconds) > 0 && Number(peakBytes) > 2 ** 20);
      assert.ok(Number(securityBits) >= 100);
      assert.ok('logup' in (stages as object) && !('program' in (stages as object)));
      assert.equal(rest.programId, programDigest(loadProgram(echoElf())));
      assert.deepEqual([rest.ok, rest.exitCode, rest.threads], [true, 0, 1]);
      assert.deepEqual(rest.journal, { bytes: 7, hex: '666f7572416461', text: 'fourAda' });
      const bytes = readFileSync(path('j.receipt')).length;
      assert.deepEqual(rest.receipt, { bytes, file: path('j.receipt') });
    });

    it('proves segments at a time, with the receipt that they give one by one', async () => {
      const cut = [...inputs, ...quick, '--segment-cycles', '15'];
      const one = await runCli(['prove', echo, ...cut, '-o', path('one.receipt')]);
      assert.match(one.stderr, /\d+ cycles in [\d.]+ s, 2 segments/);
      const parallel = [...cut, '--threads=2', '--parallel-segments=2', '--json'];
      const two = await runCli(['prove', echo, ...parallel, '-o', path('two.receipt')]);
      assert.equal(jsonResult(two).segments, 2, two.stderr);
      assert.deepEqual(readFileSync(path('two.receipt')), readFileSync(path('one.receipt')));
      const wrong = await runCli(['prove', echo, ...parallel, '--parallel-segments=0', '-o', '-']);
      assert.equal(wrong.code, 2);
    });

    it('proves another exit code than 0, and ends with 4', async () => {
      const seven = path('seven.receipt');
      const elf = write('seven.elf', exitElf(7));
      const run = await runCli(['prove', elf, ...quick, '-o', seven]);
      assert.equal(run.code, 4);
      assert.match(run.stderr, /the guest exited with code 7\n/);
      const parameters = ['verify', seven, '--program', elf, '--min-security', '100'];
      const wrong = await runCli(parameters);
      assert.equal(wrong.code, 3);
      assert.match(wrong.stderr, /statement\/exit-code[\s\S]*give --exit-code 7/);
      assert.equal((await runCli([...parameters, '--exit-code', '7'])).code, 0);
    });

    it('ends with 4 and writes nothing when the guest traps', async () => {
      const elf = write('trap.elf', trapElf());
      const run = await runCli(['prove', elf, '-o', path('trap.receipt')]);
      assert.equal(run.code, 4);
      assert.match(run.stderr, /trapped \(null-pointer\)[\s\S]*instruction: sw a0, 8\(zero\)/);
      assert.ok(!existsSync(path('trap.receipt')));
      const json = await runCli(['prove', elf, '--json', '-o', path('trap.receipt')]);
      const { ok, exitCode, outcome } = jsonResult(json);
      assert.deepEqual([ok, exitCode], [false, 4]);
      assert.equal((outcome as { cause: string }).cause, 'null-pointer');
    });

    it('ends with 5 when a limit is reached', async () => {
      const spin = write('spin.elf', spinElf());
      const cases: readonly [string[], RegExp][] = [
        [[spin], /has not ended after 1073741824 cycles/],
        [[spin, '--max-cycles', '10k'], /10000 cycles[\s\S]*raise --max-cycles/],
        [
          [echo, '--max-prover-memory', '64M'],
          /needs about \d+ MiB of memory, --max-prover-memory allows 64 MiB/,
        ],
      ];
      for (const [parameters, expected] of cases) {
        const run = await runCli(['prove', ...parameters, '-o', path('no.receipt')]);
        assert.equal(run.code, 5, run.stderr);
        assert.match(run.stderr, expected);
        assert.doesNotMatch(run.stderr, /\n\s+at /);
      }
      assert.ok(!existsSync(path('no.receipt')));
    });

    it('ends with 130 when it is interrupted', async () => {
      for (const threads of ['1', '2']) {
        const output = path('interrupted.receipt');
        const child = startCli(['prove', echo, '--json', '--threads', threads, '-o', output]);
        const end = finished(child);
        assert.ok(child.stdout);
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line.includes('logup') && !child.killed) child.kill('SIGINT');
        });
        const run = await end;
        assert.equal(run.code, 130);
        assert.equal((jsonResult(run).error as { code: string }).code, 'interrupted');
        assert.ok(!existsSync(output));
      }
    });
  });

  describe('verify', () => {
    const parameters = (...more: string[]): string[] => [
      ...['verify', receipt, '--program', id, '--public-input', 'text:four'],
      ...['--min-security', '100', ...more],
    ];

    it('prints the journal, and what the receipt is worth', async () => {
      const run = await runCli(parameters());
      assert.equal(run.code, 0);
      assert.equal(run.stdout, 'fourAda\n');
      assert.match(run.stderr, /valid: exit code 0, \d+ cycles, 100\.\d provable bits \(S100\)/);
      await runCli(parameters('--journal', path('journal')));
      assert.equal(readFileSync(path('journal'), 'utf8'), 'fourAda');
    });

    it('prints one result as JSON', async () => {
      const { milliseconds, securityBits, cycles, ...rest } = jsonResult(
        await runCli(parameters('--json')),
      );
      assert.ok(Number(milliseconds) > 0 && Number(securityBits) >= 100 && Number(cycles) > 20);
      assert.deepEqual(rest, {
        type: 'result',
        command: 'verify',
        ok: true,
        exitCode: 0,
        valid: true,
        segments: 1,
        parameters: 'S100',
        outcome: { kind: 'exit', code: 0 },
        journal: { bytes: 7, hex: '666f7572416461', text: 'fourAda' },
      });
    });

    const bytes = (): Buffer => readFileSync(receipt);
    const refused: readonly [string, () => string[], string, RegExp][] = [
      [
        'another program id',
        () => parameters('--program', '0'.repeat(64)),
        'statement/program',
        /vouch program-id/,
      ],
      [
        'another program',
        () => parameters('--program', write('calls.elf', callsElf())),
        'statement/program',
        /vouch program-id/,
      ],
      [
        'another public input',
        () => parameters('--public-input', 'text:five'),
        'statement/public-input',
        /--public-input/,
      ],
      ['another exit code', () => parameters('--exit-code', '1'), 'statement/exit-code', /code 0/],
      [
        'too few bits',
        () => parameters('--min-security', '120'),
        'security/bits',
        /--min-security/,
      ],
      [
        'a truncated receipt',
        () => ['verify', write('short', bytes().subarray(0, -1)), ...parameters().slice(2)],
        'decode/truncated',
        /damaged/,
      ],
      [
        'a file that is no receipt',
        () => ['verify', echo, ...parameters().slice(2)],
        'decode/format',
        /no receipt/,
      ],
    ];
    for (const [what, command, check, remedy] of refused) {
      it(`refuses ${what} with exit code 3 and names the check`, async () => {
        const run = await runCli(command());
        assert.equal(run.code, 3, run.stderr);
        assert.equal(run.stdout, '');
        assert.match(run.stderr, new RegExp(`not valid: ${check}: `));
        assert.match(run.stderr, remedy);
        const { ok, valid, exitCode, error } = jsonResult(await runCli([...command(), '--json']));
        assert.deepEqual([ok, valid, exitCode], [false, false, 3]);
        assert.equal((error as { code: string }).code, check);
      });
    }

    it('refuses a changed byte wherever it is', async () => {
      for (const place of [100, 200, 5_000, bytes().length - 1]) {
        const changed = bytes();
        changed[place] = (changed[place] ?? 0) ^ 1;
        const run = await runCli(['verify', write('changed', changed), ...parameters().slice(2)]);
        assert.equal(run.code, 3, String(place));
      }
    });
  });

  describe('inspect', () => {
    it('prints claim, tables, openings, bytes and security as a tree', async () => {
      const { code, stdout } = await runCli(['inspect', receipt]);
      assert.equal(code, 0);
      for (const part of [
        /^receipt: [\d.]+ KiB, 1 segment, S100, not verified here\n/,
        /├─ machine: rv32imc \d+, [0-9a-f]{64}\n/,
        new RegExp(`├─ program: id ${id}\n`),
        /├─ public input: 4 bytes, SHA-256 [0-9a-f]{64}\n/,
        /└─ journal: 7 bytes, "fourAda"\n/,
        /├─ COMMIT +2\^5 +\d+ columns +\d+ interactions\n/,
        /round 0: rate 1\/2, unique decoding, folds \d+ variables, \d+ queries in \d+ \+ \d+ leaves/,
        /% {2}zerocheck\n/,
        /└─ security: 100\.\d\d provable bits/,
      ]) {
        assert.match(stdout, part);
      }
      const [, total = '', list = ''] =
        /bytes: ([\d,]+)\n([\s\S]*)\n└─ security/.exec(stdout) ?? [];
      const number = (text: string): number => Number(text.replaceAll(',', ''));
      const parts = [...list.matchAll(/─ +([\d,]+) +[\d.]+%/g)].map(([, bytes = '']) =>
        number(bytes),
      );
      assert.equal(
        parts.reduce((sum, bytes) => sum + bytes),
        number(total),
      );
    });

    it('prints all of it as JSON', async () => {
      const found = jsonResult(await runCli(['inspect', '-', '--json'], readFileSync(receipt)));
      const { claim, bytes, segments } = found.receipt as {
        claim: { program: object };
        bytes: number;
        segments: object[];
      };
      assert.equal(bytes, readFileSync(receipt).length);
      assert.equal(segments.length, 1);
      assert.deepEqual(claim.program, { mode: 'id', id });
    });

    it('ends with 3 for a file that is no receipt', async () => {
      const run = await runCli(['inspect', echo]);
      assert.equal(run.code, 3);
      assert.match(run.stderr, /cannot be read: decode\/format: .*\s+the file is damaged/);
    });
  });

  describe('program-id', () => {
    it('prints the id that verifiers pin, or the digest of the loaded program', async () => {
      const digest = programDigest(loadProgram(echoElf()));
      assert.equal((await runCli(['program-id', echo])).stdout, `${id}\n`);
      assert.equal((await runCli(['program-id', echo, '--digest'])).stdout, `${digest}\n`);
      const json = jsonResult(await runCli(['program-id', '-', '--json'], echoElf()));
      assert.deepEqual([json.programId, json.digest], [id, digest]);
    });
  });

  describe('demo', () => {
    it('proves a sudoku and shows how to verify it', async () => {
      const output = path('sudoku.receipt');
      const run = await runCli(['demo', '-o', output]);
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stdout, /^\d{81}\nsolved\n$/);
      const [, command = ''] = /npx vouch (verify[\s\S]*?[0-9a-f]{64})\n/.exec(run.stderr) ?? [];
      const verified = await runCli(command.split(/[\s\\]+/));
      assert.equal(verified.code, 0, verified.stderr);
      assert.equal(verified.stdout, run.stdout);
    });
  });

  describe('usage', () => {
    const cases: readonly [string, string[], RegExp][] = [
      ['no output', ['prove', echo], /required option '-o, --output <file>'/],
      ['an unknown level', ['prove', echo, '-o', 'x', '--security', 'S80'], /S120, S100/],
      ['no threads', ['prove', echo, '-o', 'x', '--threads', '0'], /--threads is '0'/],
      ['too many threads', ['prove', echo, '-o', 'x', '--threads', '999'], /threads is 999/],
      ['stdout used twice', ['prove', echo, '--json', '-o', '-'], /stdout/],
      ['a receipt in a missing folder', ['prove', echo, '-o', path('no/x')], /does not exist/],
      ['no program', ['verify', receipt], /required option '--program/],
      ['stdin named twice', ['verify', '-', '--program', '-'], /stdin is named twice/],
      ['a program that is no file', ['verify', receipt, '--program', 'ab'], /ab does not exist/],
      ['a program that is no ELF', ['verify', receipt, '--program', receipt], /not an ELF file/],
      [
        'an exit code that is none',
        ['verify', receipt, '--program', echo, '--exit-code', '-1'],
        /--exit-code is '-1'/,
      ],
      [
        'bits that are none',
        ['verify', receipt, '--program', echo, '--min-security', 'all'],
        /--min-security is 'all'/,
      ],
    ];
    for (const [what, parameters, expected] of cases) {
      it(`refuses ${what} with exit code 2`, async () => {
        const run = await runCli(parameters);
        assert.equal(run.code, 2, run.stderr);
        assert.match(parameters.includes('--json') ? run.stdout : run.stderr, expected);
        assert.doesNotMatch(run.stderr, /\n\s+at /);
      });
    }
  });
});
