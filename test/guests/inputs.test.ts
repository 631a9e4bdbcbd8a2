import { strict as assert } from 'node:assert';
import { benchmarkInput, type InputRecipe } from '../../guests/inputs.ts';

const bytes = (recipe: InputRecipe): number[] => [...benchmarkInput(recipe)];

describe('benchmarkInput', () => {
  it('writes text as UTF-8, hex as bytes and words in little-endian order', () => {
    assert.deepEqual(bytes({ kind: 'text', text: 'aé' }), [0x61, 0xc3, 0xa9]);
    assert.deepEqual(bytes({ kind: 'hex', hex: '00ff10' }), [0, 255, 16]);
    assert.deepEqual(
      bytes({ kind: 'words', words: [1, 0xfffefdfc] }),
      [1, 0, 0, 0, 252, 253, 254, 255],
    );
  });

  it('draws from the sequence 1664525 X + 1013904223, without its low byte', () => {
    const first = (1664525n + 1013904223n) >> 8n;
    const second = (((1664525n + 1013904223n) * 1664525n + 1013904223n) % 2n ** 32n) >> 8n;
    const words = new Uint32Array(
      benchmarkInput({ kind: 'generated', generator: 'words', M: 2 }).buffer,
    );
    assert.deepEqual([...words], [Number(first), Number(second)]);
  });

  it('makes one cycle of all indices for the pointer chase', () => {
    const M = 100;
    const input = benchmarkInput({ kind: 'generated', generator: 'pointer_chase', M });
    const next = new Uint32Array(input.buffer);
    const seen = new Set<number>();
    for (let at = 0; !seen.has(at); at = next[at] ?? -1) seen.add(at);
    assert.equal(seen.size, M);
  });

  it('makes a permutation of 1..m for Fannkuch', () => {
    const values = bytes({ kind: 'generated', generator: 'fannkuch', M: 13 });
    assert.deepEqual(
      values.toSorted((a, b) => a - b),
      Array.from({ length: 13 }, (_, i) => i + 1),
    );
  });
});
