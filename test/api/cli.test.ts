import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execute, loadProgram } from '../../api/index.ts';
import { finished, jsonLines, jsonResult, runCli, startCli } from '../tools/cli.ts';
import {
  callsElf,
  echoElf,
  exitElf,
  failingElf,
  longElf,
  spinElf,
  trapElf,
} from '../tools/cli-programs.ts';
import { repositoryPath } from '../tools/paths.ts';
import { toolAvailable } from '../tools/tools.ts';

const COMMANDS = [
  'prove',
  'verify',
  'inspect',
  'program-id',
  'run',
  'profile',
  'disasm',
  'build',
  'demo',
  'doctor',
];

describe('vouch', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'vouch-cli-'));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(path(name), bytes);
    return path(name);
  };
  const echo = write('echo.elf', echoElf());
  const calls = write('calls.elf', callsElf());
  const spin = write('spin.elf', spinElf());
  const trap = write('trap.elf', trapElf());

  after(() => rmSync(folder, { recursive: true, force: true }));

  describe('run', () => {
    it('prints a journal of text on stdout and what people want to know on stderr', async () => {
      const run = await runCli(['run', echo, '--private-input', 'text:Hello, Ada']);
      assert.equal(run.code, 0);
      assert.equal(run.stdout, 'Hello, Ada\n');
      assert.match(run.stderr, /exit code 0, \d+ cycles in [\d.]+ s, .* touched, 0 misaligned/);
    });

    it('prints a journal that is no text in hexadecimal', async () => {
      for (const hex of ['00ff1234', '1b5b324a', 'c3', 'e280ae41']) {
        const run = await runCli(['run', echo, '--private-input', `hex:${hex}`]);
        assert.equal(run.stdout, `${hex}\n`);
      }
    });

    it('prints nothing on stdout for an empty journal', async () => {
      const run = await runCli(['run', echo]);
      assert.equal(run.code, 0);
      assert.equal(run.stdout, '');
    });

    it('takes inputs as text, bytes, files and stdin', async () => {
      const file = write('input.bin', 'from a file');
      const cases: readonly [string, string, string][] = [
        ['text:', '', ''],
        ['text:text:é', '', 'text:é\n'],
        ['hex:0x4869', '', 'Hi\n'],
        ['hex:', '', ''],
        [file, '', 'from a file\n'],
        [`@${file}`, '', 'from a file\n'],
        ['-', 'from stdin', 'from stdin\n'],
      ];
      for (const [source, stdin, expected] of cases) {
        const run = await runCli(['run', echo, '--private-input', source], stdin);
        assert.equal(run.stdout, expected, source);
        assert.equal(run.code, 0, source);
      }
    });

    it('tells the public input from the private one', async () => {
      const run = await runCli([
        'run',
        echo,
        '--public-input=text:abcd',
        '--private-input=text:ef',
      ]);
      assert.equal(run.stdout, 'abcdef\n');
    });

    it('reads the program from stdin', async () => {
      const run = await runCli(['run', '-', '--private-input', 'text:piped'], echoElf());
      assert.equal(run.stdout, 'piped\n');
    });

    it('writes the journal as it is to a file or to stdout', async () => {
      const journal = path('journal.bin');
      const bytes = Buffer.from('00ff0a', 'hex');
      const toFile = await runCli([
        'run',
        echo,
        '--private-input=hex:00ff0a',
        '--journal',
        journal,
      ]);
      assert.equal(toFile.stdout, '');
      assert.deepEqual(readFileSync(journal), bytes);
      const toStdout = await runCli(['run', echo, '--private-input=hex:00ff0a', '--journal', '-']);
      assert.deepEqual(Buffer.from(toStdout.bytes), bytes);
    });

    it('ends with 4 and the reason when the guest exits with another code than 0', async () => {
      const seven = await runCli(['run', write('seven.elf', exitElf(7))]);
      assert.equal(seven.code, 4);
      assert.match(seven.stderr, /exited with code 7/);
      const failing = await runCli(['run', write('failing.elf', failingElf('x == 1 failed'))]);
      assert.equal(failing.code, 4);
      assert.match(failing.stderr, /^x == 1 failed/);
      assert.match(failing.stderr, /exited with code 134: x == 1 failed/);
    });

    it('shows control characters of the guest instead of obeying them', async () => {
      const run = await runCli(['run', write('hostile.elf', failingElf('\u001b[2Jgone'))]);
      assert.ok(!run.stderr.includes('\u001b'));
      assert.match(run.stderr, /\\u\{1b\}\[2Jgone/);
    });

    it('ends with 4 and cause, place, instruction and remedy when the guest traps', async () => {
      const run = await runCli(['run', trap]);
      assert.equal(run.code, 4);
      assert.match(
        run.stderr,
        /trapped \(null-pointer\): store to 0x00000008 at 0x\w+ \(broken\+0x4\)/,
      );
      assert.match(run.stderr, /instruction: sw a0, 8\(zero\)/);
      assert.match(run.stderr, /look for a null pointer/);
    });

    it('ends with 5 and names the option when a limit is reached', async () => {
      const cycles = await runCli(['run', spin, '--max-cycles', '10k']);
      assert.equal(cycles.code, 5);
      assert.match(cycles.stderr, /10000 cycles/);
      assert.match(cycles.stderr, /raise --max-cycles/);
      const input = write('large.bin', new Uint8Array(0x10000));
      const memory = await runCli(['run', echo, '--max-memory=4K', '--private-input', input]);
      assert.equal(memory.code, 5);
      assert.match(memory.stderr, /raise --max-memory/);
    });

    it('prints one result with everything as JSON', async () => {
      const run = await runCli(['run', calls, '--json', '--stats', '--profile']);
      assert.equal(run.code, 0);
      assert.equal(run.stderr, '');
      const result = jsonResult(run);
      const { seconds, cyclesPerSecond, profile, statistics, ...rest } = result;
      assert.ok(Number(seconds) > 0 && Number(cyclesPerSecond) > 0);
      assert.deepEqual(rest, {
        type: 'result',
        command: 'run',
        ok: true,
        exitCode: 0,
        outcome: { kind: 'exit', code: 0 },
        journal: { bytes: 0, hex: '', text: '' },
        cycles: 18,
        touchedPages: 0,
        touchedBytes: 0,
        misalignedAccesses: 0,
      });
      assert.deepEqual(
        (profile as { name: string; self: number; total: number; calls: number }[]).map(
          ({ name, self, total, calls }) => [name, self, total, calls],
        ),
        [
          ['f', 10, 10, 2],
          ['main', 8, 18, 1],
        ],
      );
      const { classes, cycles } = statistics as {
        classes: Record<string, number>;
        cycles: number;
      };
      assert.equal(cycles, 18);
      assert.equal(classes.jump, 4);
      assert.equal(classes['host call'], 1);
      assert.equal(
        Object.values(classes).reduce((sum, count) => sum + count),
        18,
      );
    });

    it('prints failures of the guest as JSON', async () => {
      const run = await runCli(['run', trap, '--json']);
      assert.equal(run.code, 4);
      const { ok, exitCode, outcome } = jsonResult(run);
      assert.deepEqual([ok, exitCode], [false, 4]);
      const { message, remedy, ...fields } = outcome as Record<string, unknown>;
      assert.ok(String(message).length > 20 && String(remedy).length > 20);
      assert.deepEqual(fields, {
        kind: 'trap',
        cause: 'null-pointer',
        pc: 0x10008,
        address: 8,
        function: 'broken',
        instruction: 'sw a0, 8(zero)',
      });
      const debug = await runCli(['run', write('print.elf', failingElf('said')), '--json']);
      assert.deepEqual(jsonLines(debug)[0], { type: 'debug', text: 'said' });
      assert.deepEqual(jsonResult(debug).outcome, { kind: 'exit', code: 134, reason: 'said' });
      const limit = jsonResult(await runCli(['run', spin, '--max-cycles=5', '--json']));
      assert.equal((limit.error as { code: string }).code, 'limit/cycles');
      assert.equal(limit.exitCode, 5);
    });

    it('shows tables of functions and of instruction classes', async () => {
      const run = await runCli(['run', calls, '--profile', '--stats']);
      assert.match(run.stderr, /10\s+55\.6%\s+10\s+55\.6%\s+2\s+f\n/);
      assert.match(run.stderr, /4\s+22\.2%\s+jump\s+jal 2, jalr 2\n/);
    });

    it('writes the profile for speedscope', async () => {
      const file = path('speedscope.json');
      await runCli(['run', calls, '--profile', file]);
      const { profiles } = JSON.parse(readFileSync(file, 'utf8'));
      assert.equal(profiles[0].endValue, 18);
      const piped = await runCli(['run', echo, '--profile', '-', '--private-input=text:journal']);
      assert.equal(JSON.parse(piped.stdout).exporter, 'vouch');
    });

    it('ends with 130 when it is interrupted', async () => {
      for (const more of [[], ['--profile']]) {
        const child = startCli(['run', spin, '--json', ...more]);
        const end = finished(child);
        assert.ok(child.stdout);
        const lines = createInterface({ input: child.stdout });
        lines.once('line', () => child.kill('SIGINT'));
        const run = await end;
        assert.equal(run.code, 130);
        assert.equal(jsonLines(run)[0]?.type, 'progress');
        assert.equal((jsonResult(run).error as { code: string }).code, 'interrupted');
      }
    });
  });

  describe('profile', () => {
    it('prints the functions on stdout', async () => {
      const run = await runCli(['profile', calls, '--top', '1']);
      assert.equal(run.code, 0);
      assert.match(run.stdout, /^self.*function\n\s*10\s+55\.6%.*\bf\n$/);
    });

    it('writes collapsed stacks and speedscope files', async () => {
      const run = await runCli([
        'profile',
        calls,
        '--collapsed',
        '-',
        '--speedscope',
        path('s.json'),
      ]);
      assert.deepEqual(run.stdout.trimEnd().split('\n').sort(), ['main 8', 'main;f 10']);
      assert.equal(JSON.parse(readFileSync(path('s.json'), 'utf8')).profiles.length, 1);
    });

    it('profiles what a trapped guest did', async () => {
      const run = await runCli(['profile', trap, '--json']);
      assert.equal(run.code, 4);
      const names = (jsonResult(run).profile as { name: string }[]).map((found) => found.name);
      assert.deepEqual(names.sort(), ['broken', 'main']);
    });
  });

  describe('disasm', () => {
    it('prints the instructions of all functions or of one', async () => {
      const all = await runCli(['disasm', calls]);
      assert.equal(all.code, 0);
      assert.match(all.stdout, /0x00010000 <main>:\n.*jal ra, 0x[0-9a-f]+ <f>\n/);
      const one = await runCli(['disasm', calls, '--function', 'f']);
      const [heading, ...lines] = one.stdout.trimEnd().split('\n');
      assert.match(heading ?? '', /<f>:$/);
      assert.equal(lines.length, 5);
      assert.match(lines.at(-1) ?? '', /jalr zero, 0\(ra\)|jalr zero, ra, 0/);
    });

    it('prints one JSON value for each instruction', async () => {
      const run = await runCli(['disasm', calls, '--json', '--function', 'f']);
      const lines = jsonLines(run);
      assert.equal(lines.length, 6);
      assert.deepEqual(lines[0], {
        type: 'instruction',
        address: 0x10020,
        length: 4,
        bits: 0x0013_0313,
        text: 'addi t1, t1, 1',
        function: 'f',
      });
      assert.equal(jsonResult(run).instructions, 5);
    });

    it('names the functions there are when one is unknown', async () => {
      const run = await runCli(['disasm', calls, '--function', 'missing']);
      assert.equal(run.code, 2);
      assert.match(run.stderr, /no function 'missing'\n\s+there are: main, f/);
    });

    it('ends silently when its reader closes the pipe', async () => {
      const child = startCli(['disasm', write('long.elf', longElf(200_000))]);
      child.stdout?.once('data', () => child.stdout?.destroy());
      const run = await finished(child);
      assert.equal(run.code, 0);
      assert.equal(run.stderr, '');
    });
  });

  describe('doctor', () => {
    it('tells what is there and what is missing, with purpose and remedy', async () => {
      const run = await runCli(['doctor']);
      assert.equal(run.code, 0);
      for (const name of ['node', 'wasm simd', 'wasm threads', 'cores', 'memory', 'compiler gcc']) {
        assert.match(run.stdout, new RegExp(`^(ok|missing) +${name} `, 'm'));
      }
      const { checks } = jsonResult(await runCli(['doctor', '--json']));
      for (const check of checks as Record<string, unknown>[]) {
        assert.equal(typeof check.ok, 'boolean');
        assert.ok(String(check.purpose).length > 3, String(check.name));
        if (!check.ok) assert.match(String(check.detail), /install|use/);
      }
    });
  });

  describe('build', () => {
    const source = write('answer.c', 'int main(void) { return ANSWER - 42; }\n');

    if (toolAvailable('riscv64-unknown-elf-gcc')) {
      it('compiles a program that runs', async () => {
        const output = path('answer.elf');
        for (const [level, answer, code] of [
          ['-O0', '42', 0],
          ['-O2', '45', 3],
        ] as const) {
          const run = await runCli(['build', source, '-o', output, level, `-DANSWER=${answer}`]);
          assert.equal(run.code, 0, run.stderr);
          const program = loadProgram(new Uint8Array(readFileSync(output)));
          assert.deepEqual((await execute(program)).outcome, { kind: 'exit', code });
        }
      });

      it('passes on what the compiler says', async () => {
        const bad = write('bad.c', 'int main(void) { return missing; }\n');
        const run = await runCli(['build', bad, '-o', path('bad.elf'), '--json']);
        assert.equal(run.code, 2);
        const error = jsonResult(run).error as { code: string; message: string };
        assert.equal(error.code, 'compiler/failed');
        assert.match(error.message, /'missing' undeclared/);
        assert.equal(existsSync(path('bad.elf')), false);
      });
    }

    it('refuses sources, definitions and options that cannot be', async () => {
      const cases: readonly [string[], RegExp][] = [
        [[path('absent.c')], /absent\.c does not exist/],
        [[folder], /is not a file/],
        [[source, '-D1X'], /-D1X defines no macro/],
        [[source, '-O7'], /-O <level>.*invalid/],
        [[source, '--compiler', 'tcc'], /gcc, clang/],
      ];
      for (const [parameters, expected] of cases) {
        const run = await runCli(['build', ...parameters, '-o', path('x.elf')]);
        assert.equal(run.code, 2, parameters.join(' '));
        assert.match(run.stderr, expected);
      }
      assert.equal((await runCli(['build', source])).code, 2);
    });
  });

  describe('usage', () => {
    const missing = path('missing');
    const cases: readonly [string, string[], RegExp][] = [
      ['a file that does not exist', ['run', missing], /missing does not exist/],
      ['a directory', ['run', folder], /is a directory/],
      ['an ELF file that is none', ['run', write('no.elf', 'no ELF')], /not an ELF file/],
      [
        'an input file that does not exist',
        ['run', echo, '--private-input', missing],
        /--private-input: .*missing does not exist/,
      ],
      [
        'bytes with an odd digit',
        ['run', echo, '--public-input', 'hex:123'],
        /--public-input: '123' is not hex/,
      ],
      ['a count that is none', ['run', echo, '--max-cycles', '-5'], /--max-cycles is '-5'/],
      ['a count of zero', ['run', echo, '--max-cycles', '0'], /--max-cycles is '0'/],
      ['a count with a fraction', ['profile', echo, '--top', '1.5'], /--top is '1.5'/],
      [
        'a count beyond the machine',
        ['run', echo, '--max-cycles', '1000000000000000'],
        /--max-cycles is 1000000000000000, expected/,
      ],
      [
        'memory below a page',
        ['run', echo, '--max-memory', '1K'],
        /--max-memory is 1024, expected/,
      ],
      ['memory that is no number', ['run', echo, '--max-memory', 'much'], /--max-memory is 'much'/],
      ['stdin named twice', ['run', '-', '--private-input', '-'], /stdin is named twice/],
      ['stdout used twice', ['run', echo, '--json', '--journal', '-'], /stdout/],
      [
        'a journal in a missing folder',
        ['run', echo, '--journal', join(missing, 'j')],
        /directory .*missing does not exist/,
      ],
      ['a profile over a directory', ['profile', echo, '--collapsed', folder], /is a directory/],
      ['an unknown command', ['prove-it'], /unknown command/],
      ['an unknown option', ['run', echo, '--fast'], /unknown option '--fast'/],
      ['a missing argument', ['run'], /missing required argument/],
      ['a missing argument of a part', ['key', 'create'], /argument 'name'[\s\S]*vouch key create/],
      [
        'more threads than there can be',
        ['prove', echo, '--threads', '999', '-o', path('no.receipt')],
        /--threads is 999, expected/,
      ],
      [
        'a program that is neither id nor file',
        ['verify', echo, '--program', 'f769'],
        /f769 does not exist\s+give a program id/,
      ],
    ];
    for (const [what, parameters, expected] of cases) {
      it(`refuses ${what} with exit code 2`, async () => {
        const run = await runCli(parameters);
        assert.equal(run.code, 2, run.stderr);
        assert.match(parameters.includes('--json') ? run.stdout : run.stderr, expected);
        if (!parameters.includes('--json')) assert.equal(run.stdout, '');
        assert.doesNotMatch(run.stderr, /\n\s+at /);
      });
    }

    it('reports wrong usage as JSON too', async () => {
      const unknown = jsonResult(await runCli(['run', '--fast', '--json']));
      assert.deepEqual([unknown.ok, unknown.exitCode], [false, 2]);
      const file = jsonResult(await runCli(['run', missing, '--json']));
      const error = file.error as Record<string, string>;
      assert.equal(error.code, 'usage/file');
      assert.ok(error.remedy);
      const elf = jsonResult(await runCli(['run', path('no.elf'), '--json']));
      assert.match((elf.error as { code: string; docs: string }).code, /^elf\//);
      assert.match((elf.error as { docs: string }).docs, /^docs\/errors\.md#elf-/);
    });

    it('has a help text with an example for every command', async () => {
      const help = await runCli(['--help']);
      assert.equal(help.code, 0);
      for (const command of COMMANDS) {
        assert.match(help.stdout, new RegExp(`^ {2}${command} `, 'm'));
        const one = await runCli([command, '--help']);
        assert.equal(one.code, 0);
        assert.match(one.stdout, new RegExp(`Example:\\n {2}vouch ${command}`));
      }
    });

    it('prints its version', async () => {
      const { version } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8'));
      assert.equal((await runCli(['--version'])).stdout, `${version}\n`);
    });
  });
});
