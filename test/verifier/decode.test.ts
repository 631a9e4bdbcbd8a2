import assert from 'node:assert/strict';
import { type Check, KoalaBear as F, Reader, VerificationError } from '@vouch/verifier';
import fc from 'fast-check';
import { check, element } from './support.ts';

function failsWith(name: Check): (error: unknown) => boolean {
  return (error) => error instanceof VerificationError && error.check === name;
}

describe('Reader', () => {
  it('reads little-endian integers in order', () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    assert.equal(reader.u8(), 1);
    assert.equal(reader.u16(), 0x0302);
    assert.equal(reader.u32(), 0x07060504);
    assert.equal(reader.u64(), 0x0f0e0d0c0b0a0908n);
    reader.end();
  });

  it('reads a part of a larger buffer', () => {
    const buffer = Uint8Array.of(9, 9, 7, 0, 9);
    const reader = new Reader(buffer.subarray(2, 4));
    assert.equal(reader.u16(), 7);
    reader.end();
  });

  it('reads elements, extensions and digests as they were written', () => {
    check(
      fc.property(fc.array(element, { minLength: 5 + 8 + 2, maxLength: 15 }), (values) => {
        const reader = new Reader(F.toBytes(values));
        const read = [...reader.extension(), ...reader.digest(), ...reader.elements(2)];
        assert.deepEqual(read, values);
        reader.end();
      }),
    );
  });

  it('refuses an element of p or more, wherever it stands', () => {
    for (const value of [F.MODULUS, F.MODULUS + 1, 0xffff_ffff]) {
      for (let position = 0; position < 8; position++) {
        const values = new Array<number>(8).fill(1);
        values[position] = value;
        const bytes = F.toBytes(values);
        assert.throws(() => new Reader(bytes).digest(), failsWith('decode/non-canonical'));
        assert.throws(() => new Reader(bytes).elements(8), failsWith('decode/non-canonical'));
        if (position < 5) {
          assert.throws(() => new Reader(bytes).extension(), failsWith('decode/non-canonical'));
        }
      }
    }
  });

  it('refuses bytes after the end', () => {
    const reader = new Reader(new Uint8Array(5));
    reader.u32();
    assert.throws(() => reader.end(), failsWith('decode/trailing'));
  });

  it('refuses to read past the end, and reads nothing then', () => {
    const reads: ((reader: Reader) => unknown)[] = [
      (reader) => reader.u32(),
      (reader) => reader.u64(),
      (reader) => reader.bytes(4),
      (reader) => reader.element(),
      (reader) => reader.extension(),
      (reader) => reader.digests(1),
      (reader) => reader.extensions(2 ** 32),
    ];
    for (const read of reads) {
      const reader = new Reader(new Uint8Array(3));
      assert.throws(() => read(reader), failsWith('decode/truncated'));
      assert.equal(reader.remaining, 3);
    }
  });

  it('limits counts before it allocates', () => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(0, 2, true);
    assert.equal(new Reader(bytes).count(2, 4), 2);
    assert.throws(() => new Reader(bytes).count(1, 4), failsWith('decode/limit'));
    assert.throws(() => new Reader(bytes).count(2, 5), failsWith('decode/truncated'));
  });

  it('copies the bytes it returns', () => {
    const bytes = Uint8Array.of(1, 2);
    const copy = new Reader(bytes).bytes(2);
    bytes[0] = 9;
    assert.deepEqual([...copy], [1, 2]);
  });

  it('throws nothing but VerificationError on arbitrary bytes and reads', () => {
    const names = ['u8', 'u16', 'u32', 'u64', 'element', 'extension', 'digest', 'end'] as const;
    check(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.array(fc.tuple(fc.constantFrom(...names, 'count', 'bytes', 'elements'), fc.nat())),
        (bytes, reads) => {
          const reader = new Reader(bytes);
          try {
            for (const [name, argument] of reads) {
              if (name === 'count') reader.count(argument, 1);
              else if (name === 'bytes' || name === 'elements') reader[name](argument);
              else reader[name]();
            }
          } catch (error) {
            assert.ok(error instanceof VerificationError, String(error));
          }
        },
      ),
      1_000,
    );
  });

  it('names the check and the values at fault', () => {
    try {
      new Reader(Uint8Array.of(1)).u32();
      assert.fail('read past the end');
    } catch (error) {
      assert.ok(error instanceof VerificationError);
      assert.deepEqual(error.details, { offset: 0, expected: 4, found: 1 });
      assert.match(error.message, /^decode\/truncated: .*expected = 4, found = 1/);
    }
  });
});
