import assert from 'node:assert/strict';
import {
  type Evidence,
  lives,
  type ProcessHolder,
} from '../../../api/service/store/lock-holder.ts';

const HOLDER: ProcessHolder = { process: 1, host: 'a', started: '7', boot: 'x', token: 't' };
const OWN = { host: 'a', boot: 'x', isLocal: true };
/** Nothing but a process of the same number, which began later. */
const NONE: Evidence = { sign: 'missing', runs: true, started: '8' };

describe('The holder of a lock', () => {
  const cases: readonly [string, boolean, Partial<Evidence>, Partial<ProcessHolder>?][] = [
    ['answers', true, { sign: 'lives', runs: false }, { host: 'b', boot: 'y', isLocal: true }],
    [
      'is refused by its own kernel, in whatever container',
      false,
      { sign: 'refused' },
      { host: 'b' },
    ],
    ['is refused by another kernel', true, { sign: 'refused' }, { boot: 'y' }],
    [
      'is refused by another kernel of another host',
      true,
      { sign: 'refused' },
      { host: 'b', boot: 'y' },
    ],
    [
      'is refused on a disk of this machine',
      false,
      { sign: 'refused' },
      { host: 'b', boot: 'y', isLocal: true },
    ],
    [
      'is refused on a disk of this machine, which it has through a network',
      true,
      { sign: 'refused' },
      { host: 'b', boot: 'y', isLocal: false },
    ],
    ['has no sign, on another host', true, {}, { host: 'b', isLocal: true }],
    [
      'has no sign and ran before this kernel started',
      false,
      { started: '7' },
      { boot: 'y', isLocal: true },
    ],
    ['has no sign and runs or ran elsewhere', true, { runs: false }, { boot: 'y' }],
    ['has no sign, and its number is no process', false, { runs: false }],
    ['has no sign, and its number is another process', false, {}],
    ['has no sign, and its number is a hidden process', true, { started: undefined }],
    ['has no sign, and its number is its process', true, { started: '7' }],
  ];
  for (const [name, expected, evidence, holder] of cases) {
    it(`${name}: ${expected ? 'may live' : 'is dead'}`, () => {
      assert.equal(lives({ ...HOLDER, ...holder }, OWN, { ...NONE, ...evidence }), expected);
    });
  }

  it('is told by its number where the system knows neither boots nor starts', () => {
    const holder: ProcessHolder = { process: 1, host: 'a', token: 't' };
    const evidence: Evidence = { ...NONE, sign: 'refused', started: undefined };
    assert.ok(lives(holder, { host: 'a' }, evidence));
    assert.ok(!lives(holder, { host: 'a' }, { ...evidence, runs: false }));
  });
});
