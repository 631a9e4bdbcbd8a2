import assert from 'node:assert/strict';
import { fitLine } from '../../bench/calibrate.ts';
import { leastSquares } from '../../bench/least-squares.ts';

describe('The fit of measurements', () => {
  const line = (fixed: number, each: number): { work: number; milliseconds: number }[] =>
    [1, 10, 50, 400].map((work) => ({ work, milliseconds: fixed + each * work }));

  it('finds the line through points on one', () => {
    assert.deepEqual(fitLine(line(20, 0.5)), { fixed: 20, each: 500_000 });
    const errors = [1.01, 0.98, 1.02, 0.99];
    const noisy = line(20, 0.5).map(({ work, milliseconds }, i) => ({
      work,
      milliseconds: milliseconds * (errors[i] as number),
    }));
    const { fixed, each } = fitLine(noisy);
    assert.ok(Math.abs(fixed - 20) < 1 && Math.abs(each - 500_000) < 20_000, `${fixed} ${each}`);
  });

  it('has no negative terms', () => {
    assert.deepEqual(fitLine(line(-0.4, 0.5)).fixed, 0);
    const falling = fitLine(line(500, -1));
    assert.equal(falling.each, 0);
    assert.ok(falling.fixed > 100 && falling.fixed < 500);
  });

  it('solves what has an exact solution, in any order of the rows', () => {
    const rows = [
      [0, 2, 1],
      [1, 1, 0],
      [4, 0, 1],
      [1, 1, 1],
    ];
    const solution = [3, -2, 5];
    const values = rows.map((row) => row.reduce((sum, x, j) => sum + x * (solution[j] ?? 0), 0));
    for (const [j, found] of leastSquares(rows, values).entries()) {
      assert.ok(Math.abs(found - (solution[j] ?? 0)) < 1e-9, String(found));
    }
  });
});
