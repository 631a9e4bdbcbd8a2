import { strict as assert } from 'node:assert';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';

describe('Shrinking', () => {
  it('leaves exactly the items that a failure needs', async () => {
    const random = new Random(1);
    for (let round = 0; round < 20; round++) {
      const items = Array.from({ length: 1 + random.below(100) }, (_, i) => i);
      const needed = new Set(items.filter(() => random.chance(0.05)));
      const rest = await shrink(items, async (part) => {
        return [...needed].every((item) => part.includes(item));
      });
      assert.deepEqual(rest, [...needed]);
    }
  });

  it('ends with a part of which no item can be left out', async () => {
    const items = Array.from({ length: 64 }, (_, i) => i);
    const rest = await shrink(items, async (part) => part.filter((i) => i % 3 === 0).length >= 5);
    assert.equal(rest.length, 5);
  });
});
