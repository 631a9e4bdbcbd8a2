import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FillError } from '../../trace-arith/errors.ts';
import { instanceHeights } from '../../trace-arith/heights.ts';

const SHAPE = { minLogHeight: 5, maxLogHeight: 21, maxInstances: 3, presence: 'optional' } as const;
/** In rows; see trace-arith/heights.ts. */
const INSTANCE_COST = 4096;

const rowsOf = (heights: readonly number[]): number =>
  heights.reduce((sum, height) => sum + 2 ** height, 0);
const costOf = (heights: readonly number[]): number =>
  rowsOf(heights) + INSTANCE_COST * heights.length;

/** All falling lists of at most `most` heights that hold the rows. */
function* candidates(rows: number, most: number, tallest: number): Generator<number[]> {
  if (rows <= 0) yield [];
  else if (most > 0) {
    for (let height = SHAPE.minLogHeight; height <= tallest; height++) {
      for (const rest of candidates(rows - 2 ** height, most - 1, height)) yield [height, ...rest];
    }
  }
}

describe('Heights of the instances of a chip', () => {
  it('are none for no rows, and the least one for one row', () => {
    assert.deepEqual(instanceHeights(0, SHAPE), []);
    assert.deepEqual(instanceHeights(1, SHAPE), [5]);
  });

  it('split where that saves more rows than an instance costs', () => {
    assert.deepEqual(instanceHeights(20_000, SHAPE), [14, 12]);
    assert.deepEqual(instanceHeights(400_004, SHAPE), [18, 17, 13]);
    assert.deepEqual(instanceHeights(30_000, SHAPE), [15]);
  });

  it('cost the least of all lists that hold the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 21 }), (rows) => {
        const found = instanceHeights(rows, SHAPE);
        const all = [...candidates(rows, SHAPE.maxInstances, SHAPE.maxLogHeight)];
        assert.ok(found.length <= SHAPE.maxInstances && rowsOf(found) >= rows);
        assert.deepEqual(
          found,
          found.toSorted((a, b) => b - a),
        );
        assert.equal(costOf(found), Math.min(...all.map(costOf)));
      }),
      { numRuns: 200 },
    );
  });

  it('reach to the tallest instances and no further', () => {
    const most = 3 * 2 ** 21;
    assert.deepEqual(instanceHeights(most, SHAPE), [21, 21, 21]);
    assert.deepEqual(instanceHeights(2 ** 21 + 1, SHAPE), [21, 5]);
    assert.throws(() => instanceHeights(most + 1, SHAPE), FillError);
  });
});
