import { strict as assert } from 'node:assert';
import type { ExecuteOptions, TrapCause } from '../../vm/execution.ts';
import * as asm from '../tools/assembler.ts';
import { CONSTANTS, checkFault, type Fault, WITH_CONSTANTS } from '../tools/fault.ts';
import { CODE_START, halt, runCode } from '../tools/guest-program.ts';

const ACCESSES = {
  lb: { encode: asm.lb, store: false },
  lbu: { encode: asm.lbu, store: false },
  lh: { encode: asm.lh, store: false },
  lhu: { encode: asm.lhu, store: false },
  lw: { encode: asm.lw, store: false },
  sb: { encode: asm.sb, store: true },
  sh: { encode: asm.sh, store: true },
  sw: { encode: asm.sw, store: true },
} as const;
type AccessName = keyof typeof ACCESSES;

const access = (
  names: string,
  address: number,
  cause: TrapCause,
  more: Pick<Fault, 'parts' | 'options'> = {},
): Fault[] =>
  names.split(' ').map((name) => ({
    name: `${name} at 0x${address.toString(16)}`,
    code: (x) => {
      x.put(asm.lui(5, ((address + 0x800) >>> 12) & 0xfffff), asm.addi(6, 0, -1)).label('fault');
      x.put(ACCESSES[name as AccessName].encode(6, (address << 20) >> 20, 5));
      halt(x, 0, 0);
    },
    cause,
    address,
    cycles: 2,
    ...more,
  }));

/** An access whose first word exists and whose second does not: the second one is at fault. */
const crossing = (
  names: string,
  address: number,
  cause: TrapCause,
  more: Pick<Fault, 'parts' | 'options'> = {},
): Fault[] =>
  access(names, address, cause, more).map((fault) => ({
    ...fault,
    name: `${fault.name}, which reaches into the next word,`,
    address: address - (address % 4) + 4,
  }));

const LOADS = 'lb lbu lh lhu lw';
const STORES = 'sb sh sw';
const WITH_INPUTS: ExecuteOptions = {
  publicInput: new Uint8Array(9),
  privateInput: new Uint8Array(126),
};
const withConstants = { parts: WITH_CONSTANTS };
const withInputs = { options: WITH_INPUTS };

const MEMORY_FAULTS: readonly Fault[] = [
  ...access(LOADS, 0, 'null-pointer'),
  ...access(STORES, 0, 'null-pointer'),
  ...access('lb sb', 0xffff, 'null-pointer'),
  ...access('lh lw sh sw', 0xffff, 'null-pointer'),
  ...access('lw sw', 0x7ff, 'null-pointer'),
  ...access(STORES, CODE_START, 'store-to-read-only'),
  ...access(STORES, CONSTANTS, 'store-to-read-only', withConstants),
  ...access('sb', CONSTANTS + 4, 'store-to-read-only', withConstants),
  ...access('lb lw', CONSTANTS + 8, 'load-access', withConstants),
  ...crossing('lh', CONSTANTS + 7, 'load-access', withConstants),
  ...crossing('lw', CONSTANTS + 5, 'load-access', withConstants),
  ...access('lw lb', CONSTANTS - 4, 'load-access', withConstants),
  ...access('lw', CONSTANTS - 1, 'load-access', withConstants),
  ...access('lhu', CONSTANTS - 1, 'load-access', withConstants),
  ...access('lb lw', 0x1fff_ffff, 'load-access'),
  ...access('sb sw', 0x1fff_ffff, 'store-to-read-only'),
  ...access(STORES, 0x2000_0000, 'store-to-read-only', withInputs),
  ...access('lb lw', 0x2000_0010, 'load-access', withInputs),
  ...crossing('lw', 0x2000_000d, 'load-access', withInputs),
  ...crossing('lh', 0x2000_000f, 'load-access', withInputs),
  ...access('lw', 0x2000_0004, 'load-access'),
  ...access('lb', 0x2fff_ffff, 'load-access', withInputs),
  ...access('sb', 0x2fff_ffff, 'store-to-read-only', withInputs),
  ...access(STORES, 0x3000_0000, 'store-to-read-only', withInputs),
  ...access('lw', 0x3000_0080, 'load-access'),
  ...access('lb lw', 0x3000_0100, 'load-access', withInputs),
  ...crossing('lh', 0x3000_00ff, 'load-access', withInputs),
  ...access('lb', 0x3fff_ffff, 'load-access', withInputs),
  ...access('sw', 0x3fff_fffd, 'store-to-read-only', withInputs),
  ...access('lw sw', 0x4000_0000, 'stack-overflow'),
  ...access('lb sb', 0x407f_ffff, 'stack-overflow'),
  ...access('lw sw', 0x407f_fffd, 'stack-overflow'),
  ...access('lh lhu sh', 0x407f_ffff, 'stack-overflow'),
  ...access('lb', 0x4100_0000, 'load-access'),
  ...access('sb', 0x4100_0000, 'store-access'),
  ...crossing('lw', 0x40ff_fffd, 'load-access'),
  ...crossing('sw', 0x40ff_fffd, 'store-access'),
  ...crossing('lh', 0x40ff_ffff, 'load-access'),
  ...crossing('sh', 0x40ff_ffff, 'store-access'),
  ...access('lb', 0x4100_ffff, 'load-access'),
  ...access('sb', 0x4100_ffff, 'store-access'),
  ...access('lw', 0x4100_fffe, 'load-access'),
  ...access('sh', 0x4100_ffff, 'store-access'),
  ...access('lw lb', 0x8000_0000, 'load-access'),
  ...access('sw sb', 0x8000_0000, 'store-access'),
  ...crossing('lw', 0x7fff_fffd, 'load-access'),
  ...crossing('sw', 0x7fff_fffd, 'store-access'),
  ...crossing('lh', 0x7fff_ffff, 'load-access'),
  ...crossing('sh', 0x7fff_ffff, 'store-access'),
  ...access('lb lh lw', 0xffff_ffff, 'load-access'),
  ...access('sb sh sw', 0xffff_ffff, 'store-access'),
];

describe('Memory faults', () => {
  for (const fault of MEMORY_FAULTS) {
    it(`${fault.name} traps as ${fault.cause}`, async () => {
      await checkFault(fault);
    });
  }
});

describe('The edges of what is legal', () => {
  const legal: [string, number, ExecuteOptions][] = [
    ['lw sw', 0x4080_0000, {}],
    ['lb sb', 0x40ff_ffff, {}],
    ['lw sw', 0x4101_0000, {}],
    ['lb sb', 0x7fff_ffff, {}],
    ['lw sw', 0x7fff_fffc, {}],
    ['lw', 0x2000_0000, {}],
    ['lb', 0x2000_000f, WITH_INPUTS],
    ['lw', 0x2000_000c, WITH_INPUTS],
    ['lw', 0x3000_0000, {}],
    ['lb', 0x3000_007f, {}],
    ['lw', 0x3000_007c, {}],
    ['lw', 0x3000_00fc, WITH_INPUTS],
    ['lb', CONSTANTS + 7, {}],
    ['lw', CODE_START, {}],
  ];
  for (const [names, address, options] of legal) {
    it(`${names} may reach 0x${address.toString(16)}`, async () => {
      for (const { code } of access(names, address, 'load-access')) {
        const execution = await runCode(code, WITH_CONSTANTS, options);
        assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
      }
    });
  }

  it('the private input ends at the next power of two of words, at least 32', async () => {
    const lengths = [
      [0, 32],
      [124, 32],
      [125, 64],
      [252, 64],
      [253, 128],
      [4092, 1024],
      [4093, 2048],
    ];
    for (const [length = 0, words = 0] of lengths) {
      const options = { privateInput: new Uint8Array(length).fill(1) };
      const end = 0x3000_0000 + 4 * words;
      const [inside] = access('lw', end - 4, 'load-access');
      const [outside] = access('lw', end, 'load-access', { options });
      assert.ok(inside !== undefined && outside !== undefined);
      const execution = await runCode(inside.code, {}, options);
      assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 }, `length ${length}`);
      await checkFault(outside);
    }
  });
});
