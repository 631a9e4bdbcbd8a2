import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDebug, MAX_DEBUG_TEXT } from '../../vm/debug-format.ts';

const ARGUMENTS = 0x4101_0000;

/** Formats with argument words that begin at ARGUMENTS; strings are found by their address. */
function format(
  text: string,
  words: readonly number[] = [],
  strings: Readonly<Record<number, string>> = {},
  address: number = ARGUMENTS,
): string {
  return formatDebug(
    text,
    (at) => words[(at - ARGUMENTS) / 4],
    (at, limit) => strings[at]?.slice(0, limit),
    address,
  );
}

describe('formatting of debug prints', () => {
  // Expected texts follow C11 7.21.6.1 and agree with glibc's printf.
  const cases: readonly [string, readonly number[], string][] = [
    ['plain text', [], 'plain text'],
    ['100%%', [], '100%'],
    ['%d', [0xffff_ffff], '-1'],
    ['%i', [-7], '-7'],
    ['%u', [0xffff_ffff], '4294967295'],
    ['%x %X', [0xdead_beef, 0xdead_beef], 'deadbeef DEADBEEF'],
    ['%o', [8], '10'],
    ['%#x %#X %#o', [255, 255, 8], '0xff 0XFF 010'],
    ['%#x', [0], '0'],
    ['%p', [0x1234], '0x1234'],
    ['%c%c', [0x48, 0x69], 'Hi'],
    ['[%5d]', [42], '[   42]'],
    ['[%-5d]', [42], '[42   ]'],
    ['[%05d]', [-42], '[-0042]'],
    ['[%08x]', [0xbeef], '[0000beef]'],
    ['[%+d] [% d]', [1, 1], '[+1] [ 1]'],
    ['[%-05d]', [42], '[42   ]'],
    ['[%.3d]', [7], '[007]'],
    ['[%6.3d]', [-7], '[  -007]'],
    ['[%.0d]', [0], '[]'],
    ['[%*d]', [4, 9], '[   9]'],
    ['[%*d]', [-4, 9], '[9   ]'],
    ['[%.*d]', [3, 9], '[009]'],
    ['%ld %lu', [0x8000_0000, 0x8000_0000], '-2147483648 2147483648'],
    ['%hd %hhd %hu %hhu', [0x1_8000, 0x180, 0x1_8000, 0x180], '-32768 -128 32768 128'],
    ['%zu %td', [5, -5], '5 -5'],
    ['%lld', [0, 0x8000_0000], '-9223372036854775808'],
    ['%llu', [0xffff_ffff, 0xffff_ffff], '18446744073709551615'],
    ['%llx', [0x89ab_cdef, 0x0123_4567], '123456789abcdef'],
    ['%jd', [0xffff_fffe, 0xffff_ffff], '-2'],
    ['%020lld', [0xffff_ffff, 0xffff_ffff], '-0000000000000000001'],
  ];
  for (const [text, words, expected] of cases) {
    it(`prints ${JSON.stringify(text)} of ${JSON.stringify(words)} as ${expected}`, () => {
      assert.equal(format(text, words), expected);
    });
  }

  it('takes 64-bit arguments from multiples of 8', () => {
    assert.equal(format('%d %lld %d %lld', [1, 99, 2, 0, 3, 99, 4, 0]), '1 2 3 4');
    assert.equal(format('%lld', [99, 99, 5, 0], {}, ARGUMENTS + 4), '5');
  });

  it('prints strings with width and precision', () => {
    const strings = { 65536: 'abcdef' };
    const words = [0x10000];
    assert.equal(format('%s', words, strings), 'abcdef');
    assert.equal(format('[%8s]', words, strings), '[  abcdef]');
    assert.equal(format('[%-8s]', words, strings), '[abcdef  ]');
    assert.equal(format('[%.3s]', words, strings), '[abc]');
    assert.equal(format('[%5.2s]', words, strings), '[   ab]');
    assert.equal(format('[%.*s]', [4, 0x10000], strings), '[abcd]');
  });

  it('reads no more of a string than its precision', () => {
    const limits: number[] = [];
    formatDebug(
      '%.3s%.0s',
      () => 0x10000,
      (_, limit) => {
        limits.push(limit);
        return '';
      },
      ARGUMENTS,
    );
    assert.deepEqual(limits, [3]);
  });

  it('names the pointer where a string is unreadable and goes on', () => {
    assert.equal(format('<%s> %d', [0xdead_beef, 3]), '<(bad pointer 0xdeadbeef)> 3');
  });

  it('names the address where an argument is unreadable', () => {
    assert.equal(format('%d', []), '(bad pointer 0x41010000)');
    assert.equal(format('%lld', [1], {}), '(bad pointer 0x41010004)');
    assert.equal(format('%*d', []), '(bad pointer 0x41010000)');
    assert.equal(format('%s', [], {}, 0xffff_fffc), '(bad pointer 0xfffffffc)');
  });

  it('survives readers that throw', () => {
    const fail = (): never => {
      throw new RangeError('no such page');
    };
    assert.equal(formatDebug('%d', fail, fail, 8), '(bad pointer 0x00000008)');
    assert.equal(
      formatDebug('%s', () => 16, fail, 8),
      '(bad pointer 0x00000010)',
    );
  });

  it('prints unknown conversions as they stand and steps over doubles', () => {
    assert.equal(format('%q %k', []), '%q %k');
    assert.equal(format('%f %d', [0, 0, 7]), '%f 7');
    assert.equal(format('50%', []), '50%');
    assert.equal(format('%-', []), '%-');
    assert.equal(format('%5.', []), '%5.');
  });

  it('bounds the text for any width, precision, string and format', () => {
    const long = 'x'.repeat(3 * MAX_DEBUG_TEXT);
    const bound = MAX_DEBUG_TEXT + 16;
    for (const text of ['%999999999d', '%.999999999d', '%*d', '%.*d', '%-*d', long, '%s%s%s%s']) {
      const printed = formatDebug(
        text,
        () => 0x7fff_ffff,
        () => long,
        0,
      );
      assert.ok(printed.length <= bound, `${text.slice(0, 12)}: ${printed.length}`);
    }
    assert.match(format(long), /\.\.\. \(cut\)$/);
  });

  it('never throws and stays bounded for random formats and memory', () => {
    const piece = fc.constantFrom(
      '%',
      '.',
      '*',
      '-',
      '0',
      '9',
      'l',
      'h',
      's',
      'd',
      'x',
      'c',
      'p',
      'f',
      'z',
    );
    const word = fc.option(fc.integer(), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.array(word, { minLength: 1, maxLength: 8 }),
        fc.nat(0xffff_ffff),
        (pieces, words, address) => {
          let next = 0;
          const text = formatDebug(
            pieces.join(''),
            () => words[next++ % words.length],
            (at, limit) => (at % 3 === 0 ? undefined : 'text'.slice(0, limit)),
            address,
          );
          assert.ok(text.length <= MAX_DEBUG_TEXT + 16);
        },
      ),
      { seed: 20, numRuns: 2000 },
    );
  });
});
