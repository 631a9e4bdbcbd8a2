import { strict as assert } from 'node:assert';
import {
  DATA_LAST,
  DATA_START,
  PRIVATE_INPUT_START,
  PUBLIC_INPUT_START,
  STACK_END,
  STACK_START,
} from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { PF_R } from '../tools/elf-writer.ts';
import {
  type Case,
  checkCases,
  commit,
  halt,
  hex,
  journalOf,
  runCode,
} from '../tools/guest-program.ts';

interface LoadForm {
  readonly encode: (rd: number, offset: number, rs1: number) => number;
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
}
const LOADS: Readonly<Record<string, LoadForm>> = {
  lb: { encode: asm.lb, size: 1, read: (view, at) => view.getInt8(at) },
  lbu: { encode: asm.lbu, size: 1, read: (view, at) => view.getUint8(at) },
  lh: { encode: asm.lh, size: 2, read: (view, at) => view.getInt16(at, true) },
  lhu: { encode: asm.lhu, size: 2, read: (view, at) => view.getUint16(at, true) },
  lw: { encode: asm.lw, size: 4, read: (view, at) => view.getInt32(at, true) },
};

interface StoreForm {
  readonly encode: (rs2: number, offset: number, rs1: number) => number;
  readonly size: number;
}
const STORES: Readonly<Record<string, StoreForm>> = {
  sb: { encode: asm.sb, size: 1 },
  sh: { encode: asm.sh, size: 2 },
  sw: { encode: asm.sw, size: 4 },
};

/** Three pages in which neighbouring bytes differ and about half have the sign bit. */
const DATA = Uint8Array.from({ length: 12288 }, (_, i) => (i * 151 + (i >>> 8) * 29 + 0x7d) & 0xff);
const DATA_VIEW = new DataView(DATA.buffer);
const PAGE = 4096;

function loadCase(
  name: string,
  form: LoadForm,
  bytes: DataView,
  start: number,
  at: number,
  immediate: number,
): Case {
  return {
    name: `${name} of ${hex(start + at)} by ${immediate}`,
    given: { 5: start + at - immediate },
    code: [form.encode(6, immediate, 5)],
    observed: 6,
    expected: form.read(bytes, at),
  };
}

/** Stores over `DATA` at `at`, then looks at the three words around. */
function storeCases(name: string, form: StoreForm, at: number, value: number): Case[] {
  const expected = DATA.slice();
  for (let i = 0; i < form.size; i++) expected[at + i] = (value >>> (8 * i)) & 0xff;
  const view = new DataView(expected.buffer);
  const base = (at & ~3) - 4;
  return [0, 4, 8].map((delta) => ({
    name: `${name} at ${hex(at)} of ${hex(value)}, word ${delta - 4}`,
    given: { 5: DATA_START + at, 6: value, 7: DATA_START + base },
    code: [...(delta === 0 ? [form.encode(6, 0, 5)] : []), asm.lw(8, delta, 7)],
    observed: 8,
    expected: view.getInt32(base + delta, true),
  }));
}

const misaligned = (size: number, addresses: readonly number[]): number =>
  addresses.filter((address) => address % size !== 0).length;

describe('Loads and stores', () => {
  for (const [name, form] of Object.entries(LOADS)) {
    it(`${name} reads each offset, with word- and page-crossing addresses`, async () => {
      const near = Array.from({ length: 32 }, (_, i) => i);
      const crossing = Array.from({ length: 12 }, (_, i) => PAGE - 6 + i);
      const places = [...near, ...crossing];
      const immediates = [-2048, -2047, -1, 0, 1, 2, 3, 4, 2046, 2047];
      const execution = await checkCases(
        places.flatMap((at) =>
          immediates.map((value) => loadCase(name, form, DATA_VIEW, DATA_START, at, value)),
        ),
        { data: DATA },
      );
      const expected = misaligned(form.size, places) * immediates.length;
      assert.equal(execution.misalignedAccesses, expected);
    });
  }

  for (const [name, form] of Object.entries(STORES)) {
    it(`${name} changes its bytes only, at each offset, crossing words and pages`, async () => {
      const places = [
        ...Array.from({ length: 8 }, (_, i) => 64 + 16 * i + (i % 4)),
        ...Array.from({ length: 8 }, (_, i) => 1024 + 64 * i + (i % 4)),
        ...[PAGE - 4, 2 * PAGE - 3].map((at) => at),
      ];
      const values = [0, 0x0102_0304, 0x8182_8384, 0xffff_ffff];
      let misalignedAccesses = 0;
      for (const value of values) {
        const execution = await checkCases(
          places.flatMap((at) => storeCases(name, form, at, value)),
          { data: DATA },
        );
        misalignedAccesses += execution.misalignedAccesses;
      }
      assert.equal(misalignedAccesses, misaligned(form.size, places) * values.length);
    });

    for (const distance of [1, 2, 3]) {
      it(`${name} ${distance} bytes before a page's end reaches into the next page`, async () => {
        await checkCases(storeCases(name, form, PAGE - distance, 0xa1b2_c3d4), { data: DATA });
      });
    }
  }

  it('stores take the extremes of their immediate', async () => {
    const extremes = [-2048, -2047, -1, 0, 1, 2047];
    await checkCases(
      extremes.map((immediate, k) => ({
        name: `sw by ${immediate}`,
        given: {
          5: DATA_START + 0x4000 + 4 * k - immediate,
          6: k + 1,
          7: DATA_START + 0x4000 + 4 * k,
        },
        code: [asm.sw(6, immediate, 5), asm.lw(8, 0, 7)],
        observed: 8,
        expected: k + 1,
      })),
    );
  });

  it('a load may replace its own base and a store may store its own base', async () => {
    const place = DATA_START + 0x40;
    await checkCases(
      [
        {
          name: 'lw x5, 0(x5)',
          given: { 5: place },
          code: [asm.lw(5, 0, 5)],
          observed: 5,
          expected: DATA_VIEW.getInt32(0x40, true),
        },
        {
          name: 'sw x5, 4(x5)',
          given: { 5: place },
          code: [asm.sw(5, 4, 5), asm.lw(6, 4, 5)],
          observed: 6,
          expected: place,
        },
        {
          name: 'sw x0',
          given: { 5: place },
          code: [asm.sw(0, 8, 5), asm.lw(6, 8, 5)],
          observed: 6,
          expected: 0,
        },
        {
          name: 'sb x0',
          given: { 5: place },
          code: [asm.sb(0, 13, 5), asm.lbu(6, 13, 5)],
          observed: 6,
          expected: 0,
        },
      ],
      { data: DATA },
    );
  });

  it('loads into x0 leave it at zero', async () => {
    await checkCases(
      Object.entries(LOADS).map(([name, form]) => ({
        name: `${name} x0`,
        given: { 5: DATA_START + 1 },
        code: [form.encode(0, 0, 5)],
        observed: 0,
        expected: 0,
      })),
      { data: DATA },
    );
  });

  it('every readable region gives its bytes in every width', async () => {
    const readOnly = Uint8Array.from({ length: 64 }, (_, i) => (i * 67 + 0x91) & 0xff);
    const publicInput = Uint8Array.from({ length: 29 }, (_, i) => (i * 89 + 0xa3) & 0xff);
    const privateInput = Uint8Array.from({ length: 31 }, (_, i) => (i * 57 + 0xc5) & 0xff);
    const withLength = (bytes: Uint8Array): DataView => {
      const view = new DataView(new ArrayBuffer(64));
      view.setUint32(0, bytes.length, true);
      new Uint8Array(view.buffer).set(bytes, 4);
      return view;
    };
    const regions: [number, DataView, number][] = [
      [0x0080_0000, new DataView(readOnly.buffer), 64],
      [PUBLIC_INPUT_START, withLength(publicInput), 36],
      [PRIVATE_INPUT_START, withLength(privateInput), 64],
      [DATA_START, DATA_VIEW, 64],
    ];
    const cases = regions.flatMap(([start, view, length]) =>
      Object.entries(LOADS).flatMap(([name, form]) =>
        Array.from({ length: length - form.size + 1 }, (_, at) =>
          loadCase(name, form, view, start, at, 0),
        ),
      ),
    );
    await checkCases(
      cases,
      { data: DATA, segments: [{ address: 0x0080_0000, bytes: readOnly, flags: PF_R }] },
      { publicInput, privateInput },
    );
  });

  it('code can be read as data', async () => {
    const encoding = asm.addi(9, 9, 0x123);
    let at = 0;
    const execution = await runCode((assembler) => {
      at = assembler.here;
      assembler
        .put(encoding)
        .li(5, at)
        .put(asm.lw(6, 0, 5));
      halt(commit(assembler, 6), 0, 1);
    });
    assert.deepEqual(journalOf(execution), [encoding]);
  });

  it('stack, heap and the last bytes of the address space start as zero and keep stores', async () => {
    const words = [STACK_START, STACK_END - 4, DATA_START + 0x100_0000, DATA_LAST - 3];
    await checkCases(
      words.flatMap((address): Case[] => [
        {
          name: `${hex(address)} before`,
          given: { 5: address, 6: 0xdead_beef },
          code: [asm.lw(6, 0, 5)],
          observed: 6,
          expected: 0,
        },
        {
          name: `${hex(address)} after`,
          given: { 5: address, 6: 0x89ab_cdef },
          code: [asm.sw(6, 0, 5), asm.lw(7, 0, 5)],
          observed: 7,
          expected: 0x89ab_cdef,
        },
        {
          name: `${hex(address)}, last byte`,
          given: { 5: address + 3, 6: 0x7f },
          code: [asm.sb(6, 0, 5), asm.lw(7, -3, 5)],
          observed: 7,
          expected: 0x7fab_cdef,
        },
      ]),
    );
  });

  it('initialised data that ends inside a word is followed by zeros', async () => {
    await checkCases(
      [0, 4, 8].map((offset, i) => ({
        name: `word ${i}`,
        given: { 5: DATA_START },
        code: [asm.lw(6, offset, 5)],
        observed: 6,
        expected: [0x0403_0201, 0x0000_0605, 0][i] ?? 0,
      })),
      { data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
    );
  });

  it('counts the pages that a run touches, each once', async () => {
    const empty = await runCode((assembler) => halt(assembler, 0, 0));
    const some = await runCode((assembler) => {
      assembler.li(5, DATA_START + 2 * PAGE - 2).put(asm.sw(5, 0, 5), asm.lw(6, 0, 5));
      assembler.li(5, STACK_END - 4).put(asm.lw(6, 0, 5), asm.sb(6, 1, 5));
      halt(assembler, 0, 0);
    });
    assert.equal(empty.touchedPages, 0);
    assert.equal(some.touchedPages, 3);
    assert.equal(some.misalignedAccesses, 2);
  });
});
