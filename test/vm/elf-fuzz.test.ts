import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { ElfError } from '../../vm/errors.ts';
import { loadProgram } from '../../vm/load.ts';
import { DATA_START, READ_ONLY_START } from '../../vm/memory-map.ts';
import { programId } from '../../vm/program-id.ts';
import { PF_R, PF_W, PF_X, writeElf } from '../tools/elf-writer.ts';
import { addi, ecall } from '../tools/encodings.ts';

const SEED = 20_240_117;
/** A load of a small file is far below; the bound only has to be one. */
const MOST_MILLISECONDS = 3000;

const CODE = new Uint8Array(Uint32Array.of(addi(10, 0, 1), ecall, addi(0, 0, 0)).buffer);
const VALID = writeElf({
  entry: READ_ONLY_START,
  segments: [
    { address: READ_ONLY_START, bytes: CODE, flags: PF_R | PF_X },
    { address: READ_ONLY_START + 0x1000, bytes: CODE, flags: PF_R },
    { address: DATA_START, bytes: CODE, memorySize: 64, flags: PF_R | PF_W },
  ],
  symbols: [
    { name: 'start', address: READ_ONLY_START, size: 8 },
    { name: 'end', address: READ_ONLY_START + 8, size: 4 },
  ],
});

/** Values near which arithmetic on 32-bit fields goes wrong. */
const EDGES = [
  0,
  1,
  READ_ONLY_START,
  DATA_START,
  0x1fff_fffc,
  0x2000_0000,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_ff00,
  0xffff_fffc,
  0xffff_ffff,
];
const field = fc.oneof(
  fc.constantFrom(...EDGES),
  fc
    .tuple(fc.constantFrom(...EDGES), fc.integer({ min: -64, max: 64 }))
    .map(([a, b]) => (a + b) >>> 0),
  fc.integer().map((value) => value >>> 0),
);

/** True if the file loads; anything but a program or an ElfError fails. */
function loads(elf: Uint8Array): boolean {
  const begin = performance.now();
  try {
    assert.equal(programId(loadProgram(elf)).length, 64);
    return true;
  } catch (error) {
    assert.ok(error instanceof ElfError, String(error));
    return false;
  } finally {
    assert.ok(performance.now() - begin < MOST_MILLISECONDS);
  }
}

describe('loading any file ends with a program or an ElfError', () => {
  it('whatever the bytes', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.equal(loads(bytes), false);
    });
    fc.assert(property, { seed: SEED, numRuns: 2000 });
  });

  it('whatever follows a valid identification', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      loads(Uint8Array.of(...VALID.subarray(0, 24), ...bytes));
    });
    fc.assert(property, { seed: SEED, numRuns: 2000 });
  });

  it('when bytes of a valid file are changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(VALID.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    });
    let loaded = 0;
    const property = fc.property(changes, (changed) => {
      const elf = VALID.slice();
      for (const [at, value] of changed) elf[at] = value;
      if (loads(elf)) loaded++;
    });
    fc.assert(property, { seed: SEED, numRuns: 5000 });
    assert.ok(loaded > 100 && loaded < 4900, `${loaded}`);
  });

  it('when fields of a valid file take values at the edges of their ranges', () => {
    const words = Array.from({ length: VALID.length >>> 2 }, (_, i) => 4 * i);
    const changes = fc.array(fc.tuple(fc.constantFrom(...words), field), {
      minLength: 1,
      maxLength: 6,
    });
    let loaded = 0;
    const property = fc.property(changes, (changed) => {
      const elf = VALID.slice();
      const view = new DataView(elf.buffer);
      for (const [at, value] of changed) view.setUint32(at, value, true);
      if (loads(elf)) loaded++;
    });
    fc.assert(property, { seed: SEED, numRuns: 5000 });
    assert.ok(loaded > 100 && loaded < 4900, `${loaded}`);
  });

  it('when program headers are random', () => {
    const segment = fc.record({
      address: field,
      bytes: fc.uint8Array({ maxLength: 64 }),
      memorySize: field,
      flags: fc.nat(7),
      type: fc.constantFrom(0, 1, 1, 1, 1, 2, 3, 7),
    });
    const property = fc.property(fc.array(segment, { maxLength: 6 }), field, (segments, entry) => {
      loads(writeElf({ entry, segments }));
    });
    fc.assert(property, { seed: SEED, numRuns: 3000 });
  });

  it('when a valid file is cut at any length', () => {
    const whole = Array.from({ length: VALID.length + 1 }, (_, length) =>
      loads(VALID.subarray(0, length)),
    );
    assert.equal(whole.at(-1), true);
    assert.equal(whole.slice(0, 52 + 3 * 32).includes(true), false);
  });
});
