import { strict as assert } from 'node:assert';
import { MAX_NAME_BYTES, MAX_SYMBOLS } from '../../vm/elf-symbols.ts';
import { loadProgram } from '../../vm/load.ts';
import { READ_ONLY_START } from '../../vm/memory-map.ts';
import type { FunctionSymbol } from '../../vm/symbols.ts';
import { type ElfSymbol, PF_R, PF_X, writeElf } from '../tools/elf-writer.ts';
import { addi } from '../tools/encodings.ts';

const AT = READ_ONLY_START;
const CODE = new Uint8Array(new Uint32Array(8).fill(addi(0, 0, 0)).buffer);
const NOTYPE = 0;
const OBJECT = 1;
const LOCAL = 0;

function functionsOf(
  symbols: readonly ElfSymbol[],
  overrides: Readonly<Record<string, number>> = {},
): readonly FunctionSymbol[] {
  const segments = [{ address: AT, bytes: CODE, flags: PF_R | PF_X }];
  return loadProgram(writeElf({ entry: AT, segments, symbols, overrides })).symbols.functions;
}

const MAIN: ElfSymbol = { name: 'main', address: AT, size: 8 };
const MAIN_FUNCTION: FunctionSymbol = { name: 'main', address: AT, size: 8 };

describe('symbols', () => {
  it('are functions, ascending by address', () => {
    const other = { name: 'other', address: AT + 16, size: 4 };
    assert.deepEqual(functionsOf([other, MAIN]), [MAIN_FUNCTION, other]);
  });

  it('include local functions and global labels but not local labels or objects', () => {
    const symbols: ElfSymbol[] = [
      { name: 'static', address: AT, size: 4, binding: LOCAL },
      { name: 'label', address: AT + 8, type: NOTYPE },
      { name: '$x', address: AT + 12, type: NOTYPE, binding: LOCAL },
      { name: 'table', address: AT + 16, size: 4, type: OBJECT },
    ];
    const names = functionsOf(symbols).map((symbol) => symbol.name);
    assert.deepEqual(names, ['static', 'label']);
  });

  it('outside the code, undefined ones and nameless ones are left out', () => {
    const symbols: ElfSymbol[] = [
      { name: 'before', address: AT - 2 },
      { name: 'behind', address: AT + CODE.length },
      { name: 'undefined', address: AT, section: 0 },
      { name: '', address: AT },
      MAIN,
    ];
    assert.deepEqual(functionsOf(symbols), [MAIN_FUNCTION]);
  });

  it('at one address are the longest function', () => {
    const symbols: ElfSymbol[] = [
      { name: 'alias', address: AT, size: 4 },
      MAIN,
      { name: 'start', address: AT, size: 32, type: NOTYPE },
    ];
    assert.deepEqual(functionsOf(symbols), [MAIN_FUNCTION]);
  });

  it('do not split a function at a label inside it', () => {
    const symbols: ElfSymbol[] = [MAIN, { name: 'loop', address: AT + 4, type: NOTYPE }];
    assert.deepEqual(functionsOf(symbols), [MAIN_FUNCTION]);
  });

  it('have names without control characters and of bounded length', () => {
    const [unsafe, long] = functionsOf([
      { name: 'a\u001b[2J\u009bb', address: AT },
      { name: 'x'.repeat(MAX_NAME_BYTES + 1), address: AT + 4 },
    ]);
    assert.equal(unsafe?.name, 'a\ufffd[2J\ufffdb');
    assert.equal(long?.name.length, MAX_NAME_BYTES);
  });

  it('are absent when the tables are malformed, and the program loads', () => {
    const malformed: Record<string, number>[] = [
      { e_shoff: 0 },
      { e_shoff: 0xffff_fff0 },
      { e_shentsize: 64 },
      { e_shnum: 0xffff },
      { 'sh_offset[2]': 0xffff_fff0 },
      { 'sh_size[2]': 0xffff_ffff },
      { 'sh_entsize[2]': 24 },
      { 'sh_link[2]': 4 },
      { 'sh_link[2]': 0xffff_ffff },
      { 'sh_link[2]': 1 },
      { 'sh_offset[3]': 0xffff_ffff },
      { 'sh_size[3]': 0xffff_ffff },
      { 'sh_size[3]': 0 },
      { 'st_name[1]': 0xffff_ffff },
      { 'sh_type[2]': 11 },
    ];
    for (const overrides of malformed) assert.deepEqual(functionsOf([MAIN], overrides), []);
    assert.deepEqual(functionsOf([MAIN]), [MAIN_FUNCTION]);
  });

  it('are absent when there are more than any program has', () => {
    const many = Array.from({ length: MAX_SYMBOLS }, () => ({ name: '', address: AT }));
    assert.deepEqual(functionsOf([MAIN, ...many.slice(2)]), [MAIN_FUNCTION]);
    assert.deepEqual(functionsOf([MAIN, ...many]), []);
  });

  it('that all share one long name are read in bounded time', () => {
    const name = 'x'.repeat(1 << 20);
    const symbols = Array.from({ length: MAX_SYMBOLS - 2 }, () => ({ name: '', address: AT }));
    const overrides = Object.fromEntries(symbols.map((_, i) => [`st_name[${i + 1}]`, 1]));
    const begin = performance.now();
    functionsOf([...symbols, { name, address: AT }], overrides);
    assert.ok(performance.now() - begin < 5000);
  });
});
