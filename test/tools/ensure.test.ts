import { strict as assert } from 'node:assert';
import { ensureTools } from './ensure.ts';
import type { Tool } from './tools.ts';

const COMPILER: Tool = {
  name: 'riscv64-unknown-elf-gcc',
  debianPackage: 'gcc-x',
  suites: ['suite a', 'suite b'],
};
const EMULATOR: Tool = { name: 'qemu-riscv32', debianPackage: 'qemu-x', suites: ['suite c'] };

/** Runs `ensureTools` where `present` is installed and apt-get can add `installable`. */
function run(present: readonly Tool[], installable: readonly Tool[] | undefined, strict: boolean) {
  const there = new Set(present);
  const lines: string[] = [];
  const installs: (readonly string[])[] = [];
  const install = (packages: readonly string[]): string | undefined => {
    installs.push(packages);
    for (const tool of installable ?? []) there.add(tool);
    return installable?.length === 0 ? 'no such package' : undefined;
  };
  const code = ensureTools([COMPILER, EMULATOR], {
    available: (tool) => there.has(tool),
    install: installable === undefined ? undefined : install,
    log: (line) => lines.push(line),
    strict,
  });
  return { code, lines, installs };
}

describe('Tools that tests need', () => {
  it('nothing is said or installed when all are there', () => {
    const { code, lines, installs } = run([COMPILER, EMULATOR], [], true);
    assert.deepEqual({ code, lines, installs }, { code: 0, lines: [], installs: [] });
  });

  it('missing ones are installed with one line printed', () => {
    const { code, lines, installs } = run([COMPILER], [EMULATOR], true);
    assert.deepEqual(installs, [['qemu-x']]);
    assert.deepEqual({ code, lines }, { code: 0, lines: ['installing qemu-x'] });
  });

  it('without the right to install, the way to get them and the suites left out are told', () => {
    const { code, lines, installs } = run([], undefined, false);
    assert.deepEqual({ code, installs }, { code: 0, installs: [] });
    const text = lines.join('\n');
    for (const part of [
      'riscv64-unknown-elf-gcc',
      'apt-get install gcc-x',
      'suite a; suite b',
      'suite c',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it('in continuous integration a tool that stays missing is a failure', () => {
    assert.equal(run([COMPILER], undefined, true).code, 1);
    const failed = run([COMPILER], [], true);
    assert.equal(failed.code, 1);
    assert.ok(failed.lines.includes('apt-get failed: no such package'));
  });
});
