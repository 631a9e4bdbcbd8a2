import assert from 'node:assert/strict';
import { ProverError } from '../../prover/errors.ts';
import { FIRST_FREE } from '../../prover/kernel-layout.ts';
import { Arena, columnStride, createMemory, type Region } from '../../prover/memory.ts';
import { Random } from '../tools/random.ts';

const MIB = 2 ** 20;

describe('memory of the prover', () => {
  it('gives regions that do not overlap, whatever is allocated and freed', () => {
    const arena = new Arena(createMemory(64 * MIB));
    const random = new Random(1);
    const held: Region[] = [];
    let peak = 0;
    for (let step = 0; step < 2000; step++) {
      const region = held.length > 0 && random.chance(0.45) ? random.pick(held) : undefined;
      if (region === undefined) held.push(arena.allocate(`r${step}`, random.between(0, 5000)));
      else {
        arena.free(region);
        held.splice(held.indexOf(region), 1);
      }
      let end = FIRST_FREE;
      for (const { offset, bytes } of arena.regions) {
        assert.ok(offset >= end && offset % 64 === 0);
        end = offset + bytes;
      }
      const used = held.reduce((sum, { bytes }) => sum + bytes, 0);
      peak = Math.max(peak, used);
      assert.equal(arena.usedBytes, used);
      assert.equal(arena.peakBytes, peak);
      assert.ok(end + 64 <= arena.memory.buffer.byteLength);
    }
  });

  it('takes the first gap that is large enough', () => {
    const arena = new Arena(createMemory(64 * MIB));
    const [a, b, c] = [64, 128, 64].map((bytes, i) => arena.allocate(`${i}`, bytes)) as [
      Region,
      Region,
      Region,
    ];
    arena.free(b);
    assert.ok(arena.allocate('too large', 192).offset > c.offset);
    assert.equal(arena.allocate('fits', 100).offset, b.offset);
    arena.free(a);
    assert.equal(arena.allocate('first', 1).offset, FIRST_FREE);
  });

  it('refuses to free a region twice', () => {
    const arena = new Arena(createMemory(64 * MIB));
    const region = arena.allocate('once', 64);
    arena.free(region);
    assert.throws(() => arena.free(region), /"once" is not a region/);
  });

  it('says who holds the memory when there is no room', () => {
    const arena = new Arena(createMemory(64 * MIB));
    arena.allocate('trace', 60 * MIB);
    assert.throws(
      () => arena.allocate('codeword', 8 * MIB),
      (error: unknown) =>
        error instanceof ProverError &&
        error.code === 'memory/exhausted' &&
        error.message.includes('"codeword"') &&
        error.message.includes('trace 62914560'),
    );
    assert.equal(arena.allocate('smaller', MIB).bytes, MIB);
  });

  it('reaches 4 GiB with one memory, without touching it', () => {
    const arena = new Arena();
    const region = arena.allocate('nearly all', 2 ** 32 - 2 ** 20);
    const words = arena.words(region);
    words[words.length - 1] = 7;
    assert.equal(arena.words(region.offset + region.bytes - 4, 1)[0], 7);
  });

  /** Runs with a WebAssembly.Memory that can be as large as `most` pages. */
  function withLimit<T>(most: number, run: () => T): T {
    const found: unknown = Reflect.get(globalThis, 'WebAssembly');
    const wasm = found as { Memory: new (descriptor: { maximum: number }) => object };
    const { Memory } = wasm;
    wasm.Memory = class extends Memory {
      constructor(descriptor: { maximum: number }) {
        if (descriptor.maximum > most) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
    };
    try {
      return run();
    } finally {
      wasm.Memory = Memory;
    }
  }

  it('is content with less when the system has no 4 GiB of address space', () => {
    const arena = withLimit(0x5000, () => new Arena());
    arena.allocate('all', 0x4000 * 0x1_0000 - 2 ** 17);
    assert.throws(() => arena.allocate('more', 2 ** 18), { code: 'memory/exhausted' });
  });

  it('fails with a typed error when the system has next to none', () => {
    withLimit(0x100, () => {
      assert.throws(() => createMemory(), { name: 'ProverError', code: 'memory/unavailable' });
    });
  });

  it('does not put long columns a power of two apart', () => {
    for (let log = 10; log <= 22; log++) {
      const stride = columnStride(2 ** log);
      assert.ok(stride >= 4 * 2 ** log && stride % 64 === 0);
      assert.notEqual(stride % 4096, 0);
    }
    assert.equal(columnStride(1), 64);
    assert.equal(columnStride(17), 128);
  });

  describe('a part of an arena', () => {
    it('takes its regions from the arena and has figures of its own', () => {
      const arena = new Arena(createMemory(2 ** 26));
      arena.allocate('before', 1000);
      const used = arena.usedBytes;
      const part = arena.part();
      const first = part.allocate('first', 128);
      const second = part.allocate('second', 64);
      assert.deepEqual(arena.regions.slice(1), [first, second]);
      assert.equal(arena.usedBytes, used + 192);
      part.free(first);
      assert.deepEqual(part.allocate('third', 64), { ...first, name: 'third', bytes: 64 });
      assert.deepEqual(
        part.regions.map(({ name }) => name),
        ['third', 'second'],
      );
      assert.equal(part.usedBytes, 128);
      assert.equal(part.peakBytes, 192);
    });

    it('gives back what it took and nothing else, also through a part of its own', () => {
      const arena = new Arena(createMemory(2 ** 26));
      const kept = arena.allocate('kept', 64);
      const part = arena.part();
      part.allocate('one', 64);
      const inner = part.part();
      inner.allocate('two', 64);
      assert.throws(() => part.free(kept), RangeError);
      inner.freeAll();
      assert.deepEqual(
        part.regions.map(({ name }) => name),
        ['one'],
      );
      part.freeAll();
      assert.deepEqual(arena.regions, [kept]);
    });

    it('leaves the words of the memory alone', () => {
      const arena = new Arena(createMemory(2 ** 26));
      const region = arena.allocate('words', 64);
      arena.words(region).fill(7);
      arena.part();
      assert.ok(arena.words(region).every((word) => word === 7));
    });
  });
});
